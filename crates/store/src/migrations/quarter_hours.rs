//! What was counted by the minute is counted by quarters of an hour, too, on
//! either database.

use super::{
    tests::{insert, unreferred},
    *,
};
use crate::StoreOptions;
use sea_orm::QueryResult;
use std::path::Path;
use uuid::Uuid;

const MOVES: &str = "m20261130_000028_quarter_hours";
const START: i64 = 1_793_491_200_000;
const MINUTE: i64 = 60_000;

async fn before(db: &Database) {
    let SchemaState::Pending(pending) = db.schema_state().await.unwrap() else {
        panic!("nothing is pending")
    };
    let steps = pending.iter().position(|name| name == MOVES).unwrap();
    db.migrate_by(Some(u32::try_from(steps).unwrap())).await.unwrap();
    let id = |number: i64| {
        let id = Uuid::from_u128(u128::from(number.unsigned_abs()));
        match db.kind {
            DatabaseKind::Sqlite => format!("X'{}'", id.simple()),
            DatabaseKind::Postgres => format!("'{id}'"),
        }
    };
    unreferred(db, async |tx| {
        insert(db, tx, "deployments", &[("id", id(1).as_str()), ("name", "'gate'")]).await;
        for minute in 0..60 {
            let (at, deployment) = (START + minute * MINUTE, id(1));
            for text in [
                format!(
                    "aggregate_bins VALUES ({deployment}, 0, 3, {at}, {}, {}, {minute})",
                    id(2),
                    minute % 3
                ),
                format!("bucket_sources VALUES ({deployment}, 0, {at}, 'line', {minute})"),
                // The greatest is in the middle of a quarter.
                format!(
                    "bucket_exemplars VALUES ({deployment}, 0, 1, {at}, {}, {})",
                    id(100 + minute),
                    minute * 7 % 15
                ),
            ] {
                let inserted = tx.execute_unprepared(&format!("INSERT INTO {text}")).await;
                inserted.unwrap_or_else(|error| panic!("{text}: {error}"));
            }
        }
    })
    .await;
}

async fn read<T>(db: &Database, text: &str, of: impl Fn(&QueryResult) -> T) -> Vec<T> {
    rows(&db.reader, Fragment::new(text)).await.unwrap().iter().map(of).collect()
}

async fn check(db: Database) {
    before(&db).await;
    db.migrate().await.unwrap();
    let counts = "SELECT bucket_start, bin, count FROM aggregate_bins WHERE resolution = 4 ORDER BY 1, 2";
    let counts: Vec<(i64, i32, i64)> = read(&db, counts, |row| {
        let [start, count] = [0, 2].map(|place| row.try_get_by_index(place).unwrap());
        (start, row.try_get_by_index(1).unwrap(), count)
    })
    .await;
    let quarters = (0..4).flat_map(|quarter| (0..3).map(move |bin| (quarter, bin)));
    let expected: Vec<(i64, i32, i64)> = quarters
        .map(|(quarter, bin)| {
            let minutes = (quarter * 15..quarter * 15 + 15).filter(|minute| minute % 3 == i64::from(bin));
            (START + quarter * 15 * MINUTE, bin, minutes.sum())
        })
        .collect();
    assert_eq!(counts, expected);
    let sources = "SELECT count FROM bucket_sources WHERE resolution = 4 ORDER BY bucket_start";
    let sources: Vec<i64> = read(&db, sources, |row| row.try_get_by_index(0).unwrap()).await;
    assert_eq!(sources, [105, 330, 555, 780]);
    let greatest =
        "SELECT prediction_id, value FROM bucket_exemplars WHERE resolution = 4 ORDER BY bucket_start";
    let greatest: Vec<(Uuid, f64)> =
        read(&db, greatest, |row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).await;
    let minute = |quarter: u128| {
        let greatest = (quarter * 15..quarter * 15 + 15).find(|minute| minute * 7 % 15 == 14);
        (Uuid::from_u128(100 + greatest.unwrap()), 14.0)
    };
    assert_eq!(greatest, [0, 1, 2, 3].map(minute));
    db.close().await.unwrap();
}

#[tokio::test]
async fn are_made_of_minutes_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    check(Database::open(&StoreOptions::in_folder(folder.path())).await.unwrap()).await;
}

#[tokio::test]
async fn are_made_of_minutes_on_postgres() {
    let Some(url) = test_postgres::fresh_database().await else { return };
    let options = StoreOptions { database_url: url, ..StoreOptions::in_folder(Path::new("/")) };
    check(Database::open(&options).await.unwrap()).await;
}
