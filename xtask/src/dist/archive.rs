//! A tar archive whose bytes depend on nothing but what is in it.

use anyhow::{Context, Result};
use tar::{Builder, EntryType, Header};

/// One member.
pub(crate) struct Entry<'a> {
    path: String,
    mode: u32,
    /// None for a folder.
    bytes: Option<&'a [u8]>,
}

impl<'a> Entry<'a> {
    pub(crate) fn file(path: &str, bytes: &'a [u8]) -> Self {
        Self { path: path.to_owned(), mode: 0o644, bytes: Some(bytes) }
    }

    pub(crate) fn program(path: &str, bytes: &'a [u8]) -> Self {
        Self { mode: 0o755, ..Self::file(path, bytes) }
    }

    pub(crate) fn folder(path: &str) -> Self {
        Self { path: format!("{path}/"), mode: 0o755, bytes: None }
    }
}

/// An archive in memory, all of whose members are root's and of one moment.
pub(crate) struct Archive {
    builder: Builder<Vec<u8>>,
    time: u64,
}

impl Archive {
    pub(crate) fn new(time: u64) -> Self {
        Self { builder: Builder::new(Vec::new()), time }
    }

    pub(crate) fn add(&mut self, entry: &Entry<'_>) -> Result<()> {
        let mut header = Header::new_gnu();
        header.set_mode(entry.mode);
        header.set_mtime(self.time);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        let bytes = entry.bytes.unwrap_or_default();
        header.set_entry_type(if entry.bytes.is_some() { EntryType::Regular } else { EntryType::Directory });
        header.set_size(bytes.len() as u64);
        // As it stands: `append_data` takes the `./` away that Debian's tools write.
        let name = entry.path.as_bytes();
        let place = header.as_old_mut().name.get_mut(..name.len()).context("the path is too long")?;
        place.copy_from_slice(name);
        header.set_cksum();
        self.builder.append(&header, bytes)?;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>> {
        Ok(self.builder.into_inner()?)
    }
}
