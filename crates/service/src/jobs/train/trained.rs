//! What a training gives, whoever trained.

use domain::{model::WeightsRef, name::Label};
use store::KeptFile;

/// What a training gave.
pub(super) struct Trained {
    /// In the order of the network's outputs.
    pub(super) labels: Vec<Label>,
    pub(super) weights: WeightsRef,
    /// Files that the trainer wants to find beside the weights.
    pub(super) kept: Vec<KeptFile>,
    /// Who trained; `None` for the built-in trainer.
    pub(super) trainer: Option<String>,
}
