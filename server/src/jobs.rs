//! Background work: two workers of this process, one that trains, and the sweeping of what is
//! over. What the work is, and how it survives a kill, is the service's.

use crate::{
    compose::Composed,
    courier::HttpCourier,
    supervision::{BackgroundHealth, keep_running},
};
use domain::time::Clock as _;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const SWEEP_EVERY: Duration = Duration::from_secs(3600);
const LET_GO_EVERY: Duration = Duration::from_secs(300);
const PURGE_EVERY: Duration = Duration::from_secs(2);
const REMOVE_FILES_EVERY: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_secs(1);
const TEND_EVERY: Duration = Duration::from_secs(3);

/// Works until `shutdown`. Each start has its own worker name: work of a
/// former start of the same machine is a dead worker's work. A part that
/// panics is started again and holds up no other one.
pub(crate) async fn run(
    data: Composed,
    courier: HttpCourier,
    audit_days: u32,
    health: BackgroundHealth,
    shutdown: CancellationToken,
) {
    let worker = format!("worker-{}", Uuid::now_v7());
    let light = format!("light-{}", Uuid::now_v7());
    tracing::info!(worker, "waiting for work");
    let (service, stop, health) = (&data.service, &shutdown, &health);
    tokio::select! {
        () = keep_running("work", health, stop, || service.run_worker(&worker, stop.cancelled())) => {}
        () = keep_running("light work", health, stop, || service.run_light_worker(&light, stop.cancelled())) => {}
        () = keep_running("sessions", health, stop, || sweep(&data, audit_days)) => {}
        () = keep_running("deletion", health, stop, || purge(&data)) => {}
        () = keep_running("retention", health, stop, || let_go(&data)) => {}
        () = keep_running("unused files", health, stop, || remove_unused_files(&data)) => {}
        () = keep_running("references", health, stop, || make_references(&data, &worker)) => {}
        () = keep_running("monitoring", health, stop, || tend(&data)) => {}
        () = keep_running("webhooks", health, stop, || deliver(&data, courier.clone())) => {}
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
