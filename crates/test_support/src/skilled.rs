//! Models whose skill is known: numbered pictures with boxes that follow from
//! the number, and weights that say how many of them a model finds.

use crate::{actors::admin, reports::label};
use domain::{
    dataset::Annotation,
    geometry::{Rect, Score, Size},
    ids::PredictionId,
    inference::{
        Detection, Inference, InferenceCounters, ModelError, ModelFile, Pixels, Predictor, PredictorLoader,
        Reply,
    },
    name::Label,
    review::{SaveReview, SavedBox, StartedFrom},
    training::{Control, TrainError, TrainEvent, TrainOutcome, TrainRequest, Trainer},
};
use serde::{Deserialize, Serialize};
use service::Service;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

const SIDE: u32 = 96;
const LABELS: [&str; 2] = ["red", "white"];
/// Boxes of each label in a picture.
const BOXES: u64 = 2;

/// What a model can do; its weights are this as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Skill {
    /// The share of the boxes that it finds, 0 to 1; the others it draws
    /// beside their place.
    pub finds: f64,
    /// How long it takes over a picture.
    pub sleeps_ms: u64,
    /// It gives up on every picture.
    pub crashes: bool,
    /// Tells apart models of the same skill.
    pub seed: u64,
}

impl Default for Skill {
    fn default() -> Self {
        Self { finds: 1.0, sleeps_ms: 0, crashes: false, seed: 0 }
    }
}

impl Skill {
    /// Finds this share of the boxes.
    #[must_use]
    pub fn finding(finds: f64) -> Self {
        Self { finds, ..Self::default() }
    }

    /// As weights.
    #[must_use]
    pub fn weights(&self) -> String {
        serde_json::to_string(self).expect("JSON")
    }
}

/// Picture `number` (below 4,096) as a JPEG file: three stripes whose
/// brightness spells the number.
#[must_use]
pub fn picture(number: u64) -> Vec<u8> {
    let digits = [number / 256 % 16, number / 16 % 16, number % 16];
    let stripe = SIDE / 3;
    let grey = |x: u32| {
        let place = (x / stripe).min(2) as usize;
        u8::try_from(digits.get(place).copied().unwrap_or(0) * 16 + 8).expect("below 256")
    };
    let rgb: Vec<u8> = (0..SIDE * SIDE).flat_map(|i| [grey(i % SIDE); 3]).collect();
    let size = Size::new(SIDE, SIDE).expect("a size");
    imaging::encode_jpeg(&Pixels::new(size, rgb).expect("pixels"), 100).expect("a file")
}

fn number_of(image: &Pixels) -> u64 {
    let (stripe, row) = (SIDE as usize / 3, SIDE as usize / 2);
    let digit = |place: usize| {
        let at = (row * SIDE as usize + place * stripe + stripe / 2) * 3;
        u64::from(image.rgb().get(at).copied().unwrap_or(0)) / 16
    };
    digit(0) * 256 + digit(1) * 16 + digit(2)
}

/// A number that looks like chance.
fn mixed(a: u64, b: u64, c: u64) -> u64 {
    let mut x = a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ c << 17;
    for _ in 0..3 {
        x = (x ^ (x >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
    }
    x
}

/// A first review of a picture that says the truth, begun from nothing.
#[must_use]
pub fn blind_review(number: u64) -> SaveReview {
    let boxes = truth(number).into_iter().map(|annotation| SavedBox {
        label: annotation.label,
        rect: annotation.rect,
        ignore: false,
        source: None,
    });
    SaveReview { started_from: Some(StartedFrom::Empty), ..SaveReview::bare(0, boxes.collect()) }
}

/// Saves a first review that says the truth, by somebody whom the server gave
/// the image to be reviewed blind: the deployment must show all images so
///.
pub async fn review_blind(service: &Service, id: PredictionId, number: u64) {
    service.reviews().lease(&admin(), id, "blind").await.expect("leases");
    service.reviews().save(&admin(), id, blind_review(number)).await.expect("saves");
}

/// The true boxes of a picture: two of each label, in its four quarters.
#[must_use]
pub fn truth(number: u64) -> Vec<Annotation> {
    (0..BOXES * 2)
        .map(|place| {
            let chance = mixed(number, place, 7);
            let side = 14.0 + (chance % 8) as f64;
            let (column, row) = ((place % 2) as f64, (place / 2) as f64);
            let x = 4.0 + column * 48.0 + (chance / 8 % 16) as f64;
            let y = 4.0 + row * 48.0 + (chance / 128 % 16) as f64;
            let name = LABELS.get((place % 2) as usize).copied().unwrap_or_default();
            Annotation {
                label: label(name),
                rect: Rect::new(x, y, side, side).expect("a box"),
                ignore: false,
            }
        })
        .collect()
}

/// Loads weights that are a [`Skill`].
#[derive(Default)]
pub struct SkilledModels;

struct Loaded {
    skill: Skill,
    labels: Vec<Label>,
    answered: Arc<AtomicU64>,
}

impl PredictorLoader for SkilledModels {
    fn load(&self, file: ModelFile<'_>) -> Result<Arc<dyn Predictor>, ModelError> {
        let skill =
            serde_json::from_slice(file.bytes).map_err(|error| ModelError::Weights(error.to_string()))?;
        Ok(Arc::new(Loaded { skill, labels: LABELS.map(label).to_vec(), answered: Arc::default() }))
    }
}

impl Loaded {
    fn detections(&self, image: &Pixels) -> Vec<Detection> {
        let number = number_of(image);
        let seen = truth(number).into_iter().zip(0..).map(|(annotation, place)| {
            let chance = (mixed(number, place, self.skill.seed + 100) % 1000) as f64 / 1000.0;
            let rect = annotation.rect;
            let beside = if chance < self.skill.finds { 0.0 } else { rect.w() * 0.7 };
            let score = Score::new(0.6 + (mixed(number, place, 3) % 300) as f64 / 1000.0).expect("a score");
            let class = LABELS.iter().position(|name| *name == annotation.label.as_str()).unwrap_or(0);
            let rect = Rect::new(rect.x() + beside, rect.y(), rect.w(), rect.h()).expect("a box");
            Detection { class, score, rect }
        });
        let mut seen: Vec<Detection> = seen.collect();
        seen.sort_by(|a, b| b.score.get().total_cmp(&a.score.get()));
        seen
    }
}

impl Predictor for Loaded {
    fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn predict(&self, image: Pixels, reply: Reply) {
        if self.skill.crashes {
            return reply(Err(ModelError::Failed("it crashed".to_owned())));
        }
        let inference = Inference { detections: self.detections(&image), embedding: Some(vec![1.0, 0.0]) };
        let (sleeps, answered) = (Duration::from_millis(self.skill.sleeps_ms), Arc::clone(&self.answered));
        if sleeps.is_zero() {
            answered.fetch_add(1, Ordering::Relaxed);
            return reply(Ok(inference));
        }
        tokio::spawn(async move {
            tokio::time::sleep(sleeps).await;
            answered.fetch_add(1, Ordering::Relaxed);
            reply(Ok(inference));
        });
    }

    fn counters(&self) -> InferenceCounters {
        let answered = self.answered.load(Ordering::Relaxed);
        InferenceCounters { requests: answered, inferences: answered, executions: answered, queued: 0 }
    }
}

/// Writes the weights that a test wants, and keeps what it was asked for.
pub struct SkilledTrainer {
    /// What comes out of every training.
    pub skill: Mutex<Result<Skill, TrainError>>,
    /// What it was asked for, the latest last.
    pub asked: Mutex<Vec<TrainRequest>>,
}

impl SkilledTrainer {
    /// Every training gives this skill.
    #[must_use]
    pub fn giving(skill: Skill) -> Self {
        Self { skill: Mutex::new(Ok(skill)), asked: Mutex::default() }
    }
}

impl Trainer for SkilledTrainer {
    fn train(
        &self,
        request: &TrainRequest,
        observe: &mut dyn FnMut(&TrainEvent) -> Control,
    ) -> Result<TrainOutcome, TrainError> {
        self.asked.lock().expect("never poisoned").push(request.clone());
        observe(&TrainEvent::Log { message: format!("{} images", request.images.len()) });
        let weights = self.skill.lock().expect("never poisoned").clone()?.weights();
        std::fs::write(&request.output, &weights).map_err(|error| TrainError::Failed(error.to_string()))?;
        let sha256 = imaging::content_hash(weights.as_bytes());
        Ok(TrainOutcome { steps: 1, seconds: 0.0, stopped_early: false, validation: None, sha256 })
    }
}
