//! What this process itself knows of events: that some were committed, so that
//! its followers read at once, and how often a deployment changed.

use domain::event::Event;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// How far it is; clones of a [`watch::Receiver`] wait for the next step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Transactions with events that this process committed.
    pub(crate) committed: u64,
    /// The database was closed: there is nothing to be read any more.
    pub(crate) closed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Journal {
    progress: watch::Sender<Progress>,
    deployment_changes: AtomicU64,
}

impl Journal {
    /// Called once these are committed, before anybody hears of the commit.
    pub(crate) fn committed(&self, events: &[Event]) {
        self.note(events);
        self.progress.send_modify(|progress| progress.committed += 1);
    }

    /// Called with what was read, by whichever process it was written.
    pub(crate) fn note(&self, events: &[Event]) {
        if events.iter().any(|event| matches!(event, Event::DeploymentChanged { .. })) {
            self.deployment_changes.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub(crate) fn deployment_changes(&self) -> u64 {
        self.deployment_changes.load(Ordering::Acquire)
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    pub(crate) fn close(&self) {
        self.progress.send_modify(|progress| progress.closed = true);
    }
}
