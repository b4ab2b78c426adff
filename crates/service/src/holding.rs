//! Work in the hands of a worker: it says that it lives, hears of a wish to
//! stop, and gives back what it cannot end.

use crate::{
    Result, Service, ServiceError,
    outages::{FIRST_PAUSE, LONGEST_PAUSE},
    stop_flag::StopFlag,
};
use domain::{
    ids::WorkItemId,
    training::TrainError,
    work::{WorkItem, WorkState},
};
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use std::{future::Future, time::Duration};

pub(crate) const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);
pub(crate) const MOST_ATTEMPTS: u32 = 3;

/// Resolves when the process is to end.
pub(crate) type Leaving<'a> = Shared<BoxFuture<'a, ()>>;

/// `stop` as something that many can wait for.
pub(crate) fn leaving<'a>(stop: impl Future<Output = ()> + Send + 'a) -> Leaving<'a> {
    stop.boxed().shared()
}

/// Never.
pub(crate) fn staying() -> Leaving<'static> {
    leaving(std::future::pending())
}

/// An item and who has it.
pub(crate) struct Held<'a, 'l> {
    pub(crate) id: WorkItemId,
    pub(crate) worker: &'a str,
    pub(crate) stop: StopFlag,
    /// Resolves when the process is to end.
    pub(crate) leaving: Leaving<'l>,
    /// How long the work may then go on, to leave a checkpoint.
    pub(crate) grace: Duration,
}

impl Service {
    /// Lets `working` come to its end, saying meanwhile that the worker lives.
    /// `None` when the process is to end before.
    ///
    /// # Errors
    /// When the item is another worker's by now: this one must not write any
    /// more, and its trainer is told so.
    pub(crate) async fn while_held<T>(
        &self,
        held: &Held<'_, '_>,
        working: impl Future<Output = T>,
    ) -> Result<Option<T>> {
        let mut working = std::pin::pin!(working);
        tokio::select! {
            ended = &mut working => return Ok(Some(ended)),
            lost = self.stay_alive(held) => {
                held.stop.suspend();
                return Err(lost);
            }
            () = held.leaving.clone() => held.stop.suspend(),
        }
        if held.grace.is_zero() {
            return Ok(None);
        }
        Ok(tokio::time::timeout(held.grace, working).await.ok())
    }

    /// Says again and again that the worker lives, and hands on a wish to
    /// stop. Comes back only when the item is not this worker's any more.
    async fn stay_alive(&self, held: &Held<'_, '_>) -> ServiceError {
        let what = "a heartbeat";
        loop {
            tokio::time::sleep(HEARTBEAT_EVERY).await;
            match self.store().work().heartbeat(held.id, held.worker, self.now()).await {
                Ok(state) => {
                    self.worked(what);
                    if state == WorkState::Cancelling {
                        held.stop.cancel();
                    }
                }
                Err(error @ store::StoreError::Conflict { .. }) => return error.into(),
                Err(error) => self.failed(what, &error.into()),
            }
        }
    }

    /// Gives an item back without counting the attempt, as soon as the
    /// database takes it; once the process is to end, it is tried once more.
    pub(crate) async fn give_back(&self, held: &Held<'_, '_>) -> Result<WorkItem> {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.store().work().release(held.id, held.worker, self.now()).await {
                Err(error) if error.is_transient() => ServiceError::from(error),
                ended => return Ok(ended?),
            };
            self.failed("giving back work", &error);
            let over = held.leaving.clone().now_or_never().is_some();
            if over {
                return Err(error);
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = held.leaving.clone() => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Ends an item in this state.
    pub(crate) async fn end(&self, held: &Held<'_, '_>, to: WorkState, message: &str) -> Result<WorkItem> {
        self.through_outage(|| async {
            Ok(self.store().work().finish(held.id, held.worker, to, message, self.now()).await?)
        })
        .await
    }

    /// Does with an item what an error calls for: back into the queue when
    /// the error is of a moment or the attempt was broken off, an end with
    /// its words otherwise.
    pub(crate) async fn end_with(&self, held: &Held<'_, '_>, error: ServiceError) -> Result<WorkItem> {
        match error {
            ServiceError::Training(TrainError::Suspended) => self.give_back(held).await,
            ServiceError::Training(TrainError::Killed(why)) => {
                tracing::warn!(why, work = %held.id, "an attempt broke off");
                self.through_outage(|| async {
                    let work = self.store().work();
                    Ok(work.retry(held.id, held.worker, MOST_ATTEMPTS, &why, self.now()).await?)
                })
                .await
            }
            error if error.is_transient() => {
                self.give_back(held).await?;
                // The worker rests before it takes the next item.
                Err(error)
            }
            error => self.end(held, WorkState::Failed, &error.shown()).await,
        }
    }
}
