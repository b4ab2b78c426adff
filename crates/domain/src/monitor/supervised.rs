//! How good a model is on what people reviewed.
//!
//! A review that began with a model's boxes is anchored to them; one that
//! began on an empty canvas is blind. Headline figures are of images that were
//! picked at random: those picked because they are odd say how the model does
//! on odd images. No figure is of an image that the model learned from
//! ([`crate::lineage`]); how many were left out for that stands beside it.

mod computing;
mod reviewed;

pub use computing::{LEAST_OF_PERIOD, Subject, figures};
pub use reviewed::{ExcludedReview, ReviewedImages};

use crate::{
    ids::PredictionId,
    lineage::Exclusions,
    name::Label,
    review::{Picked, StartedFrom},
    time::Timestamp,
};
use measures::metrics::{
    best_threshold::BestThreshold,
    bootstrap::EvaluationIntervals,
    coco::{DetectedBox, ImageMatches, TruthBox},
    errors::ErrorKind,
    operating_point::OperatingPoint,
    review_changes::Changes,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Of which reviews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Images picked at random: the headline.
    Random,
    /// All reviewed images.
    All,
    /// Reviews that began on an empty canvas.
    Blind,
    /// Reviews that began with a model's boxes.
    Anchored,
}

impl Scope {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Random, Self::All, Self::Blind, Self::Anchored];

    /// The word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::All => "all",
            Self::Blind => "blind",
            Self::Anchored => "anchored",
        }
    }

    /// Whether a review counts.
    #[must_use]
    pub fn takes(self, started_from: StartedFrom, picked: Picked) -> bool {
        match self {
            Self::Random => picked == Picked::Random,
            Self::All => true,
            Self::Blind => started_from == StartedFrom::Empty,
            Self::Anchored => started_from != StartedFrom::Empty,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let scope_named = Self::ALL.into_iter().find(|scope| scope.as_str() == s);
        scope_named.ok_or_else(|| format!("{s:?} is no scope: use random, all, blind or anchored."))
    }
}

/// A reviewed image as one model saw it. Categories are numbers of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct SupervisedImage {
    /// Which.
    pub id: PredictionId,
    /// Where the review began.
    pub started_from: StartedFrom,
    /// How the image was picked.
    pub picked: Picked,
    /// Boxes at or above it were seen.
    pub threshold: f64,
    /// When it arrived.
    pub received: Timestamp,
    /// Whether the review began with this model's boxes.
    pub shown: bool,
    /// As they were matched when the review was saved.
    pub matches: ImageMatches,
    /// What the review says.
    pub truths: Vec<TruthBox>,
    /// What the model said.
    pub detections: Vec<DetectedBox>,
}

/// Figures of one model on the reviews of one scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupervisedFigures {
    /// `model/number`.
    pub model: String,
    /// Of which reviews.
    pub scope: Scope,
    /// Reviewed images that the figures are of.
    pub images: u64,
    /// Reviewed images of the scope that they are not of.
    #[serde(default)]
    pub left_out: Exclusions,
    /// When they were computed.
    pub as_of: Timestamp,
    /// The deployment's threshold, of the figures at one threshold.
    pub threshold: f64,
    /// The categories, in the order of everything by category.
    pub labels: Vec<Label>,
    /// COCO's figures with their intervals.
    pub coco: EvaluationIntervals,
    /// Precision, recall and F1 at the threshold.
    pub overall: OperatingPoint,
    /// The same by category.
    pub per_label: Vec<OperatingPoint>,
    /// Over all thresholds.
    pub curve: Vec<CurvePoint>,
    /// Where F1 is highest; `None` when nothing was right at any threshold.
    #[serde(default)]
    pub best_threshold: Option<BestThreshold>,
    /// Precision at recall 0, 0.01 … 1 at IoU 0.5: the mean of the categories
    /// with truth; empty without any.
    pub precision_recall: Vec<f64>,
    /// In the order of arrival, stretches of equally many images: how the model
    /// does as time goes on.
    #[serde(default)]
    pub over_time: Vec<Period>,
    /// Counts of true (row) and predicted (column) labels, the last for nothing.
    pub confusion: Vec<Vec<u64>>,
    /// The cells that count something, with images behind them.
    pub cells: Vec<Cell>,
    /// What is wrong, by kind.
    pub errors: Vec<ErrorFigure>,
    /// What reviewers who began with this model's boxes did to them.
    pub changes: ChangeFigures,
}

/// Figures of champion and shadow on the reviews of one scope.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SupervisedPair {
    /// `None` before anything was reviewed.
    pub champion: Option<SupervisedFigures>,
    /// `None` without a shadow, or before it saw a reviewed image.
    pub shadow: Option<SupervisedFigures>,
    /// Both on the same images; `None` without a shadow, or before both saw a
    /// reviewed image.
    pub paired: Option<PairedFigures>,
    /// Reviews changed since: newer figures are being computed.
    pub stale: bool,
}

/// Figures of champion and shadow on the images that both saw and neither
/// learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedFigures {
    /// The champion's.
    pub champion: SupervisedFigures,
    /// The shadow's, on the same images.
    pub shadow: SupervisedFigures,
}

/// Whose figures are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FiguresOf {
    /// The champion's, on all images that count for it.
    Champion,
    /// The shadow's, on all images that count for it.
    Shadow,
    /// The champion's, on the images that count for both.
    PairedChampion,
    /// The shadow's, on the images that count for both.
    PairedShadow,
}

/// How a model did on images that arrived one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the field's own names")]
pub struct Period {
    /// When the first of them arrived.
    pub from: Timestamp,
    /// When the last of them arrived.
    pub to: Timestamp,
    /// Reviewed images.
    pub images: u64,
    /// AP at IoU 0.50:0.95; `None` without truth.
    pub AP: Option<f64>,
    /// AP at IoU 0.50.
    pub AP50: Option<f64>,
}

/// Precision and recall at one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Boxes at or above it count.
    pub threshold: f64,
    /// `None` without detections.
    pub precision: Option<f64>,
    /// `None` without truth.
    pub recall: Option<f64>,
    /// `None` with neither.
    pub f1: Option<f64>,
}

/// A cell of the confusion matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// The true label; `None` where nothing is.
    pub truth: Option<Label>,
    /// The predicted label; `None` where nothing was seen.
    pub predicted: Option<Label>,
    /// Boxes.
    pub count: u64,
    /// Images they are in, at most 50.
    pub images: Vec<PredictionId>,
    /// Selects images in which it may occur.
    pub query: String,
}

/// How often something is wrong, and what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorFigure {
    /// What is wrong.
    pub kind: ErrorKind,
    /// How often, at or above the threshold.
    pub count: u64,
    /// How much AP50 would rise were it corrected, 0 to 1.
    pub ap50_gained: f64,
}

/// What reviewers changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeFigures {
    /// Reviews that began with this model's boxes.
    pub reviews: u64,
    /// Of them, those in which no box was changed.
    pub unchanged: u64,
    /// All labels together.
    pub all: Changes,
}
