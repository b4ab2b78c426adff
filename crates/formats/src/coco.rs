//! COCO: one JSON file with images, annotations and categories.

mod boxes;
mod categories;
mod elements;
mod form;
mod outline;
mod read;
mod scalar;
mod sources;
mod write;

pub(crate) use write::CocoWriter;

use crate::{
    FormatError,
    intake::Intake,
    reader::{Confidence, Folder, Reader, Recognition},
};
use std::path::Path;

/// Reads COCO.
pub(crate) struct Coco;

impl Reader for Coco {
    fn name(&self) -> &'static str {
        "coco"
    }

    fn help(&self) -> &'static str {
        "JSON with images, annotations and categories (cocodataset.org)"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        folder.with_extension("json").take(50).find_map(|path| {
            let head = folder.head(path);
            let has = |key: &str| head.contains(&format!("\"{key}\""));
            let saw = format!("COCO's lists in {}", folder.shown(path));
            if has("images") && (has("annotations") || has("categories")) || has("file_name") && has("images")
            {
                return Some(Recognition::new(Confidence::Certain, saw));
            }
            (has("categories") && has("supercategory")).then(|| Recognition::new(Confidence::Likely, saw))
        })
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        read::read(annotations, intake)
    }
}
