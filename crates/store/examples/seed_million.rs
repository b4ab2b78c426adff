//! Fills a folder with predictions: `seed_million FOLDER [NUMBER]`, six boxes
//! each, the same every time. Goes on where it stopped.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;

use bench::{Outcome, argument, decorated, deployment, prediction};
use domain::prediction::PredictionFilter;
use std::{path::PathBuf, time::Instant};
use store::{Store, StoreOptions};

const BOXES: usize = 6;
const GROUP: u64 = 4_096;

#[tokio::main]
async fn main() -> Outcome {
    let folder = PathBuf::from(argument(1, "/tmp/fovea-million"));
    let number: u64 = argument(2, "1000000").parse()?;
    let store = Store::open(StoreOptions::in_folder(&folder)).await?;
    let gate = deployment(&store).await?;
    let mut next = store.predictions().count(gate.id, &PredictionFilter::default()).await?;
    let (begin, first) = (Instant::now(), next);
    while next < number {
        let end = number.min(next + GROUP);
        let group = (next..end)
            .map(|n| Ok(decorated(n, prediction(&gate, n, BOXES)?)))
            .collect::<Outcome<Vec<_>>>()?;
        for stored in store.predictions().insert_many(group).await {
            stored?;
        }
        next = end;
        if next % (GROUP * 16) == 0 {
            println!(
                "{next} of {number}, {:.0} a second",
                (next - first) as f64 / begin.elapsed().as_secs_f64()
            );
        }
    }
    store.close().await?;
    println!("{next} predictions of {BOXES} boxes in {}", folder.display());
    Ok(())
}
