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
    decoder.set_ignore_text_chunk(false);
    // The pixels are counted before the decoder reserves anything for them.
    let (width, height) =
        decoder.read_header_info().map(|info| (info.width, info.height)).map_err(to_error)?;
    let stored = checked_size(width, height, limits)?;
    let reader = decoder.read_info().map_err(to_error)?;
    let exif = exif_of(reader.info());
    let orientation = exif.map_or(Orientation::UPRIGHT, |exif| Orientation::from_exif_block(&exif));
    let row = reader.info().raw_row_length() as u64;
    let scratch_bytes = scratch_bytes(stored, row) + 4 * headers.largest_exif;
    // Browsers differ about the turn, the depth and the first frame, and show
    // the page through what is transparent.
    let info = reader.info();
    let is_opaque = matches!(info.color_type, ColorType::Rgb | ColorType::Grayscale | ColorType::Indexed);
    let is_shown_alike = orientation.is_upright()
        && !headers.is_animated
        && !headers.has_transparency
        && is_opaque
        && info.bit_depth != png::BitDepth::Sixteen;
    Ok(Head { stored, orientation, scratch_bytes, is_shown_alike })
}

/// What png 0.18 and we allocate besides the pixels, `row` being the bytes of
/// a stored row: a window of at most six rows that grows by doubling, two rows
/// to undo filters in, a row of output and one of RGB.
fn scratch_bytes(stored: Size, row: u64) -> u64 {
    let window = (6 * row).min(row * u64::from(stored.height));
    3 * window + 2 * row + 7 * u64::from(stored.width) + DECODER_BYTES
}

/// What a file's chunks say besides its picture.
struct Headers {
    /// The chunks that its head is read from: those before the picture's data,
    /// without what is of no use, and the orientation wherever it stood.
    essential: Vec<u8>,
    /// The decoder reads all EXIF blocks before the data, and keeps one.
    largest_exif: u64,
    is_animated: bool,
    /// Whether a palette or a colour is transparent.
    has_transparency: bool,
}

impl Headers {
    fn read(bytes: &[u8]) -> Self {
        let signature = bytes.get(..8).unwrap_or(bytes);
        let mut headers = Self {
            essential: signature.to_vec(),
            largest_exif: 0,
            is_animated: false,
            has_transparency: false,
        };
        let (mut exif, mut data) = (None, None);
        for chunk in chunks(bytes) {
            match &chunk.kind {
                b"IDAT" => data = data.or(Some(chunk.whole)),
                b"acTL" => headers.is_animated = true,
                b"tRNS" => headers.has_transparency = true,
                kind if kind == b"eXIf" || is_raw_exif(kind, chunk.data) => {
                    headers.largest_exif = headers.largest_exif.max(chunk.data.len() as u64 + 4);
                    // The standard's own chunk goes before a text.
                    if kind == b"eXIf" && !matches!(exif, Some((true, _))) || exif.is_none() {
                        exif = Some((kind == b"eXIf", chunk.whole));
                    }
                }
                // The first letter of a chunk that cannot be left out is a
                // capital; all that the decoder knows are short. It says what
                // is wrong with a long one.
                [b'A'..=b'Z', ..] if data.is_none() => {
                    let is_short = chunk.data.len() <= MAX_CRITICAL_BYTES;
                    let essential = if is_short { Some(chunk.whole) } else { chunk.whole.get(..8) };
                    headers.essential.extend(essential.unwrap_or_default());
                    if !is_short || headers.essential.len() > MAX_EXIF_BYTES {
                        break;
                    }
                }
                _ => {}
            }
        }
        let exif = exif.map(|(_, chunk)| chunk).filter(|chunk| chunk.len() <= MAX_EXIF_BYTES);
        headers.essential.extend(exif.unwrap_or_default());
        headers.essential.extend(data.and_then(|data| data.get(..8)).unwrap_or_default());
        headers
    }
}

/// A chunk: its type, what the file has of its data, and both with length and
/// checksum.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    whole: &'a [u8],
}

/// PNG third edition, section 5.3: length, type, data, CRC.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = bytes.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (&[a, b, c, d, kind @ ..], data) = rest.split_first_chunk::<8>()?;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let with_crc = length.saturating_add(4).min(data.len());
        let (whole, after) = rest.split_at_checked(8 + with_crc)?;
        rest = after;
        Some(Chunk { kind, data: data.get(..length.min(data.len()))?, whole })
    })
}

/// The keyword under which programs without the standard's chunk write EXIF
/// as text: its length and its bytes in hexadecimal digits.
const RAW_EXIF: &str = "Raw profile type exif";
/// The same as an application's segment of a JPEG.
const RAW_APP1: &str = "Raw profile type APP1";

fn is_raw_exif(kind: &[u8; 4], data: &[u8]) -> bool {
    let is_text = matches!(kind, b"tEXt" | b"zTXt");
    is_text && (data.starts_with(RAW_EXIF.as_bytes()) || data.starts_with(RAW_APP1.as_bytes()))
}

/// The EXIF block that a head has, in either form.
fn exif_of(info: &png::Info<'_>) -> Option<Vec<u8>> {
    if let Some(exif) = info.exif_metadata.as_deref() {
        return Some(exif.to_vec());
    }
    let is_raw = |keyword: &str| keyword == RAW_EXIF || keyword == RAW_APP1;
    if let Some(text) = info.uncompressed_latin1_text.iter().find(|text| is_raw(&text.keyword)) {
        return raw_bytes(&text.text);
    }
    let mut text = info.compressed_latin1_text.iter().find(|text| is_raw(&text.keyword))?.clone();
    text.decompress_text_with_limit(MAX_EXIF_BYTES).ok()?;
    raw_bytes(&text.get_text().ok()?)
}

/// A name, a length, and digits in lines.
fn raw_bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_start().split_once('\n')?.1.trim_start().split_once('\n')?.1;
    let values: Vec<u8> =
        digits.chars().filter_map(|digit| digit.to_digit(16)).map(|value| value as u8).collect();
    Some(values.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect())
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
