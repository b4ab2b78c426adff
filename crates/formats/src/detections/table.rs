//! A table with a row for each box. The rows of an image follow each other;
//! one without label and score is an image in which the model saw nothing.

use super::{Corners, DetectionIntake, DetectionSource, RawDetected, RawDetection};
use crate::{
    FaultKind, FormatError,
    csv::{self, Record, Records, separator},
    json,
};
use std::{
    collections::HashSet,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    io::BufRead,
    path::Path,
};

/// Which column is what.
struct Columns {
    image: usize,
    label: usize,
    score: usize,
    numbers: [usize; 4],
    are_corners: bool,
    width: Option<usize>,
    height: Option<usize>,
    time: Option<usize>,
    latency: Option<usize>,
}

impl Columns {
    fn of(names: &[String], time_key: Option<&str>) -> Option<Self> {
        let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let at = |words: &[&str]| names.iter().position(|name| words.contains(&name.as_str()));
        let four = |words: [&[&str]; 4]| {
            let [a, b, c, d] = words.map(at);
            Some([a?, b?, c?, d?])
        };
        let corners = four([
            &["xmin", "x1", "left"],
            &["ymin", "y1", "top"],
            &["xmax", "x2", "right"],
            &["ymax", "y2", "bottom"],
        ]);
        let extent = four([
            &["x", "left", "bbox_x"],
            &["y", "top", "bbox_y"],
            &["w", "box_width", "bbox_w"],
            &["h", "box_height", "bbox_h"],
        ]);
        let time = match time_key {
            Some(key) => Some(at(&[key.to_lowercase().as_str()])?),
            None => at(&["timestamp", "time", "created", "captured"]),
        };
        Some(Self {
            image: at(&["image", "filename", "file", "file_name", "path", "imageid"])?,
            label: at(&["label", "class", "name", "category", "class_name"])?,
            score: at(&["score", "confidence", "conf", "probability"])?,
            numbers: corners.or(extent)?,
            are_corners: corners.is_some(),
            width: at(&["width", "image_width"]),
            height: at(&["height", "image_height"]),
            time,
            latency: at(&["latency_ms", "inference_ms"]),
        })
    }
}

pub(super) fn read(
    source: &DetectionSource,
    intake: &mut DetectionIntake<'_, '_>,
) -> Result<(), FormatError> {
    let file = &source.detections;
    let failed = |error| FormatError::io(file, error);
    let separator = separator(&csv::head(&intake.files, file).map_err(failed)?);
    let open = |intake: &DetectionIntake<'_, '_>| {
        let stream = json::open(&intake.files, file).map_err(failed)?;
        let mut records = Records::new(stream, separator);
        let first = records.next().map_err(failed)?;
        let columns = first.and_then(|first| Columns::of(&first.fields, source.time_key.as_deref()));
        let columns = columns.ok_or_else(|| {
            let time = source.time_key.as_ref().map(|key| format!(", {key}")).unwrap_or_default();
            let why = format!(
                "expected the columns image, label, score, xmin, ymin, xmax, ymax (or x, y, w, h){time}"
            );
            FormatError::malformed(file, "line 1", why)
        })?;
        Ok::<_, FormatError>((records, columns))
    };
    let (mut records, columns) = open(intake)?;
    intake.total = count_images(file, &mut records, &columns)?;
    let (mut records, columns) = open(intake)?;
    let mut current: Option<RawDetected> = None;
    while let Some(record) = records.next().map_err(failed)? {
        let filename = record.fields.get(columns.image).cloned().unwrap_or_default();
        if current.as_ref().is_none_or(|open| open.filename != filename)
            && let Some(done) = current.replace(begin(&record, &columns, filename))
            && !intake.take(file, done)
        {
            return Ok(());
        }
        match detection(&record, &columns) {
            Ok(raw) => {
                if let Some(open) = &mut current {
                    open.boxes.extend(raw);
                }
            }
            Err((kind, message)) => {
                intake.log.error(kind, file, format!("line {}", record.line), format!("{message}; left out"));
                intake.report.left_out.1 += 1;
            }
        }
    }
    if let Some(done) = current {
        intake.take(file, done);
    }
    Ok(())
}

/// How many images there are; each has its rows together.
fn count_images(
    file: &Path,
    records: &mut Records<impl BufRead>,
    columns: &Columns,
) -> Result<u64, FormatError> {
    // Hashes of names: a million names would be a hundred megabytes.
    let (mut last, mut seen) = (String::new(), HashSet::new());
    while let Some(record) = records.next().map_err(|error| FormatError::io(file, error))? {
        let name = record.fields.get(columns.image).cloned().unwrap_or_default();
        if name == last {
            continue;
        }
        if !seen.insert(BuildHasherDefault::<DefaultHasher>::default().hash_one(&name)) {
            let why = format!("the rows of {name:?} are not together: sort the table by its images");
            return Err(FormatError::malformed(file, format!("line {}", record.line), why));
        }
        last = name;
    }
    Ok(seen.len() as u64)
}

fn begin(record: &Record, columns: &Columns, filename: String) -> RawDetected {
    let number = |at: Option<usize>| record.fields.get(at?)?.parse::<f64>().ok();
    let side = |at| number(at).filter(|side| *side >= 1.0 && side.fract() == 0.0).map(|side| side as u32);
    let time = columns.time.and_then(|at| record.fields.get(at)).filter(|text| !text.is_empty());
    RawDetected {
        filename,
        place: format!("line {}", record.line),
        size: side(columns.width).zip(side(columns.height)),
        time: time.cloned(),
        latency_ms: number(columns.latency),
        boxes: Vec::new(),
    }
}

/// A box; `None` in a row of an image without any.
fn detection(record: &Record, columns: &Columns) -> Result<Option<RawDetection>, (FaultKind, String)> {
    let field = |at: usize| record.fields.get(at).map(String::as_str).unwrap_or_default();
    let (label, score) = (field(columns.label), field(columns.score));
    if label.is_empty() && score.is_empty() {
        return Ok(None);
    }
    let numbers = columns.numbers.map(|at| field(at).parse::<f64>().ok());
    let ([Some(a), Some(b), Some(c), Some(d)], Ok(score)) = (numbers, score.parse::<f64>()) else {
        return Err((FaultKind::NotABox, "it has not four numbers and a score".to_owned()));
    };
    let corners = if columns.are_corners { [a, b, c - a, d - b] } else { [a, b, c, d] };
    let (place, corners) = (format!("line {}", record.line), Corners::Pixels(corners));
    Ok(Some(RawDetection { place, label: label.to_owned(), score, corners }))
}
