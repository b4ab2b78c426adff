//! zip (PKWARE's APPNOTE 6.3): members that are stored or deflated, of any
//! size.
//!
//! Read by its directory, and only if that makes sense as a whole: members
//! that share bytes, which is how a small file becomes a huge one, members
//! under a password, and directories that are not where the end says they are
//! make the archive unusable. A reader of our own, because what a data set's
//! owner must hear, a name that is there twice above all, is what readers for
//! everyday use pass over.

use super::{
    ArchiveError,
    output::{Output, Written, damaged},
};
use flate2::{Crc, read::DeflateDecoder};
use std::{
    fs::File,
    io::{BufReader, Read, Seek as _, SeekFrom},
};

/// Bytes of the longest comment behind the end record, and the record itself.
const END_WITHIN: u64 = 22 + 65_535;
/// Bytes of a directory; a million names of a hundred bytes have that.
const DIRECTORY_BYTES: u64 = 256 << 20;

const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const END_64_LOCATOR: [u8; 4] = *b"PK\x06\x07";
const MEMBER: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// Its bytes are under a password.
const ENCRYPTED: u16 = 1 << 0;
/// Its name is UTF-8.
const UTF_8: u16 = 1 << 11;
/// The directory itself is under a password.
const HIDDEN: u16 = 1 << 13;

/// Unpacks all members.
pub(super) fn unpack(mut file: File, output: &mut Output<'_>) -> Result<(), ArchiveError> {
    let directory = Directory::find(&mut file)?;
    let mut members = directory.members(&mut file, output)?;
    members.sort_by_key(|member| member.offset);
    let mut from = 0;
    for member in &members {
        let start = member.data_start(&mut file)?;
        let end = start.checked_add(member.packed).filter(|end| *end <= directory.offset);
        if member.offset < from || end.is_none() {
            return Err(wrong(&format!("{:?} shares its bytes with another member", member.name)));
        }
        from = end.unwrap_or(from);
        member.unpack(&mut file, start, output)?;
    }
    Ok(())
}

fn wrong(what: &str) -> ArchiveError {
    ArchiveError::Damaged(what.to_owned())
}

/// Where the list of members is.
#[derive(Clone, Copy, Debug)]
struct Directory {
    offset: u64,
    bytes: u64,
    members: u64,
}

impl Directory {
    fn find(file: &mut File) -> Result<Self, ArchiveError> {
        let length = file.metadata()?.len();
        let tail_bytes = length.min(END_WITHIN + 20);
        let tail = read_at(file, length - tail_bytes, tail_bytes)?;
        let at = (0..tail.len().saturating_sub(21)).rev().find(|at| tail.get(*at..*at + 4) == Some(&END));
        let at = at.ok_or_else(|| wrong("its end is missing"))?;
        let end = Record(tail.get(at..).unwrap_or_default());
        let (disk, here, all) = (end.u16(4), end.u16(8), end.u16(10));
        let mut directory =
            Self { offset: u64::from(end.u32(16)), bytes: u64::from(end.u32(12)), members: u64::from(all) };
        let locator = at.checked_sub(20).and_then(|at| tail.get(at..at + 20));
        match locator.filter(|locator| locator.starts_with(&END_64_LOCATOR)) {
            Some(locator) => {
                let end = read_at(file, Record(locator).u64(8), 56)?;
                if !end.starts_with(&END_64) {
                    return Err(wrong("its end is missing"));
                }
                let end = Record(&end);
                directory = Self { offset: end.u64(48), bytes: end.u64(40), members: end.u64(32) };
            }
            None if disk != 0 || here != all => {
                let message = "This zip comes in several parts: pack it as one.";
                return Err(ArchiveError::Unsupported(message.to_owned()));
            }
            None => {}
        }
        let ends = directory.offset.checked_add(directory.bytes);
        if ends.is_none_or(|ends| ends > length) || directory.bytes > DIRECTORY_BYTES {
            return Err(wrong("its list of members is not where it should be"));
        }
        Ok(directory)
    }

    fn members(&self, file: &mut File, output: &mut Output<'_>) -> Result<Vec<Member>, ArchiveError> {
        let bytes = read_at(file, self.offset, self.bytes)?;
        let (mut rest, mut members) = (bytes.as_slice(), Vec::new());
        for _ in 0..self.members {
            output.count_member()?;
            let (member, length) = Member::read(rest, output)?;
            rest = rest.get(length..).unwrap_or_default();
            members.extend(member);
        }
        Ok(members)
    }
}

/// A member that is a file.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    offset: u64,
    packed: u64,
    deflated: bool,
    checksum: u32,
}

impl Member {
    /// The first member of a list, if it is a file, and how long its entry is.
    fn read(list: &[u8], output: &mut Output<'_>) -> Result<(Option<Self>, usize), ArchiveError> {
        let entry = Record(list);
        let lengths = [28, 30, 32].map(|at| usize::from(entry.u16(at)));
        let [name_bytes, extra_bytes, comment_bytes] = lengths;
        let name = list.get(46..46 + name_bytes);
        let extra = list.get(46 + name_bytes..46 + name_bytes + extra_bytes);
        let (Some(name), Some(extra)) = (name.filter(|_| list.starts_with(&MEMBER)), extra) else {
            return Err(wrong("its list of members is not whole"));
        };
        let length = 46 + name_bytes + extra_bytes + comment_bytes;
        let (flags, method) = (entry.u16(8), entry.u16(10));
        let (name, is_utf8) = name_of(name, flags & UTF_8 != 0);
        if flags & (ENCRYPTED | HIDDEN) != 0 {
            let message = format!("{name:?} is under a password: pack the folder without one.");
            return Err(ArchiveError::Unsupported(message));
        }
        let unix_kind = (entry.u32(38) >> 16) & 0o170_000;
        let made_on_unix = entry.u16(4) >> 8 == 3;
        if name.ends_with(['/', '\\']) || (made_on_unix && unix_kind == 0o040_000) {
            return Ok((None, length));
        }
        if made_on_unix && !matches!(unix_kind, 0 | 0o100_000) {
            let why = if unix_kind == 0o120_000 { "it is a link" } else { "it is no regular file" };
            output.leave_out(&name, why);
            return Ok((None, length));
        }
        if method != 0 && method != 8 {
            let message = format!(
                "{name:?} is packed by method {method}, which is not read: pack the folder with Deflate."
            );
            return Err(ArchiveError::Unsupported(message));
        }
        if !is_utf8 {
            output.note_foreign_name();
        }
        let [packed, offset] = large(extra, entry.u32(24), entry.u32(20), entry.u32(42));
        let checksum = entry.u32(16);
        Ok((Some(Self { name, offset, packed, deflated: method == 8, checksum }), length))
    }

    /// Where its bytes begin, behind the head that stands before them.
    fn data_start(&self, file: &mut File) -> Result<u64, ArchiveError> {
        let head = read_at(file, self.offset, 30)?;
        if !head.starts_with(&LOCAL) {
            return Err(wrong(&format!("{:?} is not where the list says", self.name)));
        }
        let head = Record(&head);
        Ok(self.offset + 30 + u64::from(head.u16(26)) + u64::from(head.u16(28)))
    }

    fn unpack(&self, file: &mut File, start: u64, output: &mut Output<'_>) -> Result<(), ArchiveError> {
        file.seek(SeekFrom::Start(start))?;
        let packed = BufReader::with_capacity(64 << 10, file).take(self.packed);
        let mut bytes = Checked { crc: Crc::new(), bytes: packed };
        let (written, sum) = if self.deflated {
            let mut inflated = Checked { crc: Crc::new(), bytes: DeflateDecoder::new(bytes.bytes) };
            (output.write(&self.name, &mut inflated)?, inflated.crc.sum())
        } else {
            (output.write(&self.name, &mut bytes)?, bytes.crc.sum())
        };
        if written == Written::Whole && sum != self.checksum {
            output.take_back(&self.name, "its bytes are not those that were packed")?;
        }
        Ok(())
    }
}

/// Adds up what is read.
struct Checked<R> {
    crc: Crc,
    bytes: R,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(into)?;
        self.crc.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Packed length and offset: those of 64 bits in the extra field where the
/// ones of 32 bits are full.
fn large(extra: &[u8], unpacked: u32, packed: u32, offset: u32) -> [u64; 2] {
    let mut wide = [].as_slice();
    let mut rest = extra;
    while rest.len() >= 4 {
        let field = Record(rest);
        let length = usize::from(field.u16(2));
        if field.u16(0) == 1 {
            wide = rest.get(4..4 + length).unwrap_or_default();
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    let mut at = if unpacked == u32::MAX { 8 } else { 0 };
    [packed, offset].map(|narrow| {
        if narrow != u32::MAX || wide.len() < at + 8 {
            return u64::from(narrow);
        }
        at += 8;
        Record(wide).u64(at - 8)
    })
}

/// A name as text, and whether it was UTF-8. What is none is in the code page
/// 437, as the format's description has it.
fn name_of(name: &[u8], said_to_be_utf8: bool) -> (String, bool) {
    match std::str::from_utf8(name) {
        Ok(name) => (name.to_owned(), true),
        Err(_) if said_to_be_utf8 => (String::from_utf8_lossy(name).into_owned(), false),
        Err(_) => (name.iter().map(|byte| in_437(*byte)).collect(), false),
    }
}

/// The upper half of the code page 437.
const UPPER_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
                         αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

fn in_437(byte: u8) -> char {
    match byte.checked_sub(128) {
        Some(upper) => UPPER_437.chars().nth(usize::from(upper)).unwrap_or(char::REPLACEMENT_CHARACTER),
        None => char::from(byte),
    }
}

/// Numbers of a record, the low byte first; zero where it is too short.
struct Record<'a>(&'a [u8]);

impl Record<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> [u8; N] {
        self.0.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.bytes(at))
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.bytes(at))
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.bytes(at))
    }
}

fn read_at(file: &mut File, offset: u64, bytes: u64) -> Result<Vec<u8>, ArchiveError> {
    file.seek(SeekFrom::Start(offset))?;
    let mut read = Vec::new();
    file.take(bytes).read_to_end(&mut read)?;
    if read.len() as u64 == bytes {
        Ok(read)
    } else {
        Err(damaged("its list of members", &std::io::ErrorKind::UnexpectedEof.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_the_mark_of_utf8_is_in_the_code_page_of_the_format() {
        assert_eq!(UPPER_437.chars().count(), 128);
        assert_eq!(name_of("größe.jpg".as_bytes(), false), ("größe.jpg".to_owned(), true));
        assert_eq!(name_of(b"gr\x94\xe1e.jpg", false), ("größe.jpg".to_owned(), false));
    }

    #[test]
    fn lengths_of_64_bits_are_taken_where_those_of_32_are_full() {
        let mut extra = vec![9, 0, 1, 0, 7, 1, 0, 24, 0];
        for number in [5u64, 6, 7] {
            extra.extend(number.to_le_bytes());
        }
        assert_eq!(large(&extra, u32::MAX, u32::MAX, u32::MAX), [6, 7]);
        assert_eq!(large(&extra, 1, 2, 3), [2, 3]);
        assert_eq!(large(&[], u32::MAX, u32::MAX, 3), [u64::from(u32::MAX), 3]);
    }
}
