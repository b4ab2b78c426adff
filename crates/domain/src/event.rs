//! What open pages hear about.

use crate::ids::{DeploymentId, ExperimentId, PredictionId, WorkItemId};
use serde::{Deserialize, Serialize};

/// Something that changed. Small on purpose: a page refetches what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Predictions arrived; several may share one event.
    PredictionsArrived {
        /// Where.
        deployment_id: DeploymentId,
        /// How many.
        count: u32,
        /// The latest of them.
        latest: PredictionId,
    },
    /// A prediction changed: status, tags, review.
    PredictionChanged {
        /// Where.
        deployment_id: DeploymentId,
        /// Which.
        id: PredictionId,
    },
    /// A deployment was made or changed.
    DeploymentChanged {
        /// Which.
        id: DeploymentId,
    },
    /// An experiment moved.
    ExperimentChanged {
        /// Which.
        id: ExperimentId,
    },
    /// A piece of work moved.
    WorkChanged {
        /// Which.
        id: WorkItemId,
    },
}
