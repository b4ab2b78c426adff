//! The outside world of a service under test: clocks, ids, no models, a
//! trainer that follows a script.

use domain::{
    geometry::{Rect, Score},
    ids::NewId,
    inference::{
        Detection, Inference, InferenceCounters, ModelError, ModelFile, Pixels, Predictor, PredictorLoader,
        Reply,
    },
    name::Label,
    time::{Clock, Timestamp},
    training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer},
};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use uuid::Uuid;

/// 2026-11-01T12:00:00Z.
pub const NOON: Timestamp = Timestamp(1_793_534_400_000);

/// A clock that stands at noon until a test turns it.
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(NOON.0))
    }
}

impl TestClock {
    /// Turns it forward.
    pub fn advance_ms(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The real clock, for pages that count back from now.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        Timestamp(i64::try_from(since.as_millis()).expect("before the year 292 million"))
    }
}

/// Ids by the real time.
pub struct FreshIds;

impl NewId for FreshIds {
    fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// No weights make a model.
pub struct NoModels;

impl PredictorLoader for NoModels {
    fn load(&self, _: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        Err(ModelError::Weights("these tests have none".to_owned()))
    }
}

/// Whatever the weights: a model that sees a `car` (score 0.9) in the left
/// half of every picture, and whose embedding is the picture's mean colour.
pub struct ColourModels;

struct Colours(Vec<Label>);

impl PredictorLoader for ColourModels {
    fn load(&self, _: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        Ok(Arc::new(Colours(vec![crate::label("car")])))
    }
}

impl Predictor for Colours {
    fn labels(&self) -> &[Label] {
        &self.0
    }

    fn predict(&self, image: Pixels, reply: Reply) {
        let (w, h) = (f64::from(image.size().width), f64::from(image.size().height));
        let car = Detection {
            class: 0,
            score: Score::new(0.9).expect("a score"),
            rect: Rect::new(0.0, 0.0, w / 2.0, h).expect("a box"),
        };
        let mean = imaging::properties(&image).mean_rgb;
        let embedding = Some(mean.iter().map(|channel| *channel as f32).collect());
        reply(Ok(Inference { detections: vec![car], embedding }));
    }

    fn counters(&self) -> InferenceCounters {
        InferenceCounters::default()
    }
}

/// Ends every training the way the test wants.
pub struct ScriptedTrainer(pub Result<(), TrainError>);

impl ScriptedTrainer {
    /// Every training fails.
    #[must_use]
    pub fn failing() -> Self {
        Self(Err(TrainError::Failed("these tests train nothing".to_owned())))
    }
}

impl Trainer for ScriptedTrainer {
    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        observe(&TrainEvent::Log { message: format!("{} images", request.images.len()) });
        self.0.clone()?;
        let weights = b"weights";
        std::fs::write(&request.output, weights).map_err(|error| TrainError::Failed(error.to_string()))?;
        Ok(TrainOutcome {
            steps: 1,
            seconds: 0.0,
            stopped_early: false,
            validation: None,
            sha256: imaging::content_hash(weights),
        })
    }
}
