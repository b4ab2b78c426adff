//! Imports of datasets: what was asked for, how far it is, what came of it.

mod choices;

pub use choices::{
    CHOICES, ChoiceRow, ExtraColumns, ImportChoices, Sizes, UnknownChoice, Unlabelled, UnlistedClasses,
};

use crate::{
    dataset::Split,
    ids::{UploadId, WorkItemId},
    name::{Label, Name},
    time::Timestamp,
    work::WorkState,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is asked for when a file that was sent becomes a dataset version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportOrder {
    /// The archive.
    pub upload: UploadId,
    /// The dataset that receives the version; made when there is none.
    pub dataset: Name,
    /// The version; `None` for the next of `v1`, `v2` …
    pub version: Option<Name>,
    /// A word of a format; `None` for the one that the files look like.
    pub format: Option<String>,
    /// One split for all images; `None` for what the files say.
    pub split: Option<Split>,
    /// Whether a dataset with any fault is refused.
    pub strict: bool,
    /// How files are read that can be read in two ways.
    #[serde(flatten)]
    pub choices: ImportChoices,
    /// Whether it is only looked at: nothing is stored but the report.
    pub check: bool,
}

/// One import by a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetImport {
    /// Identity: of the work, and of the version that it makes.
    pub id: WorkItemId,
    /// What was asked for.
    pub order: ImportOrder,
    /// The name of the file that was sent.
    pub filename: String,
    /// By whom.
    pub requested_by: String,
    /// When.
    pub created: Timestamp,
    /// How far.
    pub state: WorkState,
    /// From 0 to 1.
    pub progress: f64,
    /// What it is doing, or why it failed.
    pub message: String,
    /// What was found; `None` before it was read.
    pub report: Option<ImportReport>,
    /// `dataset/version`, once there is one, and as long as it is there.
    pub made: Option<String>,
}

/// What was found in the files of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The format they were read as.
    pub format: String,
    /// What was decided where the files leave a choice, and why.
    pub decisions: Vec<String>,
    /// Why it is not what the files say: boxes or splits that are lost. Nothing
    /// is imported then, unless somebody says to keep going.
    pub problems: Vec<String>,
    /// Images that are kept.
    pub images: u64,
    /// Boxes that are kept.
    pub boxes: u64,
    /// Images by split; one without is for training.
    pub by_split: BTreeMap<Split, u64>,
    /// Boxes by label.
    pub by_label: BTreeMap<Label, u64>,
    /// Images without any box.
    pub without_boxes: u64,
    /// Images that were left out.
    pub left_out_images: u64,
    /// Boxes that were left out, those of left out images among them.
    pub left_out_boxes: u64,
    /// The first faults, in the order of the files.
    pub faults: Vec<ImportFault>,
    /// How many of each kind there are, all counted.
    pub fault_counts: BTreeMap<String, u64>,
}

impl ImportReport {
    /// All faults, kept or not.
    #[must_use]
    pub fn faults_in_all(&self) -> u64 {
        self.fault_counts.values().sum()
    }
}

/// Something wrong with one image, box, label or member of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFault {
    /// The file it stands in, below the folder that was given.
    pub file: String,
    /// A line, or an id; empty when it is about the file as a whole.
    pub place: String,
    /// A word for its kind.
    pub kind: String,
    /// What is wrong, and what was done about it.
    pub message: String,
    /// Whether something was left out.
    pub is_error: bool,
}
