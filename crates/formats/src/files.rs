//! Reading the files of a data set, which may come from anybody: only regular
//! files, only inside its folders, and none without end. A link is followed
//! within the folders; a pipe or a device is never opened, since that may wait
//! for ever.

use crate::text::{self, TextEncoding};
use std::{
    fs,
    io::{Error, ErrorKind, Read, Result},
    path::{Path, PathBuf},
};

/// Bytes of a text file about one image, or of a list.
pub(crate) const TEXT_BYTES: u64 = 64 << 20;

/// The folders that files are read from.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// Without links.
    pub(crate) folders: Vec<PathBuf>,
    /// Of texts that do not say it themselves.
    pub(crate) encoding: Option<TextEncoding>,
}

impl Files {
    /// No folder yet; texts that do not say it themselves are in `encoding`.
    pub(crate) fn new(encoding: Option<TextEncoding>) -> Self {
        Self { folders: Vec::new(), encoding }
    }

    /// Files below `folder` may be read. It is what was asked for, so it may
    /// itself be a link.
    pub(crate) fn allow(&mut self, folder: &Path) {
        // The parent of a name without folders is empty: it is in the one that the program runs in.
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // What is not there has no files.
        self.folders.extend(fs::canonicalize(folder));
    }

    /// Where a file really is.
    ///
    /// # Errors
    /// Of the kind `InvalidInput` when it is outside the folders or no regular
    /// file.
    pub(crate) fn resolve(&self, path: &Path) -> Result<PathBuf> {
        let real = fs::canonicalize(path)?;
        if !self.folders.iter().any(|folder| real.starts_with(folder)) {
            return Err(refused("it is a link that leads out of the data set's folder"));
        }
        if !fs::metadata(&real)?.is_file() {
            return Err(refused("it is not a regular file"));
        }
        Ok(real)
    }

    /// Whether a file is really inside the folders.
    pub(crate) fn is_inside(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|real| self.folders.iter().any(|folder| real.starts_with(folder)))
    }

    /// All of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Self::resolve`], and of the kind `FileTooLarge`.
    pub(crate) fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(self.resolve(path)?)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            let message = format!("it has more than {} MiB, the most that is read", limit >> 20);
            return Err(Error::new(ErrorKind::FileTooLarge, message));
        }
        Ok(bytes)
    }

    /// The same of a text, in any encoding that the file tells or that was
    /// chosen.
    ///
    /// # Errors
    /// As [`Self::read`], and of the kind `InvalidData` when its encoding is
    /// not known.
    pub(crate) fn read_text(&self, path: &Path) -> Result<String> {
        text::decode(self.read(path, TEXT_BYTES)?, None, self.encoding)
            .map_err(|why| Error::new(ErrorKind::InvalidData, why))
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, why)
}
