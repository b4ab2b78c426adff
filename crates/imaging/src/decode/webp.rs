//! WebP: lossy and lossless, with or without transparency.

use super::{Head, checked_size, over_white};
use crate::{ImageError, Limits, Orientation};
use image::{ColorType, ImageDecoder, codecs::webp::WebPDecoder};
use std::io::Cursor;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let mut decoder = open(bytes)?;
    let (width, height) = decoder.dimensions();
    let stored = checked_size(width, height, limits)?;
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.map_or(Orientation::UPRIGHT, |exif| Orientation::from_exif_block(&exif));
    // A lossless frame lies there as RGBA; a transparent one, which is decoded
    // to RGBA, may lie there as YUV and alpha besides.
    let bytes_per_pixel = if decoder.color_type() == ColorType::Rgb8 { 4 } else { 7 };
    Ok(Head { stored, orientation, scratch_bytes: stored.pixels() * bytes_per_pixel })
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    let decoder = open(bytes)?;
    if decoder.color_type() == ColorType::Rgb8 {
        return decoder.read_image(target).map_err(to_error);
    }
    let mut rgba = vec![0; decoder.total_bytes() as usize];
    decoder.read_image(&mut rgba).map_err(to_error)?;
    let ((target, _), (source, _)) = (target.as_chunks_mut::<3>(), rgba.as_chunks::<4>());
    for (pixel, [r, g, b, a]) in target.iter_mut().zip(source) {
        *pixel = [over_white(*r, *a), over_white(*g, *a), over_white(*b, *a)];
    }
    Ok(())
}

fn open(bytes: &[u8]) -> Result<WebPDecoder<Cursor<&[u8]>>, ImageError> {
    WebPDecoder::new(Cursor::new(bytes)).map_err(to_error)
}

fn to_error(error: image::ImageError) -> ImageError {
    match error {
        image::ImageError::Unsupported(what) => ImageError::unsupported(what.to_string()),
        image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            ImageError::Truncated
        }
        error => ImageError::broken(format!("WebP: {error}")),
    }
}
