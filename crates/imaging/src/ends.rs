//! The end marks of the file types that must have one, found by walking a
//! file's blocks.

use crate::MediaType;

/// Whether the file of a type that must have an end mark reaches it; `None` of
/// the other types.
pub(crate) fn reaches_its_end(bytes: &[u8], media_type: MediaType) -> Option<bool> {
    match media_type {
        MediaType::Png => Some(png_reaches_its_end(bytes)),
        MediaType::WebP => Some(webp_reaches_its_end(bytes)),
        MediaType::Jpeg | MediaType::Tiff | MediaType::Bmp | MediaType::Gif => None,
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
