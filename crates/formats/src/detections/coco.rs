//! COCO's results: a list of boxes, each with the id of its image. The images
//! and categories stand in another file, the one that was evaluated against.

use super::{Corners, DetectionIntake, DetectionSource, RawDetected, RawDetection};
use crate::{FaultKind, FormatError, annotation_files::malformed_json, json};
use serde_json::Value;
use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

/// Boxes of a file whose boxes of one image are not together: these have to be
/// in memory, and take two hundred bytes each.
const SCATTERED_BOXES: usize = 500_000;

/// Images and categories of the other file, by their ids as they are written.
#[derive(Default)]
struct List {
    places: HashMap<String, usize>,
    images: Vec<RawDetected>,
    categories: HashMap<String, String>,
}

pub(super) fn read(
    source: &DetectionSource,
    intake: &mut DetectionIntake<'_, '_>,
) -> Result<(), FormatError> {
    let file = &source.detections;
    let Some(list) = &source.image_list else {
        let why =
            "results name images by their ids: name the JSON file that lists the images with --image-list";
        return Err(FormatError::malformed(file, "", why));
    };
    let mut list = read_list(list, source, intake)?;
    intake.total = list.images.len() as u64;
    if are_together(file, intake)? {
        read_in_order(file, &mut list, intake)
    } else {
        read_scattered(file, &mut list, intake)
    }
}

fn each(
    file: &Path,
    at: &[&str],
    intake: &DetectionIntake<'_, '_>,
    take: &mut dyn FnMut(json::ElementKey<'_>, Value),
) -> Result<bool, FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    json::each(source, at, take).map_err(|error| malformed_json(file, &error))
}

/// Ids are numbers or texts; 7, 7.0 and "7" are one.
fn id_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.as_i64().map_or_else(
            || {
                number
                    .as_f64()
                    .filter(|n| n.fract() == 0.0)
                    .map_or_else(|| number.to_string(), |n| format!("{n:.0}"))
            },
            |id| id.to_string(),
        ),
        _ => String::new(),
    }
}

fn read_list(
    file: &Path,
    source: &DetectionSource,
    intake: &DetectionIntake<'_, '_>,
) -> Result<List, FormatError> {
    let mut list = List::default();
    let time_keys: Vec<&str> = match &source.time_key {
        Some(key) => vec![key.as_str()],
        None => vec!["timestamp", "date_captured"],
    };
    let found = each(file, &["images"], intake, &mut |place, image| {
        let filename =
            json::text(image.get("file_name")).map_or_else(|| place.index.to_string(), str::to_owned);
        let id = id_of(image.get("id"));
        let time = time_keys.iter().find_map(|key| time_of(image.get(key)));
        let size = json::sides(image.get("width"), image.get("height"));
        // Ultralytics names results by the file's name without its ending.
        if let Some((stem, _)) = filename.rsplit(['/', '\\']).next().and_then(|name| name.rsplit_once('.')) {
            list.places.entry(stem.to_owned()).or_insert(list.images.len());
        }
        let place = format!("image {id}");
        list.places.insert(id, list.images.len());
        list.images.push(RawDetected { filename, place, size, time, ..RawDetected::default() });
    })?;
    if !found {
        return Err(FormatError::malformed(file, "", "there is no list of images"));
    }
    each(file, &["categories"], intake, &mut |_, category| {
        let name = json::text(category.get("name")).unwrap_or_default().to_owned();
        list.categories.insert(id_of(category.get("id")), name);
    })?;
    Ok(list)
}

/// COCO has `0` or an empty text where no date is known.
fn time_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()).filter(|text| text != "0"),
        _ => None,
    }
}

/// Whether the boxes of each image follow each other.
fn are_together(file: &Path, intake: &DetectionIntake<'_, '_>) -> Result<bool, FormatError> {
    let (mut last, mut left, mut together) = (String::new(), HashSet::new(), true);
    let found = each(file, &[], intake, &mut |_, result| {
        let id = id_of(result.get("image_id"));
        if id != last {
            together &= !left.contains(&id);
            left.insert(std::mem::replace(&mut last, id));
        }
    })?;
    if !found {
        return Err(FormatError::malformed(
            file,
            "",
            "COCO's results are a list of boxes with image_id and score",
        ));
    }
    Ok(together)
}

/// A result as a box of the image at a place of the list.
fn detection(
    place: json::ElementKey<'_>,
    result: &Value,
    list: &List,
) -> Result<(usize, RawDetection), (FaultKind, String)> {
    let image = id_of(result.get("image_id"));
    let by_name = || list.places.get(json::text(result.get("file_name"))?.rsplit_once('.')?.0).copied();
    let at = list
        .places
        .get(&image)
        .copied()
        .or_else(by_name)
        .ok_or_else(|| (FaultKind::UnknownImage, format!("its image {image} is not listed; left out")))?;
    let category = id_of(result.get("category_id"));
    let label = list.categories.get(&category).cloned().ok_or_else(|| {
        (FaultKind::UnknownClass, format!("its category {category} is not listed; left out"))
    })?;
    let list = json::list(result.get("bbox"));
    let numbers: Option<Vec<f64>> = list.iter().map(|number| json::number(Some(number))).collect();
    let corners = numbers.and_then(|numbers| <[f64; 4]>::try_from(numbers.as_slice()).ok());
    let both = corners.zip(json::number(result.get("score")));
    let (corners, score) = both.ok_or_else(|| {
        (FaultKind::NotABox, "it has not four numbers bbox and a score; left out".to_owned())
    })?;
    let (place, corners) = (format!("[{}]", place.index), Corners::Pixels(corners));
    Ok((at, RawDetection { place, label, score, corners }))
}

fn read_in_order(
    file: &Path,
    list: &mut List,
    intake: &mut DetectionIntake<'_, '_>,
) -> Result<(), FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    let mut given = vec![false; list.images.len()];
    let mut current: Option<(usize, Vec<RawDetection>)> = None;
    json::each(source, &[], &mut |place, result| {
        if intake.stopped {
            return;
        }
        match detection(place, &result, list) {
            Ok((at, raw)) => match &mut current {
                Some((open, boxes)) if *open == at => boxes.push(raw),
                _ => {
                    if let Some((done, boxes)) = current.replace((at, vec![raw])) {
                        give(file, list, done, boxes, &mut given, intake);
                    }
                }
            },
            Err((kind, message)) => {
                intake.log.error(kind, file, format!("[{}]", place.index), message);
                intake.report.left_out.1 += 1;
            }
        }
    })
    .map_err(|error| malformed_json(file, &error))?;
    if let Some((done, boxes)) = current {
        give(file, list, done, boxes, &mut given, intake);
    }
    give_empty(file, list, &mut given, intake);
    Ok(())
}

fn give(
    file: &Path,
    list: &List,
    at: usize,
    boxes: Vec<RawDetection>,
    given: &mut [bool],
    intake: &mut DetectionIntake<'_, '_>,
) {
    let (Some(image), Some(done)) = (list.images.get(at), given.get_mut(at)) else { return };
    if !intake.stopped && !std::mem::replace(done, true) {
        intake.take_at(file, at as u64, RawDetected { boxes, ..image.clone() });
    }
}

/// Images in which the model saw nothing have no result.
fn give_empty(file: &Path, list: &List, given: &mut [bool], intake: &mut DetectionIntake<'_, '_>) {
    for at in 0..list.images.len() {
        give(file, list, at, Vec::new(), given, intake);
    }
}

fn read_scattered(
    file: &Path,
    list: &mut List,
    intake: &mut DetectionIntake<'_, '_>,
) -> Result<(), FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    let mut boxes: Vec<Vec<RawDetection>> = vec![Vec::new(); list.images.len()];
    let mut count = 0;
    json::each(source, &[], &mut |place, result| match detection(place, &result, list) {
        Ok((at, raw)) => {
            count += 1;
            if let Some(of_image) = boxes.get_mut(at).filter(|_| count <= SCATTERED_BOXES) {
                of_image.push(raw);
            }
        }
        Err((kind, message)) => {
            intake.log.error(kind, file, format!("[{}]", place.index), message);
            intake.report.left_out.1 += 1;
        }
    })
    .map_err(|error| malformed_json(file, &error))?;
    if count > SCATTERED_BOXES {
        let why = format!(
            "the boxes of one image are not together, and there are more than {SCATTERED_BOXES}: sort the list by \
             image_id, as with jq 'sort_by(.image_id)'"
        );
        return Err(FormatError::malformed(file, "", why));
    }
    let mut given = vec![false; list.images.len()];
    for (at, boxes) in boxes.into_iter().enumerate() {
        give(file, list, at, boxes, &mut given, intake);
    }
    Ok(())
}
