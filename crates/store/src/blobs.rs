//! Images, thumbnails and weights by the hash of their bytes, in a folder or
//! in a bucket. Does not know what is in them.
//!
//! A key is 64 hexadecimal digits and never a name that somebody sent. What
//! is there is whole: files are written aside and renamed.

mod listing;
mod pieces;

pub(crate) use listing::StoredBlob;
pub use pieces::BlobStream;
pub(crate) use pieces::HashedFile;

use crate::{
    error::{Result, StoreError},
    options::{Durability, StoreOptions},
    urls,
};
use bytes::Bytes;
use object_store::{
    ObjectStore, ObjectStoreExt, aws::AmazonS3Builder, local::LocalFileSystem, path::Path as Key,
    prefix::PrefixStore,
};
use sha2::{Digest, Sha256};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use url::Url;

/// What a blob is; each kind has its own folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobKind {
    /// As they were sent, under the hash of their bytes.
    Images,
    /// Small copies, under the hash of the image they show.
    Thumbnails,
    /// Models, under the hash of their bytes.
    Weights,
}

impl BlobKind {
    pub(crate) const ALL: [Self; 3] = [Self::Images, Self::Thumbnails, Self::Weights];

    pub(crate) fn of_folder(folder: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.folder() == folder)
    }

    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Thumbnails => "thumbnails",
            Self::Weights => "weights",
        }
    }

    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Images => "image",
            Self::Thumbnails => "thumbnail",
            Self::Weights => "weights",
        }
    }
}

/// Images, thumbnails and weights.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
}

impl Blobs {
    /// A folder that is not there is made.
    pub(crate) fn open(options: &StoreOptions) -> Result<Self> {
        Self::open_or(options, |folder| std::fs::create_dir_all(folder))
    }

    /// A folder that is not there is refused.
    pub(crate) fn open_existing(options: &StoreOptions) -> Result<Self> {
        Self::open_or(options, |_| Ok(()))
    }

    fn open_or(options: &StoreOptions, make: fn(&Path) -> std::io::Result<()>) -> Result<Self> {
        let url = options.storage_url.as_str();
        if url.starts_with("s3://") {
            return open_bucket(url);
        }
        let folder = match url.strip_prefix("file://") {
            Some(_) => Url::parse(url).ok().and_then(|url| url.to_file_path().ok()).ok_or_else(|| {
                StoreError::Options(format!("{} names no folder: use file:///PATH", urls::shown(url)))
            })?,
            None if url.contains("://") => {
                let advice = "use a folder, file:///PATH or s3://BUCKET/PREFIX";
                let url = urls::shown(url);
                return Err(StoreError::Options(format!("{url} is not a storage URL: {advice}")));
            }
            None => PathBuf::from(url),
        };
        open_folder(&folder, options.durability, make)
    }

    /// Stores bytes under their SHA-256, which is given back as 64 lower-case
    /// hexadecimal digits. What is there already is not written again. Where
    /// a row is to name them, [`Files::put`](crate::Files::put) does it.
    ///
    /// # Errors
    /// When the storage fails; then nothing is there.
    pub async fn put(&self, kind: BlobKind, bytes: Bytes) -> Result<String> {
        let key = key_of(&bytes).await?;
        self.put_missing(kind, &key, bytes).await?;
        Ok(key)
    }

    /// Stores bytes under their key, unless they are there.
    pub(crate) async fn put_missing(&self, kind: BlobKind, key: &str, bytes: Bytes) -> Result<()> {
        if !self.exists(kind, key).await? {
            self.store.put(&location(kind, key)?, bytes.into()).await?;
        }
        Ok(())
    }

    /// Stores bytes under a given key of 64 hexadecimal digits.
    ///
    /// # Errors
    /// `NotFound` when the key is none, or the storage's.
    pub async fn put_as(&self, kind: BlobKind, key: &str, bytes: Bytes) -> Result<()> {
        self.store.put(&location(kind, key)?, bytes.into()).await?;
        Ok(())
    }

    /// A folder for files that only live as long as a request, on the disk
    /// that has room for what is stored.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "only a name: what is made there is made by tempfile")]
    pub fn scratch_folder(&self) -> PathBuf {
        self.folder.clone().unwrap_or_else(std::env::temp_dir)
    }

    /// The bytes under a key.
    ///
    /// # Errors
    /// `NotFound`, or the storage's.
    pub async fn get(&self, kind: BlobKind, key: &str) -> Result<Bytes> {
        let object = self.store.get(&location(kind, key)?).await.map_err(missing(kind, key))?;
        Ok(object.bytes().await?)
    }

    /// The bytes under a key, after they were hashed again: for what must not
    /// be used when the disk changed it. Not for thumbnails.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` when the hash differs, or the storage's.
    pub async fn get_checked(&self, kind: BlobKind, key: &str) -> Result<Bytes> {
        let bytes = self.get(kind, key).await?;
        if hash(&bytes) == key.to_ascii_lowercase() { Ok(bytes) } else { Err(changed(kind, key)) }
    }

    /// Length of the bytes under a key.
    ///
    /// # Errors
    /// `NotFound`, or the storage's.
    pub async fn size(&self, kind: BlobKind, key: &str) -> Result<u64> {
        Ok(self.store.head(&location(kind, key)?).await.map_err(missing(kind, key))?.size)
    }

    /// Whether there is something under a key.
    ///
    /// # Errors
    /// The storage's.
    pub async fn exists(&self, kind: BlobKind, key: &str) -> Result<bool> {
        match self.size(kind, key).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes what is under a key; nothing happens when there is nothing.
    /// Asks no row: outside of tests only [`Files`](crate::Files) may call it.
    ///
    /// # Errors
    /// The storage's.
    pub async fn delete(&self, kind: BlobKind, key: &str) -> Result<()> {
        match self.store.delete(&location(kind, key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Where another process on this machine finds the file; `None` when the
    /// blobs are in a bucket or the key is none. Says nothing about whether
    /// the file is there.
    #[must_use]
    pub fn local_path(&self, kind: BlobKind, key: &str) -> Option<PathBuf> {
        let location = location(kind, key).ok()?;
        Some(self.folder.as_ref()?.join(location.as_ref()))
    }
}

impl Blobs {
    /// Writes a small file and removes it. Nothing happens with a bucket: that
    /// one has no end, and each request to it is paid for.
    pub(crate) async fn try_writing(&self) -> Result<()> {
        /// The smallest thing a file system gives space for.
        const BLOCK: &[u8] = &[0; 4096];
        if self.folder.is_none() {
            return Ok(());
        }
        let key = Key::from("probe");
        self.store.put(&key, Bytes::from_static(BLOCK).into()).await?;
        Ok(self.store.delete(&key).await?)
    }
}

/// Bytes that are hashed where they are; more take longer than a worker of the
/// runtime may be kept from others.
const HASHED_HERE: usize = 256 << 10;
fn broken(error: tokio::task::JoinError) -> StoreError {
    StoreError::Storage(object_store::Error::JoinError { source: error })
}

fn changed(kind: BlobKind, key: &str) -> StoreError {
    StoreError::corrupt(format!("the {} {key} does not have the hash it was stored under", kind.noun()))
}

/// The key of bytes; many are hashed beside the tasks that wait for requests.
pub(crate) async fn key_of(bytes: &Bytes) -> Result<String> {
    if bytes.len() < HASHED_HERE {
        return Ok(hash(bytes));
    }
    let bytes = bytes.clone();
    tokio::task::spawn_blocking(move || hash(&bytes)).await.map_err(broken)
}

/// SHA-256 as 64 lower-case hexadecimal digits.
fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// `images/ab/cdef…`: two digits make the folder, so that none gets too full.
fn location(kind: BlobKind, key: &str) -> Result<Key> {
    let key = key.to_ascii_lowercase();
    let (first, rest) =
        key.split_at_checked(2).filter(|_| is_key(&key)).ok_or_else(|| no_such(kind, &key))?;
    Ok(Key::from(format!("{}/{first}/{rest}", kind.folder())))
}

fn is_key(key: &str) -> bool {
    key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn no_such(kind: BlobKind, key: &str) -> StoreError {
    StoreError::not_found(format!("{} {key:?}", kind.noun()))
}

fn missing(kind: BlobKind, key: &str) -> impl FnOnce(object_store::Error) -> StoreError {
    move |error| match error {
        object_store::Error::NotFound { .. } => no_such(kind, key),
        other => other.into(),
    }
}

fn open_folder(
    folder: &Path,
    durability: Durability,
    make: fn(&Path) -> std::io::Result<()>,
) -> Result<Blobs> {
    let refused = |error: &dyn std::fmt::Display| {
        StoreError::Options(format!("the folder {} cannot be used: {error}", folder.display()))
    };
    make(folder).map_err(|error| refused(&error))?;
    let folder = std::fs::canonicalize(folder).map_err(|error| refused(&error))?;
    let store = LocalFileSystem::new_with_prefix(&folder)
        .map_err(|error| refused(&error))?
        .with_fsync(durability == Durability::Full);
    Ok(Blobs { store: Arc::new(store), folder: Some(folder) })
}

fn open_bucket(url: &str) -> Result<Blobs> {
    let refused = |error: &dyn std::fmt::Display| {
        StoreError::Options(format!("{} cannot be used: {error}", urls::shown(url)))
    };
    let parsed = Url::parse(url).map_err(|error| refused(&error))?;
    let prefix = Key::from_url_path(parsed.path()).map_err(|error| refused(&error))?;
    let bucket = AmazonS3Builder::from_env().with_url(url).build().map_err(|error| refused(&error))?;
    let store: Arc<dyn ObjectStore> = if prefix.as_ref().is_empty() {
        Arc::new(bucket)
    } else {
        Arc::new(PrefixStore::new(bucket, prefix))
    };
    Ok(Blobs { store, folder: None })
}
