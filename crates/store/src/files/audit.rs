//! Compares the files that rows name with the files that are there. Changes
//! nothing.

use super::{Files, NAMED};
use crate::{
    blobs::{BlobKind, StoredBlob},
    error::{Result, StoreError},
    sql::{Fragment, rows},
};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// Hashes of one statement.
const PAGE: i64 = 5_000;
/// Files that are read and hashed at a time.
const READ_AT_A_TIME: usize = 4;
/// A file that a row names and that is not as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// It is not there.
    Missing(BlobKind, String),
    /// It has other bytes than those it is named after.
    Damaged(BlobKind, String),
}

impl std::fmt::Display for FileFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(kind, hash) => write!(f, "the {} {hash} is missing", kind.noun()),
            Self::Damaged(kind, hash) => {
                write!(f, "the {} {hash} has other bytes than it was stored with", kind.noun())
            }
        }
    }
}

/// What a comparison of rows and files shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileAudit {
    /// Files that rows name.
    pub named: u64,
    /// Those of them that are missing or damaged.
    pub faults: Vec<FileFault>,
    /// Files that no row names.
    pub unnamed: u64,
    /// Their bytes.
    pub unnamed_bytes: u64,
}

impl Files<'_> {
    /// Compares the files with the rows. With `hashes` each named image and
    /// each named weights file is read and hashed; without, only its presence
    /// is looked at.
    ///
    /// # Errors
    /// The database's, or the storage's.
    pub async fn audit(&self, hashes: bool) -> Result<FileAudit> {
        let mut audit = FileAudit::default();
        for kind in BlobKind::ALL {
            let named = self.named(kind).await?;
            let mut missing = named.clone();
            let mut stored = self.blobs.list(kind);
            while let Some(StoredBlob { hash, bytes, .. }) = stored.try_next().await? {
                if named.contains(&hash) {
                    missing.remove(&hash);
                } else {
                    audit.unnamed += 1;
                    audit.unnamed_bytes += bytes;
                }
            }
            if kind != BlobKind::Thumbnails {
                audit.named += named.len() as u64;
                if hashes {
                    let there = named.difference(&missing).cloned().collect();
                    audit.faults.extend(self.damaged(kind, there).await?);
                }
            }
            audit.faults.extend(missing.into_iter().map(|hash| FileFault::Missing(kind, hash)));
        }
        Ok(audit)
    }

    async fn damaged(&self, kind: BlobKind, hashes: Vec<String>) -> Result<Vec<FileFault>> {
        let checks = stream::iter(hashes).map(|hash| async move {
            match self.blobs.get_checked(kind, &hash).await {
                Ok(_) => Ok(None),
                Err(StoreError::Corrupt { .. }) => Ok(Some(FileFault::Damaged(kind, hash))),
                Err(StoreError::NotFound { .. }) => Ok(Some(FileFault::Missing(kind, hash))),
                Err(error) => Err(error),
            }
        });
        checks.buffered(READ_AT_A_TIME).try_filter_map(|fault| async { Ok(fault) }).try_collect().await
    }

    /// The hashes of the files that rows name. Thumbnails are named by the
    /// image they show.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn named(&self, kind: BlobKind) -> Result<BTreeSet<String>> {
        let naming = if kind == BlobKind::Thumbnails { BlobKind::Images } else { kind };
        let mut named = BTreeSet::new();
        for (_, table, column) in NAMED.into_iter().filter(|(of, ..)| *of == naming) {
            let mut after = String::new();
            loop {
                let text = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} > ");
                let page =
                    Fragment::new(&text).value(&after).say(&format!(" ORDER BY {column} LIMIT ")).value(PAGE);
                let page = rows(&self.db.reader, page).await?;
                for row in &page {
                    after = row.try_get_by_index(0)?;
                    named.insert(after.clone());
                }
                if page.len() < PAGE.unsigned_abs() as usize {
                    break;
                }
            }
        }
        Ok(named)
    }
}
