//! What reading gives and what it is asked for.

use crate::{Fault, FaultKind, FormatError};
use domain::{
    dataset::{Annotation, Split},
    geometry::Size,
    name::Label,
};
use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr};

/// The formats that are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON file; boxes as `x, y, w, h`.
    Coco,
    /// An XML file an image; boxes as corners.
    Voc,
    /// A text file an image; boxes as centre and extent, in shares of the
    /// image.
    Yolo,
}

impl Format {
    /// All.
    pub const ALL: [Self; 3] = [Self::Coco, Self::Voc, Self::Yolo];

    /// Its word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Voc => "voc",
            Self::Yolo => "yolo",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Coco => "One JSON file (cocodataset.org)",
            Self::Voc => "An XML file for each image",
            Self::Yolo => "A text file for each image",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = FormatError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let word = s.to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.as_str() == word).ok_or(FormatError::UnknownFormat(word))
    }
}

/// Which split an image belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SplitChoice {
    /// As the files say: COCO's `split` or the JSON file's name, Pascal VOC's
    /// `ImageSets/Main`, YOLO's `data.yaml` or folders.
    #[default]
    FromFile,
    /// This one for all, whatever the files say.
    All(Split),
}

/// How to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Refuse a data set with any fault.
    pub strict: bool,
    /// Where splits come from.
    pub split: SplitChoice,
    /// What image files are accepted.
    pub limits: imaging::Limits,
}

/// How far reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Images looked at.
    pub done: u64,
    /// Images there are.
    pub total: u64,
}

/// A data set as read.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// In the order of the file's own ids or list; of Pascal VOC, which has
    /// neither, by name.
    pub labels: Vec<Label>,
    /// In the order of the files.
    pub images: Vec<ImportedImage>,
    /// The first [`KEPT_FAULTS`](crate::KEPT_FAULTS) faults.
    pub faults: Vec<Fault>,
    /// How many of each kind there were, all counted.
    pub fault_counts: BTreeMap<FaultKind, u64>,
    /// What is not in `images`.
    pub left_out: LeftOut,
}

/// What was not sound enough to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Images that were listed.
    pub images: u64,
    /// Boxes, those of left out images included.
    pub boxes: u64,
}

/// One image with its boxes. Its head was read and its end was reached; its
/// pixels were not decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedImage {
    /// Where the file is.
    pub path: PathBuf,
    /// Its name without folders; for people.
    pub filename: String,
    /// Of the upright image.
    pub size: Size,
    /// `None` where the files do not say.
    pub split: Option<Split>,
    /// Inside the image.
    pub annotations: Vec<Annotation>,
}
