//! Rows and the files that they name: no order of acts, in however many
//! processes, leaves a row without its file.

use crate::{
    fixtures::{START, act, act_at, asset, deployment, id, new_model, new_prediction, new_version},
    harness::both,
};
use bytes::Bytes;
use domain::{
    dataset::{Asset, Split},
    deployment::Deployment,
    ids::PredictionId,
    model::WeightsRef,
    time::Timestamp,
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use store::{
    BlobKind, Collected, FileFault, IMPORT_MS, NewModelVersion, NewPrediction, REMOVAL_GRACE_MS, Store,
    StoreError, StoreOptions,
};
use tokio::sync::Mutex;

const DUE: Timestamp = Timestamp(START.0 + REMOVAL_GRACE_MS);

/// Stores an image and its thumbnail, as the service does.
pub(crate) async fn put_image(store: &Store, bytes: &'static [u8]) -> String {
    let hash = store.blobs().put(BlobKind::Images, Bytes::from_static(bytes)).await.unwrap();
    store.blobs().put_as(BlobKind::Thumbnails, &hash, Bytes::from_static(b"small")).await.unwrap();
    hash
}

pub(crate) fn of_image(gate: &Deployment, hash: &str) -> NewPrediction {
    NewPrediction { id: id(), image: Some(hash.to_owned()), ..new_prediction(gate) }
}

async fn there(store: &Store, hash: &str) -> (bool, bool) {
    let image = store.blobs().exists(BlobKind::Images, hash).await.unwrap();
    (image, store.blobs().exists(BlobKind::Thumbnails, hash).await.unwrap())
}

/// Images and thumbnails that rows name and that are not there. The weights of
/// the fixtures never are.
pub(crate) async fn image_faults(store: &Store) -> Vec<FileFault> {
    let audit = store.files().audit(true).await.unwrap();
    let is_image = |fault: &FileFault| match fault {
        FileFault::Missing(kind, _) | FileFault::Damaged(kind, _) => *kind != BlobKind::Weights,
    };
    audit.faults.into_iter().filter(is_image).collect()
}

both! {
    async fn a_file_goes_when_the_grace_is_over_and_nothing_names_it(store) {
        let gate = deployment(store, "gate").await;
        let (one, two) = (put_image(store, b"one").await, put_image(store, b"two").await);
        let first = of_image(&gate, &one);
        let also = of_image(&gate, &two);
        let again = of_image(&gate, &two);
        let ids = [first.id, also.id];
        for stored in store.predictions().insert_many(vec![first, also, again]).await {
            stored.unwrap();
        }
        for id in ids {
            store.predictions().delete(id, act()).await.unwrap();
        }
        assert_eq!(store.files().sweep(DUE.plus_ms(-1)).await.unwrap(), 0, "within the grace");
        assert_eq!(there(store, &one).await, (true, true));
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 1, "another prediction has the second");
        assert_eq!(there(store, &one).await, (false, false));
        assert_eq!(there(store, &two).await, (true, true));
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0);
    }

    async fn the_same_bytes_that_arrive_before_the_sweep_keep_their_file(store) {
        let gate = deployment(store, "gate").await;
        let hash = put_image(store, b"a frame").await;
        let old = of_image(&gate, &hash);
        store.predictions().insert(old.clone()).await.unwrap();
        store.predictions().delete(old.id, act()).await.unwrap();
        put_image(store, b"a frame").await;
        store.predictions().insert(of_image(&gate, &hash)).await.unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0);
        assert_eq!(there(store, &hash).await, (true, true));
    }

    async fn a_row_whose_file_went_before_it_is_refused_until_the_file_is_stored_again(store) {
        let gate = deployment(store, "gate").await;
        let hash = put_image(store, b"a frame").await;
        let old = of_image(&gate, &hash);
        store.predictions().insert(old.clone()).await.unwrap();
        store.predictions().delete(old.id, act()).await.unwrap();
        // The file is found here, and its row is long in coming.
        put_image(store, b"a frame").await;
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 1);
        let late = of_image(&gate, &hash);
        let other = new_prediction(&gate);
        let answers = store.predictions().insert_many(vec![late.clone(), other]).await;
        assert!(matches!(answers[0], Err(StoreError::FileRemoved { .. })), "{answers:?}");
        assert!(answers[1].is_ok(), "what came along is not to blame");
        let version = store.datasets().create_version(new_version("d", None, &[]), act()).await.unwrap();
        let image = Asset { content_hash: hash.clone(), ..asset(version.id, Split::Train, vec![]) };
        let refused = store.datasets().add_assets(version.id, std::slice::from_ref(&image)).await;
        assert!(matches!(refused, Err(StoreError::FileRemoved { .. })), "{refused:?}");
        assert_eq!(image_faults(store).await, []);
        put_image(store, b"a frame").await;
        store.predictions().insert(late).await.unwrap();
        store.datasets().add_assets(version.id, &[image]).await.unwrap();
        assert_eq!(store.files().sweep(DUE.plus_ms(REMOVAL_GRACE_MS)).await.unwrap(), 0);
        assert_eq!(image_faults(store).await, []);
    }

    async fn a_file_that_cannot_be_removed_keeps_no_other_one(store) {
        let gate = deployment(store, "gate").await;
        let hashes = [put_image(store, b"stuck").await, put_image(store, b"free").await];
        for hash in &hashes {
            let new = of_image(&gate, hash);
            store.predictions().insert(new.clone()).await.unwrap();
            store.predictions().delete(new.id, act()).await.unwrap();
        }
        // A folder in the file's place cannot be unlinked.
        let path = store.blobs().local_path(BlobKind::Thumbnails, &hashes[0]).unwrap();
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir_all(path.join("in the way")).unwrap();
        let swept = store.files().sweep(DUE).await;
        assert!(matches!(swept, Err(StoreError::Storage(_))), "{swept:?}");
        assert!(store.blobs().exists(BlobKind::Images, &hashes[0]).await.unwrap());
        assert!(!store.blobs().exists(BlobKind::Images, &hashes[1]).await.unwrap());
        std::fs::remove_dir_all(&path).unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 1);
    }

    async fn an_arrival_begins_the_grace_anew(store) {
        let gate = deployment(store, "gate").await;
        let hash = put_image(store, b"a frame").await;
        let old = of_image(&gate, &hash);
        store.predictions().insert(old.clone()).await.unwrap();
        store.predictions().delete(old.id, act()).await.unwrap();
        let arrived = DUE.plus_ms(-1);
        let frame = Bytes::from_static(b"a frame");
        assert_eq!(store.files().put(BlobKind::Images, frame, arrived).await.unwrap(), hash);
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0);
        store.predictions().insert(of_image(&gate, &hash)).await.unwrap();
        assert_eq!(there(store, &hash).await, (true, true));
        // What is on no list stays on none.
        store.files().postpone(BlobKind::Images, &"cd".repeat(32), arrived).await.unwrap();
        assert_eq!(store.files().sweep(arrived.plus_ms(REMOVAL_GRACE_MS)).await.unwrap(), 0);
    }

    async fn a_file_of_weights_that_is_stored_again_begins_the_grace_anew(store) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"weights").unwrap();
        let put = async |now| store.files().put_file(BlobKind::Weights, file.path(), now).await.unwrap();
        let (sha256, bytes) = put(START).await;
        assert_eq!(bytes, 7);
        let weights = Some(WeightsRef::fovea(sha256.clone(), bytes));
        let new = NewModelVersion { weights, ..new_model("cells") };
        let version = store.models().create_version(new, act()).await.unwrap();
        store.models().delete(version.id, act()).await.unwrap();
        let arrived = DUE.plus_ms(-1);
        assert_eq!(put(arrived).await, (sha256.clone(), bytes));
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0);
        assert!(store.blobs().exists(BlobKind::Weights, &sha256).await.unwrap());
        assert_eq!(store.files().sweep(arrived.plus_ms(REMOVAL_GRACE_MS)).await.unwrap(), 1);
        assert_eq!(put(DUE.plus_ms(REMOVAL_GRACE_MS)).await, (sha256.clone(), bytes));
        assert!(store.blobs().exists(BlobKind::Weights, &sha256).await.unwrap(), "written again");
    }

    async fn weights_stay_as_long_as_a_version_has_them(store) {
        let bytes = Bytes::from_static(b"weights");
        let sha256 = store.blobs().put(BlobKind::Weights, bytes).await.unwrap();
        let new = || NewModelVersion {
            weights: Some(WeightsRef::fovea(sha256.clone(), 7)),
            ..new_model("cells")
        };
        let first = store.models().create_version(new(), act()).await.unwrap();
        let second = store.models().create_version(new(), act()).await.unwrap();
        store.models().delete(first.id, act()).await.unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0);
        store.models().delete(second.id, act()).await.unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 1);
        let late = store.models().create_version(new(), act()).await;
        assert!(matches!(late, Err(StoreError::FileRemoved { .. })), "{late:?}");
    }

    async fn no_file_goes_while_a_backup_holds_them(store) {
        let gate = deployment(store, "gate").await;
        let hash = put_image(store, b"a frame").await;
        let old = of_image(&gate, &hash);
        store.predictions().insert(old.clone()).await.unwrap();
        store.predictions().delete(old.id, act()).await.unwrap();
        let hold = id();
        store.files().hold(hold, DUE).await.unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 0);
        let real = now_and_the_grace();
        store.files().hold(hold, real).await.unwrap();
        let collected = store.files().collect(real, false).await.unwrap();
        assert_eq!(collected, Collected { held: true, ..Collected::default() });
        assert_eq!(there(store, &hash).await, (true, true));
        store.files().end_hold(hold).await.unwrap();
        assert_eq!(store.files().sweep(DUE).await.unwrap(), 1);
    }

    async fn the_hold_of_a_killed_backup_ends_by_itself(store) {
        let gate = deployment(store, "gate").await;
        let old = of_image(&gate, &put_image(store, b"a frame").await);
        store.predictions().insert(old.clone()).await.unwrap();
        store.predictions().delete(old.id, act()).await.unwrap();
        store.files().hold(id(), START).await.unwrap();
        assert_eq!(store.files().sweep(START.plus_ms(store::HOLD_MS.max(REMOVAL_GRACE_MS))).await.unwrap(), 1);
    }

    async fn old_files_without_a_row_are_collected_and_young_ones_are_not(store) {
        let gate = deployment(store, "gate").await;
        let named = put_image(store, b"named").await;
        store.predictions().insert(of_image(&gate, &named)).await.unwrap();
        let orphan = put_image(store, b"orphan").await;
        let young = moment(SystemTime::now());
        assert_eq!(store.files().collect(young, false).await.unwrap(), Collected::default());
        let audit = store.files().audit(false).await.unwrap();
        assert_eq!((audit.unnamed, audit.unnamed_bytes), (2, 11));
        let path = store.blobs().local_path(BlobKind::Images, &orphan).unwrap();
        std::fs::write(path.with_extension("#1"), b"cut").unwrap();
        let old = now_and_the_grace();
        let wanted = Collected { files: 3, bytes: 14, held: false };
        assert_eq!(store.files().collect(old, true).await.unwrap(), wanted, "only counted");
        assert_eq!(there(store, &orphan).await, (true, true));
        assert_eq!(store.files().collect(old, false).await.unwrap(), wanted);
        assert_eq!(there(store, &orphan).await, (false, false));
        assert_eq!(there(store, &named).await, (true, true));
        assert_eq!(store.files().collect(old, false).await.unwrap(), Collected::default());
        let late = store.predictions().insert(of_image(&gate, &orphan)).await;
        assert!(matches!(late, Err(StoreError::FileRemoved { .. })), "{late:?}");
    }

    async fn an_audit_names_what_is_missing_and_what_is_damaged(store) {
        let gate = deployment(store, "gate").await;
        let hashes =
            [put_image(store, b"sound").await, put_image(store, b"missing").await, put_image(store, b"damaged").await];
        for hash in &hashes {
            store.predictions().insert(of_image(&gate, hash)).await.unwrap();
        }
        let [_, missing, damaged] = hashes;
        store.blobs().delete(BlobKind::Images, &missing).await.unwrap();
        std::fs::write(store.blobs().local_path(BlobKind::Images, &damaged).unwrap(), b"dAmaged").unwrap();
        let wanted = [FileFault::Damaged(BlobKind::Images, damaged), FileFault::Missing(BlobKind::Images, missing)];
        assert_eq!(image_faults(store).await, wanted);
    }

    async fn an_import_that_was_cut_off_is_discarded_with_its_images(store) {
        let datasets = store.datasets();
        let hash = put_image(store, b"an image").await;
        let mut versions = Vec::new();
        for _ in 0..2 {
            let version = datasets.begin_import(new_version("cells", None, &[]), act()).await.unwrap();
            let image = Asset { content_hash: hash.clone(), ..asset(version.id, Split::Train, vec![]) };
            datasets.add_assets(version.id, &[image]).await.unwrap();
            versions.push(version.id);
        }
        let now = START.plus_ms(IMPORT_MS);
        assert_eq!(datasets.discard_cut_off(&act_at(now.plus_ms(-1))).await.unwrap(), Vec::<String>::new());
        datasets.freeze(versions[0], "whole", act()).await.unwrap();
        assert_eq!(datasets.imports().await.unwrap().len(), 1);
        assert_eq!(datasets.discard_cut_off(&act_at(now)).await.unwrap(), ["cells/v2"]);
        assert!(datasets.find(versions[0]).await.unwrap().is_some());
        assert!(datasets.find(versions[1]).await.unwrap().is_none());
        assert!(matches!(datasets.renew_import(versions[1], now).await, Err(StoreError::NotFound { .. })));
        assert_eq!(store.files().sweep(now.plus_ms(REMOVAL_GRACE_MS)).await.unwrap(), 0, "the first has the image");
        let third = datasets.begin_import(new_version("cells", None, &[]), act()).await.unwrap();
        datasets.renew_import(third.id, now).await.unwrap();
        assert_eq!(datasets.discard_cut_off(&act_at(now)).await.unwrap(), Vec::<String>::new(), "it goes on");
        assert_eq!(datasets.open_versions().await.unwrap(), []);
        datasets.create_version(new_version("other", None, &[]), act()).await.unwrap();
        assert_eq!(datasets.open_versions().await.unwrap(), [("other/v1".to_owned(), START)]);
    }
}

fn moment(time: SystemTime) -> Timestamp {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp(since.as_millis() as i64)
}

/// When files that were just written are old enough.
fn now_and_the_grace() -> Timestamp {
    moment(SystemTime::now() + Duration::from_secs(1)).plus_ms(REMOVAL_GRACE_MS)
}

const FRAMES: [&[u8]; 3] = [b"frame 1", b"frame 2", b"frame 3"];
const ROUNDS: usize = 60;

/// Stores the bytes and then a prediction of them, as often as it takes.
async fn send(store: &Store, gate: &Deployment, frame: &'static [u8]) -> PredictionId {
    loop {
        let hash = put_image(store, frame).await;
        // Between its file and its row anything may happen.
        tokio::task::yield_now().await;
        let new = of_image(gate, &hash);
        match store.predictions().insert(new.clone()).await {
            Ok(stored) => return stored.id,
            Err(StoreError::FileRemoved { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Imports the bytes into a version, which is discarded but for the last one.
async fn import(store: &Store, dataset: &str, frame: &'static [u8], last: bool) {
    let version = store.datasets().begin_import(new_version(dataset, None, &[]), act()).await.unwrap();
    loop {
        let hash = put_image(store, frame).await;
        let image = Asset { content_hash: hash, ..asset(version.id, Split::Train, vec![]) };
        match store.datasets().add_assets(version.id, &[image]).await {
            Ok(()) => break,
            Err(StoreError::FileRemoved { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    if last {
        store.datasets().freeze(version.id, "whole", act()).await.unwrap();
    } else {
        store.datasets().discard(version.id, act()).await.unwrap();
    }
}

/// Two stores on one database, as two processes have them: cameras that send
/// equal frames, deletions, imports and sweepers for whom every grace is over.
async fn race(options: StoreOptions) {
    let stores = [Store::open(options.clone()).await.unwrap(), Store::open(options).await.unwrap()];
    let gate = Arc::new(deployment(&stores[0], "gate").await);
    let sent = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = tokio::task::JoinSet::new();
    for (number, store) in stores.iter().cloned().enumerate() {
        let (one, gate_of_one, sent_by_one) = (store.clone(), gate.clone(), sent.clone());
        tasks.spawn(async move {
            for round in 0..ROUNDS {
                let id = send(&one, &gate_of_one, FRAMES[(round + number) % FRAMES.len()]).await;
                sent_by_one.lock().await.push(id);
            }
        });
        let (one, sent_by_one) = (store.clone(), sent.clone());
        tasks.spawn(async move {
            for _ in 0..2 * ROUNDS {
                let next = sent_by_one.lock().await.pop();
                if let Some(id) = next {
                    one.predictions().delete(id, act()).await.unwrap();
                }
                one.files().sweep(DUE).await.unwrap();
            }
        });
        tasks.spawn(async move {
            for round in 0..ROUNDS / 4 {
                // Two that make a dataset at the same moment are told to try again.
                let dataset = ["ours", "theirs"][number];
                import(&store, dataset, FRAMES[round % FRAMES.len()], round + 1 == ROUNDS / 4).await;
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(image_faults(&stores[0]).await, []);
    assert_eq!(stores[0].inconsistencies().await.unwrap(), Vec::<String>::new());
    for id in sent.lock().await.drain(..) {
        stores[0].predictions().delete(id, act()).await.unwrap();
    }
    stores[1].files().sweep(DUE).await.unwrap();
    assert_eq!(image_faults(&stores[1]).await, []);
    for store in stores {
        store.close().await.unwrap();
    }
}

/// A folder that goes with the test, and a store's options in it.
fn in_new_folder() -> (tempfile::TempDir, StoreOptions) {
    let folder = tempfile::tempdir().unwrap();
    let options = StoreOptions::in_folder(folder.path());
    (folder, options)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_order_of_acts_of_two_processes_leaves_a_row_without_its_file_on_sqlite() {
    let (_folder, options) = in_new_folder();
    race(options).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_order_of_acts_of_two_processes_leaves_a_row_without_its_file_on_postgres() {
    let Some(database_url) = test_postgres::fresh_database().await else { return };
    let (_folder, options) = in_new_folder();
    race(StoreOptions { database_url, ..options }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_copy_made_during_deletions_names_only_files_that_are_there() {
    let (folder, options) = in_new_folder();
    let (store, backup) = (Store::open(options.clone()).await.unwrap(), Store::open(options).await.unwrap());
    let gate = deployment(&store, "gate").await;
    let mut ids = Vec::new();
    for frame in FRAMES {
        ids.push(send(&store, &gate, frame).await);
    }
    let hold = id();
    backup.files().hold(hold, DUE).await.unwrap();
    let copy = folder.path().join("copy.db");
    backup.backup_to(&copy).await.unwrap();
    for id in ids {
        store.predictions().delete(id, act()).await.unwrap();
    }
    assert_eq!(store.files().sweep(DUE).await.unwrap(), 0);
    let copied = StoreOptions {
        database_url: format!("sqlite://{}", copy.display()),
        ..StoreOptions::in_folder(folder.path())
    };
    Store::check_copy(&copied).await.unwrap();
    let copied = Store::open_unchanged(copied).await.unwrap();
    assert_eq!(copied.files().named(BlobKind::Images).await.unwrap().len(), FRAMES.len());
    assert_eq!(image_faults(&copied).await, []);
    copied.close().await.unwrap();
    backup.files().end_hold(hold).await.unwrap();
    assert_eq!(store.files().sweep(DUE).await.unwrap(), FRAMES.len() as u64);
    store.close().await.unwrap();
    backup.close().await.unwrap();
}

#[tokio::test]
async fn a_database_that_runs_something_by_itself_is_not_trusted() {
    use sqlx::Connection as _;
    let (_folder, options) = in_new_folder();
    Store::open(options.clone()).await.unwrap().close().await.unwrap();
    Store::check_copy(&options).await.unwrap();
    let planted = [
        (
            "CREATE TRIGGER t AFTER INSERT ON tokens BEGIN DELETE FROM audit; END",
            "DROP TRIGGER t",
            "trigger \"t\"",
        ),
        ("CREATE VIEW v AS SELECT 1", "DROP VIEW v", "view \"v\""),
    ];
    for (plant, remove, named) in planted {
        let mut connection = sqlx::SqliteConnection::connect(&options.database_url).await.unwrap();
        sqlx::raw_sql(plant).execute(&mut connection).await.unwrap();
        let error = Store::check_copy(&options).await.unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
        sqlx::raw_sql(remove).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
    Store::check_copy(&options).await.unwrap();
}

#[tokio::test]
async fn opening_unchanged_makes_nothing_and_refuses_to_write() {
    let (folder, options) = in_new_folder();
    assert!(Store::open_unchanged(options.clone()).await.is_err(), "there is nothing yet");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    Store::open(options.clone()).await.unwrap().close().await.unwrap();
    let before = std::fs::read(folder.path().join("fovea.db")).unwrap();
    let store = Store::open_unchanged(options).await.unwrap();
    assert_eq!(store.schema_state().await.unwrap(), store::SchemaState::Current);
    assert!(store.settings().put("a", &serde_json::json!(1), START).await.is_err());
    assert!(!store.users().has_admin().await.unwrap());
    store.close().await.unwrap();
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["fovea.db", "objects"]);
    assert_eq!(std::fs::read(folder.path().join("fovea.db")).unwrap(), before);
}
