//! How work leaves the hands of a worker: ended, given back, or taken from one
//! that fell silent. Only who has an item ends it.

use super::{
    Claimed, Work, is_one_of, missing,
    moves::{move_to, not_held, settle},
    state_of, to_item,
};
use crate::{
    convert::to_u32,
    entity::work::work_items,
    error::{Result, StoreError},
    transaction::Transaction,
};
use domain::{
    ids::WorkItemId,
    time::Timestamp,
    work::{WorkItem, WorkState},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

impl Work<'_> {
    /// Ends an item that `worker` has. `message` says why it failed; empty
    /// keeps the last one. An item that ended this way before stays as it is:
    /// the answer may have been lost.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when its state does not allow it or another
    /// worker has it.
    pub async fn finish(
        &self,
        id: WorkItemId,
        worker: &str,
        to: WorkState,
        message: &str,
        now: Timestamp,
    ) -> Result<WorkItem> {
        let tx = self.db.begin().await?;
        let ended = finish_in(&tx, id, worker, to, message, now).await;
        settle(tx, ended).await
    }

    /// Gives an item back that `worker` has, as if it had not been begun:
    /// into the queue, where this attempt does not count, or `Cancelled` when
    /// that was asked for.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when `worker` has it no more.
    pub async fn release(&self, id: WorkItemId, worker: &str, now: Timestamp) -> Result<WorkItem> {
        let tx = self.db.begin().await?;
        let released = async {
            let mut row = held_by(&tx, id, worker).await?;
            if state_of(&row)? == WorkState::Cancelling {
                return move_to(&tx, row, WorkState::Cancelled, "cancelled", now).await;
            }
            row.attempts = row.attempts.saturating_sub(1);
            move_to(&tx, row, WorkState::Queued, "waiting for a worker", now).await
        };
        let released = released.await;
        settle(tx, released).await
    }

    /// Gives an item back whose attempt broke off: into the queue, or
    /// `Failed` after `max_attempts`, or `Cancelled` when that was asked for.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when `worker` has it no more.
    pub async fn retry(
        &self,
        id: WorkItemId,
        worker: &str,
        max_attempts: u32,
        why: &str,
        now: Timestamp,
    ) -> Result<WorkItem> {
        let tx = self.db.begin().await?;
        let given_back = async {
            let row = held_by(&tx, id, worker).await?;
            let (to, message) = after_a_broken_attempt(&row, max_attempts, why, why)?;
            move_to(&tx, row, to, message, now).await
        };
        let given_back = given_back.await;
        settle(tx, given_back).await
    }

    /// Items whose worker was last heard of before `silent_since`: to be asked
    /// often, without keeping a writer waiting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stale(&self, silent_since: Timestamp) -> Result<Vec<WorkItem>> {
        let silent = work_items::Entity::find()
            .filter(is_one_of(&[WorkState::Running, WorkState::Cancelling]))
            .filter(work_items::Column::Heartbeat.lt(silent_since.0))
            .order_by_asc(work_items::Column::Id);
        silent.all(&self.db.reader).await?.into_iter().map(to_item).collect()
    }

    /// Takes an item from a worker that was last heard of before
    /// `silent_since`: back to the queue, or `Failed` after `max_attempts`
    /// attempts, or `Cancelled` when that was asked for. `None` when its worker
    /// lives, or somebody else was faster.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn requeue_stale(
        &self,
        id: WorkItemId,
        silent_since: Timestamp,
        max_attempts: u32,
        now: Timestamp,
    ) -> Result<Option<Claimed>> {
        let tx = self.db.begin().await?;
        let taken = async {
            let silent = work_items::Entity::find_by_id(id.0)
                .filter(is_one_of(&[WorkState::Running, WorkState::Cancelling]))
                .filter(work_items::Column::Heartbeat.lt(silent_since.0));
            let Some(row) = silent.lock_exclusive().one(&tx).await? else { return Ok(None) };
            let (queued, failed) =
                ("its worker died: waiting for another", "its worker died, and not for the first time");
            let (to, message) = after_a_broken_attempt(&row, max_attempts, queued, failed)?;
            let payload = row.payload.clone();
            Ok(Some(Claimed { item: move_to(&tx, row, to, message, now).await?, payload }))
        };
        let taken = taken.await;
        settle(tx, taken).await
    }
}

/// Ends an item that `worker` has, inside a transaction.
pub(crate) async fn finish_in(
    db: &Transaction,
    id: WorkItemId,
    worker: &str,
    to: WorkState,
    message: &str,
    now: Timestamp,
) -> Result<WorkItem> {
    let row = work_items::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    let row = row.ok_or_else(|| missing(id))?;
    let from = state_of(&row)?;
    if from == to && to.is_final() {
        return to_item(row);
    }
    if !from.may_become(to) || from.is_final() {
        return Err(StoreError::conflict(format!("work {id} is {from}, not to become {to}")));
    }
    if row.worker.as_deref() != Some(worker) {
        return Err(not_held(id, worker));
    }
    move_to(db, row, to, message, now).await
}

/// The item, locked, if `worker` has it.
async fn held_by(db: &impl ConnectionTrait, id: WorkItemId, worker: &str) -> Result<work_items::Model> {
    let row = work_items::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    let row = row.ok_or_else(|| missing(id))?;
    let held = matches!(state_of(&row)?, WorkState::Running | WorkState::Cancelling);
    if held && row.worker.as_deref() == Some(worker) { Ok(row) } else { Err(not_held(id, worker)) }
}

/// Where an item goes whose attempt came to no end, and what is said of it.
fn after_a_broken_attempt<'a>(
    row: &work_items::Model,
    max_attempts: u32,
    queued: &'a str,
    failed: &'a str,
) -> Result<(WorkState, &'a str)> {
    Ok(match state_of(row)? {
        WorkState::Cancelling => (WorkState::Cancelled, "cancelled"),
        _ if to_u32(row.attempts, "attempts of work")? >= max_attempts => (WorkState::Failed, failed),
        _ => (WorkState::Queued, queued),
    })
}
