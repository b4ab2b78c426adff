//! The group-committing writer: one task takes what waits, stores it in one
//! transaction, and answers everybody after the commit. The busier it is the
//! larger the groups, so that the cost of a commit is shared when it matters.

use super::{Stored, insert::store_batch, prepare::Prepared};
use crate::{
    blobs::Blobs,
    database::Database,
    error::{Result, StoreError},
};
use std::sync::{Mutex, PoisonError};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// Predictions of one transaction at most.
const LARGEST_BATCH: usize = 256;
/// Predictions that may wait; then senders do.
const WAITING: usize = 1_024;

struct Job {
    prepared: Prepared,
    answer: oneshot::Sender<Result<Stored>>,
}

/// The way to the writing task.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// An answer that comes after the commit.
pub(crate) struct Pending(oneshot::Receiver<Result<Stored>>);

impl Writer {
    pub(crate) fn start(db: Database, blobs: Blobs) -> Self {
        let (jobs, inbox) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(db, blobs, inbox));
        Self { jobs: Mutex::new(Some(jobs)), task: Mutex::new(Some(task)) }
    }

    pub(crate) async fn send(&self, prepared: Prepared) -> Result<Pending> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let jobs = jobs.ok_or(StoreError::Closed)?;
        let (answer, pending) = oneshot::channel();
        jobs.send(Job { prepared, answer }).await.map_err(|_| StoreError::Closed)?;
        Ok(Pending(pending))
    }

    /// Whether the task is gone though nobody closed the store.
    pub(crate) fn has_ended(&self) -> bool {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        task.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// Takes nothing more, and waits until what was taken is stored.
    pub(crate) async fn finish(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the writing task ended early");
        }
    }
}

impl Pending {
    pub(crate) async fn wait(self) -> Result<Stored> {
        self.0.await.map_err(|_| StoreError::Closed)?
    }
}

async fn run(db: Database, blobs: Blobs, mut inbox: mpsc::Receiver<Job>) {
    let mut waiting = Vec::with_capacity(LARGEST_BATCH);
    while inbox.recv_many(&mut waiting, LARGEST_BATCH).await > 0 {
        let (batch, answers): (Vec<Prepared>, Vec<_>) =
            waiting.drain(..).map(|job| (job.prepared, job.answer)).unzip();
        let results = store_batch(&db, &blobs, &batch).await;
        for (answer, result) in answers.into_iter().zip(results) {
            // Who no longer waits for the answer has hung up; the row stays.
            let _ = answer.send(result);
        }
    }
}
