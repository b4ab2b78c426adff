//! PNG: any colour type and depth, row by row, so that a 16-bit RGBA picture
//! never lies in memory as such.

use super::{Head, checked_size, over_white};
use crate::{ImageError, Limits, Orientation};
use domain::geometry::Size;
use png::{ColorType, Decoder, DecodingError, InterlaceInfo, Reader, Transformations};
use std::io::{Cursor, ErrorKind};

type Source<'a> = Cursor<&'a [u8]>;

/// Longest EXIF block that is looked at for the orientation; JPEG's have at
/// most 64 KiB.
const MAX_EXIF_BYTES: usize = 256 << 10;
/// A palette has 768.
const MAX_CRITICAL_BYTES: usize = 1 << 10;
/// The decoder's buffers that do not depend on the picture: 128 KiB of rows
/// before any are given back, deflate's window and tables.
const DECODER_BYTES: u64 = 1 << 20;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let headers = Headers::read(bytes);
    let mut decoder = decoder(&headers.essential);
    // The pixels are counted before the decoder reserves anything for them.
    let (width, height) =
        decoder.read_header_info().map(|info| (info.width, info.height)).map_err(to_error)?;
    let stored = checked_size(width, height, limits)?;
    let reader = decoder.read_info().map_err(to_error)?;
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif.map_or(Orientation::UPRIGHT, Orientation::from_exif_block);
    let row = reader.info().raw_row_length() as u64;
    let scratch_bytes = scratch_bytes(stored, row) + 4 * headers.largest_exif;
    Ok(Head { stored, orientation, scratch_bytes })
}

/// What png 0.18 and we allocate besides the pixels, `row` being the bytes of
/// a stored row: a window of at most six rows that grows by doubling, two rows
/// to undo filters in, a row of output and one of RGB.
fn scratch_bytes(stored: Size, row: u64) -> u64 {
    let window = (6 * row).min(row * u64::from(stored.height));
    3 * window + 2 * row + 7 * u64::from(stored.width) + DECODER_BYTES
}

/// The chunks before the picture's data.
struct Headers {
    /// The file up to there, without what is of no use to read its head.
    essential: Vec<u8>,
    /// The decoder reads all EXIF blocks, and keeps one.
    largest_exif: u64,
}

impl Headers {
    /// PNG third edition, section 5.3: length, type, data, CRC.
    fn read(bytes: &[u8]) -> Self {
        let (signature, mut rest) = bytes.split_at_checked(8).unwrap_or((bytes, &[]));
        let mut headers = Self { essential: signature.to_vec(), largest_exif: 0 };
        while let Some((&head, data)) = rest.split_first_chunk::<8>() {
            let [a, b, c, d, kind @ ..] = head;
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            let length_with_crc = length.saturating_add(4).min(data.len());
            let (chunk, after) = rest.split_at_checked(8 + length_with_crc).unwrap_or((rest, &[]));
            if &kind == b"IDAT" {
                headers.essential.extend(head);
                break;
            }
            let is_first_exif = &kind == b"eXIf" && headers.largest_exif == 0;
            if &kind == b"eXIf" {
                headers.largest_exif = headers.largest_exif.max(length_with_crc as u64);
            }
            // The first letter of a chunk that cannot be left out is a capital;
            // all that the decoder knows are short.
            let limit = match kind {
                [b'A'..=b'Z', ..] => MAX_CRITICAL_BYTES,
                _ if is_first_exif => MAX_EXIF_BYTES,
                _ => 0,
            };
            if length <= limit && headers.essential.len() <= MAX_EXIF_BYTES {
                headers.essential.extend(chunk);
            } else if limit == MAX_CRITICAL_BYTES {
                // The decoder says what is wrong with it.
                headers.essential.extend(head);
                break;
            }
            rest = after;
        }
        headers
    }
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
