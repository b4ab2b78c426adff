//! How the background tasks of this process fare. Does not know what they do.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a failure is told after the task was started again: longer than
/// any monitoring's pause between two looks.
const TOLD_FOR: Duration = Duration::from_secs(600);

/// How the background tasks of this process fare. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct BackgroundHealth {
    failures: Arc<Mutex<BTreeMap<&'static str, Failures>>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u64,
    latest: Instant,
}

impl BackgroundHealth {
    /// Notes that a task panicked.
    pub(crate) fn failed(&self, task: &'static str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = Instant::now();
        let entry = failures.entry(task).or_insert(Failures { count: 0, latest });
        *entry = Failures { count: entry.count + 1, latest };
    }

    /// A line for each task that failed in the last ten minutes; empty when
    /// there is none.
    #[must_use]
    pub fn describe(&self) -> String {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        for (task, Failures { count, latest }) in failures.iter() {
            if latest.elapsed() < TOLD_FOR {
                // Writing to a String does not fail.
                let _ = writeln!(text, "the background task {task:?} failed and is started again ({count})");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_failed_is_told_with_how_often() {
        let health = BackgroundHealth::default();
        assert_eq!(health.describe(), "");
        let shared = health.clone();
        health.failed("sweeping");
        shared.failed("sweeping");
        assert_eq!(health.describe(), "the background task \"sweeping\" failed and is started again (2)\n");
    }
}
