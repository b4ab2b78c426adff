//! Whether the store says that it cannot write, and that it can again.

use super::{
    FULL, Faults, ROOM,
    proxy::{ProxiedStore, Way},
};
use crate::{
    NotReady, Store, StoreError, StoreOptions,
    fixtures::{START, deployment, new_prediction},
    transaction::WriteConnection,
};
use sea_orm::ConnectionTrait;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{path::Path, sync::Arc};

async fn sqlite(folder: &Path) -> (Store, Arc<Faults>) {
    let faults = Faults::of(&folder.join("fovea.db"));
    (Store::open(StoreOptions::in_folder(folder)).await.unwrap(), faults)
}

fn writer(store: &Store) -> &WriteConnection {
    &store.inner.db.writer
}

/// Asks until an answer is another one than `former`: one may be a second old.
async fn next(store: &Store, former: Result<(), NotReady>) -> Result<(), NotReady> {
    loop {
        let answer = store.readiness().await;
        if answer != former {
            return answer;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_healing_too() {
    let folder = tempfile::tempdir().unwrap();
    let (store, faults) = sqlite(folder.path()).await;
    faults.set_full(true);
    writer(&store).execute_unprepared(FULL).await.unwrap();
    // Until not even a row like that of a trial has room.
    let mut number = 0;
    let refused = loop {
        number += 1;
        let key = format!("health.p{number}");
        if let Err(error) = store.settings().put(&key, &serde_json::Value::Null, START).await {
            break error;
        }
    };
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    assert_eq!(store.readiness().await, Err(NotReady::DatabaseFull));
    faults.set_full(false);
    writer(&store).execute_unprepared(ROOM).await.unwrap();
    assert_eq!(next(&store, Err(NotReady::DatabaseFull)).await, Ok(()));
    faults.refuse_commits(1);
    store.settings().put("a", &serde_json::Value::Null, START).await.unwrap_err();
    faults.refuse_commits(1);
    assert_eq!(
        store.readiness().await,
        Err(NotReady::DatabaseFailing),
        "a failed write asks for a new trial"
    );
    assert_eq!(next(&store, Err(NotReady::DatabaseFailing)).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_another_program_holds_is_told_and_its_release_too() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = sqlite(folder.path()).await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("fovea.db"));
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    let held = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    assert_eq!(store.readiness().await, Err(NotReady::DatabaseSilent));
    held.rollback().await.unwrap();
    assert_eq!(next(&store, Err(NotReady::DatabaseSilent)).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_of_our_own_that_takes_long_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = sqlite(folder.path()).await;
    let long = store.inner.db.begin().await.unwrap();
    long.execute_unprepared("UPDATE settings SET updated = 0").await.unwrap();
    assert_eq!(store.readiness().await, Ok(()), "the trial waits in line");
    long.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_files_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = sqlite(folder.path()).await;
    let files = folder.path().join("objects");
    std::fs::remove_dir_all(&files).unwrap();
    std::fs::write(&files, "a file where the folder was").unwrap();
    assert_eq!(store.readiness().await, Err(NotReady::FilesFailing));
    std::fs::remove_file(&files).unwrap();
    std::fs::create_dir(&files).unwrap();
    assert_eq!(next(&store, Err(NotReady::FilesFailing)).await, Ok(()));
    assert_eq!(std::fs::read_dir(&files).unwrap().count(), 0, "a trial leaves nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_while_predictions_are_stored_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, faults) = sqlite(folder.path()).await;
    let gate = deployment(&store, "gate").await;
    // Its labels are known then, and all that is left to it is the writing task's.
    store.predictions().insert(new_prediction(&gate)).await.unwrap();
    faults.panic_once();
    let refused = new_prediction(&gate);
    let answer = store.predictions().insert(refused.clone()).await;
    assert!(matches!(answer, Err(StoreError::Defect(_))), "{answer:?}");
    assert_eq!(store.predictions().find(refused.id).await.unwrap(), None);
    let next = store.predictions().insert(new_prediction(&gate)).await.unwrap();
    assert!(store.predictions().find(next.id).await.unwrap().is_some());
    assert_eq!(store.readiness().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_away_is_told_and_its_return_too() {
    let Some(ProxiedStore { store, proxy, _folder, .. }) = ProxiedStore::open().await else { return };
    assert_eq!(store.readiness().await, Ok(()));
    for way in [Way::Closed, Way::Silent] {
        proxy.set(way);
        let answer = next(&store, Ok(())).await;
        assert!(
            matches!(answer, Err(NotReady::DatabaseFailing | NotReady::DatabaseSilent)),
            "{way:?}: {answer:?}"
        );
        let refused = match way {
            Way::Closed => store.settings().put("a", &serde_json::json!(1), START).await,
            _ => Err(StoreError::Unavailable(String::new())),
        };
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        proxy.set(Way::Open);
        let former = store.readiness().await;
        if former.is_err() {
            assert_eq!(next(&store, former).await, Ok(()), "{way:?}");
        }
    }
    store.settings().put("a", &serde_json::json!(2), START).await.unwrap();
}
