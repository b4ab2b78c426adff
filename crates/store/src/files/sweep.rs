//! Removes the files that nothing names any more, after the grace.

use super::{Files, NAMED, NOTE_KEPT_MS, REMOVAL_GRACE_MS, lock};
use crate::{
    blobs::BlobKind,
    error::{Result, StoreError},
    sql::{Fragment, rows},
    transaction::Transaction,
};
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult};

/// Files of one look at the list.
const CHUNK: i64 = 500;

/// Why a file is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// It is on the list since at least the grace.
    Due,
    /// It is in the storage since at least the grace, and nothing named it.
    Unnamed,
}

/// What came of a look at one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is gone.
    Removed,
    /// A row names it, or it is not due any more.
    Stays,
    /// A backup holds all files.
    Held,
}

impl Files<'_> {
    /// Removes the files whose grace is over at `now` and that no row names,
    /// and says how many. Nothing is removed while a backup holds them.
    ///
    /// # Errors
    /// The database's, or the storage's after all other files were looked at;
    /// what is left goes the next time.
    pub async fn sweep(&self, now: Timestamp) -> Result<u64> {
        let due = now.plus_ms(-REMOVAL_GRACE_MS);
        let (mut removed, mut failed) = (0, None);
        let mut after = (i64::MIN, String::new());
        loop {
            let waiting = self.waiting(due, &after).await?;
            for row in &waiting {
                let (kind, hash): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                after = (row.try_get_by_index(2)?, hash.clone());
                let Some(kind) = BlobKind::of_folder(&kind) else { continue };
                match self.remove_unnamed(kind, &hash, Look::Due, now).await {
                    Ok(Outcome::Removed) => removed += 1,
                    Ok(Outcome::Stays) => {}
                    Ok(Outcome::Held) => return Ok(removed),
                    // One file that cannot be removed keeps no other one here.
                    Err(error @ StoreError::Storage(_)) => failed = Some(error),
                    Err(error) => return Err(error),
                }
            }
            if waiting.len() < CHUNK.unsigned_abs() as usize {
                break;
            }
        }
        let old = now.plus_ms(-NOTE_KEPT_MS);
        let forget = Fragment::new("DELETE FROM file_removals WHERE removed < ").value(old.0);
        self.db.writer.execute_raw(forget.into_statement(self.db.backend())).await?;
        failed.map_or(Ok(removed), Err)
    }

    /// Files on the list since `due` or longer, after those that were seen.
    async fn waiting(&self, due: Timestamp, (since, hash): &(i64, String)) -> Result<Vec<QueryResult>> {
        let text = "SELECT kind, hash, since FROM file_removals WHERE removed IS NULL AND since <= ";
        let waiting = Fragment::new(text)
            .value(due.0)
            .say(" AND (since > ")
            .value(*since)
            .say(" OR (since = ")
            .value(*since)
            .say(" AND hash > ")
            .value(hash)
            .say(")) ORDER BY since, hash LIMIT ")
            .value(CHUNK);
        rows(&self.db.reader, waiting).await
    }

    /// One file, under its lock: see the module's words for why that is sound.
    pub(super) async fn remove_unnamed(
        &self,
        kind: BlobKind,
        hash: &str,
        look: Look,
        now: Timestamp,
    ) -> Result<Outcome> {
        let tx = self.db.begin().await?;
        lock(&tx, [hash].into_iter(), "pg_advisory_xact_lock").await?;
        let outcome = self.judge(&tx, kind, hash, look, now).await?;
        match outcome {
            Outcome::Held => {
                tx.rollback().await?;
                return Ok(outcome);
            }
            Outcome::Stays => {}
            Outcome::Removed => {
                // Before the image: who finds the image whole must find both.
                if kind == BlobKind::Images {
                    self.blobs.delete(BlobKind::Thumbnails, hash).await?;
                }
                self.blobs.delete(kind, hash).await?;
                let note = Fragment::new("INSERT INTO file_removals (kind, hash, since, removed) VALUES (")
                    .value(kind.folder())
                    .say(", ")
                    .value(hash)
                    .say(", ")
                    .value(now.0)
                    .say(", ")
                    .value(now.0)
                    .say(") ON CONFLICT (kind, hash) DO UPDATE SET removed = excluded.removed");
                tx.execute_raw(note.into_statement(tx.get_database_backend())).await?;
            }
        }
        tx.commit().await?;
        Ok(outcome)
    }

    async fn judge(
        &self,
        tx: &Transaction,
        kind: BlobKind,
        hash: &str,
        look: Look,
        now: Timestamp,
    ) -> Result<Outcome> {
        let held = Fragment::new("SELECT 1 FROM file_holds WHERE until > ").value(now.0);
        if !rows(tx, held.say(" LIMIT 1")).await?.is_empty() {
            return Ok(Outcome::Held);
        }
        let this = || Fragment::new(" WHERE kind = ").value(kind.folder()).say(" AND hash = ").value(hash);
        let entry = Fragment::new("SELECT since, removed FROM file_removals").then(this());
        let entry = match rows(tx, entry).await?.first() {
            Some(row) => Some((row.try_get_by_index::<i64>(0)?, row.try_get_by_index::<Option<i64>>(1)?)),
            None => None,
        };
        let due = match (look, entry) {
            // Deleted again since, or removed by another sweeper.
            (Look::Due, Some((since, removed))) => {
                removed.is_none() && since <= now.plus_ms(-REMOVAL_GRACE_MS).0
            }
            (Look::Due, None) => false,
            (Look::Unnamed, Some((since, None))) => since <= now.plus_ms(-REMOVAL_GRACE_MS).0,
            (Look::Unnamed, _) => true,
        };
        if !due {
            return Ok(Outcome::Stays);
        }
        for (_, table, column) in NAMED.into_iter().filter(|(of, ..)| *of == kind) {
            let text = format!("SELECT 1 FROM {table} WHERE {column} = ");
            if !rows(tx, Fragment::new(&text).value(hash).say(" LIMIT 1")).await?.is_empty() {
                let drop = Fragment::new("DELETE FROM file_removals").then(this());
                tx.execute_raw(drop.into_statement(tx.get_database_backend())).await?;
                return Ok(Outcome::Stays);
            }
        }
        Ok(Outcome::Removed)
    }
}
