//! How the use cases ask a model, without knowing what a tensor is.

use crate::{
    geometry::{Rect, Score, Size},
    model::ModelFormat,
    name::Label,
    recipe::Recipe,
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
    /// By falling score; scores ≥ 0.01, at most 300, unless the predictor was
    /// made with other limits.
    pub detections: Vec<Detection>,
    /// The backbone's embedding of the image, of unit length; `None` from a
    /// model that gives none.
    pub embedding: Option<Vec<f32>>,
}

/// Why a model gave no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// The weights' bytes are no model that is understood, or not whole.
    #[error("the weights cannot be loaded: {0}")]
    Weights(String),
    /// A model that is whole, but does not say how it is to be asked.
    #[error("the model is not recognised: {}", .0.reason)]
    Unrecognised(Box<Unrecognised>),
    /// More images wait than the pool accepts.
    #[error("the inference queue is full")]
    Busy,
    /// The device failed.
    #[error("inference failed: {0}")]
    Failed(String),
}

/// What was seen of a model for which there is no recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Unrecognised {
    /// Why there is none.
    pub reason: String,
    /// Inputs, outputs and metadata, each in a line.
    pub seen: Vec<String>,
    /// Something to start from: what could be guessed, and the usual rest.
    pub recipe: Recipe,
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

/// What a person says of a model file that it does not say itself; goes
/// before what the file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportHints {
    /// How it is asked.
    pub recipe: Option<Recipe>,
    /// In the order of the network's outputs; empty when not given.
    pub labels: Vec<Label>,
}

/// What a model file turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// Whose form the bytes have.
    pub format: ModelFormat,
    /// In the order of [`Detection::class`].
    pub labels: Vec<Label>,
    /// How it is asked; `None` where the format knows but one way. To be kept
    /// with the weights: [`PredictorLoader::load`] asks for it.
    pub recipe: Option<Recipe>,
    /// What was seen and taken for granted, in sentences.
    pub notes: Vec<String>,
    /// Whether a training here can start from it.
    pub trainable: bool,
}

/// A stored model, with what was found out about it when it came.
#[derive(Clone, Copy, Debug)]
pub struct ModelFile<'a> {
    /// Whose form the bytes have.
    pub format: ModelFormat,
    /// The file.
    pub bytes: &'a [u8],
    /// How it is asked, as [`Inspected::recipe`].
    pub recipe: Option<&'a Recipe>,
    /// In the order of the network's outputs.
    pub labels: &'a [Label],
}

impl<'a> ModelFile<'a> {
    /// Weights as a training here writes them, which say everything themselves.
    #[must_use]
    pub fn fovea(bytes: &'a [u8]) -> Self {
        Self { format: ModelFormat::Fovea, bytes, recipe: None, labels: &[] }
    }
}

/// Makes predictors of stored weights.
pub trait PredictorLoader: Send + Sync {
    /// Recognises a file by its bytes, and tries it: what is given back can be
    /// loaded. Takes seconds.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when the bytes are no model, damaged, or ask for
    /// what is not done; [`ModelError::Unrecognised`] when a recipe is missing.
    fn inspect(&self, bytes: &[u8], hints: &ImportHints) -> Result<Inspected, ModelError> {
        let _ = hints;
        let labels = self.load(ModelFile::fovea(bytes))?.labels().to_vec();
        Ok(Inspected { format: ModelFormat::Fovea, labels, recipe: None, notes: Vec::new(), trainable: true })
    }

    /// Makes a predictor of a file that was inspected before.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when it is not whole or not understood.
    fn load(&self, file: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError>;
}
