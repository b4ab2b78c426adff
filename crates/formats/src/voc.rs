//! Pascal VOC: an XML file an image, lists of images for splits.

mod read;
mod write;
mod xml;

pub(crate) use read::read;
pub(crate) use write::VocWriter;
