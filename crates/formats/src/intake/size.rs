//! The size of an image before it is taken in.

use super::Intake;
use domain::geometry::Size;
use std::path::Path;

impl Intake<'_> {
    /// Width and height in pixels as people see the image; `None` for a file
    /// that cannot be read as one.
    pub(crate) fn size_of(&self, path: &Path) -> Option<Size> {
        let bytes = self.bytes_of(path).ok()?;
        imaging::probe(&bytes, &self.options.limits).ok().map(|probe| probe.size)
    }
}
