//! An XML file as it was read, before its image is looked for.

use crate::intake::RawBox;
use std::{path::Path, sync::Arc};

/// An XML file that was read.
pub(super) struct Document {
    pub(super) file: Arc<Path>,
    /// What it says the image is called.
    pub(super) filename: Option<Box<str>>,
    pub(super) declared: Option<(u32, u32)>,
    pub(super) boxes: Box<[RawBox]>,
    pub(super) lost: usize,
}
