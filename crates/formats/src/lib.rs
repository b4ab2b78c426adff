//! Data sets in the formats that the field uses, both ways: COCO, Pascal VOC,
//! YOLO.
//!
//! Reading never stops at the first fault: each is reported with its file and
//! place ([`Fault`]), what is sound is kept, and what was left out is counted.
//! Images are looked at one by one and never all in memory; they are not
//! decoded, only walked to their end. Writing copies image files byte for
//! byte. Knows nothing of databases, servers or models.
//!
//! # Boxes and turned images
//! Boxes are in pixels of the upright image, as annotation tools show it. An
//! image that a camera stored lying (EXIF) and whose annotation file gives
//! the *stored* width and height was annotated as stored: its boxes are
//! turned, with a warning.
//!
//! # `ignore`
//! A region that metrics leave alone is COCO's `iscrowd`, Pascal VOC's
//! `difficult`, and for YOLO, which has no such notion, a line in a folder
//! `ignored` beside `labels`, which other programs do not look at.
//!
//! # Names
//! A name out of a data set never leads out of its folder: absolute names,
//! names with `..` and links to elsewhere are faults when reading, and names
//! are made harmless when writing. What is no regular file is not opened.

mod annotation_files;
pub mod archive;
mod coco;
mod coco_eval;
mod createml;
mod csv;
mod cvat;
mod declared;
mod detections;
mod elsewhere;
mod error;
mod export;
mod fault;
mod fiftyone;
mod files;
mod finder;
mod folder;
mod image_names;
mod intake;
mod json;
mod label_studio;
mod labelme;
mod labels;
mod model;
mod name_index;
mod outline;
mod raw;
mod reader;
mod readers;
mod safe_names;
mod settle;
mod tables;
mod text;
mod tool_boxes;
mod tool_images;
mod via;
mod voc;
mod vott;
mod written;
mod xml;
mod yolo;

pub use coco_eval::{CocoEvaluation, CocoPair, coco_eval, read_pair};
pub use detections::{
    DetectedImage, DetectionFormat, DetectionReport, DetectionSource, Give, read_detections, time_taken,
};
pub use error::FormatError;
pub use export::{ExportReport, Exporter};
pub use fault::{Fault, FaultKind, KEPT_FAULTS, Severity};
pub use intake::Intake;
pub use model::{
    Choices, ExtraColumns, Format, Import, ImportedImage, LeftOut, Options, Progress, Sizes, SplitChoice,
    Unlabelled, UnlistedClasses,
};
pub use reader::{Confidence, Folder, Reader, Recognition};
pub use readers::{ImportFormat, choose, recognise};
pub use settle::settle;
pub use text::{TextEncoding, UnknownEncoding};
pub use written::{ExportImage, WrittenBox};

/// Pieces of CVAT's XML, for what is written while it is sent.
pub mod cvat_xml {
    pub use crate::cvat::{BoxAttributes, TAIL, head, image_element};
}

/// Pieces of Label Studio's JSON, for what is written while it is sent, and
/// what its projects say they want.
pub mod label_studio_json {
    pub use crate::label_studio::{LabelConfig, RegionNames, local_file, results};
}

use std::path::Path;

/// Reads a data set.
///
/// `images` is the folder that image names are relative to. `annotations` is,
/// for COCO, a JSON file or a folder of several (`train.json`, `val.json` …);
/// for Pascal VOC, the folder with `Annotations` and `ImageSets`, or the
/// folder of XML files itself; for YOLO, `data.yaml` or its folder.
///
/// # Errors
/// When nothing can be read at all, and with [`Options::strict`] when there
/// is any fault.
pub fn read(
    format: impl Into<ImportFormat>,
    images: &Path,
    annotations: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Import, FormatError> {
    let mut intake = Intake::new(images, options, progress);
    format.into().reader().read(annotations, &mut intake)?;
    intake.finish()
}
