//! Detections with scores, as evaluation scripts and detectors leave them:
//! what a model saw, image by image. Read as a stream: one image is in memory
//! at a time, beside the list of images where the format has one.

mod coco;
mod exif;
mod fiftyone;
mod folder_of_texts;
mod intake;
mod table;

pub use exif::time_taken;

use crate::{
    FormatError,
    fault::{Fault, FaultKind},
    folder,
};
use domain::{geometry::Size, name::Label, prediction::PredictedBox, time::Timestamp};
use intake::{Corners, DetectionIntake, RawDetected, RawDetection};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr,
};

/// The forms of detections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetectionFormat {
    /// A JSON list of results, and the JSON file with the images they are of.
    Coco,
    /// A folder of text files with confidences, one an image.
    Yolo,
    /// A folder of JSON files as Ultralytics' `tojson` gives them, one an
    /// image.
    Ultralytics,
    /// FiftyOne's `samples.json`.
    FiftyOne,
    /// A table with a row for each box.
    Csv,
}

impl DetectionFormat {
    /// All.
    pub const ALL: [Self; 5] = [Self::Coco, Self::Yolo, Self::Ultralytics, Self::FiftyOne, Self::Csv];

    /// Its word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Yolo => "yolo",
            Self::Ultralytics => "ultralytics",
            Self::FiftyOne => "fiftyone",
            Self::Csv => "csv",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Coco => "COCO results JSON, with --image-list the JSON that lists the images",
            Self::Yolo => "A folder of text files: class, centre, extent, confidence; needs --images",
            Self::Ultralytics => "A folder of JSON files as Ultralytics' tojson() gives them; needs --images",
            Self::FiftyOne => "FiftyOne's samples.json with a field of detections that have a confidence",
            Self::Csv => "A table: image, label, score, xmin, ymin, xmax, ymax (or x, y, w, h)",
        }
    }
}

impl FromStr for DetectionFormat {
    type Err = FormatError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let word = s.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.as_str() == word).ok_or(FormatError::UnknownFormat(word))
    }
}

/// What is read.
#[derive(Clone, Debug)]
pub struct DetectionSource {
    /// Its form.
    pub format: DetectionFormat,
    /// The file or folder of the detections.
    pub detections: PathBuf,
    /// The folder of the images, where the detections do not say their sizes.
    pub images: Option<PathBuf>,
    /// COCO: the JSON file that lists the images and categories.
    pub image_list: Option<PathBuf>,
    /// Names of classes that are numbers.
    pub labels: Vec<Label>,
    /// The column or member that holds the moment of a prediction.
    pub time_key: Option<String>,
}

/// What a model saw on one image.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectedImage {
    /// As the detections call it.
    pub filename: String,
    /// Where it is, if it was looked for and found.
    pub path: Option<PathBuf>,
    /// Its place in the order of the source, from 0.
    pub index: u64,
    /// Of the upright image.
    pub size: Size,
    /// When it was predicted, if the source says so.
    pub time: Option<Timestamp>,
    /// How long that took, if the source says so.
    pub latency_ms: Option<f64>,
    /// Inside the image, in the order of the source.
    pub boxes: Vec<PredictedBox>,
}

/// What became of the reading.
#[derive(Clone, Debug, Default)]
pub struct DetectionReport {
    /// Images that were given.
    pub images: u64,
    /// Boxes of them.
    pub boxes: u64,
    /// Images and boxes that were not sound.
    pub left_out: (u64, u64),
    /// The first faults.
    pub faults: Vec<Fault>,
    /// How many of each kind there were.
    pub fault_counts: BTreeMap<FaultKind, u64>,
}

/// Hears of an image, and of how many there are (0 while unknown); whether
/// to go on.
pub type Give<'g> = dyn FnMut(DetectedImage, u64) -> bool + 'g;

/// Reads detections and gives them image by image.
///
/// # Errors
/// When nothing can be read at all.
pub fn read_detections(
    source: &DetectionSource,
    give: &mut Give<'_>,
) -> Result<DetectionReport, FormatError> {
    let mut intake = DetectionIntake::new(source, give)?;
    match source.format {
        DetectionFormat::Coco => coco::read(source, &mut intake)?,
        DetectionFormat::Yolo => folder_of_texts::read(source, folder_of_texts::Kind::Yolo, &mut intake)?,
        DetectionFormat::Ultralytics => {
            folder_of_texts::read(source, folder_of_texts::Kind::Ultralytics, &mut intake)?;
        }
        DetectionFormat::FiftyOne => fiftyone::read(source, &mut intake)?,
        DetectionFormat::Csv => table::read(source, &mut intake)?,
    }
    Ok(intake.finish())
}

/// The name of a class that may be a number.
fn class_name(labels: &[Label], class: f64) -> Option<String> {
    let index = (class >= 0.0 && class.fract() == 0.0).then_some(class as usize)?;
    labels.get(index).map(|label| label.as_str().to_owned())
}

/// The files of a folder with this ending, sorted.
fn files_with(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, FormatError> {
    let mut files = folder::files_below(folder)?;
    files.retain(|file| folder::has_extension(file, extension));
    Ok(files)
}
