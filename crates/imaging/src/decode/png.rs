//! PNG: any colour type and depth, row by row, so that a 16-bit RGBA picture
//! never lies in memory as such.

use super::{Head, checked_size, over_white};
use crate::{ImageError, Limits, Orientation};
use domain::geometry::Size;
use png::{ColorType, Decoder, DecodingError, InterlaceInfo, Reader, Transformations};
use std::io::{Cursor, ErrorKind};

type Source<'a> = Cursor<&'a [u8]>;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let mut decoder = decoder(bytes);
    // The pixels are counted before the decoder reserves anything for them.
    let (width, height) =
        decoder.read_header_info().map(|info| (info.width, info.height)).map_err(to_error)?;
    let stored = checked_size(width, height, limits)?;
    let reader = decoder.read_info().map_err(to_error)?;
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif.map_or(Orientation::UPRIGHT, Orientation::from_exif_block);
    Ok(Head { stored, orientation, scratch_bytes: 0 })
}

/// Fills `target` with RGB; its length is three bytes a pixel of `size`.
pub(super) fn decode(bytes: &[u8], size: Size, target: &mut [u8]) -> Result<(), ImageError> {
    let mut reader = decoder(bytes).read_info().map_err(to_error)?;
    let stride = size.width as usize * 3;
    let (colour, _) = reader.output_color_type();
    let mut row = vec![0; reader.output_line_size(size.width).unwrap_or_default()];
    let mut rgb = vec![0; stride];
    let mut start = 0;
    while let Some(place) = read_row(&mut reader, &mut row)? {
        if let InterlaceInfo::Adam7(pass) = place {
            to_rgb(&row, colour, &mut rgb)?;
            png::expand_interlaced_row(target, stride, &rgb, &pass, 24);
        } else {
            let line =
                target.get_mut(start..start + stride).ok_or_else(|| ImageError::broken("too many rows"))?;
            to_rgb(&row, colour, line)?;
            start += stride;
        }
    }
    Ok(())
}

fn decoder(bytes: &[u8]) -> Decoder<Source<'_>> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder
}

fn read_row(reader: &mut Reader<Source<'_>>, row: &mut [u8]) -> Result<Option<InterlaceInfo>, ImageError> {
    reader.read_row(row).map_err(to_error)
}

/// A row of 8-bit samples to RGB. An interlaced row may be shorter than the
/// buffers; what lies behind it is not read by the caller.
fn to_rgb(row: &[u8], colour: ColorType, rgb: &mut [u8]) -> Result<(), ImageError> {
    let (target, _) = rgb.as_chunks_mut::<3>();
    match colour {
        ColorType::Grayscale => target.iter_mut().zip(row).for_each(|(pixel, grey)| *pixel = [*grey; 3]),
        ColorType::GrayscaleAlpha => {
            let (source, _) = row.as_chunks::<2>();
            target.iter_mut().zip(source).for_each(|(pixel, [grey, a])| *pixel = [over_white(*grey, *a); 3]);
        }
        ColorType::Rgb => {
            let (source, _) = row.as_chunks::<3>();
            target.iter_mut().zip(source).for_each(|(pixel, value)| *pixel = *value);
        }
        ColorType::Rgba => {
            let (source, _) = row.as_chunks::<4>();
            let blend = |[r, g, b, a]: &[u8; 4]| [over_white(*r, *a), over_white(*g, *a), over_white(*b, *a)];
            target.iter_mut().zip(source).for_each(|(pixel, value)| *pixel = blend(value));
        }
        ColorType::Indexed => return Err(ImageError::broken("PNG: a palette is missing")),
    }
    Ok(())
}

fn to_error(error: DecodingError) -> ImageError {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => ImageError::Truncated,
        error => ImageError::broken(format!("PNG: {error}")),
    }
}
