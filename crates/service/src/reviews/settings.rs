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
        self.store().reviews().put_settings(deployment.id, settings).await?;
        let detail = json!({ "blind_share": settings.blind_share });
        self.record(actor, "deployment.set_review", deployment.name.as_str(), detail).await?;
        self.publish(Event::DeploymentChanged { id: deployment.id });
        Ok(settings)
    }
}
