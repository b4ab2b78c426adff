//! Counts to be added to the aggregates, merged in memory before they are
//! written. Pure: knows no database.

use domain::{
    geometry::Score,
    ids::{DeploymentId, ModelVersionId},
    metrics::sketch,
    monitor::Resolution,
    prediction::PredictedBox,
    time::Timestamp,
};
use std::collections::BTreeMap;

/// What is counted. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Metric {
    /// Predictions; one bin, 0.
    Predictions = 0,
    /// The champion's latency; bins of [`domain::metrics::sketch`], in ms.
    LatencyMs = 1,
    /// Boxes at or above the threshold in one image; the bin is the number.
    Objects = 2,
    /// Boxes at or above the threshold; the bin is the number of the label.
    Labels = 3,
    /// Confidence of boxes at or above the threshold; the bin is whole percent, 0 to 99.
    Confidence = 4,
    /// The shadow's latency; bins of [`domain::metrics::sketch`], in ms.
    ShadowLatencyMs = 5,
}

pub(crate) fn resolution_number(resolution: Resolution) -> i16 {
    match resolution {
        Resolution::Minute => 0,
        Resolution::Hour => 1,
        Resolution::Day => 2,
    }
}

/// One row of the aggregates without its count, in the order of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BinKey {
    pub(crate) deployment_id: DeploymentId,
    pub(crate) resolution: i16,
    pub(crate) metric: Metric,
    pub(crate) bucket_start: i64,
    pub(crate) model_version_id: ModelVersionId,
    pub(crate) bin: i32,
}

/// Counts by key, in the order of the keys: two processes that add to the
/// same rows then never wait for each other in a circle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bins(pub(crate) BTreeMap<BinKey, i64>);

/// Whose figures are counted, and when they arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) deployment_id: DeploymentId,
    pub(crate) model_version_id: ModelVersionId,
    pub(crate) received: Timestamp,
}

impl Bins {
    /// Counts what a champion said of one image. `boxes` are those at or
    /// above the threshold, with the numbers of their labels.
    pub(crate) fn count_prediction<'b>(
        &mut self,
        counted: Counted,
        latency_ms: f64,
        boxes: impl Iterator<Item = (u32, &'b PredictedBox)>,
    ) {
        self.add(counted, Metric::Predictions, 0);
        self.add(counted, Metric::LatencyMs, sketch::bin_of(latency_ms));
        let mut objects = 0;
        for (label, seen) in boxes {
            objects += 1;
            self.add(counted, Metric::Labels, label.cast_signed());
            self.add(counted, Metric::Confidence, percent(seen.score));
        }
        self.add(counted, Metric::Objects, objects);
    }

    /// Counts what a shadow took for one image.
    pub(crate) fn count_shadow(&mut self, counted: Counted, latency_ms: f64) {
        self.add(counted, Metric::ShadowLatencyMs, sketch::bin_of(latency_ms));
    }

    fn add(&mut self, counted: Counted, metric: Metric, bin: i32) {
        for resolution in Resolution::ALL {
            let key = BinKey {
                deployment_id: counted.deployment_id,
                resolution: resolution_number(resolution),
                metric,
                bucket_start: resolution.start(counted.received).0,
                model_version_id: counted.model_version_id,
                bin,
            };
            *self.0.entry(key).or_default() += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, count) in &other.0 {
            *self.0.entry(*key).or_default() += count;
        }
    }
}

fn percent(score: Score) -> i32 {
    ((score.get() * 100.0) as i32).clamp(0, 99)
}
