//! Background work: each kind in a task of its own, so that none keeps another
//! waiting, and watched, so that none ends in silence. What the work is, and
//! how it survives a kill, is the service's.

use crate::{background::BackgroundHealth, compose::Composed, courier::HttpCourier};
use anyhow::bail;
use domain::time::Clock as _;
use futures::future::BoxFuture;
use std::{future::Future, time::Duration};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const SWEEP_EVERY: Duration = Duration::from_secs(3600);
const LET_GO_EVERY: Duration = Duration::from_secs(300);
const PURGE_EVERY: Duration = Duration::from_secs(2);
const REMOVE_FILES_EVERY: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_secs(1);
const TEND_EVERY: Duration = Duration::from_secs(3);
/// A task that panics so often within [`PANICS_WITHIN`] ends the process with
/// an error: whoever starts it again sees it. More often than an item of work
/// is tried, so that one that breaks its worker ends first.
const MOST_PANICS: usize = 5;
const PANICS_WITHIN: Duration = Duration::from_secs(600);
const REST_AFTER_A_PANIC: Duration = Duration::from_secs(1);

/// Begins a task; it ends when the token is cancelled.
type Begin = Box<dyn Fn(CancellationToken) -> BoxFuture<'static, ()> + Send + Sync>;

/// Works until `shutdown`, and gives back what is then at hand. Each start has
/// its own worker names: work of a former start of the same machine is a dead
/// worker's work.
///
/// # Errors
/// When a task panicked again and again; `shutdown` is then cancelled, since
/// the process should not go on without it.
pub(crate) async fn run(
    data: Composed,
    courier: HttpCourier,
    audit_days: u32,
    health: BackgroundHealth,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    tracing::info!("waiting for work");
    let mut tasks = JoinSet::new();
    for (name, begin) in tasks_of(&data, courier, audit_days) {
        tasks.spawn(watch(name, begin, REST_AFTER_A_PANIC, health.clone(), shutdown.clone()));
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

fn tasks_of(data: &Composed, courier: HttpCourier, audit_days: u32) -> Vec<(&'static str, Begin)> {
    let worker = |kind: &str| format!("{kind}-{}", Uuid::now_v7());
    vec![
        (
            "training",
            task(data, move |data, stop| async move {
                data.service.run_worker(&worker("worker"), stop.cancelled_owned()).await;
            }),
        ),
        (
            "judging and comparing",
            task(data, move |data, stop| async move {
                data.service.run_light_worker(&worker("light"), stop.cancelled_owned()).await;
            }),
        ),
        (
            "replaying",
            task(data, move |data, stop| async move {
                data.service.run_replay_worker(&worker("replay"), stop.cancelled_owned()).await;
            }),
        ),
        (
            "looking at training data",
            task(data, move |data, stop| async move {
                data.service.run_reference_worker(&worker("reference"), stop.cancelled_owned()).await;
            }),
        ),
        (
            "the learning loops",
            task(data, |data, stop| async move { data.service.run_rounds(stop.cancelled_owned()).await }),
        ),
        ("sweeping", periodic(data, move |data| async move { sweep(&data, audit_days).await })),
        ("purging", periodic(data, |data| async move { purge(&data).await })),
        ("unused files", periodic(data, |data| async move { remove_unused_files(&data).await })),
        ("retention", periodic(data, |data| async move { let_go(&data).await })),
        ("the monitoring", periodic(data, |data| async move { tend(&data).await })),
        ("webhooks", periodic(data, move |data| async move { deliver(&data, courier).await })),
    ]
}

/// A task that ends by itself when the token is cancelled.
fn task<Task: Future<Output = ()> + Send + 'static>(
    data: &Composed,
    run: impl Fn(Composed, CancellationToken) -> Task + Send + Sync + 'static,
) -> Begin {
    let data = data.clone();
    Box::new(move |stop| Box::pin(run(data.clone(), stop)))
}

/// A task that may be broken off anywhere: what is due stays due.
fn periodic<Task: Future<Output = ()> + Send + 'static>(
    data: &Composed,
    run: impl Fn(Composed) -> Task + Send + Sync + 'static,
) -> Begin {
    task(data, move |data, stop| {
        let running = run(data);
        async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = running => {}
            }
        }
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
        let Err(error) = tokio::spawn(begin(shutdown.clone())).await else { return Ok(()) };
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

/// Tells webhooks what happened.
async fn deliver(data: &Composed, courier: HttpCourier) {
    loop {
        match data.service.deliver(&courier).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::warn!(%error, "events cannot go out"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Does what is due of the monitoring.
async fn tend(data: &Composed) {
    let mut every = unhurried(TEND_EVERY);
    loop {
        every.tick().await;
        if let Err(error) = data.service.tend_monitoring().await {
            tracing::warn!(%error, "the monitoring is behind");
        }
    }
}

/// Removes what was deleted and can no longer be brought back.
async fn purge(data: &Composed) {
    let mut every = unhurried(PURGE_EVERY);
    loop {
        every.tick().await;
        let removed = data.service.purge_deleted().await;
        told(removed, "deleted predictions removed", "deleted predictions cannot be removed");
    }
}

/// Removes files whose rows are gone for a while.
async fn remove_unused_files(data: &Composed) {
    let mut every = unhurried(REMOVE_FILES_EVERY);
    loop {
        every.tick().await;
        match data.service.remove_unused_files().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files removed that nothing names any more"),
            Err(error) => tracing::warn!(%error, "files that nothing names stay for now"),
        }
    }
}

/// Lets go what is too old or too much to be kept.
async fn let_go(data: &Composed) {
    let mut every = unhurried(LET_GO_EVERY);
    loop {
        every.tick().await;
        let removed = data.service.let_go().await;
        told(removed, "predictions let go, as retention has it", "what is too old or too much stays for now");
    }
}

/// Ticks that do not catch up with those that were missed.
fn unhurried(every: Duration) -> Interval {
    let mut every = interval(every);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    every
}

/// Logs how many predictions were removed, or why none could be.
fn told(removed: service::Result<u64>, done: &str, failed: &str) {
    match removed {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "{done}"),
        Err(error) => tracing::warn!(%error, "{failed}"),
    }
}

/// Forgets sessions that are over, and what nobody needs after a time.
async fn sweep(data: &Composed, audit_days: u32) {
    let mut every = interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        match data.store.sessions().delete_expired(crate::clock::SystemClock.now()).await {
            Ok(0) => {}
            Ok(ended) => tracing::debug!(ended, "sessions forgotten"),
            Err(error) => tracing::warn!(%error, "old sessions cannot be forgotten"),
        }
        match data.service.prune(audit_days).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "what is over was forgotten"),
            Err(error) => tracing::warn!(%error, "what is over cannot be forgotten"),
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
            Box::pin(async move {
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
