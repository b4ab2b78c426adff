//! Large files piece by piece: however slowly one is read or sent, a piece of
//! it is in memory and not the whole.

use super::{BlobKind, Blobs, broken, changed, location, missing};
use crate::error::{Result, StoreError};
use bytes::{Bytes, BytesMut};
use futures::{Stream, TryStreamExt, stream::BoxStream};
use object_store::{GetResultPayload, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};
use std::path::Path;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

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

/// A file of this machine whose key is known.
pub(crate) struct HashedFile {
    file: tokio::fs::File,
    pub(crate) key: String,
    /// In bytes.
    pub(crate) length: u64,
}

impl HashedFile {
    /// Reads a file once, piece by piece.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let mut file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let (mut hasher, mut length) = (Sha256::new(), 0);
        while let Some(piece) = next_piece(&mut file).await? {
            length += piece.len() as u64;
            hasher =
                tokio::task::spawn_blocking(move || hasher.chain_update(&piece)).await.map_err(broken)?;
        }
        Ok(Self { file, key: hex::encode(hasher.finalize()), length })
    }
}

impl Blobs {
    /// Stores a file's bytes under their SHA-256; gives key and length. A
    /// piece of it is in memory at a time. Where a row is to name it,
    /// [`Files::put_file`](crate::Files::put_file) does it.
    ///
    /// # Errors
    /// `Storage` when the file cannot be read or the storage fails.
    pub async fn put_file(&self, kind: BlobKind, path: &Path) -> Result<(String, u64)> {
        let file = HashedFile::open(path).await?;
        let stored = (file.key.clone(), file.length);
        self.put_missing_file(kind, file).await?;
        Ok(stored)
    }

    /// Stores a file under its key, unless it is there.
    pub(crate) async fn put_missing_file(&self, kind: BlobKind, file: HashedFile) -> Result<()> {
        let HashedFile { mut file, key, .. } = file;
        if self.exists(kind, &key).await? {
            return Ok(());
        }
        file.rewind().await.map_err(unreadable)?;
        let upload = self.store.put_multipart(&location(kind, &key)?).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, UPLOADED_BYTES);
        while let Some(piece) = next_piece(&mut file).await? {
            upload.wait_for_capacity(1).await?;
            upload.put(piece);
        }
        upload.finish().await?;
        Ok(())
    }

    /// The bytes under a key, piece by piece.
    ///
    /// # Errors
    /// `NotFound`, or the storage's.
    pub async fn get_stream(&self, kind: BlobKind, key: &str) -> Result<BlobStream> {
        let object = self.store.get(&location(kind, key)?).await.map_err(missing(kind, key))?;
        let size = object.meta.size;
        if let GetResultPayload::File(file, _) = object.payload {
            return Ok(BlobStream { size, stream: Box::pin(pieces(tokio::fs::File::from_std(file), size)) });
        }
        Ok(BlobStream { size, stream: Box::pin(object.into_stream().map_err(StoreError::from)) })
    }

    /// The bytes under a key, piece by piece, hashed on their way: the last
    /// piece only comes when the hash is right.
    ///
    /// # Errors
    /// `NotFound`, or the storage's; in the stream also `Corrupt`.
    pub async fn get_checked_stream(&self, kind: BlobKind, key: &str) -> Result<BlobStream> {
        let BlobStream { size, stream } = self.get_stream(kind, key).await?;
        let key = key.to_ascii_lowercase();
        let state = (stream, Some(Sha256::new()), None::<Bytes>, key);
        let checked =
            futures::stream::try_unfold(state, move |(mut stream, hasher, mut held, key)| async move {
                let Some(mut hasher) = hasher else { return Ok(None) };
                while let Some(piece) = stream.try_next().await? {
                    let hashed = piece.clone();
                    let hashing = tokio::task::spawn_blocking(move || hasher.chain_update(&hashed));
                    hasher = hashing.await.map_err(broken)?;
                    if let Some(before) = held.replace(piece) {
                        return Ok(Some((before, (stream, Some(hasher), held, key))));
                    }
                }
                if hex::encode(hasher.finalize()) != key {
                    return Err(changed(kind, &key));
                }
                Ok(held.map(|last| (last, (stream, None, None, key))))
            });
        Ok(BlobStream { size, stream: Box::pin(checked) })
    }
}

/// Bytes of a piece of a file that is read or sent.
const PIECE_BYTES: usize = 128 << 10;
/// Bytes of a part of an upload: the least that S3 takes.
const UPLOADED_BYTES: usize = 5 << 20;

/// A file from where it stands, piece by piece; what is behind `size` bytes
/// was not there when it was opened.
fn pieces(file: tokio::fs::File, size: u64) -> impl Stream<Item = Result<Bytes>> + Send {
    futures::stream::try_unfold((file, size), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let piece = next_piece(&mut file).await?;
        let mut piece = piece.ok_or_else(|| unreadable(std::io::ErrorKind::UnexpectedEof.into()))?;
        piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        let left = left.saturating_sub(piece.len() as u64);
        Ok(Some((piece, (file, left))))
    })
}

/// `None` at the end.
async fn next_piece(file: &mut tokio::fs::File) -> Result<Option<Bytes>> {
    let mut piece = BytesMut::with_capacity(PIECE_BYTES);
    let read = file.read_buf(&mut piece).await.map_err(unreadable)?;
    Ok((read > 0).then(|| piece.freeze()))
}

fn unreadable(error: std::io::Error) -> StoreError {
    StoreError::Storage(object_store::Error::Generic { store: "file", source: error.into() })
}
