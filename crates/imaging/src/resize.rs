//! Other sizes of a picture, and JPEG bytes of it.

use crate::ImageError;
use domain::{geometry::Size, inference::Pixels};
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};

/// Quality of thumbnails, on JPEG's scale from 1 to 100.
const THUMBNAIL_QUALITY: u8 = 80;

/// The largest size of the same shape with no side above `max_side`; never
/// larger than `size`, never below one pixel.
#[must_use]
pub fn fit_within(size: Size, max_side: u32) -> Size {
    let longest = size.width.max(size.height);
    if longest <= max_side {
        return size;
    }
    let scale = f64::from(max_side.max(1)) / f64::from(longest);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).clamp(1, max_side.max(1));
    Size { width: side(size.width), height: side(size.height) }
}

/// Scales to exactly `size`, averaging over what falls into a pixel (a
/// triangle filter as wide as the reduction).
#[must_use]
pub fn resize(pixels: &Pixels, size: Size) -> Pixels {
    if size == pixels.size() {
        return pixels.clone();
    }
    let mut rgb = crate::memory::black(size.pixels() as usize * 3);
    if let Some(target) = std::sync::Arc::get_mut(&mut rgb) {
        resize_into(pixels, size, target);
    }
    Pixels::new(size, rgb).expect("the buffer was made for this size")
}

/// Scales into a buffer of exactly three bytes a pixel of `size`.
pub(crate) fn resize_into(pixels: &Pixels, size: Size, target: &mut [u8]) {
    let from = pixels.size();
    let source = ImageRef::new(from.width, from.height, pixels.rgb(), PixelType::U8x3)
        .expect("pixels have the length of their size");
    let mut target = Image::from_slice_u8(size.width, size.height, target, PixelType::U8x3)
        .expect("the caller's buffer has the length of the size");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new()
        .resize(&source, &mut target, &options)
        .expect("both are of one pixel type, without a crop");
}

/// A JPEG with no side above `max_side`; a smaller picture keeps its size.
///
/// # Errors
/// As [`encode_jpeg`].
pub fn thumbnail(pixels: &Pixels, max_side: u32) -> Result<Vec<u8>, ImageError> {
    encode_jpeg(&resize(pixels, fit_within(pixels.size(), max_side)), THUMBNAIL_QUALITY)
}

/// JPEG bytes at `quality`, 1 (worst) to 100.
///
/// # Errors
/// [`ImageError::Unsupported`] when a side is above 65,535 pixels.
pub fn encode_jpeg(pixels: &Pixels, quality: u8) -> Result<Vec<u8>, ImageError> {
    let size = pixels.size();
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100))
        .encode(pixels.rgb(), size.width, size.height, ExtendedColorType::Rgb8)
        .map_err(|error| {
            ImageError::unsupported(format!("a JPEG of {}×{} ({error})", size.width, size.height))
        })?;
    Ok(bytes)
}
