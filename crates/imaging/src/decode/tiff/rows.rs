//! The bytes of a strip or tile, row by row, as they were before compression.

use super::{layout::Layout, pixels::Compression};
use crate::ImageError;
use flate2::bufread::ZlibDecoder;
use std::io::{ErrorKind, Read};
use weezl::{BitOrder, LzwStatus, decode::Decoder as Lzw};

/// What is left of a strip or tile.
pub(super) enum Rows<'a> {
    Plain(&'a [u8]),
    PackBits(PackBits<'a>),
    Lzw(Box<Lzw>, &'a [u8]),
    Deflate(Box<ZlibDecoder<&'a [u8]>>),
}

impl<'a> Rows<'a> {
    pub(super) fn open(layout: &Layout<'_>, data: &'a [u8]) -> Result<Self, ImageError> {
        Ok(match layout.compression {
            Compression::None => Self::Plain(data),
            Compression::PackBits => Self::PackBits(PackBits { data, run: Run::Copies(0) }),
            Compression::Deflate => Self::Deflate(Box::new(ZlibDecoder::new(data))),
            Compression::Lzw => {
                // Before TIFF 6.0 some programs wrote the codes from the other
                // end: their first one, 256, begins with a byte of zeros.
                if data.first() == Some(&0) {
                    return Err(ImageError::unsupported("a TIFF with LZW of before 1992"));
                }
                Self::Lzw(Box::new(Lzw::with_tiff_size_switch(BitOrder::Msb, 8)), data)
            }
        })
    }

    /// The next row.
    pub(super) fn read(&mut self, row: &mut [u8]) -> Result<(), ImageError> {
        match self {
            Self::Plain(data) => {
                let (head, rest) = data.split_at_checked(row.len()).ok_or(ImageError::Truncated)?;
                row.copy_from_slice(head);
                *data = rest;
                Ok(())
            }
            Self::PackBits(packed) => packed.read(row),
            Self::Lzw(decoder, data) => read_lzw(decoder, data, row),
            Self::Deflate(decoder) => decoder.read_exact(row).map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => ImageError::Truncated,
                _ => ImageError::broken(format!("TIFF: {error}")),
            }),
        }
    }
}

fn read_lzw(decoder: &mut Lzw, data: &mut &[u8], mut row: &mut [u8]) -> Result<(), ImageError> {
    while !row.is_empty() {
        let step = decoder.decode_bytes(data, row);
        *data = data.get(step.consumed_in..).unwrap_or_default();
        row = row.get_mut(step.consumed_out..).unwrap_or_default();
        match step.status {
            Ok(LzwStatus::Ok) if step.consumed_in + step.consumed_out > 0 => {}
            _ if row.is_empty() => {}
            Ok(_) => return Err(ImageError::Truncated),
            Err(error) => return Err(ImageError::broken(format!("TIFF: {error}"))),
        }
    }
    Ok(())
}

/// Apple's run lengths (TIFF 6.0, section 9).
pub(super) struct PackBits<'a> {
    data: &'a [u8],
    run: Run,
}

enum Run {
    /// So many bytes follow as they are.
    Copies(usize),
    /// So many times this byte.
    Repeats(usize, u8),
}

impl PackBits<'_> {
    fn read(&mut self, mut row: &mut [u8]) -> Result<(), ImageError> {
        while !row.is_empty() {
            let length = match self.run {
                Run::Copies(0) | Run::Repeats(0, _) => {
                    self.run = self.next_run()?;
                    continue;
                }
                Run::Copies(length) | Run::Repeats(length, _) => length.min(row.len()),
            };
            let (head, rest) = std::mem::take(&mut row).split_at_mut(length);
            match &mut self.run {
                Run::Copies(left) => {
                    let (copied, data) = self.data.split_at_checked(length).ok_or(ImageError::Truncated)?;
                    head.copy_from_slice(copied);
                    (self.data, *left) = (data, *left - length);
                }
                Run::Repeats(left, byte) => {
                    head.fill(*byte);
                    *left -= length;
                }
            }
            row = rest;
        }
        Ok(())
    }

    fn next_run(&mut self) -> Result<Run, ImageError> {
        let (code, data) = self.data.split_first().ok_or(ImageError::Truncated)?;
        self.data = data;
        Ok(match code.cast_signed() {
            -128 => Run::Copies(0),
            length @ 0.. => Run::Copies(length as usize + 1),
            length => {
                let (byte, data) = self.data.split_first().ok_or(ImageError::Truncated)?;
                self.data = data;
                Run::Repeats(usize::from(length.unsigned_abs()) + 1, *byte)
            }
        })
    }
}
