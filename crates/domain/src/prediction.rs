//! What a model said of one image, and what became of it.

mod disagreement;
mod facts;

pub use disagreement::disagreement;
pub use facts::PredictionFacts;
pub use query::status::{Status, UnknownStatus};

use crate::{
    geometry::{Rect, Score, Size},
    ids::{DeploymentId, PredictionId},
    name::Label,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who drew a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The model that answered.
    Champion,
    /// The model beside it.
    Shadow,
    /// A person.
    Review,
}

/// A box that a model predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictedBox {
    /// The class.
    pub label: Label,
    /// Confidence.
    pub score: Score,
    /// Pixels of the upright image.
    #[serde(flatten)]
    pub rect: Rect,
}

/// A prediction with its boxes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Identity; sorts by arrival.
    pub id: PredictionId,
    /// Where it was made.
    pub deployment_id: DeploymentId,
    /// `model/number` that answered.
    pub model: String,
    /// How far it is.
    pub status: Status,
    /// As the sender named the file; for people, never a path.
    pub filename: Option<String>,
    /// Which camera, line or client.
    pub source: Option<String>,
    /// Of the upright image.
    pub size: Size,
    /// SHA-256 of the stored bytes, hex; `None` when only reported.
    pub image: Option<String>,
    /// From the request's arrival to the boxes, as measured or reported.
    pub latency_ms: f64,
    /// Boxes at or above it are seen and counted; frozen.
    pub threshold: Score,
    /// All that is stored (score ≥ 0.01, of imported models ≥ `--least-score`),
    /// by falling score.
    pub boxes: Vec<PredictedBox>,
    /// What the shadow said.
    pub shadow: Option<ShadowPrediction>,
    /// Free words.
    pub tags: Vec<String>,
    /// Free keys and values.
    pub metadata: BTreeMap<String, String>,
    /// When the image was taken.
    pub created: Timestamp,
    /// When it arrived here.
    pub received: Timestamp,
    /// How unusual it is against the training data, in [0, 1].
    pub outlier_score: Option<f64>,
}

impl Prediction {
    /// What people call it: its file's name, or its id when it has none.
    pub fn display_name(&self) -> String {
        self.filename.clone().unwrap_or_else(|| self.id.to_string())
    }

    /// The boxes that people see and count.
    pub fn visible_boxes(&self) -> impl Iterator<Item = &PredictedBox> {
        let threshold = self.threshold;
        self.boxes.iter().filter(move |b| b.score >= threshold)
    }

    /// What lists show of it.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.visible_boxes().count()
    }
}

/// What a shadow said of the same image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShadowPrediction {
    /// `model/number`.
    pub model: String,
    /// As measured or reported.
    pub latency_ms: f64,
    /// All that is stored, by falling score.
    pub boxes: Vec<PredictedBox>,
}

/// The order of a list of predictions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The latest arrival first.
    #[default]
    Newest,
    /// The first arrival first.
    Oldest,
}

/// Which predictions to list, until the query language says it all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictionFilter {
    /// Only these; `None` for all.
    pub status: Option<Status>,
    /// Their order.
    #[serde(default)]
    pub sort: Sort,
}

/// What the sender of an image says about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The file's name.
    pub filename: Option<String>,
    /// Which camera, line or client.
    pub source: Option<String>,
    /// Free words, at most 32.
    pub tags: Vec<String>,
    /// Free keys and values, at most 64.
    pub metadata: BTreeMap<String, String>,
    /// When the image was taken; `None` for now.
    pub timestamp: Option<Timestamp>,
}

/// A prediction that the user's own infrastructure made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What the sender says about the image.
    #[serde(flatten)]
    pub provenance: Provenance,
    /// Width of the upright image; taken from the image when there is one.
    pub width: Option<u32>,
    /// Height of the upright image; taken from the image when there is one.
    pub height: Option<u32>,
    /// How long the model took.
    pub latency_ms: f64,
    /// What it saw.
    pub boxes: Vec<PredictedBox>,
    /// What another model saw on the same image.
    #[serde(default)]
    pub shadow: Option<ReportedShadow>,
    /// `name/number`; `None` for the champion.
    #[serde(default)]
    pub model: Option<String>,
    /// `Some(false)`: the image is kept, whatever share of images is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<bool>,
}

/// What a shadow saw, as reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedShadow {
    /// How long it took.
    pub latency_ms: f64,
    /// What it saw.
    pub boxes: Vec<PredictedBox>,
}
