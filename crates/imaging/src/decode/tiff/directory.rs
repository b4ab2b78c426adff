//! The list of tags of a page (TIFF 6.0, section 2; BigTIFF's is the same with
//! wider numbers). Nothing is copied out of it: each number is read where it
//! lies when it is asked for.

use crate::ImageError;

/// The first page's list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) is_big_endian: bool,
    /// Offsets of 64 bits.
    is_wide: bool,
    /// Where the entries begin.
    at: usize,
    count: usize,
}

/// The values of a tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    directory: Directory<'a>,
    /// Bytes of each.
    width: usize,
    pub(super) count: u64,
    at: usize,
}

impl<'a> Directory<'a> {
    pub(super) fn first(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let is_big_endian = bytes.first() == Some(&b'M');
        let mut directory = Self { bytes, is_big_endian, is_wide: false, at: 0, count: 0 };
        directory.is_wide = directory.number(2, 2)? == 43;
        if bytes.get(8..10) == Some(b"CR") {
            return Err(raw());
        }
        let (link, counter) = if directory.is_wide { (8, 8) } else { (4, 2) };
        let start = position(directory.number(link, link)?)?;
        directory.count = position(directory.number(start, counter)?)?.min(usize::from(u16::MAX));
        directory.at = start + counter;
        Ok(directory)
    }

    /// The values of a tag; `None` where the page has no such tag.
    pub(super) fn find(&self, tag: u16) -> Result<Option<Values<'a>>, ImageError> {
        let entry_bytes = if self.is_wide { 20 } else { 12 };
        let (link, in_place) = if self.is_wide { (8, 8) } else { (4, 4) };
        for index in 0..self.count {
            let at = self.at + index * entry_bytes;
            if self.number(at, 2)? != u64::from(tag) {
                continue;
            }
            // BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, …, LONG8, IFD8.
            let width = match self.number(at + 2, 2)? {
                1 | 2 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                5 | 10 | 12 | 16..=18 => 8,
                _ => return Err(ImageError::broken("TIFF: a tag of an unknown type")),
            };
            let count = self.number(at + 4, link)?;
            let held = at + 4 + link;
            let fits = count.checked_mul(width as u64).is_some_and(|bytes| bytes <= in_place);
            let at = if fits { held } else { position(self.number(held, link)?)? };
            return Ok(Some(Values { directory: *self, width, count, at }));
        }
        Ok(None)
    }

    /// The first value of a tag, or what holds without it.
    pub(super) fn one(&self, tag: u16, otherwise: u64) -> Result<u64, ImageError> {
        self.find(tag)?.filter(|values| values.count > 0).map_or(Ok(otherwise), |values| values.get(0))
    }

    /// A number of `width` bytes, 1 to 8.
    fn number(&self, at: usize, width: usize) -> Result<u64, ImageError> {
        let end = at.checked_add(width).ok_or(ImageError::Truncated)?;
        let bytes = self.bytes.get(at..end).ok_or(ImageError::Truncated)?;
        let push = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Ok(if self.is_big_endian { bytes.iter().fold(0, push) } else { bytes.iter().rev().fold(0, push) })
    }
}

impl Values<'_> {
    /// One of them, from 0 on.
    pub(super) fn get(&self, index: u64) -> Result<u64, ImageError> {
        if index >= self.count {
            return Err(ImageError::broken("TIFF: a list is too short"));
        }
        let offset = position(index)?.checked_mul(self.width).and_then(|offset| offset.checked_add(self.at));
        self.directory.number(offset.ok_or(ImageError::Truncated)?, self.width)
    }
}

pub(super) fn raw() -> ImageError {
    ImageError::unsupported("a camera's raw file")
}

/// A place in the file; one that no file is long enough for is cut off.
pub(super) fn position(number: u64) -> Result<usize, ImageError> {
    usize::try_from(number).map_err(|_| ImageError::Truncated)
}
