//! What there is in the storage, whether a row names it or not.

use super::{BlobKind, Blobs, Key, is_key};
use crate::error::{Result, StoreError};
use domain::time::Timestamp;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use std::path::PathBuf;

/// A blob as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredBlob {
    pub(crate) hash: String,
    pub(crate) bytes: u64,
    /// When it was written; a `put` of what is there already does not change it.
    pub(crate) modified: Timestamp,
}

impl Blobs {
    /// All blobs of a kind, in no order.
    pub(crate) fn list(&self, kind: BlobKind) -> BoxStream<'static, Result<StoredBlob>> {
        let listing = self.store.list(Some(&Key::from(kind.folder())));
        let blobs = listing.map_err(StoreError::from).try_filter_map(|meta| async move {
            let mut parts = meta.location.parts().skip(1);
            let hash = parts.by_ref().map(|part| part.as_ref().to_owned()).collect::<String>();
            let modified = Timestamp::from(meta.last_modified);
            Ok(is_key(&hash).then_some(StoredBlob { hash, bytes: meta.size, modified }))
        });
        blobs.boxed()
    }

    /// What writes and uploads that were cut off before `old` left in the
    /// folder, with their bytes: files beside the real ones, named `…#1`, and
    /// hidden ones at the top. A bucket keeps nothing of an upload that did not
    /// end.
    pub(crate) fn interrupted(&self, old: Timestamp) -> Vec<(PathBuf, u64)> {
        let Some(top) = &self.folder else { return Vec::new() };
        let mut left = Vec::new();
        let mut folders: Vec<PathBuf> = BlobKind::ALL.iter().map(|kind| top.join(kind.folder())).collect();
        folders.push(top.clone());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let Ok(metadata) = entry.metadata() else { continue };
                if metadata.is_dir() {
                    // At the top there may be folders of others.
                    if folder != *top {
                        folders.push(entry.path());
                    }
                    continue;
                }
                let is_aside = |name: &str| {
                    let hidden = name.starts_with(".import") || name.starts_with(".tmp");
                    name.contains('#') || (hidden && folder == *top)
                };
                let aside = entry.file_name().to_str().is_some_and(is_aside);
                let modified = metadata.modified().map(|time| Timestamp::from(chrono::DateTime::from(time)));
                if aside && modified.is_ok_and(|modified| modified <= old) {
                    left.push((entry.path(), metadata.len()));
                }
            }
        }
        left
    }

    /// What uploads that were cut off before `old` left at the top of the
    /// folder; one that goes on is younger, since it is written to.
    pub(crate) fn interrupted_uploads(&self, old: Timestamp) -> Vec<PathBuf> {
        let Some(top) = &self.folder else { return Vec::new() };
        let entries = std::fs::read_dir(top).into_iter().flatten().flatten();
        let is_left = |entry: &std::fs::DirEntry| {
            let named = entry.file_name().to_str().is_some_and(|name| name.starts_with(".import"));
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file);
            let modified = metadata.and_then(|metadata| metadata.modified().ok());
            named && modified.is_some_and(|time| Timestamp::from(chrono::DateTime::from(time)) <= old)
        };
        entries.filter(is_left).map(|entry| entry.path()).collect()
    }
}
