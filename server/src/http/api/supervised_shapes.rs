//! What the figures from reviews are made of.

use domain::{lineage::Exclusions, monitor::supervised::Period, time::Timestamp};
use measures::{metrics::best_threshold::BestThreshold, statistics::Estimate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Images that a figure is not of, by reason: a version is never measured on
/// what it learned from.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct LeftOutBody {
    /// All of them.
    pub images: u64,
    /// In a `train` or `val` split of what the version, or one that it came
    /// from, was trained on, by the hash of their pixels.
    pub trained_on: u64,
    /// Near duplicates of such: their perceptual hashes differ in 8 bits of 64
    /// at most, from the same source, within 24 hours.
    pub near_duplicates: u64,
    /// Not compared with the training data: their pixels are still to be read,
    /// or cannot be.
    pub unchecked: u64,
}

impl From<Exclusions> for LeftOutBody {
    fn from(e: Exclusions) -> Self {
        let Exclusions { trained_on, near_duplicates, unchecked } = e;
        Self { images: e.total(), trained_on, near_duplicates, unchecked }
    }
}

/// A figure with its 95 % interval.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct EstimateBody {
    /// Of the images as they are.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl From<Estimate> for EstimateBody {
    fn from(e: Estimate) -> Self {
        Self { value: e.value, low: e.low, high: e.high }
    }
}

/// The threshold of the score at which F1 is highest.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct BestThresholdBody {
    /// The score from which on boxes count, in steps of 0.01, with the interval
    /// (95 %) of the best thresholds of resampled images.
    pub threshold: EstimateBody,
    /// F1 there, of all labels together, with its interval.
    pub f1: EstimateBody,
    /// Precision there.
    pub precision: f64,
    /// Recall there.
    pub recall: f64,
}

impl From<BestThreshold> for BestThresholdBody {
    fn from(best: BestThreshold) -> Self {
        let BestThreshold { threshold, f1, precision, recall } = best;
        Self { threshold: threshold.into(), f1: f1.into(), precision, recall }
    }
}

/// How a model did on images that arrived one after the other.
#[derive(Serialize, ToSchema)]
pub(super) struct PeriodBody {
    /// When the first of them arrived.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// When the last of them arrived.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Reviewed images.
    pub images: u64,
    /// AP at IoU 0.50:0.95; null without truth.
    #[serde(rename = "AP")]
    pub ap: Option<f64>,
    /// AP at IoU 0.50.
    #[serde(rename = "AP50")]
    pub ap50: Option<f64>,
}

impl From<Period> for PeriodBody {
    fn from(p: Period) -> Self {
        Self { from: p.from, to: p.to, images: p.images, ap: p.AP, ap50: p.AP50 }
    }
}
