//! What reading gives and what it is asked for.

use crate::{Fault, FaultKind, FormatError, Severity, TextEncoding, UnknownEncoding, folder};
pub use domain::dataset_import::{ExtraColumns, Sizes, Unlabelled, UnlistedClasses};
use domain::{
    dataset::{Annotation, Split},
    dataset_import::ImportChoices,
    geometry::Size,
    name::Label,
};
use std::{collections::BTreeMap, fmt, path::Path, str::FromStr, sync::Arc};

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
    /// One XML file; boxes as corners.
    Cvat,
    /// One JSON file; boxes in percent of the image.
    LabelStudio,
}

impl Format {
    /// All.
    pub const ALL: [Self; 5] = [Self::Coco, Self::Voc, Self::Yolo, Self::Cvat, Self::LabelStudio];

    /// Its word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coco => "coco",
            Self::Voc => "voc",
            Self::Yolo => "yolo",
            Self::Cvat => "cvat",
            Self::LabelStudio => "label-studio",
        }
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Coco => "One JSON file (cocodataset.org)",
            Self::Voc => "An XML file for each image",
            Self::Yolo => "A text file for each image",
            Self::Cvat => "CVAT for images 1.1",
            Self::LabelStudio => "Tasks for Label Studio's import",
        }
    }

    /// What was written where the format itself has no place for it: a sentence
    /// for people; `None` when all is where every program looks for it.
    pub(crate) fn note_on_ignored(self, boxes: u64) -> Option<String> {
        let place = match self {
            Self::Coco | Self::Voc => return None,
            Self::Yolo => "they are in folders called ignored, which other programs pass over",
            Self::Cvat => "they have the attribute ignore, and other programs take them for objects",
            Self::LabelStudio => "they have the remark ignore, and other programs take them for objects",
        };
        (boxes > 0).then(|| format!("the format has no ignored boxes, of which there are {boxes}: {place}"))
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

/// What decides where files can be read in two ways, with its encoding found:
/// [`ImportChoices`], checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Import what is sound although boxes or splits are lost.
    pub keep_going: bool,
    /// What an image without a file of labels is.
    pub unlabelled: Unlabelled,
    /// What is done about sizes that are not the images'.
    pub sizes: Sizes,
    /// What more numbers than a box has are, in YOLO's lines.
    pub extra_columns: Option<ExtraColumns>,
    /// What a box is of a class that the files have no name for.
    pub unlisted: UnlistedClasses,
    /// Of text files that do not say it themselves.
    pub encoding: Option<TextEncoding>,
}

impl TryFrom<&ImportChoices> for Choices {
    type Error = UnknownEncoding;

    fn try_from(choices: &ImportChoices) -> Result<Self, UnknownEncoding> {
        let ImportChoices { keep_going, missing_labels, sizes, extra_columns, unlisted_classes, encoding } =
            choices;
        Ok(Self {
            keep_going: *keep_going,
            unlabelled: *missing_labels,
            sizes: *sizes,
            extra_columns: *extra_columns,
            unlisted: *unlisted_classes,
            encoding: encoding.as_deref().map(str::parse).transpose()?,
        })
    }
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
    /// What decides where files can be read in two ways.
    pub choices: Choices,
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
    /// What was decided while reading, and why: where splits come from, which
    /// files were passed over. Sentences for people.
    pub notes: Vec<String>,
    /// Why the import is not what the files say: boxes that could not be read,
    /// splits that are not there. Sentences for people.
    pub problems: Vec<String>,
}

impl Import {
    /// Boxes that are kept.
    #[must_use]
    pub fn boxes(&self) -> u64 {
        self.images.iter().map(|image| image.annotations.len() as u64).sum()
    }

    /// Whether this may become a dataset version.
    ///
    /// # Errors
    /// When the files have boxes and none was kept; unless `keep_going`, when
    /// boxes or splits were lost.
    pub fn check(&self, keep_going: bool) -> Result<(), FormatError> {
        let lost_all = self.images.is_empty() || self.boxes() == 0 && self.left_out.boxes > 0;
        if !lost_all && (keep_going || self.problems.is_empty()) {
            return Ok(());
        }
        let mut problems = self.problems.clone();
        if self.left_out.boxes > 0 && lost_all {
            problems.insert(0, format!("none of the {} boxes could be imported", self.left_out.boxes));
        } else if lost_all {
            problems.insert(0, "no sound image was found".to_owned());
        }
        let first = self.faults.iter().filter(|fault| fault.severity == Severity::Error);
        let first: Vec<String> = first.take(SHOWN_FAULTS).map(|fault| format!("\n  {fault}")).collect();
        let way_out = if lost_all { "" } else { "\nMend the files, or import the rest with --keep-going." };
        Err(FormatError::Incomplete {
            problems: problems.join("; "),
            shown: first.concat(),
            way_out,
            faults: self.faults.clone(),
        })
    }
}

/// Faults that an error tells.
const SHOWN_FAULTS: usize = 5;

/// What was not sound enough to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Images that were listed.
    pub images: u64,
    /// Boxes, those of left out images included.
    pub boxes: u64,
}

/// One image with its boxes. Its head was read and its end was reached; its
/// pixels were not decoded. There may be a hundred thousand of them in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedImage {
    /// Where the file is.
    pub path: Arc<Path>,
    /// Of the upright image.
    pub size: Size,
    /// `None` where the files do not say.
    pub split: Option<Split>,
    /// Inside the image.
    pub annotations: Vec<Annotation>,
}

impl ImportedImage {
    /// Its name without folders; for people.
    #[must_use]
    pub fn filename(&self) -> String {
        folder::last_part(&self.path)
    }
}
