//! YOLO: a text file an image, `data.yaml` for classes and splits.

mod data_yaml;
mod layout;
mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::YoloWriter;
