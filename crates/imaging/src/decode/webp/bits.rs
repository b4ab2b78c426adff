//! Bits as a lossless WebP picture packs them: the lowest of a byte first.

use crate::ImageError;

/// Reads bits of a slice.
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    buffer: u64,
    /// Bits in `buffer`.
    length: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, buffer: 0, length: 0 }
    }

    /// At least 56 bits, or all that are left.
    fn fill(&mut self) {
        while self.length <= 56
            && let Some((byte, rest)) = self.rest.split_first()
        {
            self.buffer |= u64::from(*byte) << self.length;
            self.length += 8;
            self.rest = rest;
        }
    }

    /// A number of up to 32 bits.
    ///
    /// # Errors
    /// [`ImageError::Truncated`] behind the last byte.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, ImageError> {
        if self.length < count {
            self.fill();
        }
        if self.length < count {
            return Err(ImageError::Truncated);
        }
        let value = self.buffer & ((1 << count) - 1);
        self.buffer >>= count;
        self.length -= count;
        Ok(value as u32)
    }

    /// A single bit.
    pub(super) fn flag(&mut self) -> Result<bool, ImageError> {
        Ok(self.take(1)? == 1)
    }
}
