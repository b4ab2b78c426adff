//! FiftyOne's `samples.json`: the field whose detections have a confidence.

use super::{Corners, DetectionIntake, DetectionSource, RawDetected, RawDetection};
use crate::{FaultKind, FormatError, annotation_files::malformed_json, json};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

pub(super) fn read(
    source: &DetectionSource,
    intake: &mut DetectionIntake<'_, '_>,
) -> Result<(), FormatError> {
    let file = match source.detections.is_dir() {
        true => source.detections.join("samples.json"),
        false => source.detections.clone(),
    };
    let (field, total) = field_of(&file, intake)?;
    intake.total = total;
    let stream = json::open(&intake.files, &file).map_err(|error| FormatError::io(&file, error))?;
    let mut take = |place: json::ElementKey<'_>, sample: Value| {
        if !intake.stopped {
            let raw = raw_of(&file, place.index, &sample, &field, source.time_key.as_deref(), intake);
            intake.take(&file, raw);
        }
    };
    json::each(stream, &["samples"], &mut take).map_err(|error| malformed_json(&file, &error))?;
    Ok(())
}

/// The only field with confidences, and how many samples there are.
fn field_of(file: &Path, intake: &DetectionIntake<'_, '_>) -> Result<(String, u64), FormatError> {
    let source = json::open(&intake.files, file).map_err(|error| FormatError::io(file, error))?;
    let (mut fields, mut samples) = (BTreeSet::new(), 0);
    let mut look = |_: json::ElementKey<'_>, sample: Value| {
        samples += 1;
        for (name, field) in sample.as_object().into_iter().flatten() {
            let detections = json::list(field.get("detections"));
            if detections.iter().any(|one| one.get("confidence").is_some_and(Value::is_number)) {
                fields.insert(name.clone());
            }
        }
    };
    json::each(source, &["samples"], &mut look).map_err(|error| malformed_json(file, &error))?;
    let names: Vec<&str> = fields.iter().map(String::as_str).collect();
    match names.as_slice() {
        [one] => Ok(((*one).to_owned(), samples)),
        [] => Err(FormatError::malformed(file, "samples", "no sample has detections with a confidence")),
        several => {
            let why = format!(
                "several fields have detections with a confidence: {}; export the one that is meant",
                several.join(", ")
            );
            Err(FormatError::malformed(file, "samples", why))
        }
    }
}

fn raw_of(
    file: &Path,
    index: usize,
    sample: &Value,
    field: &str,
    time_key: Option<&str>,
    intake: &mut DetectionIntake<'_, '_>,
) -> RawDetected {
    let place = format!("samples[{index}]");
    let mut boxes = Vec::new();
    let detections = sample.get(field).and_then(|field| field.get("detections"));
    for (number, detection) in json::list(detections).iter().enumerate() {
        let place = format!("{place}, detections[{number}]");
        let list = json::list(detection.get("bounding_box"));
        let numbers: Option<Vec<f64>> = list.iter().map(|number| json::number(Some(number))).collect();
        let corners = numbers.and_then(|numbers| <[f64; 4]>::try_from(numbers.as_slice()).ok());
        let Some((corners, score)) = corners.zip(json::number(detection.get("confidence"))) else {
            intake.log.error(
                FaultKind::NotABox,
                file,
                &place,
                "it has not four numbers and a confidence; left out",
            );
            intake.report.left_out.1 += 1;
            continue;
        };
        let label = json::text(detection.get("label")).unwrap_or_default().to_owned();
        boxes.push(RawDetection { place, label, score, corners: Corners::Shares(corners) });
    }
    let metadata = sample.get("metadata");
    let size = metadata.and_then(|one| json::sides(one.get("width"), one.get("height")));
    let time = time_key.and_then(|key| sample.get(key)).or_else(|| sample.get("timestamp"));
    RawDetected {
        filename: json::text(sample.get("filepath")).unwrap_or_default().to_owned(),
        place,
        size,
        time: time.and_then(time_of),
        latency_ms: None,
        boxes,
    }
}

/// FiftyOne writes dates as MongoDB does.
fn time_of(value: &Value) -> Option<String> {
    match value {
        Value::Object(object) => object.get("$date").and_then(time_of),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
