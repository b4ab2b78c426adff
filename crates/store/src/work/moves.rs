//! The moves of long work from state to state, each checked against
//! [`WorkState::may_become`] under a lock on the row. What the work is for
//! moves along in the same transaction ([`super::follow`]).

use super::{Claimed, Work, follow::follow, is_one_of, missing, state_of, to_item};
use crate::{
    audit::Act,
    entity::work::work_items,
    error::{Result, StoreError},
    transaction::Transaction,
};
use domain::{
    event::Event,
    ids::WorkItemId,
    time::Timestamp,
    work::{WorkItem, WorkState},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

impl Work<'_> {
    /// Gives the oldest queued item of a kind to a worker.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, kind: &str, worker: &str, now: Timestamp) -> Result<Option<Claimed>> {
        let tx = self.db.begin().await?;
        let oldest = work_items::Entity::find()
            .filter(work_items::Column::State.eq(WorkState::Queued.as_str()))
            .filter(work_items::Column::Kind.eq(kind))
            .order_by_asc(work_items::Column::Id)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let claimed = async {
            let Some(row) = oldest.one(&tx).await? else { return Ok(None) };
            begin(&tx, row, worker, now).await.map(Some)
        };
        let claimed = claimed.await;
        settle(tx, claimed).await
    }

    /// Gives this item to a worker, if it is queued.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_item(&self, id: WorkItemId, worker: &str, now: Timestamp) -> Result<Option<Claimed>> {
        let tx = self.db.begin().await?;
        let query = work_items::Entity::find_by_id(id.0)
            .filter(work_items::Column::State.eq(WorkState::Queued.as_str()));
        let claimed = async {
            let Some(row) = query.lock_exclusive().one(&tx).await? else { return Ok(None) };
            begin(&tx, row, worker, now).await.map(Some)
        };
        let claimed = claimed.await;
        settle(tx, claimed).await
    }

    /// Says that the worker lives. `Cancelling` in return asks it to stop.
    ///
    /// # Errors
    /// `Conflict` when the item is not this worker's any more.
    pub async fn heartbeat(&self, id: WorkItemId, worker: &str, now: Timestamp) -> Result<WorkState> {
        let updated = work_items::Entity::update_many()
            .col_expr(work_items::Column::Heartbeat, Expr::value(now.0))
            .filter(work_items::Column::Id.eq(id.0))
            .filter(work_items::Column::Worker.eq(worker))
            .filter(is_one_of(&[WorkState::Running, WorkState::Cancelling]))
            .exec(&self.db.writer)
            .await?;
        if updated.rows_affected == 0 {
            return Err(not_held(id, worker));
        }
        self.state(id).await
    }

    /// Notes how far an item is (0 to 1) and what it is doing. `Cancelling`
    /// in return asks it to stop.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn progress(
        &self,
        id: WorkItemId,
        progress: f64,
        message: &str,
        now: Timestamp,
    ) -> Result<WorkState> {
        let tx = self.db.begin().await?;
        work_items::Entity::update_many()
            .col_expr(work_items::Column::Progress, Expr::value(progress.clamp(0.0, 1.0)))
            .col_expr(work_items::Column::Message, Expr::value(message))
            .col_expr(work_items::Column::Heartbeat, Expr::value(now.0))
            .col_expr(work_items::Column::Updated, Expr::value(now.0))
            .filter(work_items::Column::Id.eq(id.0))
            .filter(is_one_of(&[WorkState::Running, WorkState::Cancelling]))
            .exec(&tx)
            .await?;
        tx.publish(Event::WorkChanged { id });
        tx.commit().await?;
        self.state(id).await
    }

    /// Notes that the attempt of `worker` left something from which the next
    /// one goes on: attempts before it count no longer.
    ///
    /// # Errors
    /// When the database fails. An item that is another worker's stays as it
    /// is.
    pub async fn came_further(&self, id: WorkItemId, worker: &str) -> Result<()> {
        work_items::Entity::update_many()
            .col_expr(work_items::Column::Attempts, Expr::value(1))
            .filter(work_items::Column::Id.eq(id.0))
            .filter(work_items::Column::Worker.eq(worker))
            .filter(work_items::Column::Attempts.gt(1))
            .filter(is_one_of(&[WorkState::Running, WorkState::Cancelling]))
            .exec(&self.db.writer)
            .await?;
        Ok(())
    }

    /// Asks an item to stop: a queued one is cancelled at once, a running one
    /// is told, and a finished one stays as it is.
    ///
    /// Who asked is recorded with the move, if there is one.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn cancel(&self, id: WorkItemId, act: Act) -> Result<WorkItem> {
        let next = |state| match state {
            WorkState::Queued => WorkState::Cancelled,
            WorkState::Running => WorkState::Cancelling,
            ended_or_asked => ended_or_asked,
        };
        let tx = self.db.begin().await?;
        let cancelled = cancelled(&tx, id, act, next).await;
        settle(tx, cancelled).await
    }

    async fn state(&self, id: WorkItemId) -> Result<WorkState> {
        // From the writer's side, so that it is never older than the update.
        let row = work_items::Entity::find_by_id(id.0).one(&self.db.writer).await?;
        state_of(&row.ok_or_else(|| missing(id))?)
    }
}

/// Commits what succeeded, and takes back what did not: now and not in the
/// background, since a row that is still locked would be passed over by the
/// next claim.
pub(crate) async fn settle<T>(tx: Transaction, done: Result<T>) -> Result<T> {
    match done {
        Ok(done) => {
            tx.commit().await?;
            Ok(done)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

pub(super) fn not_held(id: WorkItemId, worker: &str) -> StoreError {
    StoreError::conflict(format!("work {id} is not in the hands of {worker} any more"))
}

async fn cancelled(
    db: &Transaction,
    id: WorkItemId,
    act: Act,
    next: impl FnOnce(WorkState) -> WorkState,
) -> Result<WorkItem> {
    let row = work_items::Entity::find_by_id(id.0).lock_exclusive().one(db).await?;
    let row = row.ok_or_else(|| missing(id))?;
    let from = state_of(&row)?;
    let to = next(from);
    if from == to {
        return to_item(row);
    }
    if !from.may_become(to) {
        return Err(StoreError::conflict(format!("work {id} is {from}, not to become {to}")));
    }
    let item = move_to(db, row, to, "", act.by.at).await?;
    act.record(db, &item.subject).await?;
    Ok(item)
}

async fn begin(db: &Transaction, row: work_items::Model, worker: &str, now: Timestamp) -> Result<Claimed> {
    let attempts = row.attempts.saturating_add(1);
    let mut row = row.into_active_model();
    row.state = Set(WorkState::Running.as_str().to_owned());
    row.attempts = Set(attempts);
    row.worker = Set(Some(worker.to_owned()));
    row.heartbeat = Set(Some(now.0));
    row.updated = Set(now.0);
    row.message = Set(String::new());
    let row = row.update(db).await?;
    follow(db, &row, now).await?;
    let payload = row.payload.clone();
    Ok(Claimed { item: to_item(row)?, payload })
}

/// Moves a locked row, and what it is done for. An empty message keeps the
/// last one.
pub(super) async fn move_to(
    db: &Transaction,
    row: work_items::Model,
    to: WorkState,
    message: &str,
    now: Timestamp,
) -> Result<WorkItem> {
    let attempts = row.attempts;
    let mut row = row.into_active_model();
    row.state = Set(to.as_str().to_owned());
    row.attempts = Set(attempts);
    row.updated = Set(now.0);
    if !message.is_empty() {
        row.message = Set(message.to_owned());
    }
    if to == WorkState::Succeeded {
        row.progress = Set(1.0);
    }
    if to != WorkState::Cancelling {
        row.worker = Set(None);
        row.heartbeat = Set(None);
    }
    let row = row.update(db).await?;
    follow(db, &row, now).await?;
    to_item(row)
}
