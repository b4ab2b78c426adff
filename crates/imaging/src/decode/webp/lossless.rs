//! What decoding a lossless WebP picture takes, read from it ahead. Source:
//! RFC 9649, section 3.
//!
//! A picture may have up to 65,536 groups of five Huffman codes, and each code
//! is unfolded into up to 68 KiB of tables, from as little as 60 bits: neither
//! the picture's size nor the file's says what that takes. The groups' number
//! is the largest one in the entropy picture, so that is walked through; its
//! pixels, which follow the codes, are not.

mod code;

use super::bits::Bits;
use crate::ImageError;
use code::Code;
use domain::geometry::Size;

/// Groups that a picture may have without having as many blocks, each of which
/// names its group. An encoder writes no group that no block names.
const SPARE_GROUPS: u64 = 1_000;
/// What the decoder holds for a group besides its codes' tables, in a vector
/// that doubles.
const GROUP_BYTES: u64 = 3 * 280;
/// Symbols of the five codes of a group: green with lengths, red, blue, alpha,
/// distance.
const ALPHABETS: [u32; 5] = [256 + 24, 256, 256, 256, 40];

/// A picture's own head.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) is_transparent: bool,
}

/// Signature, width, height, whether alpha is used, version.
pub(super) fn read_head(data: &[u8]) -> Result<Head, ImageError> {
    let &[signature, a, b, c, d] = data.first_chunk::<5>().ok_or(ImageError::Truncated)?;
    let bits = u32::from_le_bytes([a, b, c, d]);
    if signature != 0x2F || bits >> 29 != 0 {
        return Err(ImageError::broken("WebP: this is no lossless picture"));
    }
    Ok(Head {
        width: (bits & 0x3FFF) + 1,
        height: (bits >> 14 & 0x3FFF) + 1,
        is_transparent: bits >> 28 & 1 == 1,
    })
}

/// Bytes that the decoder allocates besides the picture's pixels.
///
/// # Errors
/// When the picture's codes are broken or end early.
pub(super) fn decode_bytes(data: &[u8], size: Size) -> Result<u64, ImageError> {
    decode_headless_bytes(data.get(5..).unwrap_or_default(), size)
}

/// The same of a picture that begins without signature and size.
pub(super) fn decode_headless_bytes(data: &[u8], size: Size) -> Result<u64, ImageError> {
    let mut scan = Scan { bits: Bits::new(data), bytes: 0 };
    scan.picture(size)?;
    Ok(scan.bytes)
}

struct Scan<'a> {
    bits: Bits<'a>,
    bytes: u64,
}

impl Scan<'_> {
    fn picture(&mut self, size: Size) -> Result<(), ImageError> {
        let width = self.transforms(size)?;
        let cache = self.colour_cache()?;
        let mut groups = 1;
        if self.bits.flag()? {
            let (across, down) = self.blocks(width, size.height)?;
            // Four bytes a block, of which two are kept.
            self.bytes += 6 * u64::from(across) * u64::from(down);
            groups = u64::from(self.small_picture(across, down)?) + 1;
            let limit = SPARE_GROUPS.max(u64::from(across) * u64::from(down));
            if groups > limit {
                return Err(ImageError::TooMany { count: groups, what: "groups of codes", limit });
            }
        }
        (0..groups).try_for_each(|_| self.group(cache).map(drop))
    }

    /// Up to four transforms before the picture; gives the width that is left,
    /// several pixels of few colours being packed into one.
    fn transforms(&mut self, size: Size) -> Result<u32, ImageError> {
        let mut width = size.width;
        let mut present = [false; 4];
        while self.bits.flag()? {
            let kind = self.bits.take(2)? as usize;
            if present.get_mut(kind).is_none_or(|present| std::mem::replace(present, true)) {
                return Err(ImageError::broken("WebP: a transform occurs twice"));
            }
            match kind {
                0 | 1 => {
                    let (across, down) = self.blocks(width, size.height)?;
                    self.bytes += 4 * u64::from(across) * u64::from(down);
                    self.small_picture(across, down)?;
                }
                3 => {
                    let colours = self.bits.take(8)? + 1;
                    self.bytes += 4 * u64::from(colours);
                    self.small_picture(colours, 1)?;
                    let packed = match colours {
                        ..=2 => 3,
                        3..=4 => 2,
                        5..=16 => 1,
                        _ => 0,
                    };
                    width = blocks_along(width, packed);
                }
                _ => {}
            }
        }
        Ok(width)
    }

    /// How many blocks lie over a picture of this size.
    fn blocks(&mut self, width: u32, height: u32) -> Result<(u32, u32), ImageError> {
        let bits = self.bits.take(3)? + 2;
        Ok((blocks_along(width, bits), blocks_along(height, bits)))
    }

    /// Colours in the cache, none without one.
    fn colour_cache(&mut self) -> Result<u32, ImageError> {
        if !self.bits.flag()? {
            return Ok(0);
        }
        let colours = match self.bits.take(4)? {
            bits @ 1..=11 => 1 << bits,
            _ => return Err(ImageError::broken("WebP: the size of the colour cache is not one")),
        };
        self.bytes += 4 * u64::from(colours);
        Ok(colours)
    }

    fn group(&mut self, cache: u32) -> Result<[Code; 5], ImageError> {
        let [green, others @ ..] = ALPHABETS;
        let mut codes = [const { Code::single(0) }; 5];
        let alphabets = std::iter::once(green + cache).chain(others);
        for (code, symbols) in codes.iter_mut().zip(alphabets) {
            *code = Code::read(&mut self.bits, symbols)?;
            self.bytes += code.decode_bytes();
        }
        self.bytes += GROUP_BYTES;
        Ok(codes)
    }

    /// Walks through a picture that describes the picture: one group of codes
    /// for all of it. Gives the largest number that red and green make: copies
    /// of pixels bring no new one.
    fn small_picture(&mut self, width: u32, height: u32) -> Result<u32, ImageError> {
        let cache = self.colour_cache()?;
        let [green, red, blue, alpha, distance] = self.group(cache)?;
        let takes_no_bits = [&green, &red, &blue, &alpha].iter().all(|code| code.is_single());
        let pixels = u64::from(width) * u64::from(height);
        let (mut place, mut largest) = (0, 0);
        while place < pixels {
            match green.symbol(&mut self.bits)? {
                literal @ ..256 => {
                    let number = red.symbol(&mut self.bits)? << 8 | literal;
                    blue.symbol(&mut self.bits)?;
                    alpha.symbol(&mut self.bits)?;
                    largest = largest.max(number);
                    place += 1;
                    if takes_no_bits {
                        break;
                    }
                }
                length @ 256..280 => {
                    place += u64::from(self.distance(length - 256)?);
                    let far = distance.symbol(&mut self.bits)?;
                    self.distance(far)?;
                }
                _ => place += 1,
            }
        }
        Ok(largest)
    }

    /// Section 3.6.2.2: a prefix and further bits.
    fn distance(&mut self, prefix: u32) -> Result<u32, ImageError> {
        if prefix < 4 {
            return Ok(prefix + 1);
        }
        let more = (prefix - 2) >> 1;
        Ok(((2 + (prefix & 1)) << more) + self.bits.take(more)? + 1)
    }
}

fn blocks_along(pixels: u32, bits: u32) -> u32 {
    (pixels + (1 << bits) - 1) >> bits
}
