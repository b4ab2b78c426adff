//! Files that were sent and never used.

use super::{Ended, Job, JobContext, Lane};
use crate::{Internal, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Removes uploads whose time is over, and what killed processes left of them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct RemoveStagedUploads;

impl Job for RemoveStagedUploads {
    const KIND: &'static str = "staged_uploads";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(300));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let removed = context.service().catalogue().sweep_uploads(Internal).await?;
        if removed > 0 {
            tracing::info!(removed, "uploads removed that nobody used, or that were used");
        }
        Ok(Ended::done())
    }
}
