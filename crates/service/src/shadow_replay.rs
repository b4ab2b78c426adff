//! The shadow of a deployment: what it has seen, and a replay of it over
//! stored images, so that a comparison need not wait for new ones.

use crate::{Result, Service, ServiceError, light_work::Stopped, require, stop_flag::StopFlag};
use domain::{
    access::{Actor, Role},
    deployment::ShadowState,
    event::Event,
    ids::{DeploymentId, ModelVersionId, WorkItemId},
    work::WorkItem,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Coverage, NewWork};

/// The kind of a work item that is a replay.
pub(crate) const REPLAY: &str = "replay";
/// Images that a replay goes back at most.
const LONGEST_REPLAY: u32 = 100_000;
/// Predictions looked up at a time.
const CHUNK: u32 = 64;

/// What a replay's worker is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReplayJob {
    deployment_id: DeploymentId,
    model_version_id: ModelVersionId,
    last: u32,
}

impl Service {
    /// The deployment's shadow and how many predictions it has seen; `None`
    /// without one.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn shadow_state(&self, actor: &Actor, deployment: &str) -> Result<Option<ShadowState>> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let Some(model) = deployment.shadow else { return Ok(None) };
        // Before what is stored: what the queue has done is then seen there.
        let queue = self.shadow_queue();
        let coverage = self.store().predictions().coverage(deployment.id, model.id, model.since).await?;
        let replay = self.under_way(REPLAY, &deployment.name).await?;
        let Coverage { seen, all, earlier } = coverage;
        Ok(Some(ShadowState { model, seen, all, replayed: earlier, queue, replay }))
    }

    /// Lets the shadow see the last `last` stored images, too. One replay of a
    /// deployment at a time: asked again, that one is given back.
    ///
    /// # Errors
    /// Admins only; no such deployment, no shadow that runs here, a number
    /// out of its range.
    pub async fn replay_shadow(&self, actor: &Actor, deployment: &str, last: u32) -> Result<WorkItem> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        let Some(shadow) = deployment.shadow.filter(|shadow| shadow.runnable) else {
            let message = format!("{} has no shadow that can run here.", deployment.name);
            return Err(ServiceError::conflict(message));
        };
        if !(1..=LONGEST_REPLAY).contains(&last) {
            let message = format!("It must lie between 1 and {LONGEST_REPLAY}.");
            return Err(ServiceError::invalid_at("last", message));
        }
        let job = ReplayJob { deployment_id: deployment.id, model_version_id: shadow.id, last };
        let work = NewWork {
            id: self.new_id(),
            kind: REPLAY.to_owned(),
            subject: deployment.name.to_string(),
            payload: json!(job),
            dedupe_key: Some(deployment.id.to_string()),
            created: self.now(),
        };
        let enqueued = self.store().work().enqueue(&work).await?;
        if !enqueued.existed {
            let detail = json!({ "shadow": shadow.name, "last": last });
            self.record(actor, "shadow.replay", deployment.name.as_str(), detail).await?;
            self.publish(Event::WorkChanged { id: enqueued.item.id });
        }
        Ok(enqueued.item)
    }

    /// Does a replay. Begun anew it goes on: what the shadow has seen, it has
    /// seen.
    pub(crate) async fn run_replay(
        &self,
        item: WorkItemId,
        job: ReplayJob,
        stop: StopFlag,
    ) -> Result<Stopped> {
        let ReplayJob { deployment_id, model_version_id, last } = job;
        let (mut before, mut done, mut failed) = (None, 0, 0);
        while done < last {
            let wanted = CHUNK.min(last - done);
            let predictions = self.store().predictions();
            let images = predictions.replayable(deployment_id, model_version_id, before, wanted).await?;
            let Some(oldest) = images.last() else { break };
            before = Some(oldest.id);
            for image in images {
                if stop.is_cancelled() {
                    return Ok(Stopped::Early);
                }
                if !image.settled
                    && let Err(error) = self.look_in_time(image.id, model_version_id, true).await
                {
                    if error.is_transient() {
                        // The replay goes back to the queue, and on from here.
                        return Err(error);
                    }
                    tracing::warn!(%error, prediction = %image.id, "a replay left out an image");
                    failed += 1;
                }
                done += 1;
                let message = format!("{done} of the last {last} images, {failed} failed");
                let share = f64::from(done) / f64::from(last);
                self.store().work().progress(item, share, &message, self.now()).await?;
            }
            self.publish(Event::WorkChanged { id: item });
        }
        if failed > 0 && failed == done {
            return Err(ServiceError::Internal(format!("the shadow failed on all {done} images")));
        }
        self.publish(Event::DeploymentChanged { id: deployment_id });
        Ok(Stopped::AtItsEnd)
    }
}
