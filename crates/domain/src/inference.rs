//! How the use cases ask a model, without knowing what a tensor is.

use crate::{
    geometry::{Rect, Score, Size},
    name::Label,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// An upright RGB image, 8 bits a channel.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    size: Size,
    rgb: Arc<[u8]>,
}

impl Pixels {
    /// `None` unless `rgb` holds exactly `width * height * 3` bytes, row by row.
    #[must_use]
    pub fn new(size: Size, rgb: impl Into<Arc<[u8]>>) -> Option<Self> {
        let rgb = rgb.into();
        (rgb.len() as u64 == size.pixels() * 3).then_some(Self { size, rgb })
    }

    /// Width and height.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// Row by row, R G B.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pixels({}×{})", self.size.width, self.size.height)
    }
}

/// A box that a model saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Index into the model's labels.
    pub class: usize,
    /// Confidence.
    pub score: Score,
    /// Pixels of the upright image, inside it.
    pub rect: Rect,
}

/// What a model said of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    /// By falling score; scores ≥ 0.01, at most 300.
    pub detections: Vec<Detection>,
    /// The backbone's embedding of the image, of unit length.
    pub embedding: Vec<f32>,
}

/// Why a model gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The weights' bytes are not a model of ours, or not whole.
    #[error("the weights cannot be loaded: {0}")]
    Weights(String),
    /// More images wait than the pool accepts.
    #[error("the inference queue is full")]
    Busy,
    /// The device failed.
    #[error("inference failed: {0}")]
    Failed(String),
}

/// What a predictor has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InferenceCounters {
    /// Images asked for.
    pub requests: u64,
    /// Images answered.
    pub inferences: u64,
    /// Runs of the network; fewer than inferences when batches form.
    pub executions: u64,
    /// Images waiting now.
    pub queued: u64,
}

/// Receives the answer, on a thread of the inference pool: be brief.
pub type Reply = Box<dyn FnOnce(Result<Inference, ModelError>) + Send>;

/// An image that will be asked about soon, until this is dropped.
#[derive(Debug, Default)]
pub struct Expected(Option<Arc<AtomicU64>>);

impl Expected {
    /// Counted among `expected` from now on.
    #[must_use]
    pub fn among(expected: &Arc<AtomicU64>) -> Self {
        expected.fetch_add(1, Relaxed);
        Self(Some(Arc::clone(expected)))
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        if let Some(expected) = &self.0 {
            expected.fetch_sub(1, Relaxed);
        }
    }
}

/// A loaded model. Images asked for at the same time form batches.
pub trait Predictor: Send + Sync {
    /// In the order of [`Detection::class`].
    fn labels(&self) -> &[Label];

    /// Says that an image is on its way, so that a batch may wait for it; drop
    /// it just before [`Predictor::predict`].
    fn expect(&self) -> Expected {
        Expected::default()
    }

    /// Queues one image and returns at once; `reply` is called exactly once.
    fn predict(&self, image: Pixels, reply: Reply);

    /// What it has done so far.
    fn counters(&self) -> InferenceCounters;
}

/// Makes predictors of stored weights.
pub trait PredictorLoader: Send + Sync {
    /// Reads weights as a training wrote them.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when they are not whole or not ours.
    fn load(&self, weights: &[u8]) -> Result<Arc<dyn Predictor>, ModelError>;
}
