//! Background work in this process: each task of the service on a thread of
//! its own, and watched, so that none ends in silence. What the work is, and
//! how it survives a kill, is the service's.

use crate::{background::BackgroundHealth, compose::Composed, messages::Sender};
use anyhow::bail;
use service::{BackgroundTask, Internal, JobSettings};
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::Handle,
    task::{JoinError, JoinHandle, JoinSet},
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A task that panics so often within [`PANICS_WITHIN`] ends the process with
/// an error: whoever starts it again sees it. More often than an item of work
/// is tried, so that one that breaks its worker ends first.
const MOST_PANICS: usize = 5;
const PANICS_WITHIN: Duration = Duration::from_secs(600);
const REST_AFTER_A_PANIC: Duration = Duration::from_secs(1);

/// Begins a task; it ends when the token is cancelled.
type Begin = Box<dyn Fn(CancellationToken) -> JoinHandle<()> + Send + Sync>;

/// Works until `shutdown`, and gives back what is then at hand.
///
/// # Errors
/// When a task panicked again and again; `shutdown` is then cancelled, since
/// the process should not go on without it.
pub(crate) async fn run(
    data: Composed,
    sender: Arc<Sender>,
    audit_days: u32,
    health: BackgroundHealth,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    tracing::info!("waiting for work");
    let settings = JobSettings { audit_days, sender: Some(sender) };
    let mut tasks = JoinSet::new();
    for task in data.service.jobs().background(Internal, &settings) {
        let name = task.name();
        tasks.spawn(watch(name, on_a_thread(task), REST_AFTER_A_PANIC, health.clone(), shutdown.clone()));
    }
    let mut ended = Ok(());
    while let Some(task) = tasks.join_next().await {
        let task = task.unwrap_or_else(|error| Err(error.into()));
        if let Err(error) = task {
            shutdown.cancel();
            ended = Err(error);
        }
    }
    ended
}

/// The threads that answer requests and say that workers live must not wait
/// for a job that computes between two awaits. Each start has its own worker
/// name: work of a former start of the same machine is a dead worker's work.
fn on_a_thread(task: BackgroundTask) -> Begin {
    let task = Arc::new(task);
    Box::new(move |stop| {
        let (task, runtime) = (Arc::clone(&task), Handle::current());
        tokio::task::spawn_blocking(move || {
            let worker = format!("{}-{}", task.name(), Uuid::now_v7());
            runtime.block_on(task.run(&worker, stop.cancelled_owned()));
        })
    })
}

/// Begins a task anew, after a rest, when it panics, until that happens too
/// often.
async fn watch(
    name: &'static str,
    begin: Begin,
    rest: Duration,
    health: BackgroundHealth,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let mut panics: Vec<Instant> = Vec::new();
    loop {
        let Err(error) = begin(shutdown.clone()).await else { return Ok(()) };
        if !error.is_panic() {
            // The runtime itself is ending.
            return Ok(());
        }
        let reason = reason_of(error);
        health.failed(name);
        panics.retain(|at| at.elapsed() < PANICS_WITHIN);
        panics.push(Instant::now());
        if panics.len() >= MOST_PANICS {
            bail!("{name} panicked {MOST_PANICS} times, the last time with: {reason}");
        }
        tracing::error!(
            task = name,
            reason,
            panics = panics.len(),
            "background work panicked; it begins anew"
        );
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(rest) => {}
        }
    }
}

fn reason_of(error: JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else { return "no reason".to_owned() };
    match payload.downcast::<String>() {
        Ok(reason) => *reason,
        Err(payload) => {
            payload.downcast::<&str>().map_or_else(|_| "no reason".to_owned(), |reason| (*reason).to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    /// A task that panics the first `times` it is begun; and how often it was.
    fn panicking(times: usize) -> (Begin, Arc<AtomicUsize>) {
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&begun);
        let begin: Begin = Box::new(move |stop| {
            let nth = counted.fetch_add(1, Ordering::SeqCst) + 1;
            tokio::spawn(async move {
                assert!(nth > times, "panic {nth}");
                stop.cancel();
            })
        });
        (begin, begun)
    }

    #[tokio::test]
    async fn a_task_that_panics_begins_anew() {
        let (begin, begun) = panicking(MOST_PANICS - 1);
        watch("a task", begin, Duration::ZERO, BackgroundHealth::default(), CancellationToken::new())
            .await
            .expect("it came to its end");
        assert_eq!(begun.load(Ordering::SeqCst), MOST_PANICS);
    }

    #[tokio::test]
    async fn a_task_that_panics_again_and_again_is_an_error_with_its_reason() {
        let (begin, begun) = panicking(usize::MAX);
        let error =
            watch("a task", begin, Duration::ZERO, BackgroundHealth::default(), CancellationToken::new())
                .await
                .expect_err("it gives up");
        assert!(error.to_string().contains(&format!("panic {MOST_PANICS}")), "{error}");
        assert_eq!(begun.load(Ordering::SeqCst), MOST_PANICS);
    }

    #[tokio::test]
    async fn no_task_begins_anew_once_the_process_is_to_end() {
        let (begin, begun) = panicking(usize::MAX);
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        watch("a task", begin, Duration::ZERO, BackgroundHealth::default(), shutdown)
            .await
            .expect("nothing to complain about");
        assert_eq!(begun.load(Ordering::SeqCst), 1);
    }
}
