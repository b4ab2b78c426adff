//! A candidate against a champion on the same held-out images: all that a
//! person needs to see to believe the verdict. The same images give the same
//! figures.

mod compare;
mod words;

pub use compare::compare;
pub use words::{reason_words, times, verdict_words};

use crate::{
    geometry::Score,
    ids::{AssetId, ComparisonId, ModelVersionId},
    lineage::Exclusions,
    name::Label,
    time::Timestamp,
};
use measures::{
    gate::{GateReport, GateSettings, Start},
    metrics::{
        coco::{DetectedBox, Figure, TruthBox},
        errors::ErrorKind,
    },
};
use serde::{Deserialize, Serialize};

/// What is compared on what; kept with the evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// `model/number`.
    pub champion: String,
    /// The id of the same.
    pub champion_id: ModelVersionId,
    /// `model/number`.
    pub candidate: String,
    /// The id of the same.
    pub candidate_id: ModelVersionId,
    /// The held-out images, `dataset/version`.
    pub holdout: String,
    /// Tells whether the same images with the same boxes were used before:
    /// SHA-256, hex.
    pub holdout_fingerprint: String,
    /// How many comparisons of the deployment had used these very images
    /// before.
    pub used_before: u64,
    /// Images of the holdout that neither is measured on: one of the two
    /// learned from them, or from near duplicates.
    #[serde(default)]
    pub left_out: Exclusions,
    /// The categories, in the order that gives classes their index.
    pub labels: Vec<Label>,
    /// By index of the category, whether the verdict looks at it.
    pub gated: Vec<bool>,
    /// Boxes at or above it are what people would see.
    pub threshold: Score,
    /// What the gate is asked for, with its seed.
    pub settings: GateSettings,
}

/// What both models saw of one held-out image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceImage {
    /// The image in the holdout.
    pub asset_id: AssetId,
    /// For people.
    pub filename: String,
    /// What its reviewer saw first.
    pub start: Start,
    /// True boxes.
    pub truths: Vec<TruthBox>,
    /// By falling score.
    pub champion: Vec<DetectedBox>,
    /// By falling score.
    pub candidate: Vec<DetectedBox>,
    /// How long the champion took.
    pub champion_ms: f64,
    /// How long the candidate took.
    pub candidate_ms: f64,
}

/// One of COCO's figures, of both; `None` where undefined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigurePair {
    /// Which.
    pub figure: Figure,
    /// The champion's.
    pub champion: Option<f64>,
    /// The candidate's.
    pub candidate: Option<f64>,
}

/// How often something is wrong at the threshold, as TIDE counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorPair {
    /// What.
    pub kind: ErrorKind,
    /// Of the champion.
    pub champion: u64,
    /// Of the candidate.
    pub candidate: u64,
}

/// Latency on these images, one at a time, on the machine that measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyPair {
    /// The champion's median.
    pub champion_p50_ms: f64,
    /// The champion's 95th percentile.
    pub champion_p95_ms: f64,
    /// The candidate's median.
    pub candidate_p50_ms: f64,
    /// The candidate's 95th percentile.
    pub candidate_p95_ms: f64,
}

/// An image on which the two differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImageChange {
    /// What both saw of it, at or above the threshold.
    pub image: EvidenceImage,
    /// F1 of the champion's boxes at the threshold, IoU ≥ 0.5.
    pub champion_f1: f64,
    /// F1 of the candidate's.
    pub candidate_f1: f64,
}

/// The whole comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The verdict and its figures.
    pub gate: GateReport,
    /// COCO's twelve figures of both.
    pub figures: Vec<FigurePair>,
    /// (C + 1)², the champion's: rows true, columns predicted.
    pub champion_confusion: Vec<Vec<u64>>,
    /// The candidate's.
    pub candidate_confusion: Vec<Vec<u64>>,
    /// What is wrong, of both.
    pub errors: Vec<ErrorPair>,
    /// Latency of both; `None` without images.
    pub latency: Option<LatencyPair>,
    /// Images that got better.
    pub better_images: u64,
    /// Images that got worse.
    pub worse_images: u64,
    /// Those that got better the most, at most [`SHOWN`].
    pub better: Vec<ImageChange>,
    /// Those that got worse the most, at most [`SHOWN`].
    pub worse: Vec<ImageChange>,
    /// Those on which the candidate errs the most, at most [`SHOWN`].
    #[serde(default)]
    pub worst: Vec<ImageChange>,
}

/// Images of each kind that are shown.
pub const SHOWN: usize = 12;

/// A comparison with what it is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredComparison {
    /// Identity.
    pub id: ComparisonId,
    /// What was compared on what.
    pub subject: Subject,
    /// What follows.
    pub report: Comparison,
    /// When it was made.
    pub at: Timestamp,
}
