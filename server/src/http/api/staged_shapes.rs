//! Staged models as they look on the wire.

use super::shapes::BoxShape;
use domain::{inference::Inspected, recipe::Recipe, time::Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Staged, StagedFault, Trial};
use utoipa::ToSchema;
use uuid::Uuid;

/// A file that waits to be imported as a model.
#[derive(Serialize, ToSchema)]
pub(super) struct StagedModelBody {
    /// Identity.
    pub id: Uuid,
    /// As it is called where it came from.
    #[schema(example = "yolo11n.onnx")]
    pub filename: String,
    /// Its length.
    pub bytes: u64,
    /// When it is forgotten, unless something is said of it before.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// The recipe that was given; null for what the file says itself.
    #[schema(value_type = Option<Object>)]
    pub recipe: Option<Value>,
    /// The labels that were given; empty for those that the file names.
    pub labels: Vec<String>,
    /// What the file is; null when it cannot be imported as it is.
    pub inspected: Option<InspectedBody>,
    /// Why it cannot be imported as it is; null when it can.
    pub fault: Option<FaultBody>,
}

/// What a model file turned out to be.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct InspectedBody {
    /// `fovea` or `onnx`.
    #[schema(example = "onnx")]
    pub format: String,
    /// In the order of the network's outputs.
    pub labels: Vec<String>,
    /// How it is fed and read; null where the format knows but one way.
    #[schema(value_type = Option<Object>)]
    pub recipe: Option<Recipe>,
    /// The recipe in sentences.
    pub explanation: Vec<String>,
    /// What was seen and taken for granted, in sentences.
    pub notes: Vec<String>,
    /// Whether a training here can start from it.
    pub trainable: bool,
}

impl From<Inspected> for InspectedBody {
    fn from(inspected: Inspected) -> Self {
        Self {
            format: inspected.format.as_str().to_owned(),
            labels: inspected.labels.into_iter().map(Into::into).collect(),
            explanation: inspected.recipe.as_ref().map(Recipe::explanation).unwrap_or_default(),
            recipe: inspected.recipe,
            notes: inspected.notes,
            trainable: inspected.trainable,
        }
    }
}

/// Why a file cannot be imported as it is.
#[derive(Serialize, ToSchema)]
pub(super) struct FaultBody {
    /// In a sentence.
    pub reason: String,
    /// Inputs, outputs and metadata of the file, each in a line.
    pub seen: Vec<String>,
    /// A recipe to start from, as JSON to be edited.
    pub recipe: String,
}

impl From<Staged> for StagedModelBody {
    fn from(Staged { file, outcome }: Staged) -> Self {
        let (inspected, fault) = match outcome {
            Ok(inspected) => (Some(inspected.into()), None),
            Err(StagedFault { reason, seen, recipe }) => (None, Some(FaultBody { reason, seen, recipe })),
        };
        Self {
            id: file.id.0,
            filename: file.said.filename,
            bytes: file.bytes,
            expires: file.expires,
            recipe: serde_json::from_str(&file.said.recipe).ok(),
            labels: file.said.labels.into_iter().map(Into::into).collect(),
            inspected,
            fault,
        }
    }
}

/// Files that wait.
#[derive(Serialize, ToSchema)]
pub(super) struct StagedModelList {
    /// The latest first.
    pub items: Vec<WaitingBody>,
}

/// A file that waits, without a look at it.
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingBody {
    /// Identity.
    pub id: Uuid,
    /// As it is called where it came from.
    #[schema(example = "yolo11n.onnx")]
    pub filename: String,
    /// Its length.
    pub bytes: u64,
    /// When it is forgotten.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
}

/// What a model says of a picture on trial.
#[derive(Serialize, ToSchema)]
pub(super) struct TrialBody {
    /// Of the upright picture, in pixels.
    pub width: u32,
    /// Of the upright picture, in pixels.
    pub height: u32,
    /// From the decoded picture to boxes; the first run of a model is its slowest.
    pub latency_ms: f64,
    /// By falling score, from 0.01 or the server's `--least-score` on.
    pub boxes: Vec<BoxShape>,
}

impl From<Trial> for TrialBody {
    fn from(trial: Trial) -> Self {
        Self {
            width: trial.size.width,
            height: trial.size.height,
            latency_ms: trial.latency_ms,
            boxes: trial.boxes.into_iter().map(Into::into).collect(),
        }
    }
}
