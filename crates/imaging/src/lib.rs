//! Image bytes to upright RGB pixels, and what follows from pixels alone.
//!
//! Knows six file types (JPEG, PNG, WebP, TIFF, BMP, GIF), told apart by their
//! bytes and never by a name. Knows nothing of models, predictions, data sets or files.
//!
//! What comes out of [`decode`] is always 8-bit RGB with the EXIF orientation
//! applied, exactly once: grey is spread over three channels, 16 bits lose
//! their lower 8, transparency is composited over white, CMYK becomes RGB, and
//! of an animation there is the first frame. Numbers are taken as sRGB: colour
//! profiles and gamma are left out. `docs/images.md` says it to users.

mod complete;
mod decode;
mod descriptor;
mod ends;
mod error;
mod hash;
mod letterbox;
mod limits;
mod media_type;
mod memory;
mod orientation;
mod plain;
mod properties;
mod resize;
mod unread;
mod wide;

pub use complete::check_complete;
pub use decode::{Probe, Reduced, decode, decode_reduced, probe};
pub use descriptor::{DESCRIPTOR_LENGTH, descriptor};
pub use error::ImageError;
pub use hash::{content_hash, perceptual_hash, pixel_hash};
pub use letterbox::{Letterbox, Letterboxed, PADDING_GREY, letterbox};
pub use limits::Limits;
pub use media_type::{MediaType, sniff};
pub use orientation::Orientation;
pub use plain::{encode_png, plain_copy};
pub use properties::{Properties, properties};
pub use resize::{encode_jpeg, fit_within, resize, thumbnail};
pub use unread::check_beginning;
pub use wide::wide;
