//! Weights to predictors that share one pool of threads.

use super::{batcher::Batcher, engine::Engine};
use crate::file::Model;
use domain::{
    inference::{Expected, InferenceCounters, ModelError, Pixels, Predictor, PredictorLoader, Reply},
    name::Label,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{sync::Arc, time::Duration};

/// How images are gathered and run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InferenceOptions {
    /// Most images in one run of the network.
    pub max_batch: usize,
    /// Longest wait for images that are known to be on their way.
    pub max_wait: Duration,
    /// Most images that wait, per model; beyond it, [`ModelError::Busy`].
    pub queue: usize,
    /// Threads of the pool; 0 for one a processor.
    pub threads: usize,
}

impl Default for InferenceOptions {
    fn default() -> Self {
        Self { max_batch: 8, max_wait: Duration::from_millis(10), queue: 256, threads: 0 }
    }
}

/// Loads detectors; all of them share its pool.
pub struct VisionLoader {
    pool: Arc<ThreadPool>,
    options: InferenceOptions,
}

impl VisionLoader {
    /// Starts the pool, its threads named `fovea-infer-0` and so on.
    ///
    /// # Errors
    /// [`ModelError::Failed`] when the system gives no threads.
    pub fn new(options: InferenceOptions) -> Result<Self, ModelError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(options.threads)
            .thread_name(|index| format!("fovea-infer-{index}"))
            .build()
            .map_err(|error| ModelError::Failed(error.to_string()))?;
        Ok(Self { pool: Arc::new(pool), options })
    }
}

impl PredictorLoader for VisionLoader {
    fn load(&self, weights: &[u8]) -> Result<Arc<dyn Predictor>, ModelError> {
        let model = Model::from_bytes(weights)?;
        let engine = Engine::new(&model.card, &model.weights)
            .map_err(|error| ModelError::Weights(error.to_string()))?;
        let batcher = Batcher::start(engine, Arc::clone(&self.pool), self.options)?;
        Ok(Arc::new(VisionPredictor { labels: model.card.labels, batcher }))
    }
}

struct VisionPredictor {
    labels: Vec<Label>,
    batcher: Batcher,
}

impl Predictor for VisionPredictor {
    fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn expect(&self) -> Expected {
        self.batcher.expect()
    }

    fn predict(&self, image: Pixels, reply: Reply) {
        self.batcher.submit(image, reply);
    }

    fn counters(&self) -> InferenceCounters {
        self.batcher.counters()
    }
}
