//! Browsers whose session is over.

use super::{Ended, Job, JobContext, Lane};
use crate::Result;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Deletes sessions that are over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct DeleteExpiredSessions;

impl Job for DeleteExpiredSessions {
    const KIND: &'static str = "expired_sessions";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(3600));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let deleted = context.store().sessions().delete_expired(context.now()).await?;
        tracing::debug!(deleted, "sessions that are over");
        Ok(Ended::done())
    }
}
