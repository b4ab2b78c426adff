//! From image files to batches: decoded, letterboxed, varied, ahead of time.
//!
//! Knows nothing of networks. What a step gets depends on the seed and the
//! step alone, not on threads or time.

mod augment;
mod batches;
mod source;

pub(crate) use augment::Variation;
pub(crate) use batches::{Batch, Feed, feed};
pub(crate) use source::Source;

/// Pixels 0…255 to the network's −1…1.
pub(crate) fn to_input(rgb: &[u8], out: &mut [f32]) {
    out.iter_mut().zip(rgb).for_each(|(o, v)| *o = f32::from(*v) / 127.5 - 1.0);
}
