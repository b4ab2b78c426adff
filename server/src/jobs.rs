//! Background work: two workers of this process, one that trains, and the sweeping of what is
//! over. What the work is, and how it survives a kill, is the service's.

use crate::{compose::Composed, courier::HttpCourier};
use domain::time::Clock as _;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const SWEEP_EVERY: Duration = Duration::from_secs(3600);
const LET_GO_EVERY: Duration = Duration::from_secs(300);
const PURGE_EVERY: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_secs(1);
const TEND_EVERY: Duration = Duration::from_secs(3);

/// Works until `shutdown`. Each start has its own worker name: work of a
/// former start of the same machine is a dead worker's work.
pub(crate) async fn run(data: Composed, courier: HttpCourier, audit_days: u32, shutdown: CancellationToken) {
    let worker = format!("worker-{}", Uuid::now_v7());
    let light = format!("light-{}", Uuid::now_v7());
    tracing::info!(worker, "waiting for work");
    tokio::select! {
        () = data.service.run_worker(&worker, shutdown.cancelled()) => {}
        () = data.service.run_light_worker(&light, shutdown.cancelled()) => {}
        () = sweep(&data, audit_days) => {}
        () = purge(&data) => {}
        () = let_go(&data) => {}
        () = make_references(&data, &worker) => {}
        () = tend(&data) => {}
        () = deliver(&data, courier) => {}
    }
}

/// Looks at training data, apart from the trainings: those may take hours.
async fn make_references(data: &Composed, worker: &str) {
    loop {
        match data.service.make_one_reference(worker).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "training data cannot be looked at"),
        }
        tokio::time::sleep(LOOK_EVERY).await;
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
