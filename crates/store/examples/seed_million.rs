//! Fills a folder with predictions: `seed_million FOLDER [NUMBER [PICTURES]]`,
//! six boxes each, the same every time. Goes on where it stopped. The files of
//! the folder PICTURES become the predictions' images, in turn.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;

use bench::{Outcome, argument, decorated, deployment, prediction};
use bytes::Bytes;
use domain::prediction::PredictionFilter;
use std::{path::PathBuf, time::Instant};
use store::{BlobKind, NewPrediction, Store, StoreOptions};

const BOXES: usize = 6;
const GROUP: u64 = 4_096;

#[tokio::main]
async fn main() -> Outcome {
    let folder = PathBuf::from(argument(1, "/tmp/fovea-million"));
    let number: u64 = argument(2, "1000000").parse()?;
    let store = Store::open(StoreOptions::in_folder(&folder)).await?;
    let gate = deployment(&store).await?;
    let images = images(&store).await?;
    let mut next = store.predictions().count(gate.id, &PredictionFilter::default()).await?;
    let (begin, first) = (Instant::now(), next);
    while next < number {
        let end = number.min(next + GROUP);
        let group = (next..end)
            .map(|n| {
                let image = (n as usize).checked_rem(images.len()).and_then(|n| images.get(n)).cloned();
                Ok(NewPrediction { image, ..decorated(n, prediction(&gate, n, BOXES)?) })
            })
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

/// Stores the pictures, each as its own thumbnail; gives their keys.
async fn images(store: &Store) -> Outcome<Vec<String>> {
    let mut keys = Vec::new();
    let Some(folder) = std::env::args().nth(3) else { return Ok(keys) };
    for file in std::fs::read_dir(folder)? {
        let bytes = Bytes::from(std::fs::read(file?.path())?);
        let key = store.blobs().put(BlobKind::Images, bytes.clone()).await?;
        store.blobs().put_as(BlobKind::Thumbnails, &key, bytes).await?;
        keys.push(key);
    }
    Ok(keys)
}
