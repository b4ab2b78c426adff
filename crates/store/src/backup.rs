//! A copy of the database while it is in use.

use crate::{
    DatabaseKind, Store,
    error::{Result, StoreError},
    sql,
};
use sea_orm::{ConnectionTrait, DbBackend};
use std::path::Path;

impl Store {
    /// Writes a consistent copy of the SQLite database to a new file. The
    /// blobs are files of their own and are not in it.
    ///
    /// # Errors
    /// `Conflict` when the file is there already or the database is
    /// PostgreSQL, which has its own tool for it.
    pub async fn backup_to(&self, file: &Path) -> Result<()> {
        if self.database_kind() == DatabaseKind::Postgres {
            return Err(StoreError::conflict("use pg_dump for a copy of a PostgreSQL database"));
        }
        if file.exists() {
            return Err(StoreError::conflict(format!("{} is there already", file.display())));
        }
        let path = file.to_str().ok_or_else(|| StoreError::Options("the path is not UTF-8".to_owned()))?;
        let statement = sql::statement(DbBackend::Sqlite, "VACUUM INTO ?", vec![path.into()]);
        // Readers may not write, not even elsewhere.
        self.inner.db.writer.execute_raw(statement).await?;
        Ok(())
    }
}
