//! Brings the schema up to date: all that is pending or nothing, with the
//! records, in one transaction.

use crate::{
    database::{Database, DatabaseKind, QueuePool, unreachable_database},
    error::{Result, StoreError},
    sql::{Fragment, rows},
};
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use std::collections::BTreeSet;

/// Any number that no other program uses on the same database.
const MIGRATION_LOCK: i64 = 0x0066_6f76_6561;

/// Where a database's schema stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// As this program needs it.
    Current,
    /// These migrations have not run yet; none of them has in an empty database.
    Pending(Vec<String>),
    /// A newer program made these.
    Newer(Vec<String>),
}

impl Database {
    /// Where the schema stands. Changes nothing.
    pub(crate) async fn schema_state(&self) -> Result<SchemaState> {
        let text = match self.kind {
            DatabaseKind::Sqlite => "SELECT 1 FROM sqlite_schema WHERE name = 'seaql_migrations'",
            DatabaseKind::Postgres => {
                "SELECT 1 FROM pg_catalog.pg_class WHERE oid = to_regclass('seaql_migrations')"
            }
        };
        let mut applied = BTreeSet::new();
        if !rows(&self.reader, Fragment::new(text)).await?.is_empty() {
            for row in rows(&self.reader, Fragment::new("SELECT version FROM seaql_migrations")).await? {
                applied.insert(row.try_get_by_index::<String>(0)?);
            }
        }
        let ours: Vec<String> = Migrator::migrations().iter().map(|one| one.name().to_owned()).collect();
        let newer: Vec<String> = applied.iter().filter(|name| !ours.contains(name)).cloned().collect();
        if !newer.is_empty() {
            return Ok(SchemaState::Newer(newer));
        }
        let pending: Vec<String> = ours.into_iter().filter(|name| !applied.contains(name)).collect();
        Ok(if pending.is_empty() { SchemaState::Current } else { SchemaState::Pending(pending) })
    }

    /// Brings the schema up to date, and says which migrations ran. A process
    /// that is killed meanwhile leaves it as it was.
    pub(crate) async fn migrate(&self) -> Result<Vec<String>> {
        self.migrate_by(None).await
    }

    /// As [`migrate`](Self::migrate), but no further than so many migrations.
    pub(crate) async fn migrate_by(&self, steps: Option<u32>) -> Result<Vec<String>> {
        let pending = match self.schema_state().await? {
            SchemaState::Current => return Ok(Vec::new()),
            SchemaState::Newer(newer) => return Err(StoreError::Options(newer_sentence(&newer))),
            SchemaState::Pending(pending) => pending,
        };
        match &self.queue {
            QueuePool::Sqlite(_) => self.migrate_sqlite(steps).await?,
            QueuePool::Postgres(pool) => {
                // One process at a time: several may start together.
                let mut guard = pool.acquire().await.map_err(unreachable_database)?;
                let lock = sqlx::query("SELECT pg_advisory_lock($1)").bind(MIGRATION_LOCK);
                lock.execute(&mut *guard).await.map_err(unreachable_database)?;
                let migrated = self.migrate_in_transaction(steps).await;
                let unlock = sqlx::query("SELECT pg_advisory_unlock($1)").bind(MIGRATION_LOCK);
                unlock.execute(&mut *guard).await.map_err(unreachable_database)?;
                migrated?;
            }
        }
        Ok(pending)
    }

    /// The pragmas have no effect inside a transaction; the writer is one
    /// connection, so they hold for the next one. Foreign keys are off because
    /// a table that is rebuilt is dropped, which would delete what refers to
    /// it; they are checked before the commit. A second process that starts
    /// meanwhile waits as long as the migrations take.
    async fn migrate_sqlite(&self, steps: Option<u32>) -> Result<()> {
        self.writer.execute_unprepared("PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 600000").await?;
        let migrated = self.migrate_in_transaction(steps).await;
        self.writer.execute_unprepared("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000").await?;
        migrated
    }

    async fn migrate_in_transaction(&self, steps: Option<u32>) -> Result<()> {
        let tx = self.begin().await?;
        Migrator::up(tx.for_migrations()?, steps).await?;
        if self.kind == DatabaseKind::Sqlite {
            let broken = rows(&tx, Fragment::new("PRAGMA foreign_key_check")).await?;
            if let Some(row) = broken.first() {
                let table: String = row.try_get_by_index(0)?;
                let what = format!("{} rows refer to nothing, the first in {table}", broken.len());
                return Err(StoreError::corrupt(what));
            }
        }
        Ok(tx.commit().await?)
    }
}

fn newer_sentence(newer: &[String]) -> String {
    format!(
        "The data was written by a newer version of Fovea, which made {}. Use that version or a later one, \
         or restore a backup of before; nothing was changed.",
        newer.join(", ")
    )
}

#[cfg(test)]
mod moved_settings;
#[cfg(test)]
mod quarter_hours;
#[cfg(test)]
mod tests;
