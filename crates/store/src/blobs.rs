//! Images, thumbnails and weights by the hash of their bytes, in a folder or
//! in a bucket. Does not know what is in them.
//!
//! A key is 64 hexadecimal digits and never a name that somebody sent. What
//! is there is whole: files are written aside and renamed.

use crate::{
    error::{Result, StoreError},
    options::{Durability, StoreOptions},
    urls,
};
use bytes::Bytes;
use futures::{TryStreamExt, stream::BoxStream};
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
    fn folder(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Thumbnails => "thumbnails",
            Self::Weights => "weights",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Images => "image",
            Self::Thumbnails => "thumbnail",
            Self::Weights => "weights",
        }
    }
}

/// A blob as it is read.
pub struct BlobStream {
    /// Length in bytes.
    pub size: u64,
    /// The bytes, piece by piece.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

impl std::fmt::Debug for BlobStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlobStream({} bytes)", self.size)
    }
}

/// Images, thumbnails and weights.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
}

impl Blobs {
    pub(crate) fn open(options: &StoreOptions) -> Result<Self> {
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
        open_folder(&folder, options.durability)
    }

    /// Stores bytes under their SHA-256, which is given back as 64 lower-case
    /// hexadecimal digits. What is there already is not written again.
    ///
    /// # Errors
    /// When the storage fails; then nothing is there.
    pub async fn put(&self, kind: BlobKind, bytes: Bytes) -> Result<String> {
        let key = hash(&bytes);
        if !self.exists(kind, &key).await? {
            self.store.put(&location(kind, &key)?, bytes.into()).await?;
        }
        Ok(key)
    }

    /// Stores bytes under a given key of 64 hexadecimal digits.
    ///
    /// # Errors
    /// `NotFound` when the key is none, or the storage's.
    pub async fn put_as(&self, kind: BlobKind, key: &str, bytes: Bytes) -> Result<()> {
        self.store.put(&location(kind, key)?, bytes.into()).await?;
        Ok(())
    }

    /// Stores a file's bytes under their SHA-256; gives key and length.
    ///
    /// # Errors
    /// `Storage` when the file cannot be read or the storage fails.
    pub async fn put_file(&self, kind: BlobKind, path: &Path) -> Result<(String, u64)> {
        let bytes = tokio::fs::read(path).await.map_err(|error| {
            StoreError::Storage(object_store::Error::Generic { store: "file", source: error.into() })
        })?;
        let length = bytes.len() as u64;
        Ok((self.put(kind, bytes.into()).await?, length))
    }

    /// The bytes under a key.
    ///
    /// # Errors
    /// `NotFound`, or the storage's.
    pub async fn get(&self, kind: BlobKind, key: &str) -> Result<Bytes> {
        let found = self.store.get(&location(kind, key)?).await.map_err(missing(kind, key))?;
        Ok(found.bytes().await?)
    }

    /// The bytes under a key, after they were hashed again: for what must not
    /// be used when the disk changed it. Not for thumbnails.
    ///
    /// # Errors
    /// `NotFound`, `Corrupt` when the hash differs, or the storage's.
    pub async fn get_checked(&self, kind: BlobKind, key: &str) -> Result<Bytes> {
        let bytes = self.get(kind, key).await?;
        if hash(&bytes) == key.to_ascii_lowercase() {
            Ok(bytes)
        } else {
            Err(StoreError::corrupt(format!(
                "the {} {key} does not have the hash it was stored under",
                kind.noun()
            )))
        }
    }

    /// The bytes under a key, piece by piece.
    ///
    /// # Errors
    /// `NotFound`, or the storage's.
    pub async fn get_stream(&self, kind: BlobKind, key: &str) -> Result<BlobStream> {
        let found = self.store.get(&location(kind, key)?).await.map_err(missing(kind, key))?;
        let size = found.meta.size;
        Ok(BlobStream { size, stream: Box::pin(found.into_stream().map_err(StoreError::from)) })
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

/// SHA-256 as 64 lower-case hexadecimal digits.
fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// `images/ab/cdef…`: two digits make the folder, so that none gets too full.
fn location(kind: BlobKind, key: &str) -> Result<Key> {
    let key = key.to_ascii_lowercase();
    let sound = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (first, rest) = key.split_at_checked(2).filter(|_| sound).ok_or_else(|| no_such(kind, &key))?;
    Ok(Key::from(format!("{}/{first}/{rest}", kind.folder())))
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

fn open_folder(folder: &Path, durability: Durability) -> Result<Blobs> {
    let refused = |error: &dyn std::fmt::Display| {
        StoreError::Options(format!("the folder {} cannot be used: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| refused(&error))?;
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
