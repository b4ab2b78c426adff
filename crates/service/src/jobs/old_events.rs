//! Events that every follower has read.

use super::{Ended, Job, JobContext, Lane};
use crate::Result;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Deletes their rows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct DeleteOldEvents;

impl Job for DeleteOldEvents {
    const KIND: &'static str = "delete_old_events";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(60));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        context.service().base().prune_events().await?;
        Ok(Ended::done())
    }
}
