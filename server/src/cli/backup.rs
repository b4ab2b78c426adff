//! `fovea backup`, for data in a folder.
//!
//! A backup is a plain tar file: a consistent copy of the database (SQLite's
//! `VACUUM INTO`) and the files that its rows name. No file is removed from
//! before the copy until the last one is read, by whatever process.

use super::{WrongUse, global::GlobalOptions, output};
use crate::{
    clock::SystemClock,
    compose::{COPYING, DATABASE, OBJECTS},
};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use domain::{time::Clock as _, words::counted};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io::{BufWriter, Read},
    path::{Path, PathBuf},
    time::Duration,
};
use store::{BlobKind, SchemaState, Store, StoreOptions};
use uuid::Uuid;

/// Well within the time that a hold lasts.
const RENEW_EVERY: Duration = Duration::from_secs(60);
/// Files that are named one by one when something is wrong with them.
pub(super) const TOLD_FAULTS: usize = 20;

/// Writes everything into one file; a server may run meanwhile.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea backup fovea-monday.tar")]
pub(super) struct Backup {
    /// The file to write; it must not be there yet.
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let folder = only_a_folder(global)?;
        ensure!(folder.join(DATABASE).is_file(), "there is no data in {}", folder.display());
        ensure!(!self.file.exists(), "{} is there already", self.file.display());
        let store = Store::open_unmigrated(global.location()?.store_options()).await?;
        let old = match store.schema_state().await? {
            SchemaState::Current => false,
            SchemaState::Pending(_) => true,
            SchemaState::Newer(_) => bail!("the data was written by a newer version of Fovea: use that one"),
        };
        if old {
            output::note(
                "The data is of an older version, which this backup leaves as it is: no server may run on it \
                 meanwhile.",
            );
        }
        let hold = Uuid::now_v7();
        let written = if old {
            self.write(&store, &folder).await
        } else {
            store.files().hold(hold, SystemClock.now()).await?;
            let written = tokio::select! {
                written = self.write(&store, &folder) => written,
                error = renew(&store, hold) => Err(error),
            };
            store.files().end_hold(hold).await?;
            written
        };
        store.close().await?;
        let written = written?;
        let (file, files) = (self.file.display(), written.files);
        output::line(&format!("{file} holds the database and {files} files"));
        tell_faults(&written.faults, &format!("{file} was written, but "))
    }

    async fn write(&self, store: &Store, folder: &Path) -> anyhow::Result<Written> {
        let copying = tempfile::Builder::new().prefix(COPYING).tempdir_in(folder);
        let copying = copying.context("there is no room for a copy of the database")?;
        let copy = copying.path().join(DATABASE);
        store.backup_to(&copy).await?;
        let options = StoreOptions {
            database_url: format!("sqlite://{}", copy.display()),
            ..StoreOptions::in_folder(folder)
        };
        let rows = Store::open_unchanged(options).await?;
        let mut named = Vec::new();
        for kind in [BlobKind::Images, BlobKind::Thumbnails, BlobKind::Weights] {
            for hash in rows.files().named(kind).await? {
                let path = rows.blobs().local_path(kind, &hash).context("the hash of a file is none")?;
                named.push(NamedFile { kind, hash, path });
            }
        }
        rows.close().await?;
        let mut partial = self.file.clone().into_os_string();
        partial.push(".partial");
        let (partial, objects) = (PathBuf::from(partial), fs::canonicalize(folder.join(OBJECTS))?);
        let target = partial.clone();
        let archiving = move || write_archive(&target, &copy, &objects, &named);
        let written = tokio::task::spawn_blocking(archiving).await?;
        let written = written.with_context(|| format!("{} cannot be written", partial.display()))?;
        ensure!(!self.file.exists(), "{} is there already", self.file.display());
        fs::rename(&partial, &self.file)?;
        Ok(written)
    }
}

/// Ends only by an error.
async fn renew(store: &Store, hold: Uuid) -> anyhow::Error {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        if let Err(error) = store.files().hold(hold, SystemClock.now()).await {
            return anyhow::Error::from(error).context("the files cannot be kept from being removed");
        }
    }
}

/// Says which files are not as they should be; that is a failure.
pub(super) fn tell_faults(faults: &[String], but: &str) -> anyhow::Result<()> {
    for fault in faults.iter().take(TOLD_FAULTS) {
        output::note(fault);
    }
    if let Some(more) = faults.len().checked_sub(TOLD_FAULTS).filter(|more| *more > 0) {
        output::note(&format!("… and {more} more"));
    }
    let files = counted(faults.len(), "file is", "files are");
    ensure!(faults.is_empty(), "{but}{files} missing or damaged");
    Ok(())
}

pub(super) fn only_a_folder(global: &GlobalOptions) -> anyhow::Result<PathBuf> {
    let location = global.location()?;
    if global.names_a_server() {
        let message = "This command works on the data itself: leave --url (and FOVEA_URL) out.";
        return Err(WrongUse(message.to_owned()).into());
    }
    if location.database_url.is_some() || location.storage_url.is_some() {
        let message =
            "This command is for data in a folder. For PostgreSQL use pg_dump, for S3 its own tools.";
        return Err(WrongUse(message.to_owned()).into());
    }
    Ok(location.data_dir)
}

struct NamedFile {
    kind: BlobKind,
    hash: String,
    path: PathBuf,
}

struct Written {
    files: u64,
    faults: Vec<String>,
}

fn write_archive(
    target: &Path,
    database: &Path,
    objects: &Path,
    named: &[NamedFile],
) -> anyhow::Result<Written> {
    // What a killed backup to the same file left is overwritten.
    let mut archive = tar::Builder::new(BufWriter::new(File::create(target)?));
    append(&mut archive, database, Path::new(DATABASE))?;
    let mut written = Written { files: 1, faults: Vec::new() };
    for NamedFile { kind, hash, path } in named {
        let name = Path::new(OBJECTS).join(path.strip_prefix(objects)?);
        match append(&mut archive, path, &name)? {
            None => written.faults.push(format!("{} is missing", name.display())),
            // A thumbnail has the name of the image that it shows.
            Some(digest) if *kind != BlobKind::Thumbnails && digest != *hash => {
                written.faults.push(format!("{} has other bytes than it was stored with", name.display()));
                written.files += 1;
            }
            Some(_) => written.files += 1,
        }
    }
    archive.into_inner()?.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok(written)
}

/// Adds a file, if it is there, and gives the SHA-256 of what was read.
fn append(
    archive: &mut tar::Builder<impl std::io::Write>,
    path: &Path,
    name: &Path,
) -> anyhow::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let mut header = tar::Header::new_gnu();
    header.set_size(file.metadata()?.len());
    header.set_mode(0o600);
    let mut reader = Hashing { file, hash: Sha256::new() };
    archive.append_data(&mut header, name, &mut reader)?;
    Ok(Some(hex::encode(reader.hash.finalize())))
}

/// Hashes what is read through it.
struct Hashing {
    file: File,
    hash: Sha256,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_tells_what_is_missing_and_what_is_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let objects = folder.path().join(OBJECTS);
        let file = |hash: &str| {
            let path = objects.join("images").join(hash);
            NamedFile { kind: BlobKind::Images, hash: hash.to_owned(), path }
        };
        fs::create_dir_all(objects.join("images")).expect("made");
        let database = folder.path().join("copy.db");
        fs::write(&database, b"rows").expect("written");
        let sound = hex::encode(Sha256::digest(b"pixels"));
        let named = [file(&sound), file("gone"), file("other")];
        fs::write(&named[0].path, b"pixels").expect("written");
        fs::write(&named[2].path, b"changed").expect("written");
        let written =
            write_archive(&folder.path().join("a.tar"), &database, &objects, &named).expect("writes");
        assert_eq!(written.files, 3);
        assert_eq!(
            written.faults,
            [
                "objects/images/gone is missing",
                "objects/images/other has other bytes than it was stored with"
            ]
        );
    }
}
