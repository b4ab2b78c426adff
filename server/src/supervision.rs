//! Tasks that must not end: what panics or returns is told and started again,
//! later each time. Does not know what the tasks do.

use futures::FutureExt;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// The first pause before a start, which doubles: a task that fails at once
/// must not fill a processor or the log.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A task that ran so long starts anew with the shortest pause.
const STEADY: Duration = Duration::from_secs(600);
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
    fn failed(&self, task: &'static str) {
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

/// Runs what `start` gives until `shutdown`, again whenever it ends before.
pub(crate) async fn keep_running<F: Future<Output = ()>>(
    task: &'static str,
    health: &BackgroundHealth,
    shutdown: &CancellationToken,
    start: impl Fn() -> F,
) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let started = Instant::now();
        let ended = AssertUnwindSafe(start()).catch_unwind().await;
        if shutdown.is_cancelled() {
            return;
        }
        if started.elapsed() >= STEADY {
            pause = SHORTEST_PAUSE;
        }
        let panicked = ended.is_err();
        tracing::error!(
            task,
            panicked,
            pause_s = pause.as_secs(),
            "a background task ended: it is started again"
        );
        health.failed(task);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.cancelled() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_is_started_again_and_told() {
        let (health, shutdown, starts) =
            (BackgroundHealth::default(), CancellationToken::new(), AtomicU32::new(0));
        assert_eq!(health.describe(), "");
        keep_running("sweep", &health, &shutdown, || async {
            match starts.fetch_add(1, Ordering::Relaxed) {
                0 => panic!("the first time"),
                1 => {}
                _ => shutdown.cancel(),
            }
        })
        .await;
        assert_eq!(starts.into_inner(), 3);
        assert_eq!(health.describe(), "the background task \"sweep\" failed and is started again (2)\n");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_pause_before_a_start() {
        let (health, shutdown) = (BackgroundHealth::default(), CancellationToken::new());
        let stop = async {
            tokio::task::yield_now().await;
            shutdown.cancel();
        };
        let task = keep_running("sweep", &health, &shutdown, || async { panic!("always") });
        tokio::join!(task, stop);
        assert!(health.describe().contains("(1)"), "{}", health.describe());
    }
}
