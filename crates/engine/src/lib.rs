//! Models at work: what is the same whatever program trained them.
//!
//! A [`Loader`] knows the formats of weights, recognises a file, and makes
//! predictors that gather images into batches. A [`Format`] turns a file into a
//! [`Network`]; [`onnx`] is one, for detectors that other programs export, and
//! the detector that is trained here is another, in a crate of its own. Knows
//! nothing of deployments, databases or the web.

mod batcher;
mod boxes;
mod input;
mod loader;
mod network;
pub mod onnx;
mod options;
mod placement;
mod resample;
mod strangers;
mod time_budget;

pub use boxes::{Candidate, Corners, Covering, iou, suppress};
pub use loader::Loader;
pub use network::{Format, Network, Workplace};
pub use options::InferenceOptions;
