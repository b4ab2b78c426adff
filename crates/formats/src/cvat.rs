//! CVAT XML 1.1, of images and of videos.

mod attributes;
mod frames;
mod read;
mod shapes;
mod tracks;
mod write;
mod xml;

pub(crate) use write::CvatWriter;
pub use write::{BoxAttributes, TAIL, head, image_element};

use crate::{
    FormatError,
    intake::Intake,
    reader::{Confidence, Folder, Reader, Recognition},
};
use std::path::Path;

/// Reads CVAT XML.
pub(crate) struct Cvat;

impl Reader for Cvat {
    fn name(&self) -> &'static str {
        "cvat"
    }

    fn help(&self) -> &'static str {
        "CVAT for images 1.1, CVAT for video 1.1: an XML file with all images or tracks"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("xml").take(50).find_map(|path| {
            let head = folder.head(path);
            let parts = ["<image ", "<track ", "<meta>"];
            let is_cvat = head.contains("<annotations") && parts.iter().any(|part| head.contains(part));
            is_cvat.then(|| {
                let saw = format!("CVAT's <annotations> in {}", folder.shown(path));
                Recognition::new(Confidence::Certain, saw)
            })
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        read::read(annotations, intake)
    }
}
