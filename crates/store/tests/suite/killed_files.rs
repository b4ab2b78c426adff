//! A process that is killed in the midst of storing, deleting, importing and
//! sweeping leaves no row without its file, and nothing that stays for ever.

use crate::{
    files::{image_faults, of_image, put_image},
    fixtures::{START, act, act_at, asset, deployment, new_version},
};
use domain::{
    dataset::{Asset, Split},
    time::Timestamp,
};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};
use store::{BlobKind, FileAudit, IMPORT_MS, REMOVAL_GRACE_MS, Store, StoreError, StoreOptions};
use uuid::Uuid;

const FOLDER: &str = "FOVEA_TEST_KILLED_FILES_FOLDER";
const FRAMES: [&[u8]; 3] = [b"frame 1", b"frame 2", b"frame 3"];

/// The process to be killed: says a line after each act. Without the variable
/// it is not asked to do anything.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(StoreOptions::in_folder(folder.as_ref())).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(send_and_delete(store.clone()));
        tasks.spawn(import(store.clone()));
        tasks.spawn(async move {
            loop {
                store.files().sweep(START.plus_ms(REMOVAL_GRACE_MS)).await.unwrap();
                say("swept");
            }
        });
        tasks.join_all().await;
    });
}

/// Not println: the harness would keep it to itself.
fn say(act: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{act}").unwrap();
}

/// An id that no process before this one gave.
fn fresh() -> Uuid {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    Uuid::from_u128((now << 16) | u128::from(LAST.fetch_add(1, Ordering::Relaxed) & 0xffff))
}

async fn send_and_delete(store: Store) {
    let gate = store.deployments().list().await.unwrap().remove(0);
    for frame in FRAMES.into_iter().cycle() {
        let new = of_image(&gate, &put_image(&store, frame).await);
        let new = store::NewPrediction { id: fresh().into(), ..new };
        match store.predictions().insert(new).await {
            Ok(stored) => drop(store.predictions().delete(stored.id, act()).await.unwrap()),
            Err(StoreError::FileRemoved { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        say("deleted");
    }
}

async fn import(store: Store) {
    for number in 0u128.. {
        let mut new = new_version("cells", None, &[]);
        new.id.0 = fresh();
        new.dataset_id.0 = fresh();
        let version = store.datasets().begin_import(new, act()).await.unwrap();
        let hash = put_image(&store, FRAMES[number as usize % FRAMES.len()]).await;
        let mut image = Asset { content_hash: hash, ..asset(version.id, Split::Train, vec![]) };
        image.id.0 = fresh();
        match store.datasets().add_assets(version.id, &[image]).await {
            Ok(()) | Err(StoreError::FileRemoved { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        store.datasets().discard(version.id, act()).await.unwrap();
        say("imported");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_leaves_no_row_without_its_file_and_what_it_leaves_is_collected() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    deployment(&store, "gate").await;
    store.close().await.unwrap();
    for round in 1..=6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed_files::child", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert_eq!(lines.take(17 * round).count(), 17 * round);
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
        assert_eq!(image_faults(&store).await, [], "round {round}");
        assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new(), "round {round}");
        let late = START.plus_ms(IMPORT_MS);
        store.datasets().discard_cut_off(&act_at(late)).await.unwrap();
        assert_eq!(store.datasets().imports().await.unwrap(), []);
        store.close().await.unwrap();
    }
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    let never = Timestamp(i64::MAX / 2);
    store.files().sweep(never).await.unwrap();
    store.files().collect(never, false).await.unwrap();
    let FileAudit { unnamed, .. } = store.files().audit(false).await.unwrap();
    let named = store.files().named(BlobKind::Images).await.unwrap().len();
    assert_eq!(unnamed, 0, "beside {named} that rows name");
    store.close().await.unwrap();
}
