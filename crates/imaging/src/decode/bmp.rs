//! BMP, as Windows and OS/2 write it.

use super::{Head, checked_size, over_white};
use crate::{ImageError, Limits, Orientation};
use image::{ColorType, ImageDecoder, ImageError as CodecError, codecs::bmp::BmpDecoder};
use std::io::{Cursor, ErrorKind};

/// The decoder itself, its palette and a row.
const DECODER_BYTES: u64 = 128 << 10;
/// Bytes that a pixel of a row takes at most.
const ROW_PIXEL_BYTES: u64 = 4;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let decoder = open(bytes)?;
    let (width, height) = decoder.dimensions();
    let stored = checked_size(width, height, limits)?;
    // With an alpha channel it is decoded to RGBA first.
    let rgba = if decoder.color_type() == ColorType::Rgba8 { 4 * stored.pixels() } else { 0 };
    Ok(Head {
        stored,
        orientation: Orientation::UPRIGHT,
        scratch_bytes: rgba + ROW_PIXEL_BYTES * u64::from(width) + DECODER_BYTES,
        // Browsers do not agree about its fourth channel.
        is_shown_alike: false,
    })
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    let decoder = open(bytes)?;
    match decoder.color_type() {
        ColorType::Rgb8 => decoder.read_image(target).map_err(|error| to_error(&error)),
        ColorType::Rgba8 => {
            let mut rgba = vec![0; target.len() / 3 * 4];
            decoder.read_image(&mut rgba).map_err(|error| to_error(&error))?;
            let pixels = rgba.as_chunks::<4>().0;
            // Many programs leave the fourth channel empty.
            let is_opaque = pixels.iter().all(|pixel| pixel[3] == 0);
            for (out, &[r, g, b, a]) in target.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
                *out = [r, g, b].map(|colour| if is_opaque { colour } else { over_white(colour, a) });
            }
            Ok(())
        }
        other => Err(ImageError::unsupported(format!("a BMP of {other:?}"))),
    }
}

fn open(bytes: &[u8]) -> Result<BmpDecoder<Cursor<&[u8]>>, ImageError> {
    BmpDecoder::new(Cursor::new(bytes)).map_err(|error| to_error(&error))
}

fn to_error(error: &CodecError) -> ImageError {
    match error {
        CodecError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => ImageError::Truncated,
        CodecError::Unsupported(what) => ImageError::unsupported(format!("this kind of BMP ({what})")),
        error => ImageError::broken(format!("BMP: {error}")),
    }
}
