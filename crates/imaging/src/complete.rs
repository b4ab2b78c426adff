//! Whether a file reaches the end mark of its format, without decoding it.

use crate::{ImageError, MediaType, sniff};

/// Walks the file's blocks to its end mark: JPEG's EOI, PNG's IEND, the length
/// in WebP's head. Bytes after the end mark are nobody's business.
///
/// # Errors
/// [`ImageError::Truncated`] when the bytes end first, [`ImageError::Empty`]
/// and [`ImageError::NotAnImage`] when there is nothing to walk.
pub fn check_complete(bytes: &[u8]) -> Result<(), ImageError> {
    let media_type =
        sniff(bytes).ok_or(if bytes.is_empty() { ImageError::Empty } else { ImageError::NotAnImage })?;
    let complete = match media_type {
        MediaType::Jpeg => jpeg_reaches_its_end(bytes),
        MediaType::Png => png_reaches_its_end(bytes),
        MediaType::WebP => webp_reaches_its_end(bytes),
    };
    if complete { Ok(()) } else { Err(ImageError::Truncated) }
}

/// ITU-T T.81, annex B: markers are 0xFF and a code; most are followed by a
/// length; in a scan 0xFF 0x00 is data and restart markers stand alone. A
/// thumbnail's end mark inside a segment is stepped over with the segment.
fn jpeg_reaches_its_end(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        // Scan data and stray bytes: on to the next marker.
        let Some(at) = rest.iter().position(|byte| *byte == 0xFF) else { return false };
        rest = rest.get(at + 1..).unwrap_or_default();
        match rest.split_first() {
            None => return false,
            Some((0xD9, _)) => return true,
            Some((0xFF, _)) => {}
            Some((0x00 | 0x01 | 0xD0..=0xD8, after)) => rest = after,
            Some((_, after)) => {
                let Some((length, _)) = after.split_first_chunk::<2>() else { return false };
                let length = usize::from(u16::from_be_bytes(*length)).max(2);
                let Some(next) = after.get(length..) else { return false };
                rest = next;
            }
        }
    }
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
