//! The detector: training, inference, embeddings, on burn.
//!
//! Implements `domain`'s [`Trainer`](domain::training::Trainer),
//! [`PredictorLoader`](domain::inference::PredictorLoader) and
//! [`Predictor`](domain::inference::Predictor). Tensors never leave this
//! crate, and it knows nothing of deployments, databases or the web.

mod anchors;
mod data;
mod export;
mod file;
mod fold;
mod infer;
mod kernels;
mod loss;
mod net;
mod ops;
mod train;
mod weights;

pub use export::{export, forward_times, untrained};
pub use infer::{InferenceOptions, VisionLoader};
pub use train::VisionTrainer;
