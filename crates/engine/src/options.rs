//! How images are gathered and run.

use std::time::Duration;

/// How images are gathered and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InferenceOptions {
    /// Most images in one run of the network.
    pub max_batch: usize,
    /// Longest wait for images that are known to be on their way.
    pub max_wait: Duration,
    /// Most images that wait, per model; beyond it,
    /// [`ModelError::Busy`](domain::inference::ModelError::Busy).
    pub queue: usize,
    /// Threads of the pool; 0 for one a processor.
    pub threads: usize,
}

impl Default for InferenceOptions {
    fn default() -> Self {
        Self { max_batch: 8, max_wait: Duration::from_millis(10), queue: 256, threads: 0 }
    }
}
