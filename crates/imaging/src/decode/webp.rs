//! WebP: lossy and lossless, with or without transparency; of an animation the
//! first frame.

mod bits;
mod container;
mod lossless;
mod lossy;

use super::{Head, checked_size, over_white};
use crate::{ImageError, Limits, Orientation};
use container::{Container, Picture};
use domain::geometry::Size;
use image::{ColorType, ImageDecoder, codecs::webp::WebPDecoder};
use std::io::Cursor;

/// The decoder itself, lines and tables of a fixed size.
const DECODER_BYTES: u64 = 256 << 10;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let container = Container::read(bytes)?;
    let stored = checked_size(container.width, container.height, limits)?;
    let orientation = container.exif.map_or(Orientation::UPRIGHT, Orientation::from_exif_block);
    // Not all browsers turn it, and what is transparent shows the page.
    let is_shown_alike = orientation.is_upright() && !container.is_transparent && !container.is_animated;
    let scratch_bytes = scratch_bytes(&container, stored)?;
    Ok(Head { stored, orientation, scratch_bytes, is_shown_alike })
}

/// What image-webp 0.2 and we allocate besides the RGB pixels.
fn scratch_bytes(container: &Container<'_>, canvas: Size) -> Result<u64, ImageError> {
    let frame = &container.frame;
    let size = Size::new(frame.width, frame.height)
        .filter(|size| size.width <= canvas.width && size.height <= canvas.height)
        .ok_or_else(|| ImageError::broken("WebP: a frame is not inside the picture"))?;
    // A transparent picture is decoded to RGBA.
    let mut bytes = if container.is_transparent { 4 * canvas.pixels() } else { 0 };
    // An animation is painted: the canvas, and the frame, both RGBA at most.
    if container.is_animated {
        bytes += 4 * (canvas.pixels() + size.pixels());
    }
    bytes += match frame.picture {
        Picture::Lossy(data) => lossy::decode_bytes(data, size)?,
        Picture::Lossless(data) => {
            // A transparent still picture is decoded where it is wanted.
            let is_in_place = container.is_transparent && !container.is_animated;
            let pixels = if is_in_place { 0 } else { 4 * size.pixels() };
            pixels + lossless::decode_bytes(data, size)?
        }
    };
    bytes += frame.alpha.map_or(Ok(0), |alpha| alpha_bytes(alpha, size))?;
    Ok(bytes + DECODER_BYTES)
}

/// Of a plane of opacities (RFC 9649, section 2.7.1.2): as they are, or as the
/// green of a lossless picture without a head.
fn alpha_bytes(alpha: &[u8], size: Size) -> Result<u64, ImageError> {
    match alpha.split_first() {
        Some((head, data)) if head & 0b11 == 1 => {
            Ok(5 * size.pixels() + lossless::decode_headless_bytes(data, size)?)
        }
        _ => Ok(size.pixels()),
    }
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    let container = Container::read(bytes)?;
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(to_error)?;
    let is_transparent = decoder.color_type() != ColorType::Rgb8;
    // What was announced was computed from our own reading of the file.
    if decoder.dimensions() != (container.width, container.height)
        || decoder.has_animation() != container.is_animated
        || is_transparent != container.is_transparent
    {
        return Err(ImageError::broken("WebP: its headers contradict each other"));
    }
    if !is_transparent {
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

fn to_error(error: image::ImageError) -> ImageError {
    match error {
        image::ImageError::Unsupported(what) => ImageError::unsupported(what.to_string()),
        image::ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            ImageError::Truncated
        }
        error => ImageError::broken(format!("WebP: {error}")),
    }
}
