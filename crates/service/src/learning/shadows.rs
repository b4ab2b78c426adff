//! The shadow of a deployment: what it has seen, and a replay of it over
//! stored images, so that a comparison need not wait for new ones.

use crate::{
    Admin, As, DeploymentRef, Learning, Result, ServiceError, Viewer,
    jobs::{Job, Replay, queued},
};
use domain::{deployment::ShadowState, work::WorkItem};
use serde_json::json;
use store::Coverage;

/// Images that a replay goes back at most.
const LONGEST_REPLAY: u32 = 100_000;

impl Learning {
    /// The deployment's shadow and how many predictions it has seen; `None`
    /// without one.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn shadow_state(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Option<ShadowState>> {
        let deployment = self.base.known_deployment(deployment).await?;
        let Some(model) = deployment.shadow else { return Ok(None) };
        // Before what is stored: what the queue has done is then seen there.
        let queue = self.shadows.counts();
        let coverage = self.base.store().predictions().coverage(deployment.id, model.id, model.since).await?;
        let replay = self.base.under_way(Replay::KIND, &deployment.name).await?;
        let Coverage { seen, all, earlier } = coverage;
        Ok(Some(ShadowState { model, seen, all, replayed: earlier, queue, replay }))
    }

    /// Lets the shadow see the last `last` stored images, too. One replay of a
    /// deployment at a time: asked again, that one is given back.
    ///
    /// # Errors
    /// Admins only; no such deployment, no shadow that runs here, a number
    /// out of its range.
    pub async fn replay_shadow(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        last: u32,
    ) -> Result<WorkItem> {
        let deployment = self.base.known_deployment(deployment).await?;
        let Some(shadow) = deployment.shadow.filter(|shadow| shadow.runnable) else {
            let message = format!("{} has no shadow that can run here.", deployment.name);
            return Err(ServiceError::conflict(message));
        };
        if !(1..=LONGEST_REPLAY).contains(&last) {
            let message = format!("It must lie between 1 and {LONGEST_REPLAY}.");
            return Err(ServiceError::invalid_at("last", message));
        }
        let job = Replay { deployment_id: deployment.id, model_version_id: shadow.id, last };
        let key = Some(deployment.id.to_string());
        let work = queued(&job, self.base.new_id(), deployment.name.to_string(), key, self.base.now())?;
        let detail = json!({ "shadow": shadow.name, "last": last });
        let act = self.base.act(actor, "shadow.replay", detail);
        Ok(self.base.store().work().request(&work, act).await?.item)
    }
}
