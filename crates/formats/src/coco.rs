//! COCO: one JSON file with images, annotations and categories.

mod form;
mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::CocoWriter;
