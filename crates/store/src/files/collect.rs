//! Removes the files that no row names and that no list remembers: what
//! killed processes left behind.

use super::{
    Files, REMOVAL_GRACE_MS,
    sweep::{Look, Outcome},
};
use crate::{
    blobs::{BlobKind, StoredBlob},
    error::Result,
};
use domain::time::Timestamp;
use futures::TryStreamExt;

/// What was removed, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// A backup holds all files: nothing more was removed.
    pub held: bool,
}

impl Files<'_> {
    /// Removes the files that no row names and that are older than the grace,
    /// and what interrupted writes left; with `dry_run` only counts them. A
    /// server may run meanwhile.
    ///
    /// # Errors
    /// The database's, or the storage's; what is left goes the next time.
    pub async fn collect(&self, now: Timestamp, dry_run: bool) -> Result<Collected> {
        let mut collected = Collected::default();
        let old = now.plus_ms(-REMOVAL_GRACE_MS);
        // Images before thumbnails: an image takes its thumbnail along.
        for kind in BlobKind::ALL {
            let named = self.named(kind).await?;
            let unnamed = self.blobs.list(kind).try_filter(|blob| {
                let counts = blob.modified <= old && !named.contains(&blob.hash);
                std::future::ready(counts)
            });
            // All at once: a listing that is removed from while it is read may skip entries.
            let unnamed: Vec<StoredBlob> = unnamed.try_collect().await?;
            for StoredBlob { hash, bytes, .. } in unnamed {
                let thumbnail = match kind {
                    BlobKind::Images if !dry_run => self.blobs.size(BlobKind::Thumbnails, &hash).await.ok(),
                    _ => None,
                };
                if !dry_run {
                    let kind = if kind == BlobKind::Thumbnails { BlobKind::Images } else { kind };
                    match self.remove_unnamed(kind, &hash, Look::Unnamed, now).await? {
                        Outcome::Removed => {}
                        Outcome::Stays => continue,
                        Outcome::Held => return Ok(Collected { held: true, ..collected }),
                    }
                }
                collected.files += 1 + u64::from(thumbnail.is_some());
                collected.bytes += bytes + thumbnail.unwrap_or_default();
            }
        }
        for (path, bytes) in self.blobs.interrupted(old) {
            if dry_run || std::fs::remove_file(path).is_ok() {
                collected.files += 1;
                collected.bytes += bytes;
            }
        }
        Ok(collected)
    }
}
