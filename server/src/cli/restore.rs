//! `fovea restore`, for data in a folder.
//!
//! Everything is unpacked and checked in a folder inside of the data folder,
//! and moved to its place at the end, the database last. So the data folder
//! may be a mount point, and a restore that fails or is killed leaves no data
//! that a server would start on.

use super::{
    backup::{only_a_folder, tell_faults},
    global::GlobalOptions,
    output,
};
use crate::{
    compose::{DATABASE, OBJECTS, RESTORING, unfinished_restore},
    private_files,
};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Component, Path, PathBuf},
};
use store::{Store, StoreOptions};

/// A tar file ends with two empty blocks.
const TAR_END: usize = 1024;

/// Reads a backup into a data folder that is empty or not there yet.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea restore fovea-monday.tar --data-dir /srv/fovea")]
pub(super) struct Restore {
    /// The file that `fovea backup` wrote.
    file: PathBuf,
    /// Restore what is sound, although files are missing or damaged.
    #[arg(long)]
    incomplete: bool,
}

impl Restore {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let folder = only_a_folder(global)?;
        let source = self.file.display().to_string();
        check_is_whole(&self.file)?;
        let made = !folder.exists();
        make_room(&folder)?;
        let staging = folder.join(RESTORING);
        let unpacked = self.unpack(&staging).await;
        let (files, faults) = match unpacked {
            Ok(unpacked) => unpacked,
            Err(error) => {
                // Only what this restore made itself.
                fs::remove_dir_all(&staging)?;
                if made {
                    fs::remove_dir(&folder)?;
                }
                return Err(error.context(format!("{source} was not restored, and nothing was changed")));
            }
        };
        if staging.join(OBJECTS).exists() {
            fs::rename(staging.join(OBJECTS), folder.join(OBJECTS))?;
        }
        ensure!(!staging.join(format!("{DATABASE}-wal")).exists(), "the restored database is still in use");
        fs::rename(staging.join(DATABASE), folder.join(DATABASE))?;
        fs::remove_dir_all(&staging)?;
        output::line(&format!("{} holds the restored data, {files} files", folder.display()));
        tell_faults(&faults, "it was restored, but ")
    }

    /// Unpacks and checks; gives the number of files and what is wrong with them.
    async fn unpack(&self, staging: &Path) -> anyhow::Result<(u64, Vec<String>)> {
        fs::create_dir(staging)?;
        let (source, target) = (self.file.clone(), staging.to_owned());
        let files = tokio::task::spawn_blocking(move || read_archive(&source, &target)).await??;
        ensure!(staging.join(DATABASE).is_file(), "it is no backup: it has no database");
        let options = StoreOptions::in_folder(staging);
        fs::create_dir_all(staging.join(OBJECTS))?;
        Store::check_copy(&options).await?;
        let store = Store::open(options).await?;
        let audit = store.files().audit(true).await;
        store.close().await?;
        let faults: Vec<String> = audit?.faults.iter().map(ToString::to_string).collect();
        if !self.incomplete {
            tell_faults(&faults, "--incomplete restores the rest: ")?;
        }
        Ok((files, faults))
    }
}

/// Makes the folder, or empties it of what a killed restore left.
fn make_room(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let unfinished = unfinished_restore(folder);
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let left = unfinished && (name == RESTORING || name == OBJECTS);
        // The top of a file system of its own has this.
        ensure!(
            left || name == "lost+found",
            "{} is not empty: name another folder with --data-dir",
            folder.display()
        );
    }
    if unfinished {
        for name in [OBJECTS, RESTORING] {
            let path = folder.join(name);
            if path.exists() {
                fs::remove_dir_all(path)?;
            }
        }
    }
    private_files::make_private(folder);
    Ok(())
}

/// Refuses a file that was cut off, before anything is unpacked.
fn check_is_whole(source: &Path) -> anyhow::Result<()> {
    let shown = source.display();
    let mut file = File::open(source).with_context(|| format!("{shown} cannot be read"))?;
    let length = file.metadata()?.len();
    let mut end = [1; TAR_END];
    if length >= end.len() as u64 {
        file.seek(SeekFrom::End(-(TAR_END as i64)))?;
        file.read_exact(&mut end)?;
    }
    ensure!(
        end.iter().all(|byte| *byte == 0),
        "{shown} is cut off, or it is no backup: it lacks the end that `fovea backup` writes. Copy it again; nothing was changed"
    );
    Ok(())
}

fn read_archive(source: &Path, target: &Path) -> anyhow::Result<u64> {
    let damaged = || "the archive is damaged: it cannot be read to its end";
    let mut archive = tar::Archive::new(BufReader::new(File::open(source)?));
    let mut files = 0;
    for entry in archive.entries().with_context(damaged)? {
        let mut entry = entry.with_context(damaged)?;
        let path = entry.path().with_context(damaged)?.into_owned();
        let ours = path == Path::new(DATABASE) || path.starts_with(OBJECTS);
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        if !ours || !plain || !entry.header().entry_type().is_file() {
            bail!("it is no backup: it holds {}", path.display());
        }
        let to = target.join(&path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = File::create_new(&to).with_context(|| format!("{} is in it twice", path.display()))?;
        let mut file = BufWriter::new(file);
        let copied = std::io::copy(&mut entry, &mut file).with_context(damaged)?;
        ensure!(copied == entry.size(), "{}: {} is cut off", damaged(), path.display());
        file.flush()?;
        files += 1;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &[(&str, &[u8])]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.tar");
        let mut archive = tar::Builder::new(File::create(&path).expect("made"));
        for (name, bytes) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, *bytes).expect("written");
        }
        archive.into_inner().expect("ended");
        (folder, path)
    }

    #[test]
    fn an_archive_reads_back_as_it_was_written() {
        let (folder, path) = archive(&[(DATABASE, b"rows"), ("objects/images/ab/cd", b"pixels")]);
        let to = folder.path().join("out");
        check_is_whole(&path).expect("whole");
        assert_eq!(read_archive(&path, &to).expect("reads"), 2);
        assert_eq!(fs::read(to.join(DATABASE)).expect("there"), b"rows");
        assert_eq!(fs::read(to.join("objects/images/ab/cd")).expect("there"), b"pixels");
    }

    #[test]
    fn an_archive_with_foreign_files_is_refused() {
        let (folder, path) = archive(&[("etc/passwd", b"x")]);
        assert!(read_archive(&path, &folder.path().join("out")).is_err());
    }

    #[test]
    fn an_archive_that_was_cut_anywhere_is_refused() {
        let (_folder, path) = archive(&[(DATABASE, &[1; 700]), ("objects/images/ab/cd", &[2; 1024])]);
        let whole = fs::read(&path).expect("there");
        for length in (0..whole.len()).step_by(128) {
            fs::write(&path, &whole[..length]).expect("cut");
            let error = check_is_whole(&path).expect_err("cut").to_string();
            assert!(error.contains("is cut off"), "{length}: {error}");
        }
    }
}
