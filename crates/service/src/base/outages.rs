//! Living through a database or a storage that is away for a while: calls are
//! made again, and what goes on failing is told now and then.

use crate::{Result, ServiceError, base::Base};
use domain::deployment::Deployment;
use std::{
    collections::HashMap,
    fmt::Display,
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The first wait; each further one is twice as long, up to [`LONGEST_PAUSE`].
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(100);
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// What fails in the same way is told again after so long.
const TOLD_AGAIN: Duration = Duration::from_secs(600);

/// What is failing, and when the database was last away.
#[derive(Default)]
pub(crate) struct Outages {
    last: Mutex<Option<Instant>>,
    failing: Mutex<HashMap<String, (Instant, String)>>,
}

impl Outages {
    /// The database did not answer, or took very long.
    pub(crate) fn note(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether the database was away within this time.
    pub(crate) fn within(&self, time: Duration) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < time)
    }

    /// Whether a failure is worth a line: a new one, or one that goes on.
    fn is_news(&self, what: &str, error: &str) -> bool {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let told = failing.get(what);
        if told.is_some_and(|(since, text)| text == error && since.elapsed() < TOLD_AGAIN) {
            return false;
        }
        failing.insert(what.to_owned(), (Instant::now(), error.to_owned()));
        true
    }

    /// Whether it failed before.
    fn works_again(&self, what: &str) -> bool {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).remove(what).is_some()
    }
}

impl ServiceError {
    /// Whether the same may succeed later, with nothing changed but the state
    /// of the database or the storage.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}

impl Base {
    /// Takes a step again and again while the database or the storage is
    /// away, for as long as [`crate::Limits::outage_patience`]. The step must
    /// be harmless when it is taken twice: its answer may have been lost.
    pub(crate) async fn through_outage<T, Step: Future<Output = Result<T>>>(
        &self,
        step: impl Fn() -> Step,
    ) -> Result<T> {
        let (begun, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            let error = match step().await {
                Err(error) if error.is_transient() => error,
                ended => return ended,
            };
            self.outages().note();
            if begun.elapsed() >= self.limits().outage_patience {
                return Err(error);
            }
            self.failed("reaching the database", &error);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Takes a step that may fail without stopping what comes after it. The
    /// failure is logged, the same one only now and then.
    pub(crate) async fn isolated<T>(
        &self,
        what: &str,
        subject: &(dyn Display + Sync),
        step: impl Future<Output = Result<T>>,
    ) -> Option<T> {
        let key = format!("{what} of {subject}");
        // On the heap: whole chains of steps in one another are more than the
        // compiler lays out.
        match Box::pin(step).await {
            Ok(done) => {
                self.worked(&key);
                Some(done)
            }
            Err(error) => {
                self.failed(&key, &error);
                None
            }
        }
    }

    /// What a step gives, or nothing where what it reads is damaged: that is
    /// logged, and keeps what is beside it from no reader.
    ///
    /// # Errors
    /// Any other failure of the step.
    pub(crate) async fn unless_damaged<T>(
        &self,
        what: &str,
        subject: &(dyn Display + Sync),
        step: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        match step.await {
            Err(error @ ServiceError::Store(store::StoreError::Corrupt { .. })) => {
                self.failed(&format!("{what} {subject}"), &error);
                Ok(None)
            }
            done => done.map(Some),
        }
    }

    /// Takes a step for every deployment. One that fails, or cannot even be
    /// read, keeps it from no other.
    pub(crate) async fn for_each_deployment<Step: Future<Output = Result<()>>>(
        &self,
        what: &str,
        step: impl Fn(Deployment) -> Step,
    ) -> Result<()> {
        for id in self.store().deployments().ids().await? {
            self.isolated(what, &id, async {
                match self.store().deployments().find(id).await? {
                    Some(deployment) => step(deployment).await,
                    // It was deleted meanwhile.
                    None => Ok(()),
                }
            })
            .await;
        }
        Ok(())
    }

    /// Logs a failure of something that is tried again and again.
    pub(crate) fn failed(&self, what: &str, error: &ServiceError) {
        if error.is_transient() {
            self.outages().note();
        }
        if self.outages().is_news(what, &error.to_string()) {
            tracing::warn!(%error, "{what} fails; it is tried again");
        }
    }

    /// Logs that it works again.
    pub(crate) fn worked(&self, what: &str) {
        if self.outages().works_again(what) {
            tracing::info!("{what} works again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_failure_is_told_once_and_again_after_it_was_mended() {
        let outages = Outages::default();
        assert!(outages.is_news("drift of cells", "no disk"));
        assert!(!outages.is_news("drift of cells", "no disk"));
        assert!(outages.is_news("drift of cells", "no memory"));
        assert!(outages.is_news("drift of plates", "no memory"));
        assert!(outages.works_again("drift of cells"));
        assert!(!outages.works_again("drift of cells"));
        assert!(outages.is_news("drift of cells", "no memory"));
    }
}
