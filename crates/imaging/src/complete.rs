//! Whether a file is whole, without decoding it where that can be told.

use crate::{
    ImageError, Limits, MediaType, check_beginning,
    decode::{EOI, decode, segments},
};

/// Walks the file's blocks to its end mark: JPEG's EOI, PNG's IEND, the length
/// in WebP's head. Bytes after the end mark are nobody's business. A JPEG
/// without an end mark, as some cameras write it, and the types that have none
/// are decoded within the usual limits: they are whole when no bit of their
/// picture is missing.
///
/// # Errors
/// [`ImageError::Truncated`] when the bytes end first, and those of
/// [`check_beginning`] when there is nothing to walk.
pub fn check_complete(bytes: &[u8]) -> Result<(), ImageError> {
    let media_type = check_beginning(bytes)?;
    let complete = match media_type {
        MediaType::Jpeg => {
            segments(bytes).last().is_some_and(|segment| segment.code == EOI)
                || decode(bytes, &Limits::default()).is_ok()
        }
        MediaType::Png => png_reaches_its_end(bytes),
        MediaType::WebP => webp_reaches_its_end(bytes),
        MediaType::Tiff | MediaType::Bmp | MediaType::Gif => decode(bytes, &Limits::default()).is_ok(),
    };
    if complete { Ok(()) } else { Err(ImageError::Truncated) }
}

/// PNG third edition, section 5.3: length, type, data, CRC.
fn png_reaches_its_end(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = *head;
        let end = u32::from_be_bytes([a, b, c, d]) as usize + 4;
        let Some(next) = after.get(end..) else { return false };
        if &kind == b"IEND" {
            return true;
        }
        rest = next;
    }
    false
}

/// RFC 9649, section 2.4: the length after `RIFF` counts from its own end.
fn webp_reaches_its_end(bytes: &[u8]) -> bool {
    let length = bytes.get(4..8).and_then(|length| length.first_chunk::<4>());
    length.is_some_and(|length| bytes.len() as u64 >= u64::from(u32::from_le_bytes(*length)) + 8)
}
