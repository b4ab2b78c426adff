//! What a file's first bytes say, before anything is decoded.

use super::read_head;
use crate::{ImageError, Limits, MediaType, Orientation, check_beginning};
use domain::geometry::Size;

/// Counters of shared memory, texts of errors, and the like.
const SMALL_CHANGE_BYTES: u64 = 4 << 10;

/// What a file's head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// By the bytes.
    pub media_type: MediaType,
    /// Of the pixels as they lie in the file.
    pub stored: Size,
    /// Of the image as people see it.
    pub size: Size,
    /// How the stored pixels become the upright ones.
    pub orientation: Orientation,
    /// Bytes that [`decode`](crate::decode()) holds at its peak, besides the
    /// file: an upper bound by what the file says of itself, whatever it holds.
    /// Callers that decode several images at once can bound their sum.
    pub decode_bytes: u64,
    /// Whether any browser shows just the pixels that
    /// [`decode`](crate::decode()) gives, as long as it leaves out colour
    /// profiles. Otherwise show, and give away, [`plain_copy`](crate::plain_copy).
    pub is_shown_alike: bool,
}

/// Reads what comes before the pixels: none is decoded, and they are counted
/// before any memory is reserved for them. Takes little memory, and little
/// time but for a lossless WebP picture, whose codes are read: for one of 40
/// million pixels up to a second. Blocking.
///
/// # Errors
/// All of [`ImageError`]; [`ImageError::Truncated`] only when the head itself
/// is cut short.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Probe, ImageError> {
    if bytes.len() as u64 > limits.max_bytes {
        return Err(ImageError::TooManyBytes { bytes: bytes.len() as u64, limit: limits.max_bytes });
    }
    let media_type = check_beginning(bytes)?;
    let head = read_head(bytes, media_type, limits)?;
    let size = head.orientation.upright_size(head.stored);
    let pixels = head.stored.pixels();
    let turning = head.orientation.scratch_bytes(head.stored);
    let decode_bytes = pixels * 3 + turning.max(head.scratch_bytes) + SMALL_CHANGE_BYTES;
    if decode_bytes > limits.max_decode_bytes {
        return Err(ImageError::TooMuchMemory { bytes: decode_bytes, limit: limits.max_decode_bytes });
    }
    Ok(Probe {
        media_type,
        stored: head.stored,
        size,
        orientation: head.orientation,
        decode_bytes,
        is_shown_alike: head.is_shown_alike,
    })
}
