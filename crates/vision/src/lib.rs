//! The detector: training, inference, embeddings, on burn.
//!
//! Implements `domain`'s [`Trainer`](domain::training::Trainer) and the
//! engine's [`Format`](engine::Format). Tensors never leave this crate, and it
//! knows nothing of deployments, databases or the web.

mod anchors;
mod data;
mod device;
mod export;
mod file;
mod fold;
mod infer;
mod kernels;
mod loss;
mod net;
mod ops;
mod pretrained;
mod train;
mod weights;

pub use device::{ComputeDevice, DeviceChoice, GPUS_ARE_BUILT_IN, Gpu, NoDevice, gpus};
pub use export::{backbone_maps, export, forward_times, untrained};
pub use infer::{VisionFormat, loader};
pub use pretrained::check_backbone;
pub use train::VisionTrainer;
