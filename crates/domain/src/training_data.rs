//! The training data that a deployment is compared with: a dataset version,
//! looked at once by the champion and then frozen.

pub use crate::monitor::image_measures::Appearance;
use crate::{
    drift::DriftReference,
    ids::{DatasetVersionId, DeploymentId, ModelVersionId, ReferenceId},
    time::Timestamp,
};
use measures::{
    drift::DriftSettings,
    outlier::{Calibration, EmbeddingIndex},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How far a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceState {
    /// Its images are being looked at.
    Building,
    /// Compared with.
    Ready,
    /// Could not be made; says why.
    Failed,
}

impl ReferenceState {
    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for ReferenceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no state of a reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no state of a reference")]
pub struct UnknownReferenceState(pub String);

impl FromStr for ReferenceState {
    type Err = UnknownReferenceState;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let all = [Self::Building, Self::Ready, Self::Failed];
        all.into_iter().find(|state| state.as_str() == s).ok_or_else(|| UnknownReferenceState(s.to_owned()))
    }
}

/// What is known of a reference, without its contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Identity; metrics name it.
    pub id: ReferenceId,
    /// Whose.
    pub deployment_id: DeploymentId,
    /// Of which images.
    pub dataset_version_id: DatasetVersionId,
    /// `dataset/version`.
    pub dataset: String,
    /// Which model's embeddings it holds.
    pub model_version_id: ModelVersionId,
    /// `model/number`.
    pub model: String,
    /// How far.
    pub state: ReferenceState,
    /// What it lacks, or why it failed; may be empty.
    pub message: String,
    /// Training images whose embeddings it holds; 0 when the model has none.
    pub training_images: u64,
    /// Images that the model never trained on, which say what is usual.
    pub calibration_images: u64,
    /// When it was asked for.
    pub created: Timestamp,
}

impl Reference {
    /// Whether an image can be called unusual: it takes 100 calibration images.
    #[must_use]
    pub fn flags(&self) -> bool {
        self.training_images > 0 && self.calibration_images >= measures::outlier::LEAST_CALIBRATION as u64
    }
}

/// What a deployment is compared with, and how drift is looked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingData {
    /// `None`: switched off, or never set.
    pub reference: Option<Reference>,
    /// How drift is looked for.
    pub drift: DriftSettings,
}

impl TrainingData {
    /// The reference, if it is ready to compare with.
    #[must_use]
    pub fn ready(&self) -> Option<&Reference> {
        self.reference.as_ref().filter(|reference| reference.state == ReferenceState::Ready)
    }
}

/// The contents of a reference that is ready.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceContents {
    /// Embeddings of training images; `None` when the model gives none, or
    /// there were fewer than ten.
    pub index: Option<EmbeddingIndex>,
    /// Distances of images that the model never trained on.
    pub calibration: Calibration,
    /// Their features.
    pub drift: DriftReference,
}
