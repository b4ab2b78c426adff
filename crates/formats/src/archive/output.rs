//! The folder that is unpacked into, and the bounds of what comes into it.

use super::{ArchiveError, GoOn, LeftOutMember, UnpackLimits, Unpacked};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write as _},
    path::{Path, PathBuf},
};

/// Members that were left out and are told by name; the rest is counted.
const TOLD: usize = 1_000;
/// Bytes of a name with its folders.
const NAME_BYTES: usize = 1_024;
/// Bytes of one part of a name, as file systems have it.
const PART_BYTES: usize = 255;
/// Folders inside of each other.
const DEPTH: usize = 32;
/// Bytes that are written at a time, and between two looks at whether to go on.
const PIECE: usize = 64 << 10;

/// The folder that is unpacked into.
pub(super) struct Output<'a> {
    folder: &'a Path,
    limits: UnpackLimits,
    archive_bytes: u64,
    entries: u64,
    go_on: &'a mut GoOn<'a>,
    pub(super) unpacked: Unpacked,
}

/// What a member came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It is there.
    Whole,
    /// It was left out, and not read to its end.
    LeftOut,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        folder: &'a Path,
        limits: UnpackLimits,
        archive_bytes: u64,
        go_on: &'a mut GoOn<'_>,
    ) -> Self {
        // The closure only lives as long as the unpacking.
        Self { folder, limits, archive_bytes, entries: 0, go_on, unpacked: Unpacked::default() }
    }

    /// One more member, of whatever kind.
    pub(super) fn count_member(&mut self) -> Result<(), ArchiveError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            let message =
                format!("The archive has more than {} members, the most there may be.", self.limits.entries);
            return Err(ArchiveError::TooMuch(message));
        }
        Ok(())
    }

    /// Leaves a member out, by name.
    pub(super) fn leave_out(&mut self, name: &str, why: &'static str) {
        self.unpacked.left_out_count += 1;
        if self.unpacked.left_out.len() < TOLD {
            let name = name.chars().take(NAME_BYTES).collect();
            self.unpacked.left_out.push(LeftOutMember { name, why });
        }
    }

    /// Writes a member under its name, unless it is left out.
    pub(super) fn write(&mut self, name: &str, mut bytes: impl Read) -> Result<Written, ArchiveError> {
        let Some(mut file) = self.file_of(name)? else { return Ok(Written::LeftOut) };
        let mut piece = vec![0; PIECE];
        loop {
            let read = match bytes.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(name, &error)),
            };
            self.count_bytes(read as u64)?;
            file.write_all(piece.get(..read).unwrap_or_default())?;
        }
        self.unpacked.files += 1;
        Ok(Written::Whole)
    }

    /// Reads on to the end of a member that is left out, or of what is left of
    /// it: that takes time as well.
    pub(super) fn pass_over(&mut self, name: &str, mut bytes: impl Read) -> Result<(), ArchiveError> {
        let mut piece = vec![0; PIECE];
        loop {
            match bytes.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => self.count_bytes(read as u64)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(damaged(name, &error)),
            }
        }
    }

    /// A name that is no UTF-8 was read as what it most likely is.
    pub(super) fn note_foreign_name(&mut self) {
        self.unpacked.foreign_names += 1;
    }

    /// Takes back what was written last.
    pub(super) fn take_back(&mut self, name: &str, why: &'static str) -> Result<(), ArchiveError> {
        if let Some(path) = safe_path(name) {
            fs::remove_file(self.folder.join(path))?;
            self.unpacked.files -= 1;
        }
        self.leave_out(name, why);
        Ok(())
    }

    /// Counts bytes that came out of the archive, written or passed over.
    pub(super) fn count_bytes(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        let limits = self.limits;
        self.unpacked.bytes += bytes;
        let all = self.unpacked.bytes;
        if all > limits.bytes {
            let message =
                format!("More than {} bytes come out of the archive, the most there may be.", limits.bytes);
            return Err(ArchiveError::TooMuch(message));
        }
        if all > limits.free_bytes && all / limits.ratio.max(1) > self.archive_bytes {
            let message = format!(
                "More than {} times the bytes of the archive come out of it: no data set is packed so tightly.",
                limits.ratio
            );
            return Err(ArchiveError::TooMuch(message));
        }
        if (self.go_on)(all) { Ok(()) } else { Err(ArchiveError::Cancelled) }
    }

    /// A new file of this name; `None` when the member is left out.
    fn file_of(&mut self, name: &str) -> Result<Option<File>, ArchiveError> {
        let Some(path) = safe_path(name) else {
            self.leave_out(name, "its name leads out of the folder, or no file may have it");
            return Ok(None);
        };
        let path = self.folder.join(path);
        let made = match path.parent() {
            Some(parent) => fs::create_dir_all(parent),
            None => Ok(()),
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match made.and_then(|()| options.open(&path)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if is_taken(&error) => {
                self.leave_out(name, "there was another member of this name before, which is kept");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a file or a folder of the name is there, or a file where a folder
/// would have to be.
fn is_taken(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

pub(super) fn damaged(name: &str, error: &std::io::Error) -> ArchiveError {
    match error.kind() {
        ErrorKind::UnexpectedEof => ArchiveError::Damaged(format!("it is cut short at {name:?}")),
        ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::Other => {
            ArchiveError::Damaged(format!("{name:?} cannot be read"))
        }
        _ => ArchiveError::Io(std::io::Error::new(error.kind(), error.to_string())),
    }
}

/// A name as text: UTF-8, or else each byte as the character of Latin-1; and
/// whether it was UTF-8.
pub(super) fn in_utf8_or_latin_1(name: &[u8]) -> (String, bool) {
    match std::str::from_utf8(name) {
        Ok(name) => (name.to_owned(), true),
        Err(_) => (name.iter().copied().map(char::from).collect(), false),
    }
}

/// The name as a path below the folder; `None` when it is absolute, leads out
/// of it, or no file may have it. Names written on Windows are understood.
pub(super) fn safe_path(name: &str) -> Option<PathBuf> {
    let name = name.replace('\\', "/");
    let drive = name.as_bytes().get(1) == Some(&b':') && name.starts_with(|c: char| c.is_ascii_alphabetic());
    if name.len() > NAME_BYTES || name.starts_with('/') || drive {
        return None;
    }
    let mut path = PathBuf::new();
    let mut parts = 0;
    for part in name.split('/').filter(|part| !part.is_empty() && *part != ".") {
        let refused = part == ".." || part.len() > PART_BYTES || part.chars().any(char::is_control);
        if refused {
            return None;
        }
        parts += 1;
        path.push(part);
    }
    (1..=DEPTH).contains(&parts).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_the_folder_are_none() {
        let long = "x/".repeat(DEPTH) + "x";
        let names =
            ["/etc/passwd", "../x", "a/../../x", "..\\x", "C:\\x", "c:x", "\\\\host\\x", "", ".", "a\0b"];
        for name in names.into_iter().chain([long.as_str(), &"x".repeat(256)]) {
            assert_eq!(safe_path(name), None, "{name:?}");
        }
        for (name, path) in [("./a//b c.jpg", "a/b c.jpg"), ("a\\b.jpg", "a/b.jpg"), ("..a/b..", "..a/b..")] {
            assert_eq!(safe_path(name), Some(PathBuf::from(path)), "{name:?}");
        }
    }
}
