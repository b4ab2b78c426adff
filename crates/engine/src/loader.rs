//! The formats that are known, and predictors of their files.

use crate::{Format, InferenceOptions, Network, Workplace, batcher::Batcher, strangers::describe};
use domain::{
    inference::{
        Expected, ImportHints, InferenceCounters, Inspected, ModelError, ModelFile, Pixels, Predictor,
        PredictorLoader, Reply,
    },
    name::Label,
};
use rayon::ThreadPoolBuilder;
use std::sync::Arc;

/// Loads models of every format it was given; all of them share its pool.
pub struct Loader {
    formats: Vec<Box<dyn Format>>,
    place: Workplace,
    options: InferenceOptions,
}

impl Loader {
    /// Starts the pool, its threads named `fovea-infer-0` and so on. Knows no
    /// format yet.
    ///
    /// # Errors
    /// [`ModelError::Failed`] when the system gives no threads.
    pub fn new(options: InferenceOptions) -> Result<Self, ModelError> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(options.threads)
            .thread_name(|index| format!("fovea-infer-{index}"))
            .build()
            .map_err(|error| ModelError::Failed(error.to_string()))?;
        Ok(Self { formats: Vec::new(), place: Workplace { pool: Arc::new(pool) }, options })
    }

    /// The same with one more format; files are tried in this order.
    #[must_use]
    pub fn with(mut self, format: impl Format + 'static) -> Self {
        self.formats.push(Box::new(format));
        self
    }

    fn unknown(&self, bytes: &[u8]) -> ModelError {
        let known: Vec<&str> = self.formats.iter().map(|format| format.format().label()).collect();
        let known = known.join(", ");
        let described = describe(bytes).map(|words| format!("; {words}")).unwrap_or_default();
        ModelError::Weights(format!("the bytes are none of the formats known here ({known}){described}"))
    }
}

impl PredictorLoader for Loader {
    fn inspect(&self, bytes: &[u8], hints: &ImportHints) -> Result<Inspected, ModelError> {
        let format = self.formats.iter().find(|format| format.recognises(bytes));
        format.ok_or_else(|| self.unknown(bytes))?.inspect(bytes, hints, &self.place)
    }

    fn load(&self, file: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        let format = self.formats.iter().find(|format| format.format() == file.format);
        let network = format.ok_or_else(|| self.unknown(file.bytes))?.open(file, &self.place)?;
        let batcher = Batcher::start(Arc::clone(&network), self.options)?;
        Ok(Arc::new(Batching { network, batcher }))
    }
}

struct Batching {
    network: Arc<dyn Network>,
    batcher: Batcher,
}

impl Predictor for Batching {
    fn labels(&self) -> &[Label] {
        self.network.labels()
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
