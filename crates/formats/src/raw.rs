//! Images and boxes as an annotation file has them, before the picture is
//! looked at.

use domain::{dataset::Split, geometry::Size, name::Label};
use std::{fmt, path::Path, sync::Arc};

/// Where something stands in a file, for people.
#[derive(Clone, Debug)]
pub(crate) enum Location {
    /// A line.
    Line(u32),
    /// An id, or where it stands otherwise.
    Text(Box<str>),
}

impl Location {
    /// A line by its number, from 1.
    pub(crate) fn line(number: impl TryInto<u32>) -> Self {
        Self::Line(number.try_into().unwrap_or(u32::MAX))
    }
}

impl From<&str> for Location {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Location {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A box as a file has it.
#[derive(Clone, Debug)]
pub(crate) struct RawBox {
    pub(crate) place: Location,
    pub(crate) label: Label,
    pub(crate) numbers: Numbers,
    pub(crate) ignore: bool,
}

impl RawBox {
    /// Whether it says the same as another one, wherever it stands.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.label == other.label && self.numbers == other.numbers && self.ignore == other.ignore
    }
}

/// Where a box is, in the file's own way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Numbers {
    /// `x, y, w, h` in pixels.
    Pixels([f64; 4]),
    /// Centre and extent in shares of the upright image.
    Shares([f64; 4]),
}

/// An image as a file has it.
#[derive(Clone, Debug)]
pub(crate) struct RawImage<'a> {
    /// The file that speaks of it, and where.
    pub(crate) file: &'a Path,
    pub(crate) place: String,
    /// Where the image is.
    pub(crate) path: Arc<Path>,
    /// Width and height as the file has them.
    pub(crate) declared: Option<(u32, u32)>,
    pub(crate) split: Option<Split>,
    pub(crate) boxes: Vec<RawBox>,
    /// How many more the file has that could not be read, counted as left out
    /// already. An image that loses all its boxes has none for an answer, not
    /// no objects.
    pub(crate) lost: usize,
}

impl Numbers {
    /// `x, y, w, h` in pixels of an upright image of `size`.
    pub(crate) fn in_pixels(self, size: Size) -> [f64; 4] {
        match self {
            Self::Pixels(numbers) => numbers,
            Self::Shares([cx, cy, w, h]) => {
                let (width, height) = (f64::from(size.width), f64::from(size.height));
                [(cx - w / 2.0) * width, (cy - h / 2.0) * height, w * width, h * height]
            }
        }
    }
}
