//! What decoding a lossy WebP picture takes, read from its head. Source: RFC
//! 6386, sections 7, 9 and 19.2.

use crate::ImageError;
use domain::geometry::Size;

/// Tag, start code, width and height.
const HEAD_BYTES: usize = 10;

/// Width and height of a key frame.
pub(super) fn size(data: &[u8]) -> Result<(u32, u32), ImageError> {
    let &[tag, _, _, start @ .., w0, w1, h0, h1] =
        data.first_chunk::<HEAD_BYTES>().ok_or(ImageError::Truncated)?;
    if tag & 1 != 0 || start != [0x9D, 0x01, 0x2A] {
        return Err(ImageError::broken("WebP: the picture does not begin with a key frame"));
    }
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Ok((side(w0, w1), side(h0, h1)))
}

/// Bytes that the decoder allocates: planes of whole blocks of 16×16 pixels
/// with 1.5 bytes a pixel and 30 bytes a block in a vector that doubles, some
/// lines, and its own copy of the data, read into a vector that doubles.
///
/// # Errors
/// When the data's parts are longer than the data.
pub(super) fn decode_bytes(data: &[u8], size: Size) -> Result<u64, ImageError> {
    check_parts(data)?;
    let blocks = u64::from(size.width.div_ceil(16)) * u64::from(size.height.div_ceil(16));
    Ok(blocks * (384 + 3 * 30) + 8 * u64::from(size.width) + 4 * data.len() as u64)
}

/// The decoder reserves each part's length, up to 16 MiB, before it reads it.
fn check_parts(data: &[u8]) -> Result<(), ImageError> {
    let &[a, b, c] = data.first_chunk::<3>().ok_or(ImageError::Truncated)?;
    let first_length = u32::from_le_bytes([a, b, c, 0]) as usize >> 5;
    let rest = data.get(HEAD_BYTES..).unwrap_or_default();
    let (first, rest) = rest.split_at_checked(first_length).ok_or(ImageError::Truncated)?;
    let parts = 1_usize << Arithmetic::new(first).log2_parts();
    let (lengths, mut rest) = rest.split_at_checked(3 * (parts - 1)).ok_or(ImageError::Truncated)?;
    for &[a, b, c] in lengths.as_chunks::<3>().0 {
        let length = u32::from_le_bytes([a, b, c, 0]) as usize;
        rest = rest.get(length..).ok_or(ImageError::Truncated)?;
    }
    Ok(())
}

/// The boolean decoder of section 7.3; behind the end there are zeros.
struct Arithmetic<'a> {
    rest: &'a [u8],
    value: u32,
    range: u32,
    /// Bits shifted out of `value`'s second byte.
    shifted: u32,
}

impl<'a> Arithmetic<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let mut decoder = Self { rest: bytes, value: 0, range: 255, shifted: 0 };
        decoder.value = decoder.byte() << 8 | decoder.byte();
        decoder
    }

    fn byte(&mut self) -> u32 {
        let Some((byte, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        u32::from(*byte)
    }

    /// A bit that is as likely 0 as 1.
    fn flag(&mut self) -> bool {
        let split = 1 + (((self.range - 1) * 128) >> 8);
        let is_set = self.value >= split << 8;
        if is_set {
            self.range -= split;
            self.value -= split << 8;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.value <<= 1;
            self.range <<= 1;
            self.shifted += 1;
            if self.shifted == 8 {
                self.shifted = 0;
                self.value |= self.byte();
            }
        }
        is_set
    }

    fn skip(&mut self, bits: u32) {
        (0..bits).for_each(|_| _ = self.flag());
    }

    /// Values of so many bits, each behind a flag that says whether it is there.
    fn skip_optional(&mut self, values: u32, bits: u32) {
        for _ in 0..values {
            if self.flag() {
                self.skip(bits);
            }
        }
    }

    /// Section 19.2: the frame header up to the number of parts.
    fn log2_parts(mut self) -> u32 {
        // Colour space and clamping.
        self.skip(2);
        if self.flag() {
            let (updates_map, updates_data) = (self.flag(), self.flag());
            if updates_data {
                self.skip(1);
                // With a sign each.
                self.skip_optional(4, 7 + 1);
                self.skip_optional(4, 6 + 1);
            }
            if updates_map {
                self.skip_optional(3, 8);
            }
        }
        // The loop filter's kind, level and sharpness, then its adjustments.
        self.skip(1 + 6 + 3);
        if self.flag() && self.flag() {
            self.skip_optional(8, 6 + 1);
        }
        u32::from(self.flag()) << 1 | u32::from(self.flag())
    }
}
