//! A model version at work.

use crate::{
    geometry::Score,
    ids::{DeploymentId, ModelVersionId},
    name::{Label, Name},
    time::Timestamp,
    work::WorkItem,
};
use serde::{Deserialize, Serialize};

/// Reported boxes below this score are not stored, nor those of models here
/// unless `--least-score` asks for less.
pub const STORED_SCORE: f64 = 0.01;
/// At most this many boxes of a prediction are stored.
pub const STORED_BOXES: usize = 300;
/// What people see and count, unless the deployment says otherwise.
pub const DEFAULT_THRESHOLD: f64 = 0.25;

/// A model version at work, perhaps with a shadow beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// Identity.
    pub id: DeploymentId,
    /// Unique.
    pub name: Name,
    /// What answers.
    pub champion: DeployedModel,
    /// What predicts the same images silently.
    pub shadow: Option<DeployedModel>,
    /// Boxes at or above it are seen and counted, for later predictions.
    pub threshold: Score,
    /// When it was made.
    pub created: Timestamp,
}

/// A model version in its role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeployedModel {
    /// Which.
    pub id: ModelVersionId,
    /// `model/number`.
    pub name: String,
    /// Its classes.
    pub labels: Vec<Label>,
    /// Whether Fovea can run it; if not, it only receives reports.
    pub runnable: bool,
    /// Since when it is in this role.
    pub since: Timestamp,
}

/// What the list of deployments shows of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeploymentCard {
    /// The deployment.
    pub deployment: Deployment,
    /// Predictions since midnight UTC.
    pub today: u64,
    /// Predictions in all.
    pub total: u64,
    /// Predictions in each of the last 24 hours, oldest first.
    pub hourly: Vec<u64>,
    /// When the last one arrived.
    pub last_prediction: Option<Timestamp>,
}

/// A shadow at work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShadowState {
    /// Which.
    pub model: DeployedModel,
    /// Predictions since it became the shadow that it has seen, too.
    pub seen: u64,
    /// Predictions since it became the shadow.
    pub all: u64,
    /// Earlier ones that it has seen, in replays.
    pub replayed: u64,
    /// What it has done since this process began.
    pub queue: ShadowQueue,
    /// The replay that is under way.
    pub replay: Option<WorkItem>,
}

impl ShadowState {
    /// The share of the predictions that it has seen, 0 to 1; `None` without
    /// any.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.all > 0).then(|| self.seen as f64 / self.all as f64)
    }
}

/// Images on their way to shadows, of all deployments, since this process
/// began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowQueue {
    /// Waiting now.
    pub waiting: u64,
    /// Seen.
    pub done: u64,
    /// Given up: the model failed or took too long.
    pub failed: u64,
    /// Never looked at: too many were waiting.
    pub dropped: u64,
}
