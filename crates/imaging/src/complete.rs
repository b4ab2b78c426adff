//! Whether a file is whole, without decoding it where that can be told.

use crate::{
    ImageError, Limits, MediaType, check_beginning,
    decode::{EOI, decode, segments},
    ends::reaches_its_end,
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
    let decodes = || decode(bytes, &Limits::default()).is_ok();
    let complete = match reaches_its_end(bytes, media_type) {
        Some(reached) => reached,
        None if media_type == MediaType::Jpeg => {
            segments(bytes).last().is_some_and(|segment| segment.code == EOI) || decodes()
        }
        None => decodes(),
    };
    if complete { Ok(()) } else { Err(ImageError::Truncated) }
}
