//! What is wrong with parts of a data set, and where.

use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// Faults kept with their place; beyond it they are only counted.
pub const KEPT_FAULTS: usize = 10_000;

/// Something wrong with one image, box or label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The file it stands in.
    pub file: PathBuf,
    /// A line, or an id; empty when it is about the file as a whole.
    pub place: String,
    /// Of what kind.
    pub kind: FaultKind,
    /// What is wrong and what was done about it.
    pub message: String,
    /// Whether something was left out.
    pub severity: Severity,
}

/// What became of the faulty thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It was mended or may be meant so; nothing was left out.
    Warning,
    /// It was left out.
    Error,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A box without width or height.
    EmptyBox,
    /// A box partly or wholly outside its image.
    BoxOutside,
    /// A box that is not four finite numbers.
    NotABox,
    /// A shape around no box: a point or a line.
    OtherShape,
    /// A class that the data set does not list.
    UnknownClass,
    /// A class name that cannot be one.
    InvalidLabel,
    /// An image file that is not there.
    MissingImage,
    /// An image file that is not whole, or no image.
    BrokenImage,
    /// An image's name that leads out of the folder.
    UnsafePath,
    /// An id or a file that occurs twice.
    Duplicate,
    /// An annotation with the id 0, which COCO tools take for "none".
    IdZero,
    /// An annotation of an image that is not listed.
    UnknownImage,
    /// Labels for an image that is not there.
    LabelsWithoutImage,
    /// A line, element or file that cannot be read.
    Unreadable,
    /// A size other than the image's.
    SizeMismatch,
    /// Boxes that were drawn on the image as stored, not as seen.
    TurnedBoxes,
    /// An outline, of which only the bounding box is kept.
    OutlineReduced,
    /// Images that no split names.
    NoSplit,
    /// A file that is taken for an image although it is called otherwise.
    NameAdapted,
    /// A name that several files may be meant by.
    AmbiguousName,
    /// Boxes that were given for another size of the same image.
    ScaledBoxes,
    /// An image of which no box could be kept.
    LostLabels,
    /// A folder or list of a split that is not there, or not what it says.
    MissingFolder,
    /// The same image in two splits.
    SplitLeak,
    /// What can be read in two ways.
    Ambiguous,
    /// An image that nobody has annotated yet, or that was skipped.
    NotAnnotated,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.severity == Severity::Error { "error" } else { "warning" };
        write!(f, "{}", self.file.display())?;
        if !self.place.is_empty() {
            write!(f, ", {}", self.place)?;
        }
        write!(f, ": {severity}: {}", self.message)
    }
}

/// Faults as they are found.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultLog {
    pub(crate) kept: Vec<Fault>,
    pub(crate) counts: BTreeMap<FaultKind, u64>,
}

impl FaultLog {
    pub(crate) fn error(
        &mut self,
        kind: FaultKind,
        file: &Path,
        place: impl fmt::Display,
        message: impl Into<String>,
    ) {
        self.add(Severity::Error, kind, file, place, message);
    }

    pub(crate) fn warning(
        &mut self,
        kind: FaultKind,
        file: &Path,
        place: impl fmt::Display,
        message: impl Into<String>,
    ) {
        self.add(Severity::Warning, kind, file, place, message);
    }

    fn add(
        &mut self,
        severity: Severity,
        kind: FaultKind,
        file: &Path,
        place: impl fmt::Display,
        message: impl Into<String>,
    ) {
        *self.counts.entry(kind).or_default() += 1;
        if self.kept.len() < KEPT_FAULTS {
            let (file, place, message) = (file.to_owned(), place.to_string(), message.into());
            self.kept.push(Fault { file, place, kind, message, severity });
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.counts.values().sum()
    }
}
