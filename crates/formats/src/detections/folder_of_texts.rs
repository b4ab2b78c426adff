//! A file for each image: YOLO's text with confidences, or Ultralytics' JSON.
//! An image without a file is one in which the model saw nothing.

use super::{Corners, DetectionIntake, DetectionSource, RawDetected, RawDetection, class_name, files_with};
use crate::{FaultKind, FormatError, folder, json};
use domain::name::Label;
use serde_json::Value;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `class cx cy w h confidence`, in shares of the image.
    Yolo,
    /// A list of `name`, `confidence`, `box`.
    Ultralytics,
}

pub(super) fn read(
    source: &DetectionSource,
    kind: Kind,
    intake: &mut DetectionIntake<'_, '_>,
) -> Result<(), FormatError> {
    let Some(images) = &source.images else {
        let why = "the files do not say the images' sizes: name the folder of the images with --images";
        return Err(FormatError::malformed(&source.detections, "", why));
    };
    let extension = if kind == Kind::Yolo { "txt" } else { "json" };
    let by_stem: HashMap<String, PathBuf> =
        files_with(&source.detections, extension)?.into_iter().map(|file| (stem(&file), file)).collect();
    if by_stem.is_empty() {
        let why = format!("there is no .{extension} file");
        return Err(FormatError::NothingFound { folder: source.detections.clone(), why });
    }
    let mut names = folder::files_below(images)?;
    names.retain(|file| folder::is_named_like_an_image(file));
    intake.total = names.len() as u64;
    for image in names {
        let filename = image.strip_prefix(images).unwrap_or(&image).to_string_lossy().into_owned();
        let file = by_stem.get(&stem(&image));
        let boxes = file.map(|file| boxes_of(file, kind, &source.labels, intake)).unwrap_or_default();
        let shown = file.unwrap_or(&image).clone();
        if !intake.take(&shown, RawDetected { filename, boxes, ..RawDetected::default() }) {
            break;
        }
    }
    Ok(())
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn boxes_of(
    file: &Path,
    kind: Kind,
    labels: &[Label],
    intake: &mut DetectionIntake<'_, '_>,
) -> Vec<RawDetection> {
    let mut boxes = Vec::new();
    let mut take = |place: String, result: Result<RawDetection, (FaultKind, String)>| match result {
        Ok(raw) => boxes.push(RawDetection { place, ..raw }),
        Err((kind, message)) => {
            intake.log.error(kind, file, place, format!("{message}; left out"));
            intake.report.left_out.1 += 1;
        }
    };
    match kind {
        Kind::Yolo => match intake.files.read_text(file) {
            Ok(text) => {
                let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
                for (line, number) in lines {
                    take(format!("line {number}"), of_line(line, labels));
                }
            }
            Err(error) => take(String::new(), Err((FaultKind::Unreadable, error.to_string()))),
        },
        Kind::Ultralytics => {
            let opened = json::open(&intake.files, file).map_err(|error| error.to_string());
            match opened.and_then(|source| json::document(source).map_err(|error| error.to_string())) {
                Ok(list) => {
                    for (index, element) in json::list(Some(&list)).iter().enumerate() {
                        take(format!("[{index}]"), of_element(element));
                    }
                }
                Err(error) => take(String::new(), Err((FaultKind::Unreadable, error))),
            }
        }
    }
    boxes
}

fn of_line(line: &str, labels: &[Label]) -> Result<RawDetection, (FaultKind, String)> {
    let numbers: Option<Vec<f64>> = line.split_whitespace().map(|number| number.parse().ok()).collect();
    let numbers = numbers.unwrap_or_default();
    // A seventh number is a track's.
    let [class, cx, cy, w, h, score, ..] = numbers.as_slice() else {
        let message = "expected class, centre, extent and confidence, six numbers (predict with save_conf)";
        return Err((FaultKind::NotABox, message.to_owned()));
    };
    if numbers.len() > 7 {
        let message = "more than seven numbers: outlines and keypoints are no boxes with a confidence";
        return Err((FaultKind::NotABox, message.to_owned()));
    }
    let label = class_name(labels, *class).ok_or_else(|| {
        let message =
            format!("the class {class} has no name among {} labels: name them with --labels", labels.len());
        (FaultKind::UnknownClass, message)
    })?;
    let corners = Corners::Shares([cx - w / 2.0, cy - h / 2.0, *w, *h]);
    Ok(RawDetection { place: String::new(), label, score: *score, corners })
}

fn of_element(element: &Value) -> Result<RawDetection, (FaultKind, String)> {
    let corners = element.get("box").and_then(|one| json::numbers(one, ["x1", "y1", "x2", "y2"]));
    let both = corners.zip(json::number(element.get("confidence")));
    let Some(([x0, y0, x1, y1], score)) = both else {
        return Err((FaultKind::NotABox, "it has no box with x1, y1, x2, y2 and no confidence".to_owned()));
    };
    let label = json::text(element.get("name")).unwrap_or_default().to_owned();
    let numbers = [x0, y0, x1 - x0, y1 - y0];
    // `tojson(normalize=True)` gives shares; a box of pixels is larger than one.
    let is_share = [x0, y0, x1, y1].iter().all(|number| (0.0..=1.0).contains(number));
    let corners = if is_share { Corners::Shares(numbers) } else { Corners::Pixels(numbers) };
    Ok(RawDetection { place: String::new(), label, score, corners })
}
