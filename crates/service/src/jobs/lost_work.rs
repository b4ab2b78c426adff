//! Items whose worker fell silent: back to the queue, or to their end.

use super::{Ended, Job, JobContext, Lane, RegisteredJob};
use crate::Result;
use domain::{time::Timestamp, work::WorkItem};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::Instant;

/// A worker silent for so long is taken for dead: fifteen heartbeats, since a
/// busy database may make one wait for ten seconds.
const DEAD_AFTER: Duration = Duration::from_secs(15);
/// A database that takes so long over a small read was away.
const SLOW: Duration = Duration::from_secs(5);
/// Workers that work of another version of Fovea may have had.
const DEATHS_OF_UNKNOWN: u32 = 3;

/// Takes work from workers that fell silent. What it is done for moves along.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct RecoverLostWork;

impl Job for RecoverLostWork {
    const KIND: &'static str = "lost_work";
    const LANE: Lane = Lane::Periodic(Duration::from_secs(1));

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let service = context.service();
        // While the database was away nobody could say that they live.
        if service.base().outages().within(DEAD_AFTER) {
            return Ok(Ended::done());
        }
        let silent_since = context.now().plus_ms(-i64::try_from(DEAD_AFTER.as_millis()).unwrap_or(i64::MAX));
        let begun = Instant::now();
        let stale = context.store().work().stale(silent_since).await?;
        if begun.elapsed() >= SLOW {
            service.base().outages().note();
            return Ok(Ended::done());
        }
        for item in stale {
            let of = format!("{} {}", item.kind, item.id);
            service
                .base()
                .isolated("taking work from a dead worker", &of, requeue(context, &item, silent_since))
                .await;
        }
        Ok(Ended::done())
    }
}

async fn requeue(context: &JobContext<'_>, item: &WorkItem, silent_since: Timestamp) -> Result<()> {
    let job = RegisteredJob::named(&item.kind);
    let deaths = job.map_or(DEATHS_OF_UNKNOWN, |job| job.worker_deaths);
    let work = context.store().work();
    let Some(lost) = work.requeue_stale(item.id, silent_since, deaths, context.now()).await? else {
        return Ok(());
    };
    tracing::warn!(work = %item.id, kind = item.kind, state = %lost.item.state, "a worker died");
    if let Some(job) = job {
        job.after_move(context.service(), context.settings(), &lost.item, lost.payload).await;
    }
    Ok(())
}
