//! When a picture was taken, out of its EXIF block (EXIF 2.3, section 4.6.5:
//! `DateTimeOriginal`, else `DateTime`). EXIF knows no time zone: UTC is
//! assumed.

use domain::time::Timestamp;

/// Tags: the pointer to the camera's own entries, and the two moments.
const CAMERA_ENTRIES: u16 = 0x8769;
const TAKEN: u16 = 0x9003;
const CHANGED: u16 = 0x0132;
/// Entries of one list that are looked at.
const MAX_ENTRIES: usize = 512;
/// Before the block: of JPEG, and the names of PNG's and WebP's chunks.
const MARKS: [&[u8]; 3] = [b"Exif\0\0", b"eXIf", b"EXIF"];

/// The moment in the head of an image file; `None` when it has none.
pub fn time_taken(head: &[u8]) -> Option<Timestamp> {
    let after = |mark: &[u8]| {
        let at = head.windows(mark.len()).position(|bytes| bytes == mark)?;
        head.get(at + mark.len()..)
    };
    let blocks = MARKS.into_iter().filter_map(after);
    // WebP has the length between the name and the block.
    let starts = blocks.flat_map(|block| [block.get(..), block.get(4..), block.get(10..)]).flatten();
    starts.filter_map(Tiff::new).find_map(|tiff| tiff.moment())
}

/// Lists of entries with offsets, in either order of bytes (TIFF 6.0, page 13).
struct Tiff<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let is_little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self { bytes, is_little })
    }

    fn moment(&self) -> Option<Timestamp> {
        let first = self.u32(4)?;
        let camera = self.entry(first, CAMERA_ENTRIES).and_then(|at| self.u32(at + 8));
        let taken = camera.and_then(|list| self.entry(list, TAKEN));
        let at = taken.or_else(|| self.entry(first, CHANGED))?;
        let offset = self.u32(at + 8)? as usize;
        let text = std::str::from_utf8(self.bytes.get(offset..offset.checked_add(19)?)?).ok()?;
        let (date, time) = text.split_once(' ')?;
        format!("{}T{time}Z", date.replace(':', "-")).parse().ok()
    }

    /// Where the entry of a tag is in a list.
    fn entry(&self, list: u32, tag: u16) -> Option<usize> {
        let list = list as usize;
        let count = usize::from(self.u16(list)?).min(MAX_ENTRIES);
        (0..count).map(|entry| list + 2 + 12 * entry).find(|at| self.u16(*at) == Some(tag))
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block with the moment among the camera's entries.
    fn block() -> Vec<u8> {
        let mut bytes = b"MM\0*\0\0\0\x08".to_vec();
        bytes.extend(b"\0\x01\x87\x69\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0");
        bytes.extend(b"\0\x01\x90\x03\0\x02\0\0\0\x14\0\0\0\x2c\0\0\0\0");
        bytes.extend(b"2026:01:01 12:00:00\0");
        bytes
    }

    #[test]
    fn the_moment_is_found_in_each_kind_of_file() {
        let expected = Some(Timestamp(1_767_268_800_000));
        let jpeg = [b"\xFF\xD8\xFF\xE1\0\x50Exif\0\0".as_slice(), &block()].concat();
        let png = [b"\x89PNG....eXIf".as_slice(), &block()].concat();
        let webp = [b"RIFF....WEBPEXIF\x40\0\0\0".as_slice(), &block()].concat();
        for file in [jpeg, png, webp] {
            assert_eq!(time_taken(&file), expected);
            // Cut anywhere it is no moment, and no panic.
            for length in 0..file.len() - 2 {
                assert_eq!(time_taken(&file[..length]), None, "{length}");
            }
        }
    }
}
