//! Image bytes to upright RGB pixels, and what follows from pixels alone.
//!
//! Knows three file types (JPEG, PNG, WebP), told apart by their bytes and
//! never by a name. Knows nothing of models, predictions, data sets or files.
//!
//! What comes out of [`decode`] is always 8-bit RGB with the EXIF orientation
//! applied, exactly once: grey is spread over three channels, 16 bits lose
//! their lower 8, transparency is composited over white, CMYK becomes RGB, and
//! of an animation there is the first frame.

mod complete;
mod decode;
mod error;
mod hash;
mod letterbox;
mod orientation;
mod probe;
mod properties;
mod resize;

pub use complete::check_complete;
pub use decode::{Reduced, decode, decode_reduced};
pub use error::ImageError;
pub use hash::{content_hash, perceptual_hash, pixel_hash};
pub use letterbox::{Letterbox, Letterboxed, PADDING_GREY, letterbox};
pub use orientation::Orientation;
pub use probe::{Limits, MediaType, Probe, probe, sniff};
pub use properties::{Properties, properties};
pub use resize::{encode_jpeg, fit_within, resize, thumbnail};
