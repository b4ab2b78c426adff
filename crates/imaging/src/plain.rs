//! A copy of a picture that every program reads alike.

use crate::{ImageError, Limits, decode, probe};
use domain::inference::Pixels;

/// The pixels that [`decode`](crate::decode()) gives as an upright PNG of 8-bit
/// RGB; `None` where any browser makes the same of the file itself
/// ([`Probe::is_shown_alike`](crate::Probe)). Holds the copy besides what
/// decoding takes: up to three bytes a pixel and a few. Blocking.
///
/// # Errors
/// As [`decode`](crate::decode()).
pub fn plain_copy(bytes: &[u8], limits: &Limits) -> Result<Option<Vec<u8>>, ImageError> {
    if probe(bytes, limits)?.is_shown_alike {
        return Ok(None);
    }
    encode_png(&decode(bytes, limits)?).map(Some)
}

/// A PNG of 8-bit RGB, compressed lightly: about as fast to write as to read.
/// Blocking.
///
/// # Errors
/// When the encoder refuses the size.
pub fn encode_png(pixels: &Pixels) -> Result<Vec<u8>, ImageError> {
    let size = pixels.size();
    let failed = |error: png::EncodingError| ImageError::broken(format!("PNG: {error}"));
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels.rgb()).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
