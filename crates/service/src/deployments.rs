//! Model versions at work.

use crate::{Result, Service, ServiceError, require, webhooks::Place};
use domain::{
    access::{Actor, Role},
    deployment::{DEFAULT_THRESHOLD, Deployment, DeploymentCard},
    geometry::Score,
    ids::DeploymentId,
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

impl Service {
    /// Puts a model version to work.
    ///
    /// # Errors
    /// Admins only; a name that is taken, a model version that is not there,
    /// a threshold outside [0, 1].
    pub async fn deploy(&self, actor: &Actor, new: NewDeployment) -> Result<Deployment> {
        require(actor, Role::Admin)?;
        let threshold = score("threshold", new.threshold.unwrap_or(DEFAULT_THRESHOLD))?;
        let champion = self.known_model(&new.model).await?;
        let shadow = self.known_shadow(&champion, new.shadow.as_ref()).await?;
        let row = store::NewDeployment {
            id: self.new_id(),
            name: new.name,
            champion: champion.id,
            shadow: shadow.map(|version| version.id),
            threshold,
            created: self.now(),
        };
        let detail = json!({ "champion": champion.full_name(), "threshold": threshold });
        let at = Place { id: row.id, name: row.name.to_string() };
        let outgoing = self.outgoing(Some(at), "model.deployed", detail.clone()).await?;
        let act = Act { outgoing: Some(outgoing), ..self.act(actor, "deployment.create", detail) };
        let deployment = self.store().deployments().insert(&row, act).await?;
        self.roles_changed(&deployment);
        // It is deployed: what it is compared with can be set again.
        if let Err(error) = self.compare_with_trained_on(actor, &deployment).await {
            tracing::warn!(%error, deployment = %deployment.name, "it is not compared with its training data");
        }
        Ok(deployment)
    }

    /// All deployments with what their cards show, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deployments(&self, actor: &Actor) -> Result<Vec<DeploymentCard>> {
        require(actor, Role::Viewer)?;
        Ok(self.store().deployments().cards(self.now()).await?)
    }

    /// One deployment, by name or id.
    ///
    /// # Errors
    /// When there is none.
    pub async fn deployment(&self, actor: &Actor, name_or_id: &str) -> Result<Deployment> {
        require(actor, Role::Viewer)?;
        self.known_deployment(name_or_id).await
    }

    /// Changes the threshold of later predictions.
    ///
    /// # Errors
    /// Admins only; no such deployment, or a number outside [0, 1].
    pub async fn set_threshold(&self, actor: &Actor, id: DeploymentId, threshold: f64) -> Result<Deployment> {
        require(actor, Role::Admin)?;
        let threshold = score("threshold", threshold)?;
        let act = self.act(actor, "deployment.set_threshold", json!({ "threshold": threshold }));
        let deployment = self.store().deployments().set_threshold(id, threshold, act).await?;
        self.roles_changed(&deployment);
        Ok(deployment)
    }

    /// Puts another shadow beside the champion, or none.
    ///
    /// # Errors
    /// Admins only; a model version that is not there, is the champion, or
    /// cannot run here.
    pub async fn set_shadow(
        &self,
        actor: &Actor,
        id: DeploymentId,
        shadow: Option<VersionRef>,
    ) -> Result<Deployment> {
        require(actor, Role::Admin)?;
        let before = self.known_deployment(&id.to_string()).await?;
        let champion = self.known_version(before.champion.id).await?;
        let shadow = self.known_shadow(&champion, shadow.as_ref()).await?.map(|version| version.id);
        // Whatever was looked at: the new shadow must not be the champion.
        let expected = Some(before.champion.id);
        let change = RoleChange { evidence: None, expected, outgoing: None, by: self.by(actor) };
        let deployment = self.store().deployments().set_shadow(id, shadow, &change).await?;
        self.roles_changed(&deployment);
        Ok(deployment)
    }

    pub(crate) async fn known_deployment(&self, name_or_id: &str) -> Result<Deployment> {
        let deployments = self.store().deployments();
        let found = match name_or_id.parse::<DeploymentId>() {
            Ok(id) => deployments.find(id).await?,
            Err(_) => match Name::new(name_or_id) {
                Ok(name) => deployments.find_by_name(&name).await?,
                Err(_) => None,
            },
        };
        found.ok_or_else(|| ServiceError::not_found(format!("There is no deployment {name_or_id:?}.")))
    }

    async fn known_shadow(
        &self,
        champion: &ModelVersion,
        shadow: Option<&VersionRef>,
    ) -> Result<Option<ModelVersion>> {
        let Some(name) = shadow else { return Ok(None) };
        let version = self.known_model(name).await?;
        if version.id == champion.id {
            return Err(ServiceError::invalid_at("shadow", "The champion cannot be its own shadow."));
        }
        Ok(Some(version))
    }
}

fn score(place: &str, value: f64) -> Result<Score> {
    Score::new(value).ok_or_else(|| ServiceError::invalid_at(place, "It must lie between 0 and 1."))
}
