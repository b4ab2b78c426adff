//! Pascal VOC: an XML file an image.

mod document;
mod images;
mod lists;
mod object;
mod read;
mod write;

pub(crate) use write::VocWriter;

use crate::{
    FormatError,
    intake::Intake,
    reader::{Confidence, Folder, Reader, Recognition},
};
use std::path::Path;

/// Reads Pascal VOC.
pub(crate) struct Voc;

impl Reader for Voc {
    fn name(&self) -> &'static str {
        "voc"
    }

    fn help(&self) -> &'static str {
        "Pascal VOC: an XML file for each image"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("xml").take(50).find_map(|path| {
            let head = folder.head(path);
            let is_voc = head.contains("<annotation")
                && !head.contains("<annotations")
                && (head.contains("<filename") || head.contains("<object") || head.contains("<size"));
            is_voc.then(|| {
                Recognition::new(Confidence::Certain, format!("an <annotation> in {}", folder.shown(path)))
            })
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        read::read(annotations, intake)
    }
}
