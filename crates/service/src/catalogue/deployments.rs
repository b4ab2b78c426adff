//! Model versions at work.

use crate::{Admin, As, Catalogue, DeploymentRef, Result, ServiceError, Viewer, base::EventDeployment};
use domain::{
    deployment::{DEFAULT_THRESHOLD, Deployment, DeploymentCard},
    geometry::Score,
    model::ModelVersion,
    name::{Name, VersionRef},
};
use serde_json::json;
use store::{Act, RoleChange};

/// What to deploy.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// Unique.
    pub name: Name,
    /// What answers.
    pub model: VersionRef,
    /// What predicts the same images silently.
    pub shadow: Option<VersionRef>,
    /// Boxes at or above it are seen and counted; `None` for 0.25.
    pub threshold: Option<f64>,
}

/// What is to change on a deployment; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct DeploymentChange {
    /// What it is called from now on.
    pub name: Option<Name>,
    /// Of later predictions, in [0, 1].
    pub threshold: Option<f64>,
    /// What predicts the same images silently, or nothing.
    pub shadow: Option<Option<VersionRef>>,
}

impl Catalogue {
    /// Puts a model version to work.
    ///
    /// # Errors
    /// Admins only; a name that is taken, a model version that is not there,
    /// a threshold outside [0, 1].
    pub async fn deploy(&self, actor: &As<Admin>, new: NewDeployment) -> Result<Deployment> {
        let threshold = score("threshold", new.threshold.unwrap_or(DEFAULT_THRESHOLD))?;
        let champion = self.base.known_model(&new.model).await?;
        let shadow = self.known_shadow(&champion, new.shadow.as_ref()).await?;
        let row = store::NewDeployment {
            id: self.base.new_id(),
            name: new.name,
            champion: champion.id,
            shadow: shadow.map(|version| version.id),
            threshold,
            created: self.base.now(),
        };
        let detail = json!({ "champion": champion.full_name(), "threshold": threshold });
        let at = EventDeployment { id: row.id, name: row.name.to_string() };
        let outgoing =
            self.base.outgoing(Some(at), domain::notice::NoticeKind::ModelDeployed, detail.clone()).await?;
        let act = Act { outgoing: Some(outgoing), ..self.base.act(actor, "deployment.create", detail) };
        let deployment = self.base.store().deployments().insert(&row, act).await?;
        self.serving.forget();
        // It is deployed: what it is compared with can be set again.
        if let Err(error) = self.monitoring.compare_with_trained_on(actor, &deployment).await {
            tracing::warn!(%error, deployment = %deployment.name, "it is not compared with its training data");
        }
        Ok(deployment)
    }

    /// All deployments with what their cards show, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deployments(&self, _: &As<Viewer>) -> Result<Vec<DeploymentCard>> {
        let (store, now) = (self.base.store().deployments(), self.base.now());
        let mut cards = Vec::new();
        for id in store.ids().await? {
            let card = async { Ok(store.card(id, now).await?) };
            cards.extend(self.base.unless_damaged("listing a deployment", &id, card).await?.flatten());
        }
        Ok(cards)
    }

    /// One deployment, by name or id.
    ///
    /// # Errors
    /// When there is none.
    pub async fn deployment(
        &self,
        _: &As<Viewer>,
        name_or_id: impl Into<DeploymentRef>,
    ) -> Result<Deployment> {
        self.base.known_deployment(name_or_id).await
    }

    /// Changes the name, the threshold of later predictions, the shadow, or
    /// all of them, in one transaction.
    ///
    /// # Errors
    /// No such deployment; a name that is taken; a threshold outside [0, 1]; a
    /// shadow that is not there, is the champion, or cannot run here.
    pub async fn change_deployment(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        change: DeploymentChange,
    ) -> Result<Deployment> {
        let before = self.base.known_deployment(deployment).await?;
        let threshold = change.threshold.map(|value| score("threshold", value)).transpose()?;
        let shadow = match change.shadow {
            None => None,
            Some(shadow) => {
                let champion = self.base.known_version(before.champion.id).await?;
                Some(self.known_shadow(&champion, shadow.as_ref()).await?.map(|version| version.id))
            }
        };
        // Whatever was looked at: the new shadow must not be the champion.
        let expected = Some(before.champion.id);
        let by = RoleChange { evidence: None, expected, outgoing: None, by: self.base.by(actor) };
        let act = |threshold: Score| {
            (threshold, self.base.act(actor, "deployment.set_threshold", json!({ "threshold": threshold })))
        };
        let name = change.name.filter(|name| *name != before.name).map(|name| {
            let detail = json!({ "from": before.name, "to": name });
            (name, self.base.act(actor, "deployment.rename", detail))
        });
        let change = store::DeploymentChange {
            name,
            threshold: threshold.map(act),
            shadow: shadow.map(|shadow| (shadow, &by)),
        };
        let deployment = self.base.store().deployments().change(before.id, change).await?;
        self.serving.forget();
        Ok(deployment)
    }

    async fn known_shadow(
        &self,
        champion: &ModelVersion,
        shadow: Option<&VersionRef>,
    ) -> Result<Option<ModelVersion>> {
        let Some(name) = shadow else { return Ok(None) };
        let version = self.base.known_model(name).await?;
        if version.id == champion.id {
            return Err(ServiceError::invalid_at("shadow", "The champion cannot be its own shadow."));
        }
        Ok(Some(version))
    }
}

fn score(place: &str, value: f64) -> Result<Score> {
    Score::new(value).ok_or_else(|| ServiceError::invalid_at(place, "It must lie between 0 and 1."))
}
