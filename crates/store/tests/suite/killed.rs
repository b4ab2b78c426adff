//! A process that is killed loses nothing that it had answered for.

use crate::fixtures::{START, new_prediction};
use domain::{
    monitor::{Range, Resolution},
    page::PageRequest,
    prediction::{PredictionFilter, Sort},
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};
use store::{Store, StoreOptions};
use uuid::Uuid;

const FOLDER: &str = "FOVEA_TEST_KILLED_FOLDER";
const WRITERS: u128 = 16;

/// The process to be killed: says the id of each prediction after its answer.
/// Without the variable it is not asked to do anything.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(StoreOptions::in_folder(folder.as_ref())).await.unwrap();
        let gate = store.deployments().list().await.unwrap().remove(0);
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (store, gate) = (store.clone(), gate.clone());
            writers.spawn(async move {
                for number in 0u128.. {
                    let mut new = new_prediction(&gate);
                    new.id.0 = Uuid::from_u128((number << 8) | writer);
                    let stored = store.predictions().insert(new).await.unwrap();
                    writeln!(std::io::stdout(), "stored {}", stored.id).unwrap();
                }
            });
        }
        writers.join_all().await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_prediction_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    let gate = crate::fixtures::deployment(&store, "gate").await;
    store.close().await.unwrap();

    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--nocapture"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let answered = |line: String| line.rsplit_once("stored ").and_then(|(_, id)| Uuid::parse_str(id).ok());
    let mut ids: Vec<Uuid> = lines.by_ref().filter_map(answered).take(500).collect();
    child.kill().unwrap();
    ids.extend(lines.filter_map(answered));
    child.wait().unwrap();
    assert!(ids.len() >= 500, "only {} answers", ids.len());

    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    for id in &ids {
        let found = store.predictions().find((*id).into()).await.unwrap();
        assert_eq!(found.expect("an answered prediction").boxes.len(), 3);
    }
    let filter = PredictionFilter { status: None, sort: Sort::Newest };
    let count = store.predictions().count(gate.id, &filter).await.unwrap();
    assert!(count >= ids.len() as u64);
    let range = Range { from: START, to: START.plus_ms(60_000) };
    let shown = store.aggregates().dashboard(gate.id, range, Resolution::Minute, START).await.unwrap();
    assert_eq!(shown.total.predictions(), count, "rows and counts were committed together");
    let mut request = PageRequest { limit: Some(200), cursor: None };
    let mut listed = 0;
    loop {
        let page = store.predictions().page(gate.id, &filter, &request).await.unwrap();
        listed += page.items.len() as u64;
        if page.next_cursor.is_none() {
            break;
        }
        request.cursor = page.next_cursor;
    }
    assert_eq!(listed, count);
    store.close().await.unwrap();
}
