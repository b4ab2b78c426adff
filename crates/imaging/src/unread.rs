//! What is sent in place of an image that is read here: told by its first
//! bytes, so that the answer names it and says what to do.

use crate::{ImageError, MediaType, sniff};

/// What a file begins with, wherever its name says otherwise.
const KINDS: [(&[u8], &str); 11] = [
    (b"\xFF\x0A", "JPEG XL"),
    (b"\0\0\0\x0CJXL ", "JPEG XL"),
    (b"\0\0\0\x0CjP  ", "JPEG 2000"),
    (b"\xFF\x4F\xFF\x51", "JPEG 2000"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xC5\xD0\xD3\xC6", "PostScript"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\x01\0", "ICO"),
    (b"qoif", "QOI"),
    (b"v/1\x01", "OpenEXR"),
];

/// Texts that arrive where an image is expected, and what to do.
const TEXTS: [(&[u8], &str); 9] = [
    (
        b"version https://git-lfs",
        "a pointer of Git LFS and not the image: fetch the images with \"git lfs pull\"",
    ),
    (b"/9j/", "base64 text: decode it and send the bytes themselves"),
    (b"iVBORw0KGgo", "base64 text: decode it and send the bytes themselves"),
    (b"UklGR", "base64 text: decode it and send the bytes themselves"),
    (b"data:image/", "a data URL: decode what stands behind its comma and send the bytes themselves"),
    (b"<!doctype", "a web page: what was downloaded was not the image but a message about it"),
    (b"<html", "a web page: what was downloaded was not the image but a message about it"),
    (b"<svg", "SVG, which has no pixels: save it as PNG"),
    (b"<?xml", "XML, which has no pixels: send a JPEG, PNG or WebP file"),
];

/// The type of a file that is read here, from its first bytes: 32 will do.
///
/// # Errors
/// [`ImageError::Empty`], [`ImageError::Unsupported`] with the name of a type
/// that is not read, [`ImageError::Text`] and [`ImageError::NotAnImage`].
pub fn check_beginning(bytes: &[u8]) -> Result<MediaType, ImageError> {
    if let Some(media_type) = sniff(bytes) {
        return Ok(media_type);
    }
    if bytes.is_empty() {
        return Err(ImageError::Empty);
    }
    if let Some(what) = kind(bytes) {
        return Err(ImageError::unsupported(what));
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    let text_kind = TEXTS.iter().find(|(with, _)| begins(with));
    Err(text_kind.map_or(ImageError::NotAnImage, |(_, what)| ImageError::Text { what }))
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'P', b'1'..=b'7', b' ' | b'\n' | b'\r' | b'\t' | b'#', ..] => return Some("PNM"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => return brand.first_chunk().map(container),
        _ => {}
    }
    KINDS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what)
}

/// By the brand of an ISO base media file (ISO/IEC 14496-12, section 4.3).
fn container(brand: &[u8; 4]) -> &'static str {
    match brand {
        b"avif" | b"avis" => "AVIF",
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => "HEIC",
        _ => "a video",
    }
}
