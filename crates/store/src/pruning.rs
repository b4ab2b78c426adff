//! What is forgotten after a time, so that no table grows for ever. Each call
//! is one short transaction: a sweep never keeps a request waiting for long.

use crate::{
    database::Database,
    error::Result,
    sql::{Arg, Fragment, run},
};
use domain::time::Timestamp;

/// Rows of one transaction: a few milliseconds on SQLite's one writer.
const CHUNK: i64 = 500;

/// What is forgotten, each with its own age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pruned {
    /// Keys of reports; a repetition that comes later is a new prediction.
    IdempotencyKeys,
    /// Deliveries to webhooks that came to an end.
    Deliveries,
    /// Work that has ended.
    Work,
    /// One-time links that have expired.
    Links,
    /// Entries of the log of acts.
    Audit,
}

impl Pruned {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::IdempotencyKeys, Self::Deliveries, Self::Work, Self::Links, Self::Audit];

    /// Deletes a chunk of what is older than the first value. A key of two
    /// columns is matched by a row value, which both databases know.
    fn statement(self) -> &'static str {
        match self {
            Self::IdempotencyKeys => {
                "DELETE FROM idempotency_keys WHERE (deployment_id, key) IN \
                 (SELECT deployment_id, key FROM idempotency_keys WHERE created < ? ORDER BY created LIMIT ?)"
            }
            Self::Deliveries => {
                "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries \
                 WHERE created < ? AND state <> 'waiting' ORDER BY created LIMIT ?)"
            }
            Self::Work => {
                "DELETE FROM work_items WHERE id IN (SELECT id FROM work_items WHERE updated < ? \
                 AND state IN ('succeeded', 'failed', 'cancelled') ORDER BY updated LIMIT ?)"
            }
            Self::Links => {
                "DELETE FROM links WHERE secret_hash IN \
                 (SELECT secret_hash FROM links WHERE expires < ? ORDER BY expires LIMIT ?)"
            }
            Self::Audit => {
                "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)"
            }
        }
    }
}

/// Forgetting.
#[derive(Clone, Copy, Debug)]
pub struct Pruning<'a> {
    pub(crate) db: &'a Database,
}

impl Pruning<'_> {
    /// Forgets some of what is from before `before`, and says how much and
    /// whether there may be more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, what: Pruned, before: Timestamp) -> Result<(u64, bool)> {
        let values = [Arg::Int(before.0), Arg::Int(CHUNK)];
        let gone = run(&self.db.writer, Fragment::with(what.statement(), values)).await?.rows_affected();
        Ok((gone, gone == CHUNK.unsigned_abs()))
    }
}
