//! Comparing a model version with the champion because somebody asked.

use super::{
    Ended, Job, JobContext, Lane,
    held_out::{Pair, compare_on},
};
use crate::{Result, ServiceError};
use domain::ids::{DatasetVersionId, DeploymentId, ModelVersionId};
use serde::{Deserialize, Serialize};

/// Compares a model version with the champion on the held-out images of a
/// snapshot. Decides nothing; a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Compare {
    pub(crate) deployment_id: DeploymentId,
    pub(crate) candidate_id: ModelVersionId,
    pub(crate) snapshot: DatasetVersionId,
}

impl Job for Compare {
    const KIND: &'static str = "compare";
    const LANE: Lane = Lane::Short;

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let deployment = context.service().base().known_deployment(self.deployment_id).await?;
        // The champion of now: another may have been promoted meanwhile.
        let pair = Pair { champion: deployment.champion.id, candidate: self.candidate_id };
        if pair.champion == pair.candidate {
            return Err(ServiceError::conflict("The candidate is the champion by now."));
        }
        let made = compare_on(context, &deployment, pair, self.snapshot).await;
        context.service().inner.predictors.unload_unused().await;
        Ok(if made?.is_some() { Ended::done() } else { Ended::Cancelled })
    }
}
