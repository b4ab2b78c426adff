//! Answers that many open pages ask for at the same moment, since one event
//! woke them all: worked out once, and the same text for all of them.

use crate::{Service, ServiceError, require};
use domain::access::{Actor, Role};
use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Keys that nobody asks for any more are dropped beyond this many.
const REMEMBERED: usize = 256;

/// One answer; who asks while it is worked out waits for it.
type Kept = Arc<tokio::sync::Mutex<Option<(Instant, String)>>>;

#[derive(Default)]
pub(crate) struct SharedAnswers {
    kept: Mutex<HashMap<String, Kept>>,
}

impl SharedAnswers {
    fn of(&self, key: &str) -> Kept {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= REMEMBERED {
            kept.clear();
        }
        kept.entry(key.to_owned()).or_default().clone()
    }

    /// Called when something changed that pages must see at once.
    pub(crate) fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Service {
    /// What `make` makes for a viewer, or what it made for another one at most
    /// `fresh_for` ago. The key must name all that the answer depends on.
    ///
    /// # Errors
    /// Viewers and above; else those of `make`, which are not kept.
    pub async fn shared_answer<E: From<ServiceError>>(
        &self,
        actor: &Actor,
        key: &str,
        fresh_for: Duration,
        make: impl Future<Output = std::result::Result<String, E>>,
    ) -> std::result::Result<String, E> {
        require(actor, Role::Viewer)?;
        let kept = self.inner.shared_answers.of(key);
        let mut kept = kept.lock().await;
        if let Some((_, text)) = kept.as_ref().filter(|(since, _)| since.elapsed() < fresh_for) {
            return Ok(text.clone());
        }
        // The moment before the work: what changes meanwhile counts as unseen.
        let asked = Instant::now();
        let text = make.await?;
        *kept = Some((asked, text.clone()));
        Ok(text)
    }
}
