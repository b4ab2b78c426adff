//! What a job is given to work with: the use cases, the wish to stop, and how
//! to say how far it is.

use super::{JobSettings, attempt::Attempt, stop_flag::StopFlag};
use crate::{Result, Service};
use domain::{ids::WorkItemId, time::Timestamp, work::WorkState};
use std::future::Future;
use store::Store;

/// What a job works with. Knows the item at hand; one that is periodic has
/// none, and nobody sees how far it is.
pub(crate) struct JobContext<'a> {
    service: &'a Service,
    settings: &'a JobSettings,
    attempt: Option<&'a Attempt<'a>>,
}

impl<'a> JobContext<'a> {
    pub(super) fn new(
        service: &'a Service,
        settings: &'a JobSettings,
        attempt: Option<&'a Attempt<'a>>,
    ) -> Self {
        Self { service, settings, attempt }
    }

    pub(crate) fn service(&self) -> &'a Service {
        self.service
    }

    pub(crate) fn store(&self) -> &'a Store {
        self.service.store()
    }

    pub(crate) fn settings(&self) -> &'a JobSettings {
        self.settings
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.service.base().now()
    }

    pub(crate) fn new_id<T: From<uuid::Uuid>>(&self) -> T {
        self.service.base().new_id()
    }

    /// Who has the item: a job that ends it in a transaction of its own gives
    /// this name along, so that one that lost its item ends nothing.
    pub(crate) fn worker(&self) -> &'a str {
        self.attempt.map_or("", |attempt| attempt.worker.name)
    }

    /// The item at hand.
    pub(crate) fn item(&self) -> Option<WorkItemId> {
        self.attempt.map(|attempt| attempt.item)
    }

    /// Whether somebody asked for an end. Long work looks before every image.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.attempt.is_some_and(|attempt| attempt.stop.is_cancelled())
    }

    /// The wish to stop, for what runs on a thread of its own.
    pub(crate) fn stop_flag(&self) -> StopFlag {
        self.attempt.map(|attempt| attempt.stop.clone()).unwrap_or_default()
    }

    /// Notes how far the item is, 0 to 1, and what it is doing. Called for
    /// every image, and written down only now and then.
    pub(crate) async fn progress(&self, share: f64, message: &str) -> Result<()> {
        let Some(attempt) = self.attempt.filter(|attempt| share >= 1.0 || attempt.is_progress_due()) else {
            return Ok(());
        };
        let state = self.store().work().progress(attempt.item, share, message, self.now()).await?;
        if state == WorkState::Cancelling {
            attempt.stop.cancel();
        }
        Ok(())
    }

    /// Notes that a later attempt need not do again what was done so far: those
    /// before it count no longer, so that work of many hours may outlive more
    /// deaths of its worker than one that kills it each time.
    pub(crate) async fn came_further(&self) -> Result<()> {
        let Some(attempt) = self.attempt else { return Ok(()) };
        Ok(self.store().work().came_further(attempt.item, attempt.worker.name).await?)
    }

    /// Takes a step again and again while the database or the storage is away:
    /// see [`Base::through_outage`](crate::base::Base::through_outage). It must be harmless when taken twice.
    pub(crate) async fn through_outage<T, Step: Future<Output = Result<T>>>(
        &self,
        step: impl Fn() -> Step,
    ) -> Result<T> {
        self.service.base().through_outage(step).await
    }
}
