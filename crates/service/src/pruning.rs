//! Forgetting what nobody needs after a time, so that no table grows for ever.

use crate::{Result, Service};
use store::Pruned;

/// Days that the log of acts is kept unless somebody says otherwise: three
/// years, in which most questions about a model's past come up.
pub const AUDIT_DAYS: u32 = 1_096;

const DAY_MS: i64 = 24 * 3_600_000;

impl Service {
    /// Forgets what is over: keys of reports after 7 days, deliveries after 30
    /// days, work that ended after 90, links that expired, and the log of acts
    /// after `audit_days` (0 for never). Gives how many rows went.
    ///
    /// # Errors
    /// When the database fails; what is left goes the next time.
    pub async fn prune(&self, audit_days: u32) -> Result<u64> {
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
            let before = self.now().plus_ms(-days * DAY_MS);
            loop {
                let (some, more) = self.store().pruning().prune(what, before).await?;
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
