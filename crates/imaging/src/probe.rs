//! What a file's first bytes say, before anything is decoded.

use crate::{ImageError, Orientation, check_beginning, decode};
use domain::geometry::Size;
use std::fmt;

/// Counters of shared memory, texts of errors, and the like.
const SMALL_CHANGE_BYTES: u64 = 4 << 10;

/// What is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of a file in bytes.
    pub max_bytes: u64,
    /// Width times height.
    pub max_pixels: u64,
    /// Memory that decoding may take: [`Probe::decode_bytes`].
    pub max_decode_bytes: u64,
}

impl Default for Limits {
    /// 32 MiB, 40 million pixels and 208 MiB. The last is what a progressive
    /// JPEG of 24 million pixels takes, or of 31 million with colours at half
    /// the resolution; the largest baseline photograph takes 191 MiB.
    fn default() -> Self {
        Self { max_bytes: 32 << 20, max_pixels: 40_000_000, max_decode_bytes: 208 << 20 }
    }
}

/// The file types that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// ITU-T T.81.
    Jpeg,
    /// PNG third edition; of an animation the still image.
    Png,
    /// RFC 9649; of an animation the first frame.
    WebP,
    /// TIFF 6.0 and BigTIFF; the first page.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// GIF 87a and 89a; the first frame.
    Gif,
}

impl MediaType {
    /// As in `Content-Type`.
    #[must_use]
    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
        }
    }

    /// As at the end of a file name, without the dot.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Tiff => "tif",
            Self::Bmp => "bmp",
            Self::Gif => "gif",
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mime())
    }
}

/// The type that the bytes begin like.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some(MediaType::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(MediaType::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(MediaType::WebP),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(MediaType::Tiff),
        // What a text that begins with these letters has no zeros for.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(MediaType::Bmp),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(MediaType::Gif),
        _ => None,
    }
}

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
    let head = decode::read_head(bytes, media_type, limits)?;
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
