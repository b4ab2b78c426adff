//! FiftyOne: a dataset folder (`samples.json`, `metadata.json`) or its image
//! detection dataset (`labels.json`). Boxes are `x, y, w, h` in shares of the
//! image. Source: FiftyOne's documentation, "Exporting datasets".

use crate::{
    FaultKind, FormatError, annotation_files, folder,
    intake::{Intake, Numbers, RawBox},
    json,
    labels::label_of,
    reader::{Confidence, Folder, Reader, Recognition},
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, shape_label},
};
use domain::dataset::Split;
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// Reads FiftyOne's folders.
pub(crate) struct FiftyOne;

impl Reader for FiftyOne {
    fn name(&self) -> &'static str {
        "fiftyone"
    }

    fn help(&self) -> &'static str {
        "FiftyOne: a dataset folder with samples.json, or labels.json"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("json").take(50).find_map(|path| {
            let head = folder.head(path);
            let has = |key: &str| head.contains(&format!("\"{key}\""));
            let is_ours = has("samples") && has("filepath") || has("labels") && has("bounding_box");
            let saw = || format!("FiftyOne's samples in {}", folder.shown(path));
            is_ours.then(|| Recognition::new(Confidence::Certain, saw()))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let is_ours =
            |file: &Path| ["samples.json", "labels.json"].contains(&folder::last_part(file).as_str());
        let files = annotation_files::list(annotations, "samples.json or labels.json of FiftyOne", is_ours)?;
        let images = ImageFiles::list(intake, annotations)?;
        for file in &files {
            let result = read_file(file, &images, intake);
            annotation_files::tolerate(result, file, &files, intake)?;
        }
        Ok(())
    }
}

fn read_file(file: &Path, images: &ImageFiles, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let field = field_of(file, intake)?;
    let classes = classes_of(file, intake)?;
    for class in &classes {
        if let Ok(label) = label_of(class) {
            intake.labels.add(&label);
        }
    }
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    let at = if field.is_some() { ["samples"] } else { ["labels"] };
    let mut take = |place: json::ElementKey<'_>, element: Value| {
        let sample = match &field {
            Some(field) => Sample {
                place: format!("samples[{}]", place.index),
                name: json::text(element.get("filepath")).unwrap_or_default().to_owned(),
                split: split_of(&element),
                detections: element.get(field).and_then(|field| field.get("detections")),
            },
            None => Sample {
                place: format!("labels[{:?}]", place.key),
                name: place.key.to_owned(),
                split: None,
                detections: Some(&element),
            },
        };
        read_sample(file, &sample, &classes, images, intake);
    };
    let found =
        json::each(source, &at, &mut take).map_err(|error| annotation_files::malformed_json(file, &error))?;
    if !found {
        let why = "neither samples with detections nor labels of FiftyOne";
        return Err(FormatError::malformed(file, "", why));
    }
    Ok(())
}

/// An image with its detections.
struct Sample<'a> {
    place: String,
    name: String,
    split: Option<Split>,
    detections: Option<&'a Value>,
}

/// The field with the true boxes: `ground_truth`, else the only one whose
/// detections have no confidence. `None` when the file has no samples.
fn field_of(file: &Path, intake: &Intake<'_>) -> Result<Option<String>, FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    // Whether the detections of a field have a confidence.
    let mut fields: BTreeMap<String, bool> = BTreeMap::new();
    let mut samples = 0_usize;
    let mut look = |_: json::ElementKey<'_>, sample: Value| {
        samples += 1;
        for (name, field) in sample.as_object().into_iter().flatten() {
            if let Some(detections) = field.get("detections").and_then(Value::as_array) {
                let sure = detections.iter().any(|one| one.get("confidence").is_some_and(Value::is_number));
                *fields.entry(name.clone()).or_default() |= sure;
            }
        }
    };
    json::each(source, &["samples"], &mut look)
        .map_err(|error| annotation_files::malformed_json(file, &error))?;
    if samples == 0 {
        return Ok(None);
    }
    if fields.contains_key("ground_truth") {
        return Ok(Some("ground_truth".to_owned()));
    }
    let truths: Vec<&String> = fields.iter().filter(|(_, sure)| !**sure).map(|(name, _)| name).collect();
    match (truths.as_slice(), fields.len()) {
        ([one], _) => Ok(Some((*one).clone())),
        ([], 0) => Err(FormatError::malformed(file, "samples", "no sample has a field with detections")),
        _ => {
            let names: Vec<String> = fields.into_keys().collect();
            let why = format!(
                "which of {} holds the true boxes is not said: call that field ground_truth and export again",
                names.join(", ")
            );
            Err(FormatError::malformed(file, "samples", why))
        }
    }
}

/// The classes of `labels.json`, or of `metadata.json` beside `samples.json`.
fn classes_of(file: &Path, intake: &Intake<'_>) -> Result<Vec<String>, FormatError> {
    let mut classes = Vec::new();
    let mut push = |_: json::ElementKey<'_>, class: Value| classes.extend(class.as_str().map(str::to_owned));
    let beside = file.with_file_name("metadata.json");
    let places: [(&Path, &[&str]); 3] =
        [(file, &["classes"]), (&beside, &["default_classes"]), (&beside, &["classes", "ground_truth"])];
    for (path, at) in places {
        let Ok(source) = json::open(&intake.files, path) else { continue };
        json::each(source, at, &mut push).map_err(|error| annotation_files::malformed_json(path, &error))?;
    }
    Ok(classes)
}

/// FiftyOne keeps splits as tags.
fn split_of(sample: &Value) -> Option<Split> {
    json::list(sample.get("tags")).iter().filter_map(Value::as_str).find_map(|tag| tag.parse().ok())
}

fn read_sample(
    file: &Path,
    sample: &Sample<'_>,
    classes: &[String],
    images: &ImageFiles,
    intake: &mut Intake<'_>,
) {
    let mut boxes = ToolBoxes::default();
    for (index, detection) in json::list(sample.detections).iter().enumerate() {
        let place = format!("{}, detections[{index}]", sample.place);
        boxes.take(box_of(detection, classes, &place), file, &place, intake);
    }
    // labels.json has names without their ending.
    let name = &sample.name;
    let endings = ["", ".jpg", ".jpeg", ".png", ".webp"];
    let names = endings.map(|ending| format!("{name}{ending}")).to_vec();
    let (place, split) = (sample.place.clone(), sample.split);
    intake.expect(1);
    images.add(ToolImage { file, place, names, declared: None, split, boxes }, intake);
}

fn box_of(detection: &Value, classes: &[String], place: &str) -> Result<(Vec<RawBox>, bool), NoBox> {
    // labels.json may have the class's index in place of its name.
    let by_index = detection.get("label").and_then(Value::as_u64);
    let name = match by_index {
        Some(index) => {
            let name = usize::try_from(index).ok().and_then(|index| classes.get(index));
            let unknown = || (FaultKind::UnknownClass, format!("its class {index} is not listed"));
            name.map(String::as_str).ok_or_else(unknown)?
        }
        None => json::text(detection.get("label")).unwrap_or_default(),
    };
    let label = shape_label(name)?;
    let list = json::list(detection.get("bounding_box"));
    let numbers: Option<Vec<f64>> = list.iter().map(|number| json::number(Some(number))).collect();
    let Some([x, y, w, h]) = numbers.and_then(|numbers| <[f64; 4]>::try_from(numbers.as_slice()).ok()) else {
        return Err((FaultKind::NotABox, "its bounding_box is not four numbers".to_owned()));
    };
    let is_set = |flag: &Value| *flag == true || json::number(Some(flag)).is_some_and(|number| number != 0.0);
    let ignore = ["iscrowd", "ignore"].iter().any(|key| detection.get(key).is_some_and(is_set));
    let numbers = Numbers::Shares([x + w / 2.0, y + h / 2.0, w, h]);
    Ok((vec![RawBox { place: place.into(), label, numbers, ignore }], false))
}
