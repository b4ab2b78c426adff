//! All that a dashboard shows of a range of time, and of the range before it.

use super::{Dashboard, Range};
use crate::{
    drift::record::{DriftNow, DriftWindow},
    ids::PredictionId,
    time::Timestamp,
    training_data::TrainingData,
};
use serde::{Deserialize, Serialize};

/// Bins of a distribution of shares: 5 % each.
pub const SHARE_BINS: usize = 20;

/// A whole dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonitoringPage {
    /// Figures in buckets of time.
    pub dashboard: Dashboard,
    /// More figures of the same buckets, in the same order.
    pub points: Vec<Point>,
    /// The whole range.
    pub total: Totals,
    /// The range of the same length before it.
    pub before: Totals,
    /// The whole range by model version (`model/number`), the latest first, at
    /// most four; empty where one made all predictions.
    pub by_model: Vec<(String, Totals)>,
    /// Where the middles of boxes lie.
    pub heat: Heat,
    /// Predictions by source, most first; those that name none are left out.
    pub sources: Vec<(String, u64)>,
    /// With what the deployment is compared.
    pub training_data: TrainingData,
    /// Shares of the labels in the training data, most first; empty without.
    pub reference_labels: Vec<(String, f64)>,
    /// Drift as it stands; `None` without training data that is ready.
    pub drift: Option<DriftNow>,
    /// Windows compared in this range, the latest first, at most 30.
    pub drift_windows: Vec<DriftWindow>,
}

/// Figures of one bucket beyond those of [`super::Bucket`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its first moment.
    pub start: Timestamp,
    /// The shadow's median latency.
    pub shadow_p50_ms: Option<f64>,
    /// The shadow's 95th percentile.
    pub shadow_p95_ms: Option<f64>,
    /// Mean confidence of boxes at or above the threshold, in [0, 1].
    pub confidence: Option<f64>,
    /// Images with an outlier score.
    pub scored: u64,
    /// Share of them above 0.99.
    pub unusual: Option<f64>,
    /// Mean brightness, 0 to 1.
    pub brightness: Option<f64>,
    /// Mean contrast, 0 to 0.5.
    pub contrast: Option<f64>,
    /// Median sharpness.
    pub sharpness: Option<f64>,
    /// The slowest prediction.
    pub slowest: Option<PredictionId>,
    /// The most unusual image.
    pub most_unusual: Option<PredictionId>,
}

/// Figures of a whole range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Predictions.
    pub predictions: u64,
    /// Median latency.
    pub latency_p50_ms: Option<f64>,
    /// 95th percentile of the latency.
    pub latency_p95_ms: Option<f64>,
    /// Predictions that a shadow made too.
    pub shadowed: u64,
    /// The shadow's median latency.
    pub shadow_p50_ms: Option<f64>,
    /// The shadow's 95th percentile.
    pub shadow_p95_ms: Option<f64>,
    /// Mean number of boxes at or above the threshold.
    pub objects_mean: Option<f64>,
    /// Images by number of boxes, few first.
    pub objects: Vec<(u32, u64)>,
    /// Mean confidence of these boxes, in [0, 1].
    pub confidence_mean: Option<f64>,
    /// Boxes by confidence, in [`SHARE_BINS`] bins from 0 to 1.
    pub confidence: Vec<u64>,
    /// Boxes by label, most first.
    pub labels: Vec<(String, u64)>,
    /// Images with an outlier score.
    pub scored: u64,
    /// Share of them above 0.99.
    pub unusual: Option<f64>,
    /// Images by outlier score, in [`SHARE_BINS`] bins from 0 to 1.
    pub outlier: Vec<u64>,
    /// Median width in px.
    pub width: Option<f64>,
    /// Median height in px.
    pub height: Option<f64>,
    /// Median of width over height.
    pub ratio: Option<f64>,
    /// Median number of pixels.
    pub area: Option<f64>,
    /// Mean brightness, 0 to 1.
    pub brightness: Option<f64>,
    /// Mean contrast, 0 to 0.5.
    pub contrast: Option<f64>,
    /// Median sharpness.
    pub sharpness: Option<f64>,
}

impl Totals {
    /// A figure by its name in the API and in alert rules; outer `None` when
    /// there is no such figure.
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<Option<f64>> {
        Some(match name {
            "predictions" => Some(self.predictions as f64),
            "latency_p50_ms" => self.latency_p50_ms,
            "latency_p95_ms" => self.latency_p95_ms,
            "shadow_p50_ms" => self.shadow_p50_ms,
            "shadow_p95_ms" => self.shadow_p95_ms,
            "objects_mean" => self.objects_mean,
            "confidence_mean" => self.confidence_mean,
            "unusual" => self.unusual,
            "width" => self.width,
            "height" => self.height,
            "ratio" => self.ratio,
            "area" => self.area,
            "brightness" => self.brightness,
            "contrast" => self.contrast,
            "sharpness" => self.sharpness,
            _ => return None,
        })
    }

    /// The names that [`Totals::figure`] knows.
    pub const FIGURES: [&str; 15] = [
        "predictions",
        "latency_p50_ms",
        "latency_p95_ms",
        "shadow_p50_ms",
        "shadow_p95_ms",
        "objects_mean",
        "confidence_mean",
        "unusual",
        "width",
        "height",
        "ratio",
        "area",
        "brightness",
        "contrast",
        "sharpness",
    ];
}

/// Where the middles of boxes lie, over a grid.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    /// Of what time: whole hours or days, which may be more than was asked.
    pub range: Option<Range>,
    /// Cells of a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Boxes by cell, row by row.
    pub cells: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_figure_is_known_and_no_other() {
        let totals = Totals::default();
        assert!(Totals::FIGURES.iter().all(|name| totals.figure(name).is_some()));
        assert_eq!(totals.figure("predictionss"), None);
        assert_eq!(totals.figure("predictions"), Some(Some(0.0)));
        assert_eq!(totals.figure("unusual"), Some(None));
    }
}
