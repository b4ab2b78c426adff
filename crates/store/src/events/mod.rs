//! What changed, as every process on this database is told of it: rows that
//! are written in the transaction of the change ([`Transaction::publish`]) and
//! read on by whoever follows ([`Follower`]).
//!
//! Rows are small and few: a transaction writes each of its events once, and a
//! group of predictions is one event of a deployment. They are of use for
//! moments only, and the oldest are deleted again.
//!
//! [`Transaction::publish`]: crate::transaction::Transaction::publish

mod follow;
mod journal;
mod pending;

pub use follow::{Follower, News};
pub(crate) use journal::Journal;
pub(crate) use pending::{PendingEvents, append};

use crate::{
    database::Database,
    error::Result,
    sql::{Arg, Fragment, run},
};

/// Rows that are kept: a process that was away for longer than they last is
/// told that it missed some. Minutes under the heaviest load, and at most
/// about ten megabytes.
const KEPT: i64 = 50_000;

/// Following what changes.
#[derive(Clone, Copy, Debug)]
pub struct Events<'a> {
    pub(crate) db: &'a Database,
}

impl Events<'_> {
    /// Everything that is committed from now on, by any process.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow(&self) -> Result<Follower> {
        Follower::begin(self.db.clone()).await
    }

    /// Rises with each committed change of a deployment that this process made
    /// or read of: what was worked out at a lower number may be out of date.
    #[must_use]
    pub fn deployment_changes(&self) -> u64 {
        self.db.journal.deployment_changes()
    }

    /// Deletes rows that no follower needs any more; gives how many.
    ///
    /// # Errors
    /// When the database fails; what is left goes with the next call.
    pub async fn prune(&self) -> Result<u64> {
        let text = "DELETE FROM events WHERE id <= (SELECT MAX(id) FROM events) - ?";
        Ok(run(&self.db.writer, Fragment::with(text, [Arg::Int(KEPT)])).await?.rows_affected())
    }
}
