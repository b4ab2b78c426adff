//! Which errors are of a moment: the database or the storage is away, busy or
//! full, and the very same call may succeed later. All others would fail again.

use crate::error::StoreError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

impl StoreError {
    /// Whether the same call may succeed later, with nothing changed but the
    /// state of the database or the storage.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => of_database(error),
            Self::Storage(error) => of_storage(error),
            _ => false,
        }
    }
}

fn of_database(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => of_driver(error),
        _ => false,
    }
}

fn of_driver(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        // What a server sends that goes down in the middle of an answer.
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| of_code(&code)),
        _ => false,
    }
}

/// SQLite gives numbers (its extended result codes), PostgreSQL five characters.
fn of_code(code: &str) -> bool {
    /// BUSY, LOCKED, IOERR, FULL, CANTOPEN.
    const SQLITE: [u32; 5] = [5, 6, 10, 13, 14];
    /// Connections, resources, a server that goes down or comes up, clashes of
    /// transactions, a standby that does not write yet, the server's disk.
    const POSTGRES: [&str; 8] = ["08", "53", "57P", "40001", "40P01", "25006", "55000", "58030"];
    if code.len() == 5 {
        return POSTGRES.iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|code| SQLITE.contains(&(code & 0xff)))
}

fn of_storage(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::Generic { .. } | object_store::Error::JoinError { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{StoreOptions, database::Database};
    use sea_orm::ConnectionTrait;
    use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};
    use std::time::Duration;

    #[test]
    fn codes_of_a_moment_are_told_from_mistakes() {
        for code in ["5", "261", "517", "6", "13", "778", "14", "08006", "53100", "53300", "57P01", "40P01"] {
            assert!(of_code(code), "{code}");
        }
        for code in ["1", "787", "2067", "11", "23505", "42P01", "22P02", "42601", "57014"] {
            assert!(!of_code(code), "{code}");
        }
    }

    #[tokio::test]
    async fn a_locked_and_a_full_database_are_of_a_moment_and_a_mistake_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db.sqlite");
        let options =
            SqliteConnectOptions::new().filename(&path).create_if_missing(true).busy_timeout(Duration::ZERO);
        let mut one = SqliteConnection::connect_with(&options).await.unwrap();
        let mut other = SqliteConnection::connect_with(&options).await.unwrap();
        one.execute("CREATE TABLE t (a BLOB)").await.unwrap();
        one.execute("BEGIN IMMEDIATE").await.unwrap();
        assert!(of_driver(&other.execute("INSERT INTO t VALUES (1)").await.unwrap_err()), "locked");
        one.execute("ROLLBACK").await.unwrap();
        other.execute("PRAGMA max_page_count = 3").await.unwrap();
        let full = other.execute("INSERT INTO t VALUES (zeroblob(100000))").await.unwrap_err();
        assert!(of_driver(&full), "{full}");
        assert!(!of_driver(&other.execute("INSERT INTO nothing VALUES (1)").await.unwrap_err()));
    }

    #[tokio::test]
    async fn a_statement_that_is_wrong_stays_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&StoreOptions::in_folder(folder.path())).await.unwrap();
        let wrong = db.writer.execute_unprepared("INSERT INTO nothing VALUES (1)").await.unwrap_err();
        assert!(!StoreError::from(wrong).is_transient());
        db.close().await.unwrap();
    }
}
