//! Measures how many reported predictions a second are stored and answered:
//! `ingest_bench [NUMBER] [IN_FLIGHT] [FOLDER]`; ten boxes each, aggregates
//! on, every one with an idempotency key. Without a folder it is a temporary
//! one.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;

use bench::{Outcome, argument, deployment, prediction, report};
use domain::prediction::PredictionFilter;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use store::{Idempotency, Store, StoreOptions};
use tokio::task::JoinSet;

const BOXES: usize = 10;

#[tokio::main]
async fn main() -> Outcome {
    let number: u64 = argument(1, "20000").parse()?;
    let in_flight: usize = argument(2, "32").parse()?;
    let temporary = tempfile::tempdir()?;
    let folder = std::env::args().nth(3).map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let store = Store::open(StoreOptions::in_folder(&folder)).await?;
    let gate = deployment(&store).await?;
    let before = store.predictions().count(gate.id, &PredictionFilter::default()).await?;
    let next = Arc::new(AtomicU64::new(before));
    let mut senders: JoinSet<Result<Vec<Duration>, String>> = JoinSet::new();
    let begin = Instant::now();
    for _ in 0..in_flight {
        let (store, gate, next) = (store.clone(), gate.clone(), next.clone());
        senders.spawn(async move {
            let mut times = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= before + number {
                    return Ok(times);
                }
                let mut new = prediction(&gate, n, BOXES).map_err(|error| error.to_string())?;
                new.idempotency =
                    Some(Idempotency { key: format!("report-{n}"), request_hash: n.to_string() });
                let sent = Instant::now();
                store.predictions().insert(new).await.map_err(|error| error.to_string())?;
                times.push(sent.elapsed());
            }
        });
    }
    let mut times = Vec::new();
    while let Some(done) = senders.join_next().await {
        times.extend(done??);
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{:.0} a second: {number} predictions of {BOXES} boxes, {in_flight} in flight",
        number as f64 / seconds
    );
    report("from sending to the answer after the commit", times);
    let after = store.predictions().count(gate.id, &PredictionFilter::default()).await?;
    println!("stored {} of {number}", after - before);
    Ok(store.close().await?)
}
