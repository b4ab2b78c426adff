//! Rows that nobody needs after a time, so that no table grows for ever.

use super::{Ended, Job, JobContext, Lane};
use crate::{Internal, Result, jobs::Jobs};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::Pruned;

const DAY_MS: i64 = 24 * 3_600_000;

/// Deletes rows that are over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct DeleteOldRows;

impl Job for DeleteOldRows {
    const KIND: &'static str = "old_rows";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(3600));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let rows = context.service().jobs().delete_old_rows(Internal, context.settings().audit_days).await?;
        if rows > 0 {
            tracing::info!(rows, "rows deleted that nobody needs any more");
        }
        Ok(Ended::done())
    }
}

impl Jobs<'_> {
    /// Deletes what is over: keys of reports after 7 days, deliveries after 30
    /// days, work that ended after 90, links that expired, and the log of acts
    /// after `audit_days` (0 for never). Gives how many rows went.
    ///
    /// # Errors
    /// When the database fails; what is left goes the next time.
    pub async fn delete_old_rows(self, _: Internal, audit_days: u32) -> Result<u64> {
        let mut gone = 0;
        for what in Pruned::ALL {
            let days = match what {
                Pruned::Links => 0,
                Pruned::IdempotencyKeys => 7,
                Pruned::Deliveries => 30,
                Pruned::Work => 90,
                Pruned::Audit if audit_days == 0 => continue,
                Pruned::Audit => i64::from(audit_days),
            };
            let before = self.service.base().now().plus_ms(-days * DAY_MS);
            loop {
                let (some, more) = self.service.store().pruning().prune(what, before).await?;
                gone += some;
                if !more {
                    break;
                }
                // Between two transactions whoever waits to write has a turn.
                tokio::task::yield_now().await;
            }
        }
        Ok(gone)
    }
}
