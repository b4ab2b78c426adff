//! A stored file under another name, without its bytes being copied where the
//! file system can do that.

use std::{fs, io, path::Path};

/// Puts the file `from` at `to`. In the order of what is tried: a copy that
/// shares its blocks, another name of the same file, a symbolic link across
/// file systems, a copy.
///
/// With another name or a link a trainer that writes into its images would
/// write into the store, so the stored file is made read-only before: nothing
/// here ever writes into a stored file, and removing one takes no right to it.
/// Root may write into any file, and is given a copy.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    if reflink(from, to).is_ok() || (!is_root() && share(from, to).is_ok()) {
        return Ok(());
    }
    fs::copy(from, to).map(drop)
}

fn share(from: &Path, to: &Path) -> io::Result<()> {
    protect(from)?;
    fs::hard_link(from, to).or_else(|_| symlink(from, to))
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(target_os = "linux")]
fn reflink(from: &Path, to: &Path) -> io::Result<()> {
    let source = fs::File::open(from)?;
    let target = fs::File::create_new(to)?;
    let shared = rustix::fs::ioctl_ficlone(&target, &source);
    if shared.is_err() {
        fs::remove_file(to)?;
    }
    Ok(shared?)
}

#[cfg(not(target_os = "linux"))]
fn reflink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

fn protect(stored: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(stored)?.permissions();
    if !permissions.readonly() {
        permissions.set_readonly(true);
        fs::set_permissions(stored, permissions)?;
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_into_what_a_trainer_is_given_leaves_the_stored_file_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let (stored, linked) = (folder.path().join("stored"), folder.path().join("linked"));
        fs::write(&stored, b"bytes").expect("written");
        link(&stored, &linked).expect("linked");
        assert_eq!(fs::read(&linked).expect("read"), b"bytes");
        // Refused, or into blocks of its own.
        drop(fs::write(&linked, b"other"));
        assert_eq!(fs::read(&stored).expect("read"), b"bytes");
        fs::remove_file(&linked).expect("removed");
        assert!(stored.exists());
    }

    #[test]
    fn another_name_of_a_stored_file_is_read_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let (stored, linked) = (folder.path().join("stored"), folder.path().join("linked"));
        fs::write(&stored, b"bytes").expect("written");
        share(&stored, &linked).expect("shared");
        assert!(fs::metadata(&linked).expect("there").permissions().readonly());
        assert_eq!(fs::read(&linked).expect("read"), b"bytes");
    }
}
