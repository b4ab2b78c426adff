//! tar, as it comes out of a file or a decompressor.
//!
//! Members are read raw, so that a long name is read up to its bound and not
//! up to the length that its header claims.

use super::{
    ArchiveError,
    output::{Output, damaged, in_utf8_or_latin_1},
};
use std::io::Read;
use tar::{Archive, EntryType, PaxExtensions};

/// Bytes of a member that only says the name of the next one.
const NAME_BYTES: u64 = 64 << 10;

/// Unpacks all members.
pub(super) fn unpack(bytes: impl Read, output: &mut Output<'_>) -> Result<(), ArchiveError> {
    let mut archive = Archive::new(bytes);
    let entries = archive.entries().map_err(|error| damaged("the beginning", &error))?;
    let (mut long_name, mut last) = (None::<Vec<u8>>, "the beginning".to_owned());
    for entry in entries.raw(true) {
        let mut entry = entry.map_err(|error| damaged(&last, &error))?;
        output.count_member()?;
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName => long_name = Some(long_text(&mut entry)?),
            EntryType::XHeader => long_name = pax_path(&long_text(&mut entry)?).or(long_name),
            EntryType::GNULongLink | EntryType::XGlobalHeader => {}
            _ => {
                let own = long_name.take().unwrap_or_else(|| entry.path_bytes().into_owned());
                let (name, is_utf8) = in_utf8_or_latin_1(&own);
                take(kind, &name, is_utf8, &mut entry, output)?;
                last = name;
            }
        }
        // The rest counts, too, before the next step reads it away.
        output.pass_over(&last, &mut entry)?;
    }
    Ok(())
}

fn take(
    kind: EntryType,
    name: &str,
    is_utf8: bool,
    bytes: impl Read,
    output: &mut Output<'_>,
) -> Result<(), ArchiveError> {
    match kind {
        EntryType::Directory => {}
        EntryType::Regular | EntryType::Continuous => {
            if !is_utf8 {
                output.note_foreign_name();
            }
            output.write(name, bytes)?;
        }
        EntryType::Symlink | EntryType::Link => output.leave_out(name, "it is a link"),
        _ => output.leave_out(name, "it is no regular file"),
    }
    Ok(())
}

/// A text that is kept as a member, without the zero at its end.
fn long_text(entry: &mut impl Read) -> Result<Vec<u8>, ArchiveError> {
    let mut text = Vec::new();
    entry.take(NAME_BYTES + 1).read_to_end(&mut text).map_err(|error| damaged("a long name", &error))?;
    if text.len() as u64 > NAME_BYTES {
        return Err(ArchiveError::Damaged("a name has more than 64 KiB".to_owned()));
    }
    while text.last() == Some(&0) {
        text.pop();
    }
    Ok(text)
}

/// The name in an extended header.
fn pax_path(text: &[u8]) -> Option<Vec<u8>> {
    let path = PaxExtensions::new(text).flatten().find(|extension| extension.key_bytes() == b"path");
    path.map(|extension| extension.value_bytes().to_vec())
}
