//! Settings of deployments that were in three tables come into one, on either
//! database, and are read as what they were.

use super::{
    tests::{insert, unreferred},
    *,
};
use crate::{StoreOptions, deployments::settings_in};
use domain::{
    ids::DeploymentId,
    learning::{Policy, Trigger},
    settings::{ContinuousDeployment, ContinuousTraining, Retention, ReviewSettings},
};
use std::path::Path;
use uuid::Uuid;

/// As they were written then.
const TRAINING: &str =
    r#"'{"enabled":true,"trigger":"schedule","threshold":7,"every_hours":5,"params":{"epochs":"3"}}'"#;
const DEPLOYING: &str = r#"'{"policy":"shadow","require":null,"latency_budget_ms":12.5}'"#;
const MOVES: &str = "m20261129_000019_settings";
/// Has set everything.
const SET: Uuid = Uuid::from_u128(1);
/// Has set what may be nothing to nothing.
const OPEN: Uuid = Uuid::from_u128(2);
/// Has set nothing.
const UNSET: Uuid = Uuid::from_u128(3);

/// A database as it was before they moved, with rows of that time.
async fn before(db: &Database) {
    let pending = match db.schema_state().await.unwrap() {
        SchemaState::Pending(pending) => pending,
        other => panic!("{other:?}"),
    };
    let steps = pending.iter().position(|name| name == MOVES).unwrap();
    db.migrate_by(Some(u32::try_from(steps).unwrap())).await.unwrap();
    let id = |id: Uuid| match db.kind {
        DatabaseKind::Sqlite => format!("X'{}'", id.simple()),
        DatabaseKind::Postgres => format!("'{id}'"),
    };
    unreferred(db, async |tx| {
        for (number, deployment) in [SET, OPEN, UNSET].into_iter().enumerate() {
            let given = [("id", id(deployment)), ("name", format!("'gate {number}'"))];
            insert(db, tx, "deployments", &given.each_ref().map(|(name, value)| (*name, value.as_str())))
                .await;
        }
        for text in [
            format!("learning_settings VALUES ({}, 'training', {TRAINING})", id(SET)),
            format!("learning_settings VALUES ({}, 'deployment', {DEPLOYING})", id(SET)),
            format!("review_settings VALUES ({}, 0.3)", id(SET)),
            format!("review_settings VALUES ({}, 1)", id(OPEN)),
            format!("retention VALUES ({}, 30, 9007199254740991, 0.1)", id(SET)),
            format!("retention VALUES ({}, NULL, NULL, 1)", id(OPEN)),
        ] {
            let inserted = tx.execute_unprepared(&format!("INSERT INTO {text}")).await;
            inserted.unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    })
    .await;
}

async fn check(db: Database) {
    before(&db).await;
    db.migrate().await.unwrap();
    let read = &db.reader;
    let [set, open, unset] = [SET, OPEN, UNSET].map(DeploymentId);

    let training: ContinuousTraining = settings_in(read, set).await.unwrap();
    assert_eq!((training.enabled, training.trigger), (true, Trigger::Schedule));
    assert_eq!((training.threshold, training.every_hours), (7, 5));
    assert_eq!(training.params.get("epochs").map(String::as_str), Some("3"));
    let deploying: ContinuousDeployment = settings_in(read, set).await.unwrap();
    assert_eq!((deploying.policy, deploying.require), (Policy::Shadow, None));
    assert_eq!(deploying.latency_budget_ms, Some(12.5));

    let share = |settings: ReviewSettings| settings.blind_share.get();
    assert_eq!(share(settings_in(read, set).await.unwrap()), 0.3);
    assert_eq!(share(settings_in(read, open).await.unwrap()), 1.0);

    let retention: Retention = settings_in(read, set).await.unwrap();
    assert_eq!(
        (retention.days, retention.bytes, retention.sample_rate.get()),
        (Some(30), Some(9_007_199_254_740_991), 0.1)
    );
    let retention: Retention = settings_in(read, open).await.unwrap();
    assert_eq!((retention.days, retention.bytes, retention.sample_rate.get()), (None, None, 1.0));

    assert_eq!(settings_in::<ContinuousTraining>(read, open).await.unwrap(), ContinuousTraining::default());
    assert_eq!(settings_in::<Retention>(read, unset).await.unwrap(), Retention::default());
    let counted = rows(read, Fragment::new("SELECT CAST(COUNT(*) AS BIGINT) FROM deployment_settings")).await;
    assert_eq!(counted.unwrap()[0].try_get_by_index::<i64>(0).unwrap(), 6);
    db.close().await.unwrap();
}

#[tokio::test]
async fn come_into_one_table_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    check(Database::open(&StoreOptions::in_folder(folder.path())).await.unwrap()).await;
}

#[tokio::test]
async fn come_into_one_table_on_postgres() {
    let Some(url) = test_postgres::fresh_database().await else { return };
    let options = StoreOptions { database_url: url, ..StoreOptions::in_folder(Path::new("/")) };
    check(Database::open(&options).await.unwrap()).await;
}
