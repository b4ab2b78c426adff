//! From images to detections: load, run, clean up.

mod engine;
mod loader;
mod suppress;

pub(crate) use engine::{Engine, Prepared, by_image, values};
pub use loader::{VisionFormat, loader};
