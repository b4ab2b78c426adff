//! What a format of weights must be able to do.

use domain::{
    inference::{ImportHints, Inference, Inspected, ModelError, ModelFile, Pixels},
    model::ModelFormat,
    name::Label,
};
use rayon::ThreadPool;
use std::{sync::Arc, time::Duration};

/// A network that is ready to answer.
pub trait Network: Send + Sync {
    /// In the order of its classes.
    fn labels(&self) -> &[Label];

    /// One inference for each image, in their order. Blocks until all are there.
    ///
    /// # Errors
    /// [`ModelError::Failed`] when the arithmetic failed.
    fn run(&self, images: &[Pixels]) -> Result<Vec<Inference>, ModelError>;

    /// Longest time for an image, of the clock and of the processors both, after
    /// which its callers are told that it failed; `None` for arithmetic that is
    /// known to end.
    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

/// Where networks run.
#[derive(Clone, Debug)]
pub struct Workplace {
    /// All networks share it.
    pub pool: Arc<ThreadPool>,
}

/// A format of weights.
pub trait Format: Send + Sync {
    /// Which one it is.
    fn format(&self) -> ModelFormat;

    /// Whether the first bytes look like it. Cheap, and no promise.
    fn recognises(&self, bytes: &[u8]) -> bool;

    /// What a file is, tried once.
    ///
    /// # Errors
    /// As [`PredictorLoader::inspect`](domain::inference::PredictorLoader::inspect).
    fn inspect(&self, bytes: &[u8], hints: &ImportHints, place: &Workplace) -> Result<Inspected, ModelError>;

    /// The network of a file.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when it is not whole or not understood.
    fn open(&self, file: ModelFile<'_>, place: &Workplace) -> Result<Arc<dyn Network>, ModelError>;
}
