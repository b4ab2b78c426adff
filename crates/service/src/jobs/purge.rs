//! Deleted predictions that can no longer be brought back.

use super::{Ended, Job, JobContext, Lane};
use crate::{Internal, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Removes for good what can no longer be undone.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Purge;

impl Job for Purge {
    const KIND: &'static str = "purge";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(2));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let removed = context.service().browsing().purge_deleted(Internal).await?
            + context.service().catalogue().purge_deployments(Internal).await?;
        if removed > 0 {
            tracing::info!(removed, "deleted predictions removed");
        }
        Ok(Ended::done())
    }
}
