//! Long work as rows: who has it, how far it is. Does not run anything.

mod endings;
mod follow;
mod moves;

pub(crate) use endings::finish_in;
pub(crate) use moves::settle;

use crate::{
    audit::Act,
    convert::to_u32,
    cursor,
    database::Database,
    entity::work::work_items,
    error::{Result, StoreError},
    transaction::Transaction,
};
use domain::{
    event::Event,
    ids::WorkItemId,
    page::{Page, PageRequest},
    time::Timestamp,
    work::{WorkItem, WorkState},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde_json::Value;

/// Work to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct NewWork {
    /// Identity.
    pub id: WorkItemId,
    /// The word of its kind: `train`, `judge` …
    pub kind: String,
    /// On what, for people.
    pub subject: String,
    /// All that its worker needs.
    pub payload: Value,
    /// While unfinished work of the same kind has it, there is no second.
    pub dedupe_key: Option<String>,
    /// When.
    pub created: Timestamp,
}

/// What became of work to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Enqueued {
    /// The new item, or the unfinished one with the same key.
    pub item: WorkItem,
    /// It was there before.
    pub existed: bool,
}

/// An item with what its worker needs, as a worker got it or lost it.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// The item.
    pub item: WorkItem,
    /// What its worker needs.
    pub payload: Value,
}

/// Long work.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    pub(crate) db: &'a Database,
}

impl Work<'_> {
    /// Adds work to the queue, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enqueue(&self, new: &NewWork) -> Result<Enqueued> {
        self.enqueue_for(new, None).await
    }

    /// The same for somebody who asked for it, which is recorded with new work.
    ///
    /// # Errors
    /// As [`Self::enqueue`].
    pub async fn request(&self, new: &NewWork, act: Act) -> Result<Enqueued> {
        self.enqueue_for(new, Some(act)).await
    }

    async fn enqueue_for(&self, new: &NewWork, act: Option<Act>) -> Result<Enqueued> {
        let row = to_row(new);
        let tx = self.db.begin().await?;
        let insert = work_items::Entity::insert(row.clone().into_active_model());
        let nothing = OnConflict::new().do_nothing().to_owned();
        let inserted = insert.on_conflict(nothing).exec_without_returning(&tx).await?;
        if inserted == 1 {
            tx.publish(Event::WorkChanged { id: new.id });
            if let Some(act) = act {
                act.record(&tx, &new.subject).await?;
            }
            tx.commit().await?;
            return Ok(Enqueued { item: to_item(row)?, existed: false });
        }
        let query = work_items::Entity::find()
            .filter(work_items::Column::Kind.eq(new.kind.as_str()))
            .filter(work_items::Column::DedupeKey.eq(new.dedupe_key.clone()))
            .filter(unfinished());
        let there = query.one(&tx).await?;
        let there = there.ok_or_else(|| StoreError::conflict("the same work just ended: try again"))?;
        Ok(Enqueued { item: to_item(there)?, existed: true })
    }

    /// The item of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: WorkItemId) -> Result<Option<WorkItem>> {
        work_items::Entity::find_by_id(id.0).one(&self.db.reader).await?.map(to_item).transpose()
    }

    /// What the worker of this item needs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn payload(&self, id: WorkItemId) -> Result<Option<Value>> {
        Ok(work_items::Entity::find_by_id(id.0).one(&self.db.reader).await?.map(|row| row.payload))
    }

    /// The latest first.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn page(&self, request: &PageRequest) -> Result<Page<WorkItem>> {
        let mut query =
            work_items::Entity::find().order_by_desc(work_items::Column::Id).limit(cursor::fetch(request));
        if let Some(after) = cursor::parse_id(request)? {
            query = query.filter(work_items::Column::Id.lt(after));
        }
        let rows = query.all(&self.db.reader).await?;
        let items = rows.into_iter().map(to_item).collect::<Result<Vec<_>>>()?;
        Ok(cursor::page(items, request.limit(), |item| item.id.to_string()))
    }

    /// Unfinished work of a kind, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unfinished(&self, kind: &str) -> Result<Vec<WorkItem>> {
        let query = work_items::Entity::find()
            .filter(work_items::Column::Kind.eq(kind))
            .filter(unfinished())
            .order_by_asc(work_items::Column::Id);
        query.all(&self.db.reader).await?.into_iter().map(to_item).collect()
    }
}

fn is_one_of(states: &[WorkState]) -> Condition {
    Condition::all().add(work_items::Column::State.is_in(states.iter().map(|state| state.as_str())))
}

fn unfinished() -> Condition {
    is_one_of(&[WorkState::Queued, WorkState::Running, WorkState::Cancelling])
}

fn missing(id: WorkItemId) -> StoreError {
    StoreError::not_found(format!("work {id}"))
}

fn state_of(row: &work_items::Model) -> Result<WorkState> {
    WorkState::parse(&row.state)
        .ok_or_else(|| StoreError::corrupt(format!("state {:?} of work {}", row.state, row.id)))
}

fn to_item(row: work_items::Model) -> Result<WorkItem> {
    Ok(WorkItem {
        id: WorkItemId(row.id),
        state: state_of(&row)?,
        attempts: to_u32(row.attempts, "attempts of work")?,
        kind: row.kind,
        subject: row.subject,
        progress: row.progress,
        message: row.message,
        created: Timestamp(row.created),
        updated: Timestamp(row.updated),
    })
}

fn to_row(new: &NewWork) -> work_items::Model {
    work_items::Model {
        id: new.id.0,
        kind: new.kind.clone(),
        subject: new.subject.clone(),
        payload: new.payload.clone(),
        dedupe_key: new.dedupe_key.clone(),
        state: WorkState::Queued.as_str().to_owned(),
        progress: 0.0,
        message: String::new(),
        attempts: 0,
        worker: None,
        heartbeat: None,
        created: new.created.0,
        updated: new.created.0,
    }
}

/// Adds work to the queue, inside a transaction. Its key must be new.
pub(crate) async fn enqueue_in(tx: &Transaction, new: &NewWork) -> Result<()> {
    work_items::Entity::insert(to_row(new).into_active_model()).exec_without_returning(tx).await?;
    tx.publish(Event::WorkChanged { id: new.id });
    Ok(())
}
