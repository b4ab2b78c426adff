//! Measures pages of 50 over a folder that `seed_million` filled:
//! `page_bench FOLDER [TIMES]`. One prediction in a thousand is moved to
//! `reviewed` first, with plain SQL, since reviews are not what is measured.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;

use bench::{Outcome, Random, argument, deployment, report};
use domain::{
    ids::DeploymentId,
    monitor::{Range, Resolution},
    page::PageRequest,
    prediction::{PredictionFilter, Sort, Status},
    time::Timestamp,
};
use std::{path::PathBuf, time::Instant};
use store::{QueuePool, Store, StoreOptions};

#[tokio::main]
async fn main() -> Outcome {
    let folder = PathBuf::from(argument(1, "/tmp/fovea-million"));
    let times: usize = argument(2, "300").parse()?;
    let begin = Instant::now();
    let store = Store::open(StoreOptions::in_folder(&folder)).await?;
    println!("opened in {:.0} ms", begin.elapsed().as_secs_f64() * 1e3);
    let gate = deployment(&store).await?;
    let all = PredictionFilter::default();
    let stored = store.predictions().count(gate.id, &all).await?;
    review_some(&store).await?;
    println!("{stored} predictions stored");
    for (what, status, sort) in [
        ("newest", None, Sort::Newest),
        ("oldest", None, Sort::Oldest),
        ("newest to review", Some(Status::ToReview), Sort::Newest),
        ("newest reviewed", Some(Status::Reviewed), Sort::Newest),
    ] {
        pages(&store, gate.id, what, &PredictionFilter { status, sort }, times).await?;
    }
    let mut counting = Vec::new();
    for n in 0..times {
        let status = Status::ALL.get(n % 4).copied();
        let begin = Instant::now();
        store.predictions().count(gate.id, &PredictionFilter { status, ..all.clone() }).await?;
        counting.push(begin.elapsed());
    }
    report("count by status", counting);
    dashboards(&store, gate.id, times / 10).await?;
    println!("resident memory {}", resident());
    Ok(store.close().await?)
}

/// The first page, and pages that begin at random places.
async fn pages(
    store: &Store,
    id: DeploymentId,
    what: &str,
    filter: &PredictionFilter,
    times: usize,
) -> Outcome {
    let (mut first, mut deep) = (Vec::new(), Vec::new());
    let newest = store.predictions().page(id, &PredictionFilter::default(), &PageRequest::default()).await?;
    let last = newest.items.first().ok_or("the folder is empty")?.id.0.as_u128();
    let mut random = Random(1);
    for _ in 0..times {
        let begin = Instant::now();
        store.predictions().page(id, filter, &PageRequest::default()).await?;
        first.push(begin.elapsed());
        let begin_ms = (last >> 80) as f64 - random.unit() * 2_000_000.0 * 1_000.0;
        let cursor = uuid::Uuid::from_u128((begin_ms as u128) << 80).to_string();
        let begin = Instant::now();
        store.predictions().page(id, filter, &PageRequest { limit: None, cursor: Some(cursor) }).await?;
        deep.push(begin.elapsed());
    }
    report(&format!("{what}, first page"), first);
    report(&format!("{what}, from a random place"), deep);
    Ok(())
}

async fn dashboards(store: &Store, id: DeploymentId, times: usize) -> Outcome {
    let card = store.deployments().card(id, Timestamp(0)).await?;
    let last = card.and_then(|card| card.last_prediction).ok_or("the folder is empty")?;
    for (what, days, resolution) in [
        ("6 h of minutes", 0.25, Resolution::Minute),
        ("14 d of hours", 14.0, Resolution::Hour),
        ("a year of days", 365.0, Resolution::Day),
    ] {
        let range = Range { from: last.plus_ms(-(days * 86_400_000.0) as i64), to: last.plus_ms(1) };
        let mut reading = Vec::new();
        for _ in 0..times.max(1) {
            let begin = Instant::now();
            store.aggregates().dashboard(id, range, resolution, last).await?;
            reading.push(begin.elapsed());
        }
        report(&format!("dashboard of {what}"), reading);
        let mut whole = Vec::new();
        for _ in 0..times.max(1) {
            let (begin, aggregates) = (Instant::now(), store.aggregates());
            tokio::try_join!(
                aggregates.dashboard(id, range, resolution, last),
                aggregates.points(id, range, resolution),
                aggregates.totals(id, range, resolution),
                aggregates.totals(id, range.before(), resolution),
                aggregates.heat(id, range, resolution),
            )?;
            whole.push(begin.elapsed());
        }
        report(&format!("all figures of {what}, and of the range before"), whole);
    }
    Ok(())
}

async fn review_some(store: &Store) -> Outcome {
    let QueuePool::Sqlite(pool) = store.queue_pool() else { return Err("this is for SQLite".into()) };
    sqlx::raw_sql(
        "UPDATE predictions SET status = 'reviewed' WHERE rowid % 1000 = 0 AND status = 'to_review'; \
         UPDATE prediction_counts SET count = \
         (SELECT COUNT(*) FROM predictions p WHERE p.status = 'to_review') WHERE status = 'to_review'; \
         INSERT INTO prediction_counts SELECT deployment_id, status, COUNT(*) FROM predictions \
         WHERE status = 'reviewed' GROUP BY deployment_id, status \
         ON CONFLICT (deployment_id, status) DO UPDATE SET count = excluded.count",
    )
    .execute(&pool)
    .await?;
    Ok(())
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}
