//! A copy of the database while it is in use, and what is asked of a copy
//! before it is trusted.

use crate::{
    DatabaseKind, Store,
    database::{Database, QueuePool, unreachable_database},
    error::{Result, StoreError},
    options::StoreOptions,
    sql::{Fragment, rows},
};
use std::path::Path;

impl Store {
    /// Writes a consistent copy of the SQLite database to a new file. The
    /// blobs are files of their own and are not in it: hold them
    /// ([`Files::hold`](crate::Files::hold)) before, until they are copied.
    ///
    /// # Errors
    /// `Conflict` when the file is there already or the database is
    /// PostgreSQL, which has its own tool for it.
    pub async fn backup_to(&self, file: &Path) -> Result<()> {
        // Readers may not write, not even elsewhere, and the writer must stay free to renew the hold.
        let QueuePool::Sqlite(pool) = &self.inner.db.queue else {
            return Err(StoreError::conflict("use pg_dump for a copy of a PostgreSQL database"));
        };
        if file.exists() {
            return Err(StoreError::conflict(format!("{} is there already", file.display())));
        }
        let path = file.to_str().ok_or_else(|| StoreError::Options("the path is not UTF-8".to_owned()))?;
        sqlx::query("VACUUM INTO ?").bind(path).execute(pool).await.map_err(unreachable_database)?;
        Ok(())
    }

    /// Refuses a database that is damaged, or that holds what could run by
    /// itself: Fovea makes no triggers, no views and no virtual tables.
    ///
    /// # Errors
    /// `Corrupt`, with what is wrong, or the database's.
    pub async fn check_copy(options: &StoreOptions) -> Result<()> {
        let db = Database::open_unchanged(options).await?;
        let checked = check(&db).await;
        db.close().await?;
        checked
    }
}

async fn check(db: &Database) -> Result<()> {
    if db.kind == DatabaseKind::Postgres {
        return Ok(());
    }
    let text = "SELECT type, name FROM sqlite_schema WHERE type NOT IN ('table', 'index') \
                OR UPPER(LTRIM(sql)) LIKE 'CREATE VIRTUAL%' LIMIT 1";
    if let Some(row) = rows(&db.reader, Fragment::new(text)).await?.first() {
        let (what, name): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        return Err(StoreError::corrupt(format!(
            "the database holds the {what} {name:?}, which is not Fovea's"
        )));
    }
    for row in rows(&db.reader, Fragment::new("PRAGMA quick_check(1)")).await? {
        let verdict: String = row.try_get_by_index(0)?;
        if verdict != "ok" {
            return Err(StoreError::corrupt(format!("the database says: {verdict}")));
        }
    }
    Ok(())
}
