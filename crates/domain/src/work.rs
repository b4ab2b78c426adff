//! Long work: persisted, idempotent, cancellable, with progress.

use crate::{ids::WorkItemId, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How far a piece of work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkState {
    /// Waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Asked to stop, not yet stopped.
    Cancelling,
    /// Done.
    Succeeded,
    /// Ended without a result; says why.
    Failed,
    /// Stopped because somebody asked.
    Cancelled,
}

impl WorkState {
    /// All six.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Cancelling, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state that [`Self::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// Whether work may go from this state to `next`. A running item goes
    /// back to the queue when its worker died.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use WorkState::{Cancelled, Cancelling, Failed, Queued, Running, Succeeded};
        matches!(
            (self, next),
            (Queued, Running | Cancelled | Failed)
                | (Running, Queued | Cancelling | Succeeded | Failed | Cancelled)
                | (Cancelling, Cancelled | Succeeded | Failed)
        )
    }
}

impl fmt::Display for WorkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A piece of long work, as people see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkItem {
    /// Identity.
    pub id: WorkItemId,
    /// What kind: `train`, `import` …
    pub kind: String,
    /// On what: a name or an id.
    pub subject: String,
    /// How far.
    pub state: WorkState,
    /// 0 to 1.
    pub progress: f64,
    /// What it is doing, or why it failed.
    pub message: String,
    /// How often it was begun without coming further; what was given back does
    /// not count.
    pub attempts: u32,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it last moved.
    pub updated: Timestamp,
}
