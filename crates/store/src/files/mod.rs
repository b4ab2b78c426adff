//! Which files may go, and when: a file never goes while a row names it, or
//! may come to name it.
//!
//! A file is written before its row is committed, and the same bytes can
//! arrive at any moment, in this process or in another one on the same
//! database. So nothing removes a file along with its row:
//!
//! 1. Who deletes a row that names a file writes the file's hash into
//!    `file_removals`, in the same transaction ([`release`]).
//! 2. Who stores a row that names a file first takes the lock of the hash,
//!    shared, and holds it until the commit. If the hash is in
//!    `file_removals`, it looks whether the file is still there, and is
//!    refused with [`StoreError::FileRemoved`] if not; the caller then stores
//!    the bytes again ([`require`]).
//! 3. The sweeper takes the lock of the hash, alone, in a transaction that
//!    writes. Only then it looks whether any row names the file, removes it if
//!    none does, and notes that it went before it commits.
//!
//! Why that is sound: for one hash, 2 and 3 exclude each other. If the row is
//! committed first, the sweeper's look sees it, and the file stays. If the
//! sweeper is first, its note is committed before the arrival looks, which
//! finds the file missing, or whole because it was written again after the
//! removal; nothing else removes files. A sweeper that is killed between the
//! removal and its commit leaves the hash in the list, so that the arrival
//! still looks at the file itself. How much time lies between a file and its
//! row does not matter, as long as it is less than [`NOTE_KEPT_MS`]. The grace
//! of [`REMOVAL_GRACE_MS`] only makes it rare that an arrival is refused, and
//! lets those who are just reading finish.
//!
//! A thumbnail goes before its image, and arrivals write it after its image:
//! an image that was written after the sweeper's removal has a thumbnail that
//! was, too.
//!
//! The lock is, on SQLite, the one of whoever writes: `BEGIN IMMEDIATE`. On
//! PostgreSQL it is an advisory lock of the transaction. What it cannot
//! exclude there is a sweeper that loses its connection, and so its lock, in
//! the instant between its look and the removal.

mod audit;
mod collect;
mod holds;
mod sweep;

pub use audit::{FileAudit, FileFault};
pub use collect::Collected;
pub use holds::HOLD_MS;

use crate::{
    blobs::{self, BlobKind, Blobs, HashedFile},
    database::Database,
    error::{Result, StoreError},
    sql::{self, Fragment, rows, run},
};
use bytes::Bytes;
use domain::time::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, Value};
use std::{collections::BTreeSet, path::Path};

/// Milliseconds from the deletion of the last row that named a file to the
/// removal of the file.
pub const REMOVAL_GRACE_MS: i64 = 10 * 60_000;
/// Milliseconds for which the note that a file was removed is kept: longer
/// than anything takes from storing a file to storing its row.
const NOTE_KEPT_MS: i64 = 7 * 86_400_000;
/// Hashes of one statement; few sizes, so that prepared statements are found again.
const SIZES: [usize; 4] = [1, 16, 64, 256];
const RELEASE: &str = "INSERT INTO file_removals (kind, hash, since)";
const RELEASE_AGAIN: &str = "ON CONFLICT (kind, hash) DO UPDATE SET since = excluded.since, removed = NULL";

/// What names a file: the kind, the table and the column with the hash.
/// Whoever adds such a column adds it here, releases its files where its rows
/// are deleted, and requires them where they are stored.
const NAMED: [(BlobKind, &str, &str); 6] = [
    (BlobKind::Images, "predictions", "image"),
    (BlobKind::Images, "assets", "content_hash"),
    (BlobKind::Weights, "model_versions", "weights_sha256"),
    (BlobKind::Weights, "model_files", "sha256"),
    (BlobKind::Weights, "staged_models", "weights_sha256"),
    (BlobKind::Weights, "foreign_records", "sha256"),
];

/// The files, seen from the rows that name them.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    pub(crate) db: &'a Database,
    pub(crate) blobs: &'a Blobs,
}

impl Files<'_> {
    /// Stores bytes that a row is about to name, under their SHA-256, which is
    /// given back as 64 lower-case hexadecimal digits. If the same bytes are on
    /// the list of those that may go, their grace begins anew before it is
    /// looked whether they are there.
    ///
    /// # Errors
    /// When the database or the storage fails.
    pub async fn put(&self, kind: BlobKind, bytes: Bytes, now: Timestamp) -> Result<String> {
        let key = blobs::key_of(&bytes).await?;
        self.postpone(kind, &key, now).await?;
        self.blobs.put_missing(kind, &key, bytes).await?;
        Ok(key)
    }

    /// The same of a file of this machine, a piece of which is in memory at a
    /// time; gives key and length in bytes.
    ///
    /// # Errors
    /// `Storage` when the file cannot be read or the storage fails, or the
    /// database's.
    pub async fn put_file(&self, kind: BlobKind, path: &Path, now: Timestamp) -> Result<(String, u64)> {
        let file = HashedFile::open(path).await?;
        let stored = (file.key.clone(), file.length);
        self.postpone(kind, &file.key, now).await?;
        self.blobs.put_missing_file(kind, file).await?;
        Ok(stored)
    }

    /// The same of a file that goes by itself, unless a row names it before
    /// the grace is over: a process that is killed before its row leaves
    /// nothing that stays.
    ///
    /// # Errors
    /// As there.
    pub async fn put_unclaimed_file(
        &self,
        kind: BlobKind,
        path: &Path,
        now: Timestamp,
    ) -> Result<(String, u64)> {
        let file = HashedFile::open(path).await?;
        let stored = (file.key.clone(), file.length);
        let tx = self.db.begin().await?;
        release(&tx, kind, [file.key.clone()], now).await?;
        tx.commit().await?;
        self.blobs.put_missing_file(kind, file).await?;
        Ok(stored)
    }

    /// Removes what uploads left that were cut off before `old`, and gives how
    /// many files; what cannot be removed is left for the next time.
    pub async fn remove_interrupted(&self, old: Timestamp) -> u64 {
        let blobs = self.blobs.clone();
        let removed = tokio::task::spawn_blocking(move || {
            let interrupted = blobs.interrupted_uploads(old);
            interrupted.into_iter().filter(|path| std::fs::remove_file(path).is_ok()).count() as u64
        });
        removed.await.unwrap_or_default()
    }

    /// Begins the grace of a file anew, if it is on the list, so that who
    /// stores it next is rarely refused later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone(&self, kind: BlobKind, hash: &str, now: Timestamp) -> Result<()> {
        let waits = || {
            Fragment::new(" WHERE removed IS NULL AND kind = ")
                .value(kind.folder())
                .say(" AND hash = ")
                .value(hash)
        };
        // Nearly always there is none, and then nobody has to wait for the writer.
        let listed = Fragment::new("SELECT 1 FROM file_removals").then(waits());
        if !rows(&self.db.reader, listed).await?.is_empty() {
            let again = Fragment::new("UPDATE file_removals SET since = ").value(now.0).then(waits());
            run(&self.db.writer, again).await?;
        }
        Ok(())
    }
}

/// Puts files on the list of those that may go, inside the transaction that
/// deletes rows which named them. Others may name them still: the sweeper looks.
pub(crate) async fn release(
    tx: &impl ConnectionTrait,
    kind: BlobKind,
    hashes: impl IntoIterator<Item = String>,
    now: Timestamp,
) -> Result<()> {
    // In order, so that two transactions never wait in a circle.
    let hashes: BTreeSet<String> = hashes.into_iter().collect();
    let values = hashes.into_iter().flat_map(|hash| [kind.folder().into(), hash.into(), now.0.into()]);
    sql::insert_rows(tx, RELEASE, 3, RELEASE_AGAIN, values.collect()).await
}

/// Keeps the sweeper off these files until the transaction ends, and makes
/// sure that it has not removed one of them since it was stored.
pub(crate) async fn require<'h>(
    tx: &impl ConnectionTrait,
    blobs: &Blobs,
    kind: BlobKind,
    hashes: impl IntoIterator<Item = &'h str>,
) -> Result<()> {
    let hashes: BTreeSet<&str> = hashes.into_iter().collect();
    if hashes.is_empty() {
        return Ok(());
    }
    lock(tx, hashes.iter().copied(), "pg_advisory_xact_lock_shared").await?;
    for hash in listed(tx, kind, &hashes).await? {
        let whole = blobs.exists(kind, &hash).await?
            && (kind != BlobKind::Images || blobs.exists(BlobKind::Thumbnails, &hash).await?);
        if !whole {
            return Err(StoreError::FileRemoved { what: format!("{} {hash}", kind.noun()) });
        }
    }
    Ok(())
}

/// Which of these are on the list, whether they wait or are gone.
async fn listed(tx: &impl ConnectionTrait, kind: BlobKind, hashes: &BTreeSet<&str>) -> Result<Vec<String>> {
    let hashes: Vec<&str> = hashes.iter().copied().collect();
    let [.., most] = SIZES;
    let mut listed = Vec::new();
    for chunk in hashes.chunks(most) {
        let size = SIZES.into_iter().find(|size| *size >= chunk.len()).unwrap_or(chunk.len());
        let text = format!(
            "SELECT hash FROM file_removals WHERE kind = ? AND hash IN ({})",
            vec!["?"; size].join(",")
        );
        let padding = chunk.first().into_iter().cycle().take(size - chunk.len());
        let values: Vec<Value> =
            [kind.folder()].iter().chain(chunk).chain(padding).map(|text| Value::from(*text)).collect();
        for row in tx.query_all_raw(sql::statement(tx.get_database_backend(), &text, values)).await? {
            listed.push(row.try_get_by_index(0)?);
        }
    }
    Ok(listed)
}

/// Takes the locks of these hashes, in order. On SQLite whoever writes is
/// alone already.
async fn lock<'h>(
    tx: &impl ConnectionTrait,
    hashes: impl Iterator<Item = &'h str>,
    function: &str,
) -> Result<()> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let keys: BTreeSet<i64> = hashes.map(lock_key).collect();
    let keys = keys.into_iter().map(|key| format!("({key}::bigint)")).collect::<Vec<_>>().join(",");
    // A statement of its own: the next one must see what was committed while this one waited.
    tx.execute_unprepared(&format!("SELECT {function}(key) FROM (VALUES {keys}) AS locks (key)")).await?;
    Ok(())
}

/// The first 64 bits of the hash. Two files that share them share a lock.
fn lock_key(hash: &str) -> i64 {
    let digits = hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    digits.unwrap_or_default().cast_signed()
}
