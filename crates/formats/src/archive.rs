//! Unpacking archives from strangers into a folder: zip, tar, tar.gz.
//!
//! Whatever an archive says, no more files and bytes come out of it than
//! [`UnpackLimits`] allows, none of them outside the folder, and nothing but
//! regular files. What is left out (names that lead elsewhere, links, names
//! that were there before, damaged members) is told by name; what makes the
//! archive as a whole unusable is an [`ArchiveError`]. Knows nothing of data
//! sets.

mod output;
mod tape;
mod zip;

use output::Output;
use std::{
    fs::File,
    io::{Read as _, Seek as _},
    path::Path,
};

/// How much may come out of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnpackLimits {
    /// Members of any kind.
    pub entries: u64,
    /// Bytes of all files together.
    pub bytes: u64,
    /// How many times more bytes than the archive has may come out of it, once
    /// [`Self::free_bytes`] came out.
    pub ratio: u64,
    /// Bytes for which no ratio is looked at.
    pub free_bytes: u64,
}

impl Default for UnpackLimits {
    /// A million files, 128 GiB; 200 times what the archive has, beyond 1 GiB.
    fn default() -> Self {
        Self { entries: 1_000_000, bytes: 128 << 30, ratio: 200, free_bytes: 1 << 30 }
    }
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// Files that were written.
    pub files: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// The first members that were left out, and why.
    pub left_out: Vec<LeftOutMember>,
    /// How many were left out.
    pub left_out_count: u64,
    /// Names that were not UTF-8, and were read in the code page that the
    /// archive's kind has by custom.
    pub foreign_names: u64,
}

/// A member that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutMember {
    /// As far as it can be read.
    pub name: String,
    /// Why.
    pub why: &'static str,
}

/// Why an archive as a whole was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file system said no.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is none that is read here.
    #[error("{0}")]
    Unsupported(String),
    /// It is damaged.
    #[error("the archive is damaged: {0}. Pack it again, or send it again in full")]
    Damaged(String),
    /// More would come out of it than is allowed.
    #[error("{0}")]
    TooMuch(String),
    /// Somebody asked for an end.
    #[error("unpacking was cancelled")]
    Cancelled,
}

/// Hears how many bytes came out so far, and says whether to go on.
pub type GoOn<'a> = dyn FnMut(u64) -> bool + 'a;

/// Whether a file begins like an archive, whether it is read here or not.
///
/// # Errors
/// When it cannot be read.
pub fn is_archive(path: &Path) -> std::io::Result<bool> {
    Ok(kind_of(&beginning(&mut File::open(path)?)?).is_some())
}

/// Unpacks `archive` into the folder `into`, which must be there and empty,
/// and which nobody else may write to.
///
/// # Errors
/// When it is no archive, one of a kind that is not read, damaged as a whole,
/// or would give more than `limits` allow; what came out by then is in the
/// folder.
pub fn unpack(
    archive: &Path,
    into: &Path,
    limits: &UnpackLimits,
    go_on: &mut GoOn<'_>,
) -> Result<Unpacked, ArchiveError> {
    let mut file = File::open(archive)?;
    let length = file.metadata()?.len();
    let kind = kind_of(&beginning(&mut file)?);
    let mut output = Output::new(into, *limits, length, go_on);
    match kind {
        Some(Kind::Zip) => zip::unpack(file, &mut output)?,
        Some(Kind::Gzip) => tape::unpack(flate2::read::MultiGzDecoder::new(file), &mut output)?,
        Some(Kind::Tar) => tape::unpack(file, &mut output)?,
        Some(Kind::Other(name)) => {
            let message = format!("Archives of the kind {name} are not read: pack it as zip, tar or tar.gz.");
            return Err(ArchiveError::Unsupported(message));
        }
        None => {
            let message = "This is no archive: pack the folder as zip, tar or tar.gz.";
            return Err(ArchiveError::Unsupported(message.to_owned()));
        }
    }
    Ok(output.unpacked)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Zip,
    Gzip,
    Tar,
    /// One that people have, and that is not read here.
    Other(&'static str),
}

/// Where the word stands that tells a tar.
const TAR_MAGIC_AT: usize = 257;
/// Bytes that tell what an archive is.
const BEGINNING: u64 = 512;

fn beginning(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(BEGINNING).read_to_end(&mut bytes)?;
    file.rewind()?;
    Ok(bytes)
}

fn kind_of(bytes: &[u8]) -> Option<Kind> {
    const MAGIC: [(&[u8], Kind); 9] = [
        (b"PK\x03\x04", Kind::Zip),
        (b"PK\x05\x06", Kind::Zip),
        (b"PK\x07\x08", Kind::Other("zip in several parts")),
        (b"\x1f\x8b", Kind::Gzip),
        (b"7z\xbc\xaf\x27\x1c", Kind::Other("7z")),
        (b"Rar!\x1a\x07", Kind::Other("rar")),
        (b"BZh", Kind::Other("bzip2")),
        (b"\xfd7zXZ\0", Kind::Other("xz")),
        (b"\x28\xb5\x2f\xfd", Kind::Other("zstd")),
    ];
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(*kind);
    }
    let magic = bytes.get(TAR_MAGIC_AT..TAR_MAGIC_AT + 5)?;
    (magic == b"ustar").then_some(Kind::Tar)
}
