//! Signs that a file's bytes were changed on their way: a JPEG has no checksum,
//! and most wrong bits decode to something.

use crate::ImageError;
use memchr::memchr;

/// Line feeds that all have a carriage return before them, by which it is
/// certain that some program wrote the file as text.
const CERTAIN_LINE_ENDS: usize = 12;
/// Zeros in a row that no ordinary picture has between its markers.
const LONG_ZEROS: usize = 256;

/// # Errors
/// When every line feed among the file's bytes stands behind a carriage
/// return: of 256 bytes one is a line feed by chance, and is not.
pub(super) fn check_line_ends(bytes: &[u8]) -> Result<(), ImageError> {
    let (mut at, mut line_ends) = (0, 0);
    while let Some(place) = bytes.get(at..).and_then(|rest| memchr(b'\n', rest)) {
        let before = (at + place).checked_sub(1).and_then(|before| bytes.get(before));
        if before != Some(&b'\r') {
            return Ok(());
        }
        line_ends += 1;
        if line_ends >= CERTAIN_LINE_ENDS {
            let why = "its line feeds were replaced, as in a text file: send it in binary mode";
            return Err(ImageError::broken(why));
        }
        at += place + 1;
    }
    Ok(())
}

/// Whether so many zeros stand in a row that they may have replaced a part of
/// the picture. Where they are right, decoding them uses up all bytes.
pub(super) fn has_long_zeros(bytes: &[u8]) -> bool {
    let half = LONG_ZEROS / 2;
    // Any run that is long enough holds a whole step.
    bytes.chunks_exact(half).any(|step| step.first() == Some(&0) && step.iter().all(|byte| *byte == 0))
}
