//! What a use case asks for first: the thing that a caller names, or that it
//! is not there. And what it leaves behind: the act, and who hears of it.

use crate::{DeploymentRef, ExperimentRef, Result, ServiceError, base::Base};
use domain::{
    access::{Actor, Principal},
    dataset::DatasetVersion,
    deployment::Deployment,
    ids::{DeliveryId, DeploymentId, ModelVersionId, PredictionId},
    model::{Experiment, ModelVersion},
    name::{Name, VersionRef},
    notice::NoticeKind,
    prediction::Prediction,
    work::WorkItem,
};
use serde_json::Value;
use store::{Act, By, NewAudit, Outgoing};

/// The deployment where an event happens.
#[derive(Clone, Debug)]
pub(crate) struct EventDeployment {
    pub(crate) id: DeploymentId,
    pub(crate) name: String,
}

impl From<&Deployment> for EventDeployment {
    fn from(deployment: &Deployment) -> Self {
        Self { id: deployment.id, name: deployment.name.to_string() }
    }
}

impl Base {
    pub(crate) async fn known_deployment(&self, named: impl Into<DeploymentRef>) -> Result<Deployment> {
        let deployments = self.store().deployments();
        let named = named.into();
        let deployment = match &named {
            DeploymentRef::Id(id) => deployments.find(*id).await?,
            DeploymentRef::Name(text) => match Name::new(text) {
                Ok(name) => deployments.find_by_name(&name).await?,
                Err(_) => None,
            },
        };
        deployment.ok_or_else(|| {
            let text = named.to_string();
            ServiceError::not_found(format!("There is no deployment {text:?}."))
        })
    }

    pub(crate) async fn known_model(&self, name: &VersionRef) -> Result<ModelVersion> {
        let version = self.store().models().find_by_name(name).await?;
        version.ok_or_else(|| ServiceError::not_found(format!("There is no model version {name}.")))
    }

    pub(crate) async fn known_version(&self, id: ModelVersionId) -> Result<ModelVersion> {
        let version = self.store().models().find(id).await?;
        version.ok_or_else(|| ServiceError::not_found(format!("There is no model version {id}.")))
    }

    pub(crate) async fn known_dataset(&self, name: &VersionRef) -> Result<DatasetVersion> {
        let version = self.store().datasets().find_by_name(name).await?;
        version.ok_or_else(|| ServiceError::not_found(format!("There is no dataset version {name}.")))
    }

    pub(crate) async fn known_experiment(&self, named: impl Into<ExperimentRef>) -> Result<Experiment> {
        let experiments = self.store().experiments();
        let named = named.into();
        let experiment = match &named {
            ExperimentRef::Id(id) => experiments.find(*id).await?,
            ExperimentRef::Name(text) => match Name::new(text) {
                Ok(name) => experiments.find_by_name(&name).await?,
                Err(_) => None,
            },
        };
        experiment.ok_or_else(|| {
            let text = named.to_string();
            ServiceError::not_found(format!("There is no experiment {text:?}."))
        })
    }

    /// A prediction, for a use case whose role was checked.
    pub(crate) async fn known_prediction(&self, id: PredictionId) -> Result<Prediction> {
        let prediction = self.store().predictions().find(id).await?;
        prediction.ok_or_else(|| ServiceError::not_found(format!("There is no prediction {id}.")))
    }

    /// Who does something, and that it is now.
    pub(crate) fn by(&self, actor: &Actor) -> By {
        By { actor: actor.display_name(), person: person(actor), at: self.now() }
    }

    /// An act as the store records it, in the transaction of its change;
    /// `action` is `area.verb`.
    pub(crate) fn act(&self, actor: &Actor, action: &str, detail: Value) -> Act {
        Act::new(self.by(actor), action, detail)
    }

    /// Records an act that changes nothing of its own. What changes something
    /// is recorded with its change: see [`Self::act`].
    pub(crate) async fn record(
        &self,
        actor: &Actor,
        action: &str,
        subject: &str,
        detail: Value,
    ) -> Result<()> {
        Ok(self.store().audit().append(self.entry(actor, action, subject, &detail)).await?)
    }

    /// The record of an act that is made now.
    pub(crate) fn entry(&self, actor: &Actor, action: &str, subject: &str, detail: &Value) -> NewAudit {
        NewAudit {
            at: self.now(),
            actor: actor.display_name(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_string(),
        }
    }

    /// An event for whoever asked for it, to be put on its way in the
    /// transaction of what it tells of.
    pub(crate) async fn outgoing(
        &self,
        deployment: Option<EventDeployment>,
        event: NoticeKind,
        data: Value,
    ) -> Result<Outgoing> {
        let count = self.store().monitoring().webhook_count().await?;
        let ids: Vec<DeliveryId> = (0..count).map(|_| self.new_id()).collect();
        let (deployment_id, deployment) =
            deployment.map(|deployment| (deployment.id, deployment.name)).unzip();
        Ok(Outgoing { deployment_id, deployment, event, data, at: self.now(), ids })
    }

    /// The work of a kind that waits or runs for a deployment, if there is any.
    pub(crate) async fn under_way(&self, kind: &str, deployment: &Name) -> Result<Option<WorkItem>> {
        let unfinished = self.store().work().unfinished(kind).await?;
        Ok(unfinished.into_iter().find(|item| item.subject == deployment.as_str()))
    }
}

/// The account or token itself: a name can change, and be given again.
pub(crate) fn person(actor: &Actor) -> String {
    match &actor.who {
        Principal::User { id, .. } => format!("user:{id}"),
        Principal::Token { id, .. } => format!("token:{id}"),
        Principal::System => "system".to_owned(),
    }
}
