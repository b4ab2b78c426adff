//! Migrations that fail or are killed at any point, from every earlier
//! version with data in it.

use super::*;
use crate::{StoreOptions, sql, transaction::Transaction};
use sea_orm::DbBackend;
use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

const FOLDER: &str = "FOVEA_TEST_MIGRATION_FOLDER";
const KILLED_AT: &str = "FOVEA_TEST_MIGRATION_KILLED_AT";
/// Also what metadata and settings look like, and an id that everything refers to.
const TEXT: &str = r#"'{"key": "1"}'"#;
const ID: &str = "0190000000007000800000000000000a";

/// Emptied by a migration, since it is computed anew.
const RECOMPUTED: &str = "supervised_figures";
/// Dropped by a migration, since nothing read it.
const DROPPED: &str = "embeddings";

/// The versions that there were: how many migrations had run.
fn versions() -> std::ops::Range<usize> {
    0..Migrator::migrations().len()
}

async fn open(folder: &Path) -> Database {
    Database::open(&StoreOptions::in_folder(folder)).await.unwrap()
}

async fn strings(db: &impl ConnectionTrait, text: &str) -> Vec<String> {
    let rows = rows(db, Fragment::new(text)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn tables(db: &Database) -> Vec<String> {
    let text = match db.kind {
        DatabaseKind::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
             AND name <> 'seaql_migrations' ORDER BY rowid"
        }
        DatabaseKind::Postgres => {
            "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relkind = 'r' \
             AND relnamespace = 'public'::regnamespace AND relname <> 'seaql_migrations' ORDER BY oid"
        }
    };
    strings(&db.reader, text).await
}

/// A value for a column of this type.
fn value(kind: &str, backend: DbBackend) -> String {
    match (kind.to_uppercase().as_str(), backend) {
        ("BLOB", _) => format!("X'{ID}'"),
        ("UUID", _) => format!("'{ID}'"),
        ("BYTEA", _) => format!("'\\x{ID}'"),
        ("TEXT", _) => TEXT.to_owned(),
        ("JSONB", _) => format!("{TEXT}::jsonb"),
        ("BOOLEAN" | "BOOL", _) => "TRUE".to_owned(),
        _ => "1".to_owned(),
    }
}

/// One row in every table, each referring to those of the others.
async fn fill(db: &Database) {
    let tables = tables(db).await;
    unreferred(db, async |tx| {
        for table in &tables {
            insert(db, tx, table, &[]).await;
        }
    })
    .await;
    if db.kind == DatabaseKind::Sqlite {
        assert!(strings(&db.writer, "PRAGMA foreign_key_check").await.is_empty());
    }
}

/// Writes rows in one transaction in which nobody asks whether what they refer
/// to is there.
pub(super) async fn unreferred(db: &Database, write: impl AsyncFnOnce(&Transaction)) {
    if db.kind == DatabaseKind::Sqlite {
        db.writer.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
    }
    let tx = db.begin().await.unwrap();
    if db.kind == DatabaseKind::Postgres {
        tx.execute_unprepared("SET LOCAL session_replication_role = replica").await.unwrap();
    }
    write(&tx).await;
    tx.commit().await.unwrap();
    if db.kind == DatabaseKind::Sqlite {
        db.writer.execute_unprepared("PRAGMA foreign_keys = ON").await.unwrap();
    }
}

/// A row of `table`; columns that are not `given` have any value of their type.
pub(super) async fn insert(db: &Database, tx: &Transaction, table: &str, given: &[(&str, &str)]) {
    let text = match db.kind {
        DatabaseKind::Sqlite => format!("SELECT name, type FROM pragma_table_info('{table}')"),
        DatabaseKind::Postgres => format!(
            "SELECT CAST(column_name AS TEXT), CAST(udt_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    let columns: Vec<(String, String)> = rows(tx, Fragment::new(&text))
        .await
        .unwrap()
        .iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect();
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let of = |(name, kind): &(String, String)| {
        let given = given.iter().find(|(given, _)| given == name);
        given.map_or_else(|| value(kind, db.backend()), |(_, value)| (*value).to_owned())
    };
    let values: Vec<_> = columns.iter().map(of).collect();
    let text = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
    tx.execute_unprepared(&text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// The tables, the indexes and their columns.
async fn schema(db: &Database) -> Vec<String> {
    let text = match db.kind {
        DatabaseKind::Sqlite => {
            "SELECT type || ' ' || name || ' ' || sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY 1"
        }
        DatabaseKind::Postgres => {
            "SELECT table_name || ' ' || column_name || ' ' || udt_name || ' ' || is_nullable \
             FROM information_schema.columns WHERE table_schema = 'public' \
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        }
    };
    strings(&db.reader, text).await
}

/// What a database must be after all migrations, whatever happened before.
async fn check_migrated(db: &Database, filled: &[String], wanted: &[String], what: &str) {
    assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current, "{what}");
    assert_eq!(schema(db).await, wanted, "{what}");
    assert!(!tables(db).await.iter().any(|table| table == DROPPED), "{what}");
    for table in filled.iter().filter(|table| ![RECOMPUTED, DROPPED].contains(&table.as_str())) {
        let text = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
        let counted = rows(&db.reader, Fragment::new(&text)).await.unwrap();
        let count: i64 = counted[0].try_get_by_index(0).unwrap();
        assert!(count >= 1, "{what}: {table} lost its row");
    }
    if db.kind == DatabaseKind::Sqlite {
        assert_eq!(strings(&db.reader, "PRAGMA foreign_key_check").await, Vec::<String>::new(), "{what}");
        assert_eq!(strings(&db.reader, "PRAGMA integrity_check").await, ["ok"], "{what}");
        let foreign_keys = rows(&db.writer, Fragment::new("PRAGMA foreign_keys")).await.unwrap();
        assert_eq!(foreign_keys[0].try_get_by_index::<i64>(0).unwrap(), 1, "{what}");
    }
}

/// A database of a version with data, in a folder that copies are made of.
async fn at_version(version: usize) -> (tempfile::TempDir, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    if version > 0 {
        db.migrate_by(Some(version as u32)).await.unwrap();
        fill(&db).await;
    }
    let filled = tables(&db).await;
    db.close().await.unwrap();
    (folder, filled)
}

fn copied(template: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(template.join("fovea.db"), folder.path().join("fovea.db")).unwrap();
    folder
}

async fn fresh_schema() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    db.migrate().await.unwrap();
    let schema = schema(&db).await;
    db.close().await.unwrap();
    schema
}

/// Calls `at_step` with the number of each instruction of SQLite's machine
/// that the writer runs; `false` fails the statement.
async fn watch(db: &Database, at_step: impl Fn(u64) -> bool + Send + 'static) -> Arc<AtomicU64> {
    let steps = Arc::new(AtomicU64::new(0));
    let counted = steps.clone();
    let mut connection = db.writer.connection().get_sqlite_connection_pool().acquire().await.unwrap();
    let mut handle = connection.lock_handle().await.unwrap();
    handle.set_progress_handler(1, move || at_step(counted.fetch_add(1, Ordering::Relaxed)));
    steps
}

async fn unwatch(db: &Database) {
    let mut connection = db.writer.connection().get_sqlite_connection_pool().acquire().await.unwrap();
    connection.lock_handle().await.unwrap().remove_progress_handler();
}

/// How many instructions all that is pending takes.
async fn steps_of(template: &Path) -> u64 {
    let folder = copied(template);
    let db = open(folder.path()).await;
    let steps = watch(&db, |_| true).await;
    db.migrate().await.unwrap();
    db.close().await.unwrap();
    steps.load(Ordering::Relaxed)
}

/// The process to be killed. Without the variable it is not asked to do anything.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let killed_at: u64 = std::env::var(KILLED_AT).unwrap().parse().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let db = open(Path::new(&folder)).await;
        watch(&db, move |step| {
            if step == killed_at {
                std::process::abort();
            }
            true
        })
        .await;
        db.migrate().await.unwrap();
    });
}

#[tokio::test]
async fn a_failed_statement_leaves_the_version_before_and_the_next_try_works() {
    const POINTS: u64 = 12;
    let wanted = fresh_schema().await;
    for version in versions() {
        let (template, filled) = at_version(version).await;
        let steps = steps_of(template.path()).await;
        for point in 0..POINTS {
            let folder = copied(template.path());
            let db = open(folder.path()).await;
            let before = db.schema_state().await.unwrap();
            let failed_at = (steps - 1) * point / (POINTS - 1);
            watch(&db, move |step| step != failed_at).await;
            let what = format!("from version {version}, failed at {failed_at} of {steps}");
            // The last instructions belong to the pragma after the commit.
            if db.migrate().await.is_err() && db.schema_state().await.unwrap() != SchemaState::Current {
                assert_eq!(db.schema_state().await.unwrap(), before, "{what}");
            }
            unwatch(&db).await;
            db.migrate().await.unwrap_or_else(|error| panic!("{what}: {error}"));
            check_migrated(&db, &filled, &wanted, &what).await;
            db.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_killed_migration_leaves_the_version_before_and_the_next_start_works() {
    const POINTS: u64 = 4;
    let wanted = fresh_schema().await;
    for version in versions() {
        let (template, filled) = at_version(version).await;
        let steps = steps_of(template.path()).await;
        for point in 1..=POINTS {
            let folder = copied(template.path());
            let killed_at = steps * point / (POINTS + 1);
            let what = format!("from version {version}, killed at {killed_at} of {steps}");
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "migrations::tests::child", "--nocapture"])
                .env(FOLDER, folder.path())
                .env(KILLED_AT, killed_at.to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert!(!status.success(), "{what}: it was to be killed");
            let db = open(folder.path()).await;
            let state = db.schema_state().await.unwrap();
            assert!(matches!(state, SchemaState::Pending(_)), "{what}: {state:?}");
            db.migrate().await.unwrap_or_else(|error| panic!("{what}: {error}"));
            check_migrated(&db, &filled, &wanted, &what).await;
            db.close().await.unwrap();
        }
    }
}

/// What counts and fails statements: those that change the schema, and those
/// that record a migration.
const FAULTS: &str = "CREATE SEQUENCE fault_steps; \
    CREATE FUNCTION fault_step() RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$; \
    CREATE FUNCTION fault_schema() RETURNS event_trigger LANGUAGE plpgsql \
    AS $$ BEGIN PERFORM fault_step(); END $$; \
    CREATE OR REPLACE FUNCTION fault_record() RETURNS trigger LANGUAGE plpgsql \
    AS $$ BEGIN PERFORM fault_step(); RETURN NEW; END $$; \
    CREATE EVENT TRIGGER fault ON ddl_command_end EXECUTE FUNCTION fault_schema()";

/// Fails the `step`th of them from now on.
async fn fault_at(db: &Database, step: u64) {
    let text = format!(
        "ALTER EVENT TRIGGER fault DISABLE; ALTER SEQUENCE fault_steps RESTART; \
         CREATE OR REPLACE FUNCTION fault_step() RETURNS void LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('fault_steps') = {step} THEN RAISE EXCEPTION 'injected'; END IF; END $$; \
         ALTER EVENT TRIGGER fault ENABLE"
    );
    db.writer.execute_unprepared(&text).await.unwrap();
}

#[tokio::test]
async fn on_postgres_a_failed_statement_leaves_the_version_before_and_the_next_try_works() {
    let Some(url) = test_postgres::fresh_database().await else { return };
    let options = |database_url| StoreOptions { database_url, ..StoreOptions::in_folder(Path::new("/")) };
    let fresh = Database::open(&options(url)).await.unwrap();
    fresh.migrate().await.unwrap();
    let wanted = schema(&fresh).await;
    fresh.close().await.unwrap();
    for version in versions() {
        let url = test_postgres::fresh_database().await.unwrap();
        let db = Database::open(&options(url)).await.unwrap();
        if version > 0 {
            db.migrate_by(Some(version as u32)).await.unwrap();
            fill(&db).await;
        }
        let filled = tables(&db).await;
        let before = db.schema_state().await.unwrap();
        if version > 0 {
            let text = "CREATE FUNCTION fault_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$; \
                        CREATE TRIGGER fault_record BEFORE INSERT ON seaql_migrations \
                        FOR EACH ROW EXECUTE FUNCTION fault_record()";
            db.writer.execute_unprepared(text).await.unwrap();
        }
        db.writer.execute_unprepared(FAULTS).await.unwrap();
        let mut step = 1;
        loop {
            fault_at(&db, step).await;
            let Err(error) = db.migrate().await else { break };
            let what = format!("from version {version}, failed at {step}: {error}");
            assert!(error.to_string().contains("injected"), "{what}");
            assert_eq!(db.schema_state().await.unwrap(), before, "{what}");
            step += 3;
        }
        assert!(step > 1, "from version {version} nothing was failed");
        check_migrated(&db, &filled, &wanted, &format!("from version {version}")).await;
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn processes_that_start_together_on_an_empty_folder_all_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let start = || async {
        let db = open(folder.path()).await;
        db.migrate().await.unwrap();
        assert_eq!(db.schema_state().await.unwrap(), SchemaState::Current);
        db.close().await.unwrap();
    };
    tokio::join!(start(), start(), start());
}

#[tokio::test]
async fn a_newer_database_is_refused_in_words_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    db.migrate().await.unwrap();
    let newer = sql::statement(
        db.backend(),
        "INSERT INTO seaql_migrations (version, applied_at) VALUES (?, 0)",
        vec!["m20990101_000099_future".into()],
    );
    db.writer.execute_raw(newer).await.unwrap();
    let error = db.migrate().await.unwrap_err().to_string();
    assert!(error.contains("newer version of Fovea, which made m20990101_000099_future"), "{error}");
    db.close().await.unwrap();
}
