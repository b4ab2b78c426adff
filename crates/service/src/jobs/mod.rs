//! Background work: one type, one file a job, one line each in [`JOBS`].
//!
//! Work that somebody asked for is a row of `work_items`, which a worker
//! claims, does and ends ([`attempt`]); what is due by the clock has no row.
//! Which tasks of the process do what is said by a job's [`Lane`] ([`lanes`]).
//! Every job may end anywhere and is begun anew, by this process or another
//! one: what it did before must then be harmless to do again.

mod attempt;
mod compare;
mod context;
mod deliver;
mod expired_sessions;
mod held_out;
mod import_dataset;
mod judge;
mod lanes;
mod lost_work;
mod monitoring;
mod old_checkpoints;
mod old_events;
mod old_rows;
mod purge;
mod reference;
mod replay;
mod retention;
mod rounds;
mod settings;
mod staged_uploads;
mod stop_flag;
mod train;
mod unused_files;
mod work;

pub use import_dataset::within_wrappings;
pub use lanes::BackgroundTask;
pub use settings::{AUDIT_DAYS, JobSettings};
pub use train::{TRAIN, TrainerTrial};

pub(crate) use compare::Compare;
pub(crate) use context::JobContext;
pub(crate) use import_dataset::ImportDataset;
pub(crate) use judge::lost_labels;
pub(crate) use reference::MakeReference;
pub(crate) use replay::Replay;
pub(crate) use train::{remove_checkpoints, work_of};

use crate::{Result, Service, ServiceError};
use domain::{ids::WorkItemId, work::WorkItem};
use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{future::Future, time::Duration};

/// The use cases about work, and the work itself. It stands on all areas.
#[derive(Clone, Copy)]
pub struct Jobs<'a> {
    service: &'a Service,
}

impl<'a> Jobs<'a> {
    pub(crate) fn new(service: &'a Service) -> Self {
        Self { service }
    }
}

/// Where a job is done. Every lane is a task of its own: no job waits for one
/// of another lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Hours on all cores: one item at a time, whatever its kind.
    Train,
    /// Minutes, with somebody or something waiting for the answer: one item
    /// at a time, whatever its kind.
    Short,
    /// Over as many images as there are: one item of each kind at a time.
    Long,
    /// Due by the clock: at the start, and then after each pause of this
    /// length. Such a job has no item, and may be broken off anywhere.
    Periodic(Duration),
}

/// How the work of a job came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// All was done; what there is to say of it, or nothing.
    Done(String),
    /// Somebody asked for an end.
    Cancelled,
    /// The job wrote the end of its item in the transaction of its result.
    Recorded,
}

impl Ended {
    pub(crate) fn done() -> Self {
        Self::Done(String::new())
    }
}

/// A kind of background work; a value of it is what its worker is given,
/// kept as JSON. A job without fields is kept as `null`.
pub(crate) trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The word in the database, the API and the log. It stays.
    const KIND: &'static str;
    /// Where it is done.
    const LANE: Lane;
    /// Attempts in a row that may break off without having come further
    /// ([`JobContext::came_further`]); then the item fails. An attempt that
    /// was given back because the process ended does not count.
    const ATTEMPTS: u32 = 3;
    /// The same for attempts whose worker died. Work that is done inside of
    /// the worker may have killed it, and would kill the next one.
    const WORKER_DEATHS: u32 = Self::ATTEMPTS;
    /// How long it may go on once the process is to end. Zero for work that
    /// goes on where it was, and so has nothing to do before the end.
    const GRACE: Duration = Duration::ZERO;

    /// Does the work.
    fn run(&self, context: &JobContext<'_>) -> impl Future<Output = Result<Ended>> + Send;

    /// The item has ended, here or by the death of its last worker, or went
    /// back to the queue: what else there is to do.
    fn moved(&self, _context: &JobContext<'_>, _item: &WorkItem) -> impl Future<Output = Result<()>> + Send {
        std::future::ready(Ok(()))
    }
}

/// All kinds of background work. In a lane, those that come first are done
/// first.
pub(crate) const JOBS: &[RegisteredJob] = &[
    RegisteredJob::of::<train::Train>(),
    RegisteredJob::of::<judge::Judge>(),
    RegisteredJob::of::<compare::Compare>(),
    RegisteredJob::of::<replay::Replay>(),
    RegisteredJob::of::<reference::MakeReference>(),
    RegisteredJob::of::<import_dataset::ImportDataset>(),
    RegisteredJob::of::<lost_work::RecoverLostWork>(),
    RegisteredJob::of::<rounds::AdvanceRounds>(),
    RegisteredJob::of::<monitoring::UpdateMonitoring>(),
    RegisteredJob::of::<deliver::Deliver>(),
    RegisteredJob::of::<purge::Purge>(),
    RegisteredJob::of::<unused_files::RemoveUnusedFiles>(),
    RegisteredJob::of::<retention::ApplyRetention>(),
    RegisteredJob::of::<old_rows::DeleteOldRows>(),
    RegisteredJob::of::<old_events::DeleteOldEvents>(),
    RegisteredJob::of::<expired_sessions::DeleteExpiredSessions>(),
    RegisteredJob::of::<old_checkpoints::DeleteOldCheckpoints>(),
    RegisteredJob::of::<staged_uploads::RemoveStagedUploads>(),
];

/// A [`Job`] without its type.
#[derive(Clone, Copy)]
pub(crate) struct RegisteredJob {
    pub(crate) kind: &'static str,
    pub(crate) lane: Lane,
    attempts: u32,
    worker_deaths: u32,
    grace: Duration,
    run: for<'a> fn(Value, &'a JobContext<'a>) -> BoxFuture<'a, Result<Ended>>,
    moved: for<'a> fn(Value, &'a JobContext<'a>, &'a WorkItem) -> BoxFuture<'a, Result<()>>,
}

impl RegisteredJob {
    const fn of<J: Job>() -> Self {
        Self {
            kind: J::KIND,
            lane: J::LANE,
            attempts: J::ATTEMPTS,
            worker_deaths: J::WORKER_DEATHS,
            grace: J::GRACE,
            run: |payload, context| Box::pin(async move { job_of::<J>(payload)?.run(context).await }),
            moved: |payload, context, item| {
                Box::pin(async move { job_of::<J>(payload)?.moved(context, item).await })
            },
        }
    }

    /// The job of this kind; `None` for work of another version of Fovea.
    pub(crate) fn named(kind: &str) -> Option<Self> {
        JOBS.iter().copied().find(|job| job.kind == kind)
    }
}

fn job_of<J: Job>(payload: Value) -> Result<J> {
    serde_json::from_value(payload).map_err(|error| {
        ServiceError::Internal(format!("work of the kind {} cannot be read: {error}", J::KIND))
    })
}

/// An item of this job for the queue. While unfinished work of the kind has
/// `dedupe_key`, there is no second.
pub(crate) fn queued<J: Job>(
    job: &J,
    id: WorkItemId,
    subject: String,
    dedupe_key: Option<String>,
    created: domain::time::Timestamp,
) -> Result<store::NewWork> {
    let payload = serde_json::to_value(job).map_err(|error| ServiceError::Internal(error.to_string()))?;
    Ok(store::NewWork { id, kind: J::KIND.to_owned(), subject, payload, dedupe_key, created })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_job_has_a_word_of_its_own_and_periodic_ones_need_no_payload() {
        let kinds: BTreeSet<&str> = JOBS.iter().map(|job| job.kind).collect();
        assert_eq!(kinds.len(), JOBS.len());
        assert!(job_of::<deliver::Deliver>(Value::Null).is_ok());
    }

    /// What is queued by one version is done by the next.
    #[test]
    fn the_words_of_queued_work_stay() {
        let queued: Vec<&str> =
            JOBS.iter().filter(|job| !matches!(job.lane, Lane::Periodic(_))).map(|job| job.kind).collect();
        assert_eq!(queued, ["train", "judge", "compare", "replay", "training_reference", "import"]);
    }
}
