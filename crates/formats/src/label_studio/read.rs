//! Reading Label Studio's export. Source: its documentation, "Export
//! annotations", "Label Studio JSON format of annotated tasks".
//!
//! Of several annotations of a task one counts: the latest that is marked as
//! ground truth, else the latest. Cancelled ones are skipped tasks and do not
//! count; predictions and drafts are no labels.

use super::regions::{Region, region};
use crate::{
    FaultKind, FormatError, annotation_files, folder,
    intake::{Intake, Numbers, RawBox},
    json,
    labels::label_of,
    tool_images::{ImageFiles, NoBox, ToolBoxes, ToolImage, names_of_address, shape_label},
};
use domain::dataset::Split;
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

/// Digits of the number that Label Studio puts before the name of an upload.
const UPLOAD_DIGITS: usize = 8;
/// Keys of JSON-MIN that are about the task and not out of its data.
const OWN_KEYS: [&str; 7] =
    ["id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "completed_by"];

/// Reads a JSON file, or those of a folder.
pub(super) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let expected = "JSON file of Label Studio (export as \"JSON\")";
    let files = annotation_files::list(annotations, expected, |file| folder::has_extension(file, "json"))?;
    let images = ImageFiles::list(intake, annotations)?;
    for file in &files {
        read_label_config(file, intake);
        let result = read_file(file, &images, intake);
        annotation_files::tolerate(result, file, &files, intake)?;
    }
    Ok(())
}

/// The order of the labels, if the labelling set-up lies beside, as our own
/// writer leaves it.
fn read_label_config(file: &Path, intake: &mut Intake<'_>) {
    let Ok(text) = intake.files.read_text(&file.with_file_name("label_config.xml")) else { return };
    let mut reader = quick_xml::Reader::from_str(&text);
    while let Ok(event) = reader.read_event() {
        let tag = match event {
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => tag,
            quick_xml::events::Event::Eof => break,
            _ => continue,
        };
        if tag.name().as_ref() != b"Label" {
            continue;
        }
        let value = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == b"value");
        let name = value.and_then(|value| {
            let raw = String::from_utf8(value.value.into_owned()).ok()?;
            Some(quick_xml::escape::unescape(&raw).ok()?.into_owned())
        });
        if let Some(label) = name.and_then(|name| label_of(&name).ok()) {
            intake.labels.add(&label);
        }
    }
}

fn read_file(file: &Path, images: &ImageFiles, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    let mut tasks = Tasks { file, images, intake, short: BTreeMap::new(), known: 0 };
    let found = json::each(source, &[], &mut |place, task| tasks.take(place.index, &task))
        .map_err(|error| annotation_files::malformed_json(file, &error))?;
    if !found || tasks.known == 0 && !tasks.is_empty_list() {
        let why = "no task of Label Studio; export the project as \"JSON\"";
        return Err(FormatError::malformed(file, "", why));
    }
    tasks.finish();
    Ok(())
}

struct Tasks<'t, 'i> {
    file: &'t Path,
    images: &'t ImageFiles,
    intake: &'t mut Intake<'i>,
    /// Rows of JSON-MIN by their task: one for each annotation.
    short: BTreeMap<String, Value>,
    known: usize,
}

impl Tasks<'_, '_> {
    fn is_empty_list(&self) -> bool {
        self.short.is_empty()
    }

    fn take(&mut self, index: usize, task: &Value) {
        let id = task.get("id").map_or_else(|| format!("[{index}]"), Value::to_string);
        let place = format!("task {id}");
        if let Some(data) = task.get("data").filter(|data| data.is_object()) {
            self.known += 1;
            return self.take_task(&place, task, data);
        }
        if task.get("annotation_id").is_some() || task.get("annotator").is_some() {
            self.known += 1;
            let is_later = |before: &Value| updated(task) >= updated(before);
            if self.short.get(&id).is_none_or(is_later) {
                self.short.insert(id, task.clone());
            }
            return;
        }
        let message = "no task of Label Studio: it has neither data nor an annotation_id; left out";
        self.intake.log.error(FaultKind::Unreadable, self.file, &place, message);
        self.intake.leave_out(0);
    }

    fn take_task(&mut self, place: &str, task: &Value, data: &Value) {
        // Old exports call them completions.
        let list = json::list(task.get("annotations").or_else(|| task.get("completions")));
        let (cancelled, done): (Vec<&Value>, Vec<&Value>) =
            list.iter().partition(|one| is_set(one, "was_cancelled"));
        let chosen = done.iter().copied().max_by_key(|one| (is_set(one, "ground_truth"), updated(one)));
        let Some(chosen) = chosen else {
            let what = if cancelled.is_empty() { "has no annotation" } else { "was skipped" };
            let message = format!("the task {what}: its image is left out");
            self.intake.log.warning(FaultKind::NotAnnotated, self.file, place, message);
            return self.intake.leave_out(0);
        };
        if done.len() > 1 {
            let by = if is_set(chosen, "ground_truth") { "the ground truth" } else { "the latest" };
            let message = format!("the task has {} annotations; {by} is taken", done.len());
            self.intake.log.warning(FaultKind::Duplicate, self.file, place, message);
        }
        let regions = merged(json::list(chosen.get("result")));
        let sizes = regions
            .iter()
            .map(|(_, result)| json::sides(result.get("original_width"), result.get("original_height")));
        let declared = sizes.flatten().next();
        self.take_image(place, data, &regions, declared);
    }

    fn take_image(
        &mut self,
        place: &str,
        data: &Value,
        regions: &[(String, Value)],
        declared: Option<(u32, u32)>,
    ) {
        let Some(address) = image_address(data) else {
            let message = "the task's data names no image; left out with its boxes";
            self.intake.log.error(FaultKind::Unreadable, self.file, place, message);
            return self.intake.leave_out(regions.len());
        };
        let mut boxes = ToolBoxes::default();
        for (name, result) in regions {
            let place = format!("{place}, region {name}");
            boxes.take(boxes_of(result, &place), self.file, &place, self.intake);
        }
        let mut names = names_of_address(address);
        names.extend(names.clone().iter().filter_map(|name| without_upload_prefix(name)));
        let split = json::text(data.get("split")).and_then(|word| word.parse::<Split>().ok());
        let place = place.to_owned();
        self.intake.expect(1);
        self.images.add(ToolImage { file: self.file, place, names, declared, split, boxes }, self.intake);
    }

    /// The rows of JSON-MIN, the latest of each task.
    fn finish(&mut self) {
        for (id, row) in std::mem::take(&mut self.short) {
            let place = format!("task {id}");
            let Some(object) = row.as_object() else { continue };
            let lists = object.iter().filter(|(key, _)| !OWN_KEYS.contains(&key.as_str()));
            let results =
                lists.flat_map(|(_, list)| json::list(Some(list))).filter(|value| value.is_object());
            // JSON-MIN has the size in each value itself.
            let regions: Vec<(String, Value)> = results
                .enumerate()
                .map(|(index, value)| {
                    let get = |key: &str| value.get(key).cloned().unwrap_or_default();
                    let result = serde_json::json!({
                        "value": value,
                        "original_width": get("original_width"),
                        "original_height": get("original_height"),
                    });
                    ((index + 1).to_string(), result)
                })
                .collect();
            let sides = |(_, one): &(String, Value)| {
                json::sides(one.get("original_width"), one.get("original_height"))
            };
            let declared = regions.iter().find_map(sides);
            self.take_image(&place, &row, &regions, declared);
        }
    }
}

fn is_set(annotation: &Value, key: &str) -> bool {
    annotation.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// Moments are ISO 8601 in UTC: they compare as texts.
fn updated(annotation: &Value) -> &str {
    let moment = |key| json::text(annotation.get(key));
    moment("updated_at").or_else(|| moment("created_at")).unwrap_or_default()
}

/// Results by their region: a rectangle and its label may be two results with
/// one id.
fn merged(results: &[Value]) -> Vec<(String, Value)> {
    let mut regions: Vec<(String, Value)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, result) in results.iter().enumerate() {
        let id = json::text(result.get("id")).map_or_else(|| (index + 1).to_string(), str::to_owned);
        let known = places.get(&id).and_then(|place| regions.get_mut(*place));
        match known {
            Some((_, region)) => {
                let more = result.get("value").and_then(Value::as_object);
                let value = region.get_mut("value").and_then(Value::as_object_mut);
                for (value, more) in value.into_iter().zip(more) {
                    for (key, one) in more {
                        value.entry(key.clone()).or_insert_with(|| one.clone());
                    }
                }
            }
            None => {
                places.insert(id.clone(), regions.len());
                regions.push((id, result.clone()));
            }
        }
    }
    regions
}

/// The boxes of a region: one for each of its labels; whether they stand for
/// another shape.
fn boxes_of(result: &Value, place: &str) -> Result<(Vec<RawBox>, bool), NoBox> {
    let Some(value) = result.get("value") else { return Ok((Vec::new(), false)) };
    if json::number(result.get("image_rotation")).is_some_and(|degrees| degrees % 360.0 != 0.0) {
        let message = "the whole image was turned in Label Studio, which Fovea does not follow: \
                       turn the file itself and label it anew";
        return Err((FaultKind::TurnedBoxes, message.to_owned()));
    }
    let size = json::sides(result.get("original_width"), result.get("original_height"));
    // Without a size shares are all there is: of an image of one by one.
    let (width, height) = size.map_or((1.0, 1.0), |(width, height)| (f64::from(width), f64::from(height)));
    let Region::Box { numbers, labels, reduced } = region(value, width, height)? else {
        return Ok((Vec::new(), false));
    };
    if labels.is_empty() {
        return Err((FaultKind::InvalidLabel, "the region has no label".to_owned()));
    }
    let [x, y, w, h] = numbers;
    let numbers = match size {
        Some(_) => Numbers::Pixels(numbers),
        None => Numbers::Shares([x + w / 2.0, y + h / 2.0, w, h]),
    };
    let remarks = json::list(result.get("meta").and_then(|meta| meta.get("text")));
    let ignore = remarks.iter().any(|remark| remark == "ignore");
    let raw = |name: String| {
        let label = shape_label(&name)?;
        Ok(RawBox { place: place.into(), label, numbers, ignore })
    };
    labels.into_iter().map(raw).collect::<Result<Vec<_>, _>>().map(|boxes| (boxes, reduced))
}

/// The member of a task's data that names an image.
fn image_address(data: &Value) -> Option<&str> {
    let named = ["image", "img", "url", "image_url", "picture"].into_iter();
    let known = named.filter_map(|key| json::text(data.get(key)));
    let others = data.as_object().into_iter().flatten().filter_map(|(_, value)| json::text(Some(value)));
    let looks_like_one = |text: &&str| {
        let path = text.split(['?', '#']).next().unwrap_or(text);
        folder::is_named_like_an_image(Path::new(path)) || text.contains("?d=") || text.starts_with("/data/")
    };
    known.chain(others).find(looks_like_one)
}

/// `1a2b3c4d-photo.jpg` was uploaded as `photo.jpg`.
fn without_upload_prefix(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next()?;
    let (digits, rest) = last.split_once('-')?;
    let is_prefix = digits.len() == UPLOAD_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_prefix && !rest.is_empty()).then(|| rest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{super::regions::labels_of, *};

    #[test]
    fn the_prefix_of_an_upload_is_known() {
        assert_eq!(
            without_upload_prefix("/data/upload/1/1a2B3c4d-my-photo.jpg").as_deref(),
            Some("my-photo.jpg")
        );
        for name in ["photo-1.jpg", "1a2b3c4-photo.jpg", "1a2b3c4d.jpg", "1a2b3c4d-"] {
            assert_eq!(without_upload_prefix(name), None, "{name}");
        }
    }

    #[test]
    fn a_rectangle_and_its_label_may_be_two_results() {
        let results = [
            serde_json::json!({"id": "a", "type": "rectangle", "value": {"x": 1, "y": 2, "width": 3, "height": 4}}),
            serde_json::json!({"id": "a", "type": "labels", "value": {"x": 9, "labels": ["cat"]}}),
        ];
        let regions = merged(&results);
        let [(_, region)] = regions.as_slice() else { panic!("one region") };
        assert_eq!(labels_of(&region["value"]), ["cat"]);
        assert_eq!(region["value"]["x"], 1);
    }
}
