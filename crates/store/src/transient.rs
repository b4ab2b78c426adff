//! Which errors are of a moment: the very same call may succeed later, with
//! nothing changed but the state of the database or the storage.

use crate::error::StoreError;

impl StoreError {
    /// Whether the same call may succeed later: the database or the storage is
    /// away, busy or full.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use object_store::Error::{Generic, JoinError};
        match self {
            Self::Full(_) | Self::Unavailable(_) => true,
            Self::Storage(error) => matches!(error, Generic { .. } | JoinError { .. }),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{DbErr, RuntimeErr};
    use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};
    use std::time::Duration;

    fn stored(error: sqlx::Error) -> StoreError {
        DbErr::Exec(RuntimeErr::SqlxError(error.into())).into()
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
        let locked = stored(other.execute("INSERT INTO t VALUES (1)").await.unwrap_err());
        assert!(locked.is_transient(), "{locked}");
        one.execute("ROLLBACK").await.unwrap();
        other.execute("PRAGMA max_page_count = 3").await.unwrap();
        let full = stored(other.execute("INSERT INTO t VALUES (zeroblob(100000))").await.unwrap_err());
        assert!(full.is_transient(), "{full}");
        let wrong = stored(other.execute("INSERT INTO nothing VALUES (1)").await.unwrap_err());
        assert!(!wrong.is_transient(), "{wrong}");
        assert!(!StoreError::conflict("taken").is_transient());
        assert!(!StoreError::corrupt("a row").is_transient());
    }
}
