//! What people make of predictions: revisions of boxes, and how much each is
//! worth as truth.
//!
//! A reviewer who starts from a model's boxes tends to leave them, and such a
//! review favours that model. So every revision keeps where it started, which
//! boxes were left as the model drew them, and how the image was picked.

use crate::{deployment::Deployment, name::Label, prediction::Prediction, time::Timestamp};
use serde::{Deserialize, Serialize};

mod assignment;
mod blind;
mod boxes;
mod comparing;
mod picking;
#[cfg(test)]
mod tests;

pub use crate::settings::ReviewSettings;
pub use assignment::{BulkOutcome, Lease, NextRequest, Skip};
pub use blind::{DEFAULT_BLIND_SHARE, InvalidShare, Share, hash_share};
pub use boxes::{Picked, SavedBox, SavedReview, Side, Source, StartedFrom, UnknownPick, UnknownStart};
pub use comparing::left_as_drawn;

/// Boxes of one revision at most.
pub const REVIEW_BOXES: usize = 2_000;
/// How long an image stays with the reviewer who took it, unless renewed.
pub const LEASE_MS: i64 = 5 * 60 * 1000;

/// What the reviewer did, measured against where the review began. A box
/// that was moved and relabelled counts as both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewStatistics {
    /// Time at work, pauses left out.
    pub time_spent_ms: u64,
    /// Boxes of the start with the same place and label.
    pub kept: u32,
    /// Boxes of the start in another place or of another size.
    pub moved: u32,
    /// Boxes that were not there at the start.
    pub added: u32,
    /// Boxes of the start that are gone.
    pub deleted: u32,
    /// Boxes of the start with another label.
    pub relabelled: u32,
}

/// A review to be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveReview {
    /// The revision it was made from; 0 before the first.
    pub base_revision: u32,
    /// All boxes.
    pub boxes: Vec<SavedBox>,
    /// Where it began; `None` for the former revision's, else the champion:
    /// what is not known is not counted as better evidence than it may be.
    /// An empty start is believed of whom the server showed one.
    #[serde(default)]
    pub started_from: Option<StartedFrom>,
    /// How the image was picked, where that is less than the reviewer's lease
    /// says; `None` for what the lease says, else by a query.
    #[serde(default)]
    pub picked: Option<Picked>,
    /// What was done, as the editor counted; `None` where nobody counted.
    #[serde(default)]
    pub statistics: Option<ReviewStatistics>,
}

impl SaveReview {
    /// These boxes made from this revision, and nothing else known.
    #[must_use]
    pub fn bare(base_revision: u32, boxes: Vec<SavedBox>) -> Self {
        Self { base_revision, boxes, started_from: None, picked: None, statistics: None }
    }
}

/// All about a revision but its boxes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevisionInfo {
    /// From 1.
    pub revision: u32,
    /// The one it was made from.
    pub base_revision: u32,
    /// The one whose boxes were taken back, if that is how it came about.
    pub restored_from: Option<u32>,
    /// Who saved it, as [`crate::access::Actor::display_name`].
    pub reviewer: String,
    /// When.
    pub at: Timestamp,
    /// Where the review began.
    pub started_from: StartedFrom,
    /// How the image was picked.
    pub picked: Picked,
    /// Number of boxes, ignored ones included.
    pub box_count: u32,
    /// Boxes that are as a model drew them, found by comparing.
    pub untouched: u32,
    /// What was done, as the editor counted.
    pub statistics: Option<ReviewStatistics>,
}

impl RevisionInfo {
    /// Whether it counts as made without seeing a model's boxes: it began
    /// empty, and none of its boxes is a model's to the last pixel.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.started_from == StartedFrom::Empty && self.untouched == 0
    }
}

/// A revision with its boxes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// All about it.
    #[serde(flatten)]
    pub info: RevisionInfo,
    /// In the order in which they were saved.
    pub boxes: Vec<SavedBox>,
    /// The models' boxes that are in it as they were drawn.
    pub left_as_drawn: Vec<Source>,
}

impl Review {
    /// As the editor opens it.
    #[must_use]
    pub fn to_saved(&self) -> SavedReview {
        SavedReview {
            revision: self.info.revision,
            started_from: self.info.started_from,
            boxes: self.boxes.clone(),
            untouched: self.left_as_drawn.clone(),
        }
    }
}

/// What became of a save.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Saved {
    /// It is stored as this revision.
    Stored {
        /// As it was stored.
        review: Review,
        /// This very save had been stored before, and its answer got lost.
        repeated: bool,
        /// Why it was not submitted, where a review is submitted as it is
        /// saved: a sentence. Its review is saved all the same.
        #[serde(default)]
        not_submitted: Option<String>,
    },
    /// Somebody saved since; nothing was changed.
    Stale {
        /// The latest revision.
        current: Review,
    },
}

/// All that a review page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewSubject {
    /// With all boxes of champion and shadow, also those below the threshold.
    pub prediction: Prediction,
    /// Where it was made.
    pub deployment: Deployment,
    /// What a box may be labelled: the champion's labels, then those that only
    /// the shadow or the model that answered has.
    pub labels: Vec<Label>,
    /// The latest revision; `None` before the first.
    pub review: Option<Review>,
    /// To be reviewed from an empty canvas, without seeing a model's boxes
    /// before accepting: it is in the blind share and has no revision yet.
    pub blind: bool,
    /// How it was picked, if it was: by the lease, else by the last revision.
    pub picked: Option<Picked>,
    /// Why it is skipped, if it is.
    pub skip: Option<Skip>,
    /// Who is at it now.
    pub lease: Option<Lease>,
}
