//! Image files: head, decoding, and what follows from pixels.

use imaging::{Limits, decode, decode_reduced, perceptual_hash, pixel_hash, probe};

/// Small, so that a fuzzer tries many pictures and not few large ones.
const LIMITS: Limits = Limits { max_bytes: 1 << 20, max_pixels: 1 << 20, max_decode_bytes: 48 << 20 };
/// What looking at a file, hashing and scaling its pixels may hold.
const BESIDE_BYTES: usize = 8 << 20;

/// The bytes behind a JPEG's beginning.
pub(crate) fn jpeg(input: &[u8]) {
    check(&with_beginning(b"\xFF\xD8\xFF", input));
}

/// The bytes behind a PNG's beginning.
pub(crate) fn png(input: &[u8]) {
    check(&with_beginning(b"\x89PNG\r\n\x1A\n", input));
}

/// The bytes of a WebP file, whose length and type are set right.
pub(crate) fn webp(input: &[u8]) {
    let mut bytes = with_beginning(b"RIFF\0\0\0\0WEBP", input);
    let length = (bytes.len() as u32).saturating_sub(8).to_le_bytes();
    bytes.iter_mut().skip(4).zip(length).for_each(|(place, byte)| *place = byte);
    check(&bytes);
}

/// The bytes behind a TIFF's beginning, of either order of bytes.
pub(crate) fn tiff(input: &[u8]) {
    let beginning: &[u8] = if input.first() == Some(&b'M') { b"MM\0*" } else { b"II*\0" };
    check(&with_beginning(beginning, input));
}

/// The bytes behind a BMP's beginning.
pub(crate) fn bmp(input: &[u8]) {
    check(&with_beginning(b"BM\0\0\0\0\0\0\0\0", input));
}

/// The bytes behind a GIF's beginning.
pub(crate) fn gif(input: &[u8]) {
    check(&with_beginning(b"GIF89a", input));
}

/// What a fuzzer changes is behind the beginning; samples come with it.
fn with_beginning(beginning: &[u8], input: &[u8]) -> Vec<u8> {
    let rest = input.get(beginning.len()..).unwrap_or_default();
    [beginning, rest].concat()
}

fn check(bytes: &[u8]) {
    let probed = probe(bytes, &LIMITS);
    let decoded = decode(bytes, &LIMITS);
    let Ok(pixels) = decoded else { return };
    let probed = probed.expect("what can be decoded can be probed");
    assert_eq!(pixels.size(), probed.size);
    assert!(pixels.size().pixels() <= LIMITS.max_pixels);
    assert!(probed.decode_bytes <= LIMITS.max_decode_bytes);
    assert_eq!(imaging::check_complete(bytes), Ok(()));
    let reduced = decode_reduced(bytes, &LIMITS, 64).expect("what can be decoded can be reduced");
    assert_eq!(reduced.full, pixels.size());
    assert_eq!(pixel_hash(&pixels).len(), 64);
    let _ = perceptual_hash(&pixels);
    let _ = imaging::properties(&pixels);
}

/// The limit of decoding, and the pixels of two decodings.
pub(crate) fn memory_bytes(_: usize) -> usize {
    LIMITS.max_decode_bytes as usize + 6 * LIMITS.max_pixels as usize + BESIDE_BYTES
}
