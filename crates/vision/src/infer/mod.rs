//! From images to detections: load, batch, run, clean up.

mod batcher;
mod engine;
mod loader;
mod suppress;

pub(crate) use engine::{Engine, Prepared, by_image, values};
pub use loader::{InferenceOptions, VisionLoader};
