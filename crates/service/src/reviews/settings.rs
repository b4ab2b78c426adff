//! How a deployment's predictions are reviewed.

use crate::{Result, Service, require};
use domain::{
    access::{Actor, Role},
    event::Event,
    review::ReviewSettings,
};
use serde_json::json;

impl Service {
    /// The settings of a deployment.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn review_settings(&self, actor: &Actor, deployment: &str) -> Result<ReviewSettings> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().reviews().settings(deployment.id).await?)
    }

    /// Sets them, for what is reviewed from now on.
    ///
    /// # Errors
    /// Admins only; no such deployment.
    pub async fn set_review_settings(
        &self,
        actor: &Actor,
        deployment: &str,
        settings: ReviewSettings,
    ) -> Result<ReviewSettings> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        let act = self.act(actor, "deployment.set_review", json!({ "blind_share": settings.blind_share }));
        self.store().reviews().put_settings(deployment.id, settings, act).await?;
        self.publish(Event::DeploymentChanged { id: deployment.id });
        Ok(settings)
    }
}
