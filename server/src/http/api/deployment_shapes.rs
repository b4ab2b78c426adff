//! Deployments on the wire.

use crate::http::label_ids::label_id;
use domain::{
    deployment::{DeployedModel, Deployment, DeploymentCard},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A model version at work.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DeploymentBody {
    /// Identity.
    pub id: Uuid,
    /// Unique; usable wherever the id is.
    #[schema(example = "cells")]
    pub name: String,
    /// What answers.
    pub champion: DeployedModelBody,
    /// What predicts the same images silently.
    pub shadow: Option<DeployedModelBody>,
    /// Boxes at or above it are counted as objects.
    pub threshold: f64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A model version in its role.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct DeployedModelBody {
    /// The version's id.
    pub id: Uuid,
    /// `model/number`.
    #[schema(example = "cells/1")]
    pub model: String,
    /// Its classes.
    pub labels: Vec<String>,
    /// An id for each of them: the same word has the same id everywhere.
    #[serde(default)]
    pub label_ids: Vec<Uuid>,
    /// Whether it can predict here; if not, it only takes reports.
    pub runnable: bool,
    /// Since when it is in this role.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

impl From<DeployedModel> for DeployedModelBody {
    fn from(model: DeployedModel) -> Self {
        let label_ids = model.labels.iter().map(|label| label_id(label.as_str())).collect();
        let labels = model.labels.into_iter().map(Into::into).collect();
        let (id, runnable, since) = (model.id.0, model.runnable, model.since);
        Self { id, model: model.name, labels, label_ids, runnable, since }
    }
}

impl From<Deployment> for DeploymentBody {
    fn from(d: Deployment) -> Self {
        Self {
            id: d.id.0,
            name: d.name.into(),
            champion: d.champion.into(),
            shadow: d.shadow.map(Into::into),
            threshold: d.threshold.get(),
            created: d.created,
        }
    }
}

/// A deployment with its latest figures.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeploymentCardBody {
    /// The deployment.
    #[serde(flatten)]
    pub deployment: DeploymentBody,
    /// Predictions since midnight UTC.
    pub today: u64,
    /// Predictions in all.
    pub total: u64,
    /// Predictions in each of the last 24 hours, oldest first.
    pub hourly: Vec<u64>,
    /// When the last one arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_prediction: Option<Timestamp>,
}

impl From<DeploymentCard> for DeploymentCardBody {
    fn from(card: DeploymentCard) -> Self {
        Self {
            deployment: card.deployment.into(),
            today: card.today,
            total: card.total,
            hourly: card.hourly,
            last_prediction: card.last_prediction,
        }
    }
}

/// All deployments.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct DeploymentList {
    /// By name.
    pub items: Vec<DeploymentCardBody>,
}

/// A deployment to be made.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDeploymentBody {
    /// Letters, digits, `.`, `_`, `-`.
    #[schema(example = "cells")]
    pub name: String,
    /// `model/number` that answers.
    #[schema(example = "cells/1")]
    pub model: String,
    /// `model/number` that predicts silently beside it.
    #[serde(default)]
    pub shadow: Option<String>,
    /// From 0 to 1; 0.25 when left out.
    #[serde(default)]
    pub threshold: Option<f64>,
}
