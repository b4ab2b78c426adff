//! From bytes to upright RGB: the way common to all file types.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod probe;
mod tiff;
mod webp;

pub(crate) use jpeg::segments::{EOI, segments};
pub use probe::{Probe, probe};

use crate::{
    ImageError, Limits, MediaType, Orientation, ends::reaches_its_end, fit_within, memory::black, resize,
};
use domain::{geometry::Size, inference::Pixels};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

/// A decoded image, no larger than asked for.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// Upright, at most as large as asked for.
    pub pixels: Pixels,
    /// The upright size before the reduction: boxes are relative to this.
    pub full: Size,
}

/// What the codecs read before pixels.
pub(crate) struct Head {
    pub(crate) stored: Size,
    pub(crate) orientation: Orientation,
    /// What decoding holds besides the RGB pixels.
    pub(crate) scratch_bytes: u64,
    /// As in [`Probe::is_shown_alike`].
    pub(crate) is_shown_alike: bool,
}

/// Bytes to upright RGB, whatever they were.
///
/// Holds the RGB pixels once (a small image twice while it is turned); with
/// what codecs need besides it is [`Probe::decode_bytes`]. Blocking.
///
/// # Errors
/// When the bytes are no image, a kind that is not read, cut short, broken,
/// or beyond the limits. A file that ends early is never half a picture.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Pixels, ImageError> {
    let probe = probe(bytes, limits)?;
    let rgb = decode_stored(bytes, &probe)?;
    pixels(probe.size, probe.orientation.turn(rgb, probe.stored))
}

/// The same, scaled down so that no side is longer than `max_side` pixels;
/// scaled before it is turned, so that the turn costs little memory.
///
/// # Errors
/// As [`decode`].
pub fn decode_reduced(bytes: &[u8], limits: &Limits, max_side: u32) -> Result<Reduced, ImageError> {
    let probe = probe(bytes, limits)?;
    let stored = pixels(probe.stored, decode_stored(bytes, &probe)?)?;
    let small = fit_within(probe.stored, max_side);
    let reduced = if small == probe.stored { stored } else { resize(&stored, small) };
    let upright = probe.orientation.upright_size(small);
    if probe.orientation.is_upright() {
        return Ok(Reduced { pixels: reduced, full: probe.size });
    }
    let turned = probe.orientation.turn(Arc::from(reduced.rgb()), small);
    Ok(Reduced { pixels: pixels(upright, turned)?, full: probe.size })
}

fn read_head(bytes: &[u8], media_type: MediaType, limits: &Limits) -> Result<Head, ImageError> {
    guarded(|| match media_type {
        MediaType::Jpeg => jpeg::read_head(bytes, limits),
        MediaType::Png => png::read_head(bytes, limits),
        MediaType::WebP => webp::read_head(bytes, limits),
        MediaType::Tiff => tiff::read_head(bytes, limits),
        MediaType::Bmp => bmp::read_head(bytes, limits),
        MediaType::Gif => gif::read_head(bytes, limits),
    })
}

fn decode_stored(bytes: &[u8], probe: &Probe) -> Result<Arc<[u8]>, ImageError> {
    let mut rgb = black(probe.stored.pixels() as usize * 3);
    let target = Arc::get_mut(&mut rgb).ok_or_else(|| ImageError::broken("no buffer"))?;
    // The decoders of the other types find out themselves.
    if reaches_its_end(bytes, probe.media_type) == Some(false) {
        return Err(ImageError::Truncated);
    }
    guarded(|| match probe.media_type {
        MediaType::Jpeg => jpeg::decode(bytes, target),
        MediaType::Png => png::decode(bytes, probe.stored, target),
        MediaType::WebP => webp::decode(bytes, target),
        MediaType::Tiff => tiff::decode(bytes, target),
        MediaType::Bmp => bmp::decode(bytes, target),
        MediaType::Gif => gif::decode(bytes, target),
    })?;
    Ok(rgb)
}

/// A size that is not empty and not beyond the limit.
fn checked_size(width: u32, height: u32, limits: &Limits) -> Result<Size, ImageError> {
    let size = Size::new(width, height).ok_or_else(|| ImageError::broken("a side has no pixels"))?;
    if size.pixels() > limits.max_pixels {
        return Err(ImageError::TooManyPixels { width, height, limit: limits.max_pixels });
    }
    Ok(size)
}

fn pixels(size: Size, rgb: Arc<[u8]>) -> Result<Pixels, ImageError> {
    Pixels::new(size, rgb).ok_or_else(|| ImageError::broken("size and pixels disagree"))
}

/// A codec that panics over hostile bytes has found a broken image.
fn guarded<T>(work: impl FnOnce() -> Result<T, ImageError>) -> Result<T, ImageError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(ImageError::broken("the decoder gave up")))
}

/// One pixel of `colour` at opacity `alpha` over white.
fn over_white(colour: u8, alpha: u8) -> u8 {
    let (colour, alpha) = (u32::from(colour), u32::from(alpha));
    ((colour * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
