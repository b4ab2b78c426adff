//! Huffman codes and the bits they are read from (ITU-T T.81, annexes C and
//! F). Strict: bits that are not there are an error, never zeros.

use crate::ImageError;

/// Codes of up to so many bits are found at once.
const QUICK_BITS: u32 = 10;
/// Bytes that may lie between a scan's last bit and the next marker: cameras
/// fill up to some round number. More means that the picture's bits are wrong.
const MAX_LEFT_OVER: usize = 64;

/// A coefficient other than zero.
#[derive(Clone, Copy, Default)]
pub(super) struct Coefficient {
    pub(super) value: i16,
    /// Coefficients before it that are zero.
    pub(super) zeros: u8,
    /// Bits of its code and its number.
    length: u8,
}

/// A table of codes.
#[derive(Clone)]
pub(super) struct Table {
    /// Length and symbol by the next bits; length 0 where the code is longer.
    quick: Vec<(u8, u8)>,
    /// A coefficient by the next bits, where its code and its number are among
    /// them.
    values: Vec<Coefficient>,
    /// One beyond the largest code of each length, filled up to 16 bits; one
    /// more entry that any code is below.
    ends: [u32; 18],
    /// What to add to a code of each length to find its symbol.
    offsets: [i32; 17],
    symbols: Vec<u8>,
}

impl Table {
    /// From the number of codes of each length, and their symbols in order.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, ImageError> {
        let nonsense = || ImageError::broken("JPEG: a table of codes is nonsense");
        let mut table = Self {
            quick: vec![(0, 0); 1 << QUICK_BITS],
            values: Vec::new(),
            ends: [0; 18],
            offsets: [0; 17],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut index) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(counts) {
            let at = length as usize;
            table.offsets[at] = index as i32 - code as i32;
            for _ in 0..*count {
                let symbol = *symbols.get(index).ok_or_else(nonsense)?;
                if length <= QUICK_BITS {
                    let first = (code << (QUICK_BITS - length)) as usize;
                    let places = table.quick.get_mut(first..first + (1 << (QUICK_BITS - length)));
                    places.ok_or_else(nonsense)?.fill((length as u8, symbol));
                }
                code += 1;
                index += 1;
            }
            if code > 1 << length {
                return Err(nonsense());
            }
            table.ends[at] = code << (16 - length);
            code <<= 1;
        }
        table.ends[17] = u32::MAX;
        table.values = (0..1 << QUICK_BITS).map(|next| table.value(next)).collect();
        Ok(table)
    }

    /// The coefficient that these bits are.
    fn value(&self, next: usize) -> Coefficient {
        let (length, symbol) = self.quick.get(next).copied().unwrap_or_default();
        let (zeros, size) = (symbol >> 4, symbol & 0xF);
        let length = length + size;
        if size == 0 || length == size || u32::from(length) > QUICK_BITS {
            return Coefficient::default();
        }
        let bits = next as i32 >> (QUICK_BITS - u32::from(length)) & ((1 << size) - 1);
        Coefficient { value: signed(bits, size.into()) as i16, zeros, length }
    }
}

/// Whether one of eight bytes is 0xFF.
#[inline(always)]
fn has_ff(bytes: u64) -> bool {
    let zero_if_ff = !bytes;
    zero_if_ff.wrapping_sub(0x0101_0101_0101_0101) & bytes & 0x8080_8080_8080_8080 != 0
}

/// The number that `size` bits, at least one, stand for (T.81, F.2.2.1).
#[inline(always)]
fn signed(bits: i32, size: u32) -> i32 {
    if bits < 1 << (size - 1) { bits - (1 << size) + 1 } else { bits }
}

/// The bits of a scan.
pub(super) struct Bits<'a> {
    /// The file behind the scan's header.
    data: &'a [u8],
    /// What was taken into `held`; never beyond a marker.
    at: usize,
    /// The next bits, the first one highest.
    held: u64,
    /// Bits in `held`, with those that are not in the file.
    count: u32,
    /// Zeros behind the file's bits.
    made_up: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0, made_up: 0 }
    }

    /// Holds at least 48 bits afterwards.
    #[inline(always)]
    fn refill(&mut self) {
        if self.count >= 48 {
            return;
        }
        // Several bytes at once where no 0xFF is among the next eight. Bits
        // beyond the last whole byte are set again, to the same, next time.
        if let Some(next) = self.data.get(self.at..).and_then(<[u8]>::first_chunk::<8>) {
            let next = u64::from_be_bytes(*next);
            if !has_ff(next) {
                let bytes = (64 - self.count) / 8;
                self.held |= next >> self.count;
                self.count += 8 * bytes;
                self.at += bytes as usize;
                return;
            }
        }
        self.refill_slowly();
    }

    #[inline(never)]
    fn refill_slowly(&mut self) {
        while self.count <= 56 {
            let byte = match self.data.get(self.at..) {
                Some([0xFF, 0x00, ..]) => {
                    self.at += 2;
                    0xFF
                }
                Some([byte, ..]) if *byte != 0xFF => {
                    self.at += 1;
                    *byte
                }
                // A marker, or the end.
                _ => {
                    self.made_up += 8;
                    0
                }
            };
            self.held = self.held & !(0xFF << (56 - self.count)) | u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The caller has seen to it that they are held.
    #[inline(always)]
    fn take(&mut self, count: u32) -> u32 {
        let value = if count == 0 { 0 } else { (self.held >> (64 - count)) as u32 };
        self.held <<= count;
        self.count -= count;
        value
    }

    /// Up to 16 bits.
    #[inline(always)]
    pub(super) fn bits(&mut self, count: u32) -> u32 {
        self.refill();
        self.take(count)
    }

    /// The next code's symbol; at least 32 bits are held behind it.
    #[inline(always)]
    pub(super) fn symbol(&mut self, table: &Table) -> Result<u8, ImageError> {
        self.refill();
        let quick = (self.held >> (64 - QUICK_BITS)) as usize;
        if let Some((length, symbol)) = table.quick.get(quick).copied()
            && length > 0
        {
            self.take(length.into());
            return Ok(symbol);
        }
        self.long_symbol(table)
    }

    /// A code that is longer than the quick ones.
    #[inline(never)]
    fn long_symbol(&mut self, table: &Table) -> Result<u8, ImageError> {
        let next = (self.held >> 48) as u32;
        let length = (1..=16).find(|length| table.ends.get(*length).is_some_and(|end| next < *end));
        let length = length.ok_or_else(|| ImageError::broken("JPEG: a code is in no table"))?;
        let code = self.take(length as u32) as i32;
        let index = code + table.offsets.get(length).copied().unwrap_or_default();
        let symbol = usize::try_from(index).ok().and_then(|index| table.symbols.get(index));
        symbol.copied().ok_or_else(|| ImageError::broken("JPEG: a code is in no table"))
    }

    /// A number of `size` bits, up to 15, behind a symbol (T.81, F.2.2.1).
    #[inline(always)]
    pub(super) fn number(&mut self, size: u32) -> i32 {
        if size == 0 {
            return 0;
        }
        signed(self.take(size) as i32, size)
    }

    /// The next coefficient, if code and number are short.
    #[inline(always)]
    pub(super) fn coefficient(&mut self, table: &Table) -> Option<Coefficient> {
        self.refill();
        let next = (self.held >> (64 - QUICK_BITS)) as usize;
        let entry = *table.values.get(next)?;
        if entry.length == 0 {
            return None;
        }
        self.held <<= entry.length;
        self.count -= u32::from(entry.length);
        Some(entry)
    }

    /// # Errors
    /// When bits were taken that the file does not have.
    #[inline(always)]
    pub(super) fn check(&self) -> Result<(), ImageError> {
        if self.count >= self.made_up { Ok(()) } else { Err(self.shortage()) }
    }

    #[cold]
    fn shortage(&self) -> ImageError {
        if self.at >= self.data.len().saturating_sub(1) {
            return ImageError::Truncated;
        }
        ImageError::broken("JPEG: a marker stands in the middle of the picture")
    }

    /// Steps over the restart marker of this number (T.81, E.1.4).
    pub(super) fn restart(&mut self, number: u8) -> Result<(), ImageError> {
        let at = self.end()?;
        match self.data.get(at..) {
            Some([0xFF, code, ..]) if *code == 0xD0 | number & 7 => {
                *self = Self { data: self.data, at: at + 2, held: 0, count: 0, made_up: 0 };
                Ok(())
            }
            None | Some([] | [_]) => Err(ImageError::Truncated),
            _ => Err(ImageError::broken("JPEG: a restart marker is missing")),
        }
    }

    /// Where the marker behind the last bit stands.
    ///
    /// # Errors
    /// When more is left over than fills up a byte or a few.
    pub(super) fn end(&self) -> Result<usize, ImageError> {
        let unread = self.count.saturating_sub(self.made_up) as usize / 8;
        let rest = self.data.get(self.at..).unwrap_or_default();
        let mut skipped = 0;
        let marker = loop {
            let ahead = rest.get(skipped..).unwrap_or_default();
            match memchr::memchr(0xFF, ahead) {
                None => break None,
                Some(place) => match ahead.get(place + 1) {
                    Some(0x00) => skipped += place + 2,
                    // Fill bytes before a marker.
                    Some(0xFF) => skipped += place + 1,
                    Some(_) => break Some(skipped + place),
                    None => break None,
                },
            }
        };
        match marker {
            Some(place) if unread + place <= MAX_LEFT_OVER => Ok(self.at + place),
            Some(_) => Err(ImageError::broken("JPEG: its picture ends before its bytes do")),
            // A file without an end mark: its last scan may be whole.
            None => self.end_of_file(rest),
        }
    }

    /// What was cut off is often filled up with zeros: those that were read as
    /// a part of the picture are none.
    fn end_of_file(&self, rest: &[u8]) -> Result<usize, ImageError> {
        let read = self.data.get(..self.at).unwrap_or_default();
        let zeros_read = read.iter().rev().take_while(|byte| **byte == 0).count();
        let unread = self.count.saturating_sub(self.made_up) as usize / 8;
        let is_filled_up = rest.iter().all(|byte| *byte == 0);
        let sound = zeros_read.saturating_sub(unread) <= 2 && (is_filled_up || rest.len() + unread <= 2);
        if sound { Ok(self.data.len()) } else { Err(ImageError::Truncated) }
    }
}
