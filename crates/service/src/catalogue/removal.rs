//! Deployments that are deleted, with all that was predicted in them.

use crate::{Admin, As, Catalogue, DeploymentRef, Internal, Result, ServiceError};
use domain::{
    deployment::Deployment,
    ids::DeploymentId,
    name::{Name, VersionRef},
    prediction::PredictionFilter,
    time::Timestamp,
};
use serde_json::json;

/// Milliseconds in which a deletion can be undone: a page offers it for ten
/// seconds, and its clock is not ours.
const UNDO_MS: i64 = 15_000;

/// A deployment that is gone unless somebody undoes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RemovedDeployment {
    /// Its identity, which brings it back.
    pub id: DeploymentId,
    /// What it was called.
    pub name: Name,
    /// Until when it can be brought back.
    pub until: Timestamp,
}

impl Catalogue {
    /// Deletes a deployment with its predictions, reviews, figures and rules.
    /// Models, datasets and what was submitted to them stay. For a moment it
    /// can be undone.
    ///
    /// # Errors
    /// Admins only; no such deployment.
    pub async fn remove_deployment(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<RemovedDeployment> {
        let known = self.base.known_deployment(deployment).await?;
        let until = self.base.now().plus_ms(UNDO_MS);
        let detail = json!({ "id": known.id, "champion": known.champion.name });
        let act = self.base.act(actor, "deployment.delete", detail);
        let removed = self.base.store().deployments().remove(known.id, until, act).await?;
        self.serving.forget();
        Ok(RemovedDeployment { id: removed.id, name: removed.name, until })
    }

    /// Deletes a model version, and with it the deployments in which it answers
    /// or is the shadow and in which nothing was ever predicted.
    ///
    /// # Errors
    /// Admins only; no such version, or one that anything else refers to.
    pub async fn delete_model_with_idle(&self, actor: &As<Admin>, name: &VersionRef) -> Result<()> {
        let version = self.base.known_model(name).await?;
        let store = self.base.store();
        let mut idle = Vec::new();
        for deployment in store.deployments().list().await? {
            let shadow = deployment.shadow.as_ref().map(|shadow| shadow.id);
            if deployment.champion.id != version.id && shadow != Some(version.id) {
                continue;
            }
            if store.predictions().count(deployment.id, &PredictionFilter::default()).await? > 0 {
                let message = format!("{} is at work in the deployment {}.", name, deployment.name);
                return Err(ServiceError::conflict(message));
            }
            idle.push(deployment);
        }
        for deployment in idle {
            // Nothing is lost with it: it goes at once.
            let detail = json!({ "id": deployment.id, "with": name.to_string() });
            let act = self.base.act(actor, "deployment.delete", detail);
            store.deployments().remove(deployment.id, self.base.now().plus_ms(-1), act).await?;
        }
        self.serving.forget();
        self.purge_deployments(Internal).await?;
        self.delete_model(actor, name).await
    }

    /// Brings a deployment back that was just deleted.
    ///
    /// # Errors
    /// Admins only; too late, or another one has its name by now.
    pub async fn restore_deployment(&self, actor: &As<Admin>, id: DeploymentId) -> Result<Deployment> {
        let act = self.base.act(actor, "deployment.restore", json!({ "id": id }));
        let deployment = self.base.store().deployments().restore(id, self.base.now(), act).await?;
        self.serving.forget();
        Ok(deployment)
    }

    /// Removes for good what deleted deployments held, and says how many
    /// predictions that were.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn purge_deployments(&self, _: Internal) -> Result<u64> {
        let mut removed = 0;
        loop {
            let (purged, more) = self.base.store().deployments().purge(self.base.now()).await?;
            removed += purged;
            if !more {
                return Ok(removed);
            }
        }
    }
}
