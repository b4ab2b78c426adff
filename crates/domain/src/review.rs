//! What people make of predictions: revisions of boxes, and how much each is
//! worth as truth.
//!
//! A reviewer who starts from a model's boxes tends to leave them, and such a
//! review favours that model. So every revision keeps where it started, which
//! boxes were left as the model drew them, and how the image was picked.

use crate::{
    deployment::Deployment,
    geometry::Rect,
    ids::PredictionId,
    listing::{Refusal, SortOrder},
    name::Label,
    prediction::{Origin, Prediction},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

mod blind;
mod comparing;
mod picking;
#[cfg(test)]
mod tests;

pub use blind::{DEFAULT_BLIND_SHARE, InvalidShare, Share, hash_share};
pub use comparing::left_as_drawn;

/// Boxes of one revision at most.
pub const REVIEW_BOXES: usize = 2_000;
/// How long an image stays with the reviewer who took it, unless renewed.
pub const LEASE_MS: i64 = 5 * 60 * 1000;

/// One of the two models whose boxes a review can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The model that answered.
    Champion,
    /// The model beside it.
    Shadow,
}

impl From<Side> for Origin {
    fn from(side: Side) -> Self {
        match side {
            Side::Champion => Self::Champion,
            Side::Shadow => Self::Shadow,
        }
    }
}

/// A box of a model: whose, and the how-many-th of its stored boxes (from 0,
/// by falling score, as the prediction lists them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Whose.
    pub side: Side,
    /// Its place in the list.
    pub index: u32,
}

/// Where a review began, which decides whom it favours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartedFrom {
    /// From the champion's boxes at the threshold.
    Champion,
    /// From the shadow's boxes at the threshold.
    Shadow,
    /// From an empty canvas.
    Empty,
}

/// How an image came to be reviewed. Only randomly picked ones say what all
/// images are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picked {
    /// By nothing that the image or the model's answer has to do with.
    Random,
    /// By a query, or by a person.
    Query,
    /// For being unusual.
    Outlier,
    /// By an alert.
    Alert,
}

macro_rules! words {
    ($name:ident, $unknown:ident, $what:literal, $choices:literal, $($variant:ident = $word:literal),*) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word of the API and the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[doc = concat!("A word that is not ", $what, ".")]
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("{0:?} is not {what}: use {choices}", what = $what, choices = $choices)]
        pub struct $unknown(pub String);

        impl FromStr for $name {
            type Err = $unknown;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == s).ok_or_else(|| $unknown(s.to_owned()))
            }
        }
    };
}

words!(
    StartedFrom,
    UnknownStart,
    "where a review starts",
    "champion, shadow or empty",
    Champion = "champion",
    Shadow = "shadow",
    Empty = "empty"
);
words!(
    Picked,
    UnknownPick,
    "how an image was picked",
    "random, query, outlier or alert",
    Random = "random",
    Query = "query",
    Outlier = "outlier",
    Alert = "alert"
);

impl StartedFrom {
    /// The model it began with.
    #[must_use]
    pub fn side(self) -> Option<Side> {
        match self {
            Self::Champion => Some(Side::Champion),
            Self::Shadow => Some(Side::Shadow),
            Self::Empty => None,
        }
    }
}

/// A box as a revision stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedBox {
    /// The class.
    pub label: Label,
    /// Pixels of the upright image.
    #[serde(flatten)]
    pub rect: Rect,
    /// A region that metrics leave alone.
    #[serde(default)]
    pub ignore: bool,
    /// The model's box it came from; `None` for a person's, and where the
    /// sender did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl SavedBox {
    /// Whether `other` says the same to whoever trains on it.
    #[must_use]
    pub fn same_truth(&self, other: &Self) -> bool {
        self.label == other.label && self.rect.is_same_place(&other.rect) && self.ignore == other.ignore
    }
}

/// A revision as the editor opens it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedReview {
    /// From 1; 0 is the state before the first save.
    pub revision: u32,
    /// Where its first revision began.
    pub started_from: StartedFrom,
    /// The boxes.
    pub boxes: Vec<SavedBox>,
    /// Boxes of the model that nobody touched.
    #[serde(default)]
    pub untouched: Vec<Source>,
}

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
    #[serde(default)]
    pub started_from: Option<StartedFrom>,
    /// How the image was picked; `None` for what the reviewer's lease says,
    /// else by a query.
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
    },
    /// Somebody saved since; nothing was changed.
    Stale {
        /// The latest revision.
        current: Review,
    },
}

/// Why a prediction is of no use, and who said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skip {
    /// In a person's words; may be empty.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// An image in a reviewer's hands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// Which.
    pub prediction_id: PredictionId,
    /// Who has it, as [`crate::access::Actor::display_name`].
    pub holder: String,
    /// Whether it is the one who asks: the same person in the same session.
    pub mine: bool,
    /// Until when, unless renewed.
    pub until: Timestamp,
    /// How the image was picked.
    pub picked: Picked,
}

/// Which image to review next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NextRequest {
    /// In the query language; only what is `to_review` is given in any case.
    pub q: String,
    /// In which order.
    pub sort: SortOrder,
    /// How many, 1 to 10: the next ones can be fetched ahead.
    pub count: u32,
    /// Images that the page has already.
    pub exclude: Vec<PredictionId>,
    /// One word for one open page, so that two pages of one person do not get
    /// the same image; at most 64 characters.
    pub session: String,
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

/// How a deployment's predictions are reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewSettings {
    /// The share of images to be reviewed blind.
    pub blind_share: Share,
}

impl Default for ReviewSettings {
    fn default() -> Self {
        Self { blind_share: Share::DEFAULT_BLIND }
    }
}

/// What became of an act on many predictions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BulkOutcome {
    /// Those that changed.
    pub changed: Vec<PredictionId>,
    /// Those that were left as they are, and why.
    pub refused: Vec<Refusal>,
}

impl BulkOutcome {
    /// Adds what became of more.
    pub fn extend(&mut self, more: Self) {
        self.changed.extend(more.changed);
        self.refused.extend(more.refused);
    }
}
