//! Files that are sent before they are used: archives of datasets, files of
//! models. What is too large for one request, or should outlive a broken
//! connection, is begun, written in as many pieces as it takes, and then named
//! by the use case that reads it.
//!
//! The bytes lie in a folder of this machine that only its owner can read;
//! how many have come is the length of the file, so that a killed process
//! loses none that the file system had. One request writes an upload at a
//! time, in whichever process. Knows nothing of what is in the files.

use crate::{Admin, As, Catalogue, Internal, Result, ServiceError, base::Base, base::blocking};
use bytes::Bytes;
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
    ids::UploadId,
    time::Timestamp,
};
use futures::{Stream, StreamExt as _};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Seek as _, SeekFrom, Write as _},
    path::PathBuf,
};
use store::{StagedLimits, StagedUpload};
use uuid::Uuid;

/// The end of the name of a file that is sent.
pub(crate) const SENT: &str = "upload";
/// Bytes of a name for people.
const NAME_BYTES: usize = 255;

/// A file that is being sent, or waits to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Identity.
    pub id: UploadId,
    /// What it is called where it comes from; for people.
    pub filename: String,
    /// How many bytes it will have.
    pub bytes: u64,
    /// How many of them are here.
    pub received: u64,
    /// From then on it may be removed, unless something is written or read.
    pub expires: Timestamp,
}

impl Catalogue {
    /// Begins a file of `bytes` bytes, of which none are here yet.
    ///
    /// # Errors
    /// Admins only; no name, more bytes than one file may have, or more
    /// waiting uploads than one person may have.
    pub async fn begin_upload(&self, actor: &As<Admin>, filename: &str, bytes: u64) -> Result<Upload> {
        let limits = self.base.limits();
        if filename.is_empty() || filename.len() > NAME_BYTES {
            let message = format!("Give the file a name of 1 to {NAME_BYTES} bytes.");
            return Err(ServiceError::invalid_at("filename", message));
        }
        if bytes == 0 || bytes > limits.upload_bytes {
            let (kind, most) = (ErrorKind::TooLarge, limits.upload_bytes);
            let message = format!("A file of {bytes} bytes cannot be sent: it may have 1 to {most} bytes.");
            return Err(ApiError::new(if bytes == 0 { ErrorKind::Invalid } else { kind }, message)
                .at("bytes")
                .into());
        }
        let now = self.base.now();
        let new = StagedUpload {
            id: self.base.new_id(),
            owner: owner(actor),
            filename: crate::intake::checks::readable_text(filename),
            bytes,
            created: now,
            expires: now.plus_ms(kept_ms(&self.base)),
        };
        let each = StagedLimits { files: limits.staged_files, bytes: limits.staged_bytes };
        self.base.store().uploads().begin(&new, each).await?;
        Ok(Upload { id: new.id, filename: new.filename, bytes, received: 0, expires: new.expires })
    }

    /// How far a file is.
    ///
    /// # Errors
    /// Admins only; no such upload of theirs.
    pub async fn upload(&self, actor: &As<Admin>, id: UploadId) -> Result<Upload> {
        let staged = self.own_upload(actor, id).await?;
        let path = staged_path(&self.base, id);
        let received = blocking(move || Ok(std::fs::metadata(path).map_or(0, |file| file.len()))).await?;
        Ok(of(staged, received))
    }

    /// Writes what comes behind the first `offset` bytes, which must be as
    /// many as are here. What came before the sender broke off is kept.
    ///
    /// # Errors
    /// Admins only; no such upload of theirs, another offset, another request
    /// that writes it, more bytes than were announced, what the stream says,
    /// a full disk.
    pub async fn write_upload(
        &self,
        actor: &As<Admin>,
        id: UploadId,
        offset: u64,
        mut pieces: impl Stream<Item = Result<Bytes>> + Send + Unpin,
    ) -> Result<Upload> {
        let staged = self.own_upload(actor, id).await?;
        let (base, bytes) = (self.base.clone(), staged.bytes);
        let mut file = blocking(move || open_at(&base, id, offset)).await?;
        let mut received = offset;
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            received += piece.len() as u64;
            if received > bytes {
                let message = format!("There are more bytes than the {bytes} that were announced.");
                return Err(ApiError::new(ErrorKind::TooLarge, message).at("body").into());
            }
            file = blocking(move || {
                file.write_all(&piece)?;
                Ok(file)
            })
            .await?;
        }
        let expires = self.base.now().plus_ms(kept_ms(&self.base));
        self.base.store().uploads().renew(id, expires).await?;
        Ok(of(StagedUpload { expires, ..staged }, received))
    }

    /// Forgets a file, whether all of it came or not.
    ///
    /// # Errors
    /// Admins only; no such upload of theirs.
    pub async fn discard_upload(&self, actor: &As<Admin>, id: UploadId) -> Result<()> {
        self.own_upload(actor, id).await?;
        self.forget_upload(id).await
    }

    /// The same where no person asks. First the row: a file without one goes
    /// with the next sweep.
    pub(crate) async fn forget_upload(&self, id: UploadId) -> Result<()> {
        self.base.store().uploads().delete(id).await?;
        let base = self.base.clone();
        blocking(move || {
            remove_staged(&base, id);
            Ok(())
        })
        .await
    }

    /// What a file is called, once all of it is here.
    pub(crate) async fn whole_upload(&self, actor: &As<Admin>, id: UploadId) -> Result<String> {
        let upload = self.upload(actor, id).await?;
        if upload.received < upload.bytes {
            let Upload { received, bytes, .. } = upload;
            let message = format!("Only {received} of its {bytes} bytes are here: send the rest first.");
            return Err(ApiError::new(ErrorKind::Conflict, message).at("upload").into());
        }
        Ok(upload.filename)
    }

    /// Keeps a file that is in use.
    pub(crate) async fn renew_upload(&self, id: UploadId) -> Result<()> {
        let expires = self.base.now().plus_ms(kept_ms(&self.base));
        Ok(self.base.store().uploads().renew(id, expires).await?)
    }

    /// Forgets the uploads that nobody used in time, and removes what lies on
    /// this machine of those that are not there any more, unpacked or not. Says
    /// how many were removed.
    ///
    /// # Errors
    /// When the database fails; what is left goes the next time.
    pub async fn sweep_uploads(&self, _: Internal) -> Result<u64> {
        self.base.store().uploads().delete_expired(self.base.now()).await?;
        let base = self.base.clone();
        // Listed before it is asked which are there: a row is written before its file.
        let staged = blocking(move || Ok(staged_ids(&base))).await?;
        let mut removed = 0;
        for id in staged {
            if self.base.store().uploads().find(id).await?.is_none() {
                let base = self.base.clone();
                blocking(move || {
                    remove_staged(&base, id);
                    Ok(())
                })
                .await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    async fn own_upload(&self, actor: &As<Admin>, id: UploadId) -> Result<StagedUpload> {
        let staged = self.base.store().uploads().find(id).await?;
        let staged = staged.filter(|staged| staged.owner == owner(actor) && staged.expires > self.base.now());
        staged.ok_or_else(|| ServiceError::not_found(format!("There is no upload {id} of yours.")))
    }
}

/// By whom uploads are counted.
fn owner(actor: &Actor) -> Uuid {
    actor.who.id().unwrap_or_default()
}

fn kept_ms(base: &Base) -> i64 {
    i64::try_from(base.limits().upload_kept.as_millis()).unwrap_or(i64::MAX)
}

fn of(staged: StagedUpload, received: u64) -> Upload {
    let StagedUpload { id, filename, bytes, expires, .. } = staged;
    Upload { id, filename, bytes, received, expires }
}

/// The folder of all that was sent, on the disk that has room for it.
fn staging_folder(base: &Base) -> PathBuf {
    let beside = || base.store().blobs().scratch_folder().join(".staged");
    base.limits().staging_folder.clone().unwrap_or_else(beside)
}

/// Where the bytes of an upload lie.
fn staged_path(base: &Base, id: UploadId) -> PathBuf {
    staging_folder(base).join(format!("{id}.{SENT}"))
}

/// A folder for what is made of an upload, removed with it; not made yet.
pub(crate) fn beside_upload(base: &Base, id: UploadId, end: &str) -> PathBuf {
    staging_folder(base).join(format!("{id}.{end}"))
}

/// The file of an upload, ready for the bytes behind `offset`. Whoever has it
/// open holds its lock, which ends with the process.
fn open_at(base: &Base, id: UploadId, offset: u64) -> Result<File> {
    make_private_folder(&staging_folder(base))?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(staged_path(base, id))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(ServiceError::conflict("Another request is writing this upload: wait for its end."));
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let received = file.metadata()?.len();
    if received != offset {
        let message = format!("{received} bytes are here: go on with offset={received}.");
        return Err(ApiError::new(ErrorKind::Conflict, message).at("offset").into());
    }
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

/// A folder that only its owner can read.
pub(crate) fn make_private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The uploads of which something lies here.
fn staged_ids(base: &Base) -> Vec<UploadId> {
    let entries = std::fs::read_dir(staging_folder(base)).into_iter().flatten().flatten();
    let id_of = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let (id, _) = name.to_str()?.split_once('.')?;
        Some(UploadId(id.parse().ok()?))
    };
    let mut ids: Vec<UploadId> = entries.filter_map(id_of).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Removes the file and what was made of it.
fn remove_staged(base: &Base, id: UploadId) {
    let of_it = format!("{id}.");
    let entries = std::fs::read_dir(staging_folder(base)).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&of_it)) {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        if let Err(error) = removed.or_else(|error| match error.kind() {
            // Another sweeper was faster.
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }) {
            tracing::warn!(path = %path.display(), %error, "what is left of an upload cannot be removed");
        }
    }
}
