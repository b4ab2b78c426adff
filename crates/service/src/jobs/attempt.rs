//! An item in the hands of a worker: it says that it lives, hears of a wish to
//! stop, and is ended or given back.

use super::{Ended, JobContext, JobSettings, RegisteredJob, stop_flag::StopFlag};
use crate::{
    Result, Service, ServiceError,
    base::outages::{FIRST_PAUSE, LONGEST_PAUSE},
};
use domain::{
    ids::WorkItemId,
    training::TrainError,
    work::{WorkItem, WorkState},
};
use serde_json::Value;
use std::{
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use store::Claimed;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

/// Fifteen of these may fail before a worker is taken for dead.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);
/// A row, and a word to every open page: not for each of a hundred images a
/// second.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

/// Whether the process is to end.
#[derive(Clone, Debug)]
pub(super) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Requested as soon as somebody sends `true`.
    pub(super) fn when(requested: watch::Receiver<bool>) -> Self {
        Self(requested)
    }

    /// Never requested.
    pub(super) fn never() -> Self {
        Self(watch::channel(false).1)
    }

    pub(super) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    pub(super) async fn requested(&self) {
        if self.0.clone().wait_for(|requested| *requested).await.is_err() {
            // Nobody is left who could ask.
            std::future::pending::<()>().await;
        }
    }
}

/// Who does the work, and with what.
#[derive(Clone, Copy)]
pub(super) struct Worker<'a> {
    /// Unique to this run of the process.
    pub(super) name: &'a str,
    pub(super) settings: &'a JobSettings,
    pub(super) shutdown: &'a Shutdown,
}

/// An item and who has it.
pub(super) struct Attempt<'a> {
    job: RegisteredJob,
    pub(super) item: WorkItemId,
    pub(super) worker: Worker<'a>,
    pub(super) stop: StopFlag,
    /// When its progress was last written down.
    noted: Mutex<Option<Instant>>,
}

impl RegisteredJob {
    /// Does a claimed item and gives what became of it.
    ///
    /// # Errors
    /// As [`Attempt::carry_out`].
    pub(super) async fn attempt(
        self,
        service: &Service,
        claimed: Claimed,
        worker: Worker<'_>,
    ) -> Result<WorkItem> {
        let Claimed { item, payload } = claimed;
        let attempt = Attempt::new(self, item.id, worker);
        let context = attempt.context(service);
        attempt.carry_out(service, payload.clone(), (self.run)(payload, &context)).await
    }

    /// What else there is to do once an item has moved, whoever moved it.
    pub(super) async fn after_move(
        self,
        service: &Service,
        settings: &JobSettings,
        item: &WorkItem,
        payload: Value,
    ) {
        let context = JobContext::new(service, settings, None);
        let of = format!("{} {}", self.kind, item.id);
        service
            .base()
            .isolated("what follows the end of work", &of, (self.moved)(payload, &context, item))
            .await;
    }
}

impl<'a> Attempt<'a> {
    pub(super) fn new(job: RegisteredJob, item: WorkItemId, worker: Worker<'a>) -> Self {
        Self { job, item, worker, stop: StopFlag::default(), noted: Mutex::default() }
    }

    pub(super) fn context<'c>(&'c self, service: &'c Service) -> JobContext<'c> {
        JobContext::new(service, self.worker.settings, Some(self))
    }

    /// Lets `working` come to its end, writes it down, and gives what became
    /// of the item.
    ///
    /// # Errors
    /// When the item is another worker's by now or the database stays away; a
    /// failure of the work itself is written into its item.
    pub(super) async fn carry_out(
        &self,
        service: &Service,
        payload: Value,
        working: impl Future<Output = Result<Ended>>,
    ) -> Result<WorkItem> {
        let item = match self.alive_during(service, working).await? {
            Some(Ok(ended)) => self.end_as(service, ended).await,
            Some(Err(error)) => self.end_with(service, error).await,
            None => self.give_back(service).await,
        }?;
        self.job.after_move(service, self.worker.settings, &item, payload).await;
        Ok(item)
    }

    /// Whether it is long enough ago that the progress was written down.
    pub(super) fn is_progress_due(&self) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let due = noted.is_none_or(|noted| noted.elapsed() >= PROGRESS_EVERY);
        if due {
            *noted = Some(Instant::now());
        }
        due
    }

    /// Lets `working` come to its end, saying meanwhile that the worker lives.
    /// `None` when the process is to end before.
    ///
    /// # Errors
    /// When the item is another worker's by now: this one must not write any
    /// more, and its trainer is told so.
    async fn alive_during<T>(
        &self,
        service: &Service,
        working: impl Future<Output = T>,
    ) -> Result<Option<T>> {
        let mut working = std::pin::pin!(working);
        let mut heartbeats = self.heartbeats(service);
        tokio::select! {
            ended = &mut working => return Ok(Some(ended)),
            lost = &mut heartbeats.0 => {
                self.stop.suspend();
                return Err(lost?);
            }
            () = self.worker.shutdown.requested() => self.stop.suspend(),
        }
        if self.job.grace.is_zero() {
            return Ok(None);
        }
        Ok(tokio::time::timeout(self.job.grace, working).await.ok())
    }

    /// Says again and again that the worker lives, and hands on a wish to
    /// stop, in a task of its own: whatever keeps the work from being polled
    /// must not make it look dead. Ends only when the item is not this
    /// worker's any more.
    fn heartbeats(&self, service: &Service) -> Heartbeats {
        let (service, item, worker) = (service.clone(), self.item, self.worker.name.to_owned());
        let stop = self.stop.clone();
        Heartbeats(tokio::spawn(async move {
            let what = "a heartbeat";
            loop {
                tokio::time::sleep(HEARTBEAT_EVERY).await;
                match service.store().work().heartbeat(item, &worker, service.base().now()).await {
                    Ok(state) => {
                        service.base().worked(what);
                        if state == WorkState::Cancelling {
                            stop.cancel();
                        }
                    }
                    Err(error @ store::StoreError::Conflict { .. }) => return error.into(),
                    Err(error) => service.base().failed(what, &error.into()),
                }
            }
        }))
    }

    /// Gives the item back without counting the attempt, as soon as the
    /// database takes it; once the process is to end, it is tried once more.
    async fn give_back(&self, service: &Service) -> Result<WorkItem> {
        let mut pause = FIRST_PAUSE;
        loop {
            let error =
                match service.store().work().release(self.item, self.worker.name, service.base().now()).await
                {
                    Err(error) if error.is_transient() => ServiceError::from(error),
                    ended => return Ok(ended?),
                };
            service.base().failed("giving back work", &error);
            if self.worker.shutdown.is_requested() {
                return Err(error);
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.worker.shutdown.requested() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn end_as(&self, service: &Service, ended: Ended) -> Result<WorkItem> {
        match ended {
            Ended::Done(message) => self.end(service, WorkState::Succeeded, &message).await,
            Ended::Cancelled => self.end(service, WorkState::Cancelled, "It was cancelled.").await,
            Ended::Recorded => {
                service
                    .base()
                    .through_outage(|| async {
                        let item = service.store().work().find(self.item).await?;
                        item.ok_or_else(|| ServiceError::Internal("work vanished at its end".to_owned()))
                    })
                    .await
            }
        }
    }

    async fn end(&self, service: &Service, to: WorkState, message: &str) -> Result<WorkItem> {
        service
            .base()
            .through_outage(|| async {
                let work = service.store().work();
                Ok(work.finish(self.item, self.worker.name, to, message, service.base().now()).await?)
            })
            .await
    }

    /// Does with the item what an error calls for: back into the queue when
    /// the error is of a moment or the attempt was broken off, an end with
    /// its words otherwise.
    async fn end_with(&self, service: &Service, error: ServiceError) -> Result<WorkItem> {
        match error {
            ServiceError::Training(TrainError::Suspended) => self.give_back(service).await,
            ServiceError::Training(TrainError::Killed(why)) => {
                tracing::warn!(why, work = %self.item, "an attempt broke off");
                service
                    .base()
                    .through_outage(|| async {
                        let work = service.store().work();
                        let attempts = self.job.attempts;
                        Ok(work
                            .retry(self.item, self.worker.name, attempts, &why, service.base().now())
                            .await?)
                    })
                    .await
            }
            error if error.is_transient() => {
                self.give_back(service).await?;
                // The worker rests before it takes the next item.
                Err(error)
            }
            error => self.end(service, WorkState::Failed, &error.shown()).await,
        }
    }
}

/// Ends with the attempt that it speaks for.
struct Heartbeats(JoinHandle<ServiceError>);

impl Drop for Heartbeats {
    fn drop(&mut self) {
        self.0.abort();
    }
}
