//! `fovea backup` and `fovea restore`, for data in a folder.
//!
//! A backup is a plain tar file: a consistent copy of the database (SQLite's
//! `VACUUM INTO`), and the images and weights, which never change once they
//! are there. The database is copied first, so every file it names is in.

use super::{WrongUse, global::GlobalOptions, output};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Write},
    path::{Component, Path, PathBuf},
};

const DATABASE: &str = "fovea.db";
const OBJECTS: &str = "objects";

/// Writes everything into one file; a server may run meanwhile.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea backup fovea-monday.tar")]
pub(super) struct Backup {
    /// The file to write; it must not be there yet.
    file: PathBuf,
}

/// Reads a backup into a data folder that is empty or not there yet.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea restore fovea-monday.tar --data-dir /srv/fovea")]
pub(super) struct Restore {
    /// The file that `fovea backup` wrote.
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let folder = only_a_folder(global)?;
        ensure!(folder.join(DATABASE).is_file(), "there is no data in {}", folder.display());
        ensure!(!self.file.exists(), "{} is there already", self.file.display());
        let data = global.open().await?;
        let copying = tempfile::tempdir_in(&folder).context("there is no room for a copy of the database")?;
        let copy = copying.path().join(DATABASE);
        data.store.backup_to(&copy).await?;
        data.store.close().await?;
        let partial = self.file.with_extension("partial");
        let written = tokio::task::spawn_blocking({
            let partial = partial.clone();
            move || write_archive(&partial, &copy, &folder.join(OBJECTS))
        });
        let files = written.await??;
        fs::rename(&partial, &self.file)?;
        drop(copying);
        output::line(&format!("{} holds the database and {files} files", self.file.display()));
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let folder = only_a_folder(global)?;
        let empty = !folder.exists() || fs::read_dir(&folder)?.next().is_none();
        ensure!(empty, "{} is not empty: name another folder with --data-dir", folder.display());
        fs::create_dir_all(&folder)?;
        let source = self.file.clone();
        let target = folder.clone();
        let files = tokio::task::spawn_blocking(move || read_archive(&source, &target)).await??;
        ensure!(folder.join(DATABASE).is_file(), "{} is no backup: it has no database", self.file.display());
        // Opens, migrates and so checks what came in.
        global.open().await?.store.close().await?;
        output::line(&format!("{} holds the restored data, {files} files", folder.display()));
        Ok(())
    }
}

fn only_a_folder(global: &GlobalOptions) -> anyhow::Result<PathBuf> {
    let place = global.place()?;
    if global.names_a_server() {
        let message = "This command works on the data itself: leave --url (and FOVEA_URL) out.";
        return Err(WrongUse(message.to_owned()).into());
    }
    if place.database_url.is_some() || place.storage_url.is_some() {
        let message =
            "This command is for data in a folder. For PostgreSQL use pg_dump, for S3 its own tools.";
        return Err(WrongUse(message.to_owned()).into());
    }
    Ok(place.data_dir)
}

fn write_archive(target: &Path, database: &Path, objects: &Path) -> anyhow::Result<u64> {
    let mut archive = tar::Builder::new(BufWriter::new(File::create_new(target)?));
    archive.append_path_with_name(database, DATABASE)?;
    let mut files = 1;
    let mut folders = vec![objects.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(objects) {
                archive.append_path_with_name(&path, Path::new(OBJECTS).join(relative))?;
                files += 1;
            }
        }
    }
    archive.into_inner()?.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok(files)
}

fn read_archive(source: &Path, target: &Path) -> anyhow::Result<u64> {
    let file = File::open(source).with_context(|| format!("{} cannot be read", source.display()))?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut files = 0;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let ours = path == Path::new(DATABASE) || path.starts_with(OBJECTS);
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        if !ours || !plain || !entry.header().entry_type().is_file() {
            bail!("{} is no backup: it holds {}", source.display(), path.display());
        }
        let to = target.join(&path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = BufWriter::new(File::create_new(&to)?);
        std::io::copy(&mut entry, &mut file)?;
        file.flush()?;
        files += 1;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_reads_back_as_it_was_written() {
        let (from, to) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let objects = from.path().join(OBJECTS).join("images").join("ab");
        fs::create_dir_all(&objects).expect("made");
        fs::write(objects.join("cd"), b"pixels").expect("written");
        let database = from.path().join("copy.db");
        fs::write(&database, b"rows").expect("written");
        let archive = from.path().join("a.tar");
        assert_eq!(write_archive(&archive, &database, &from.path().join(OBJECTS)).expect("writes"), 2);
        assert_eq!(read_archive(&archive, to.path()).expect("reads"), 2);
        assert_eq!(fs::read(to.path().join(DATABASE)).expect("there"), b"rows");
        assert_eq!(fs::read(to.path().join("objects/images/ab/cd")).expect("there"), b"pixels");
    }

    #[test]
    fn an_archive_with_foreign_files_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("evil.tar");
        let mut archive = tar::Builder::new(File::create(&path).expect("made"));
        archive.append_path_with_name("Cargo.toml", "etc/passwd").expect("written");
        archive.into_inner().expect("ended");
        assert!(read_archive(&path, &folder.path().join("out")).is_err());
    }
}
