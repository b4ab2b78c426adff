//! A replay of a shadow over stored images, so that a comparison need not wait
//! for new ones.

use super::{Ended, Job, JobContext, Lane};
use crate::{Result, ServiceError};
use domain::ids::{DeploymentId, ModelVersionId};
use serde::{Deserialize, Serialize};

/// Predictions looked up at a time.
const CHUNK: u32 = 64;

/// Lets a shadow see the last `last` stored images of its deployment. Begun
/// anew it goes on: what the shadow has seen, it has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) deployment_id: DeploymentId,
    pub(crate) model_version_id: ModelVersionId,
    pub(crate) last: u32,
}

impl Job for Replay {
    const KIND: &'static str = "replay";
    const LANE: Lane = Lane::Long;

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let Self { deployment_id, model_version_id, last } = *self;
        let (mut before, mut done, mut failed) = (None, 0, 0);
        while done < last {
            let wanted = CHUNK.min(last - done);
            let predictions = context.store().predictions();
            let images = predictions.replayable(deployment_id, model_version_id, before, wanted).await?;
            let Some(oldest) = images.last() else { break };
            before = Some(oldest.id);
            let mut came_further = false;
            for image in images {
                if context.is_cancelled() {
                    return Ok(Ended::Cancelled);
                }
                if !image.settled {
                    match context.service().inner.shadows.look_in_time(image.id, model_version_id, true).await
                    {
                        Ok(()) => came_further = true,
                        // The replay goes back to the queue, and on from here.
                        Err(error) if error.is_transient() => return Err(error),
                        Err(error) => {
                            tracing::warn!(%error, prediction = %image.id, "a replay left out an image");
                            failed += 1;
                        }
                    }
                }
                done += 1;
                let message = format!("{done} of the last {last} images, {failed} failed");
                context.progress(f64::from(done) / f64::from(last), &message).await?;
            }
            if came_further {
                context.came_further().await?;
            }
        }
        if failed > 0 && failed == done {
            return Err(ServiceError::Internal(format!("the shadow failed on all {done} images")));
        }
        Ok(Ended::Done(format!("{done} of the last {last} images, {failed} failed")))
    }
}
