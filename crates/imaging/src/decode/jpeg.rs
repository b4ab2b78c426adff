//! JPEG: grey, YCbCr, RGB, CMYK and YCCK, baseline and progressive.

use super::{Head, checked_size};
use crate::{ImageError, Limits, Orientation};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::{JpegDecoder, errors::DecodeErrors};

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let decoder = open(bytes)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| ImageError::broken("no frame header"))?;
    // T.81 has 16 bits for each side.
    let stored = checked_size(width as u32, height as u32, limits)?;
    let orientation = decoder.exif().map_or(Orientation::UPRIGHT, |exif| Orientation::from_exif_block(exif));
    // A progressive picture keeps 16-bit coefficients of up to four planes.
    let planes = decoder.info().map_or(4, |info| u64::from(info.components));
    let scratch_bytes = if is_progressive(bytes) { stored.pixels() * 2 * planes } else { 0 };
    Ok(Head { stored, orientation, scratch_bytes })
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    open(bytes)?.decode_into(target).map_err(to_error)
}

/// A decoder past the headers. Strict, since otherwise missing data becomes
/// grey; but stray bytes between headers, which some cameras write, do no
/// harm, so headers that fail strictly are read again leniently.
fn open(bytes: &[u8]) -> Result<Decoder<'_>, ImageError> {
    let mut strict = JpegDecoder::new_with_options(ZCursor::new(bytes), options(true));
    if strict.decode_headers().is_ok() {
        return Ok(strict);
    }
    let mut lenient = JpegDecoder::new_with_options(ZCursor::new(bytes), options(false));
    lenient.decode_headers().map_err(to_error)?;
    lenient.set_options(options(true));
    Ok(lenient)
}

fn options(strict: bool) -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(ColorSpace::RGB)
}

/// Whether the first frame header is a progressive one (SOF2).
fn is_progressive(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let Some(at) = rest.iter().position(|byte| *byte == 0xFF) {
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest {
            [0xC2, ..] => return true,
            [0xC0 | 0xC1 | 0xDA, ..] => return false,
            [0x01..=0xFE, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                rest = rest.get(1 + length..).unwrap_or_default();
            }
            _ => {}
        }
    }
    false
}

fn to_error(error: DecodeErrors) -> ImageError {
    match error {
        DecodeErrors::ExhaustedData => ImageError::Truncated,
        DecodeErrors::Unsupported(scheme) => {
            ImageError::unsupported(format!("this kind of JPEG ({scheme:?})"))
        }
        DecodeErrors::ZeroError => ImageError::broken("a side has no pixels"),
        error => ImageError::broken(format!("JPEG: {error:?}")),
    }
}
