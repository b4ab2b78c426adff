//! Counts to be added to the aggregates, merged in memory before they are
//! written. Pure: knows no database.

use super::levels::Level;
use crate::boxes::StoredBox;
use domain::{
    geometry::Size,
    ids::{DeploymentId, ModelVersionId},
    monitor::{
        image_measures::Appearance,
        metrics::{HEAT_COLUMNS, HEAT_ROWS, Metric},
    },
    time::Timestamp,
};
use std::collections::BTreeMap;

/// One row of the aggregates without its count, in the order of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BinKey {
    pub(super) deployment_id: DeploymentId,
    pub(super) resolution: i16,
    /// The metric's number.
    pub(super) metric: i16,
    pub(super) bucket_start: i64,
    pub(super) model_version_id: ModelVersionId,
    pub(super) bin: i32,
}

/// The same in the finest buckets that the metric has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FinestKey {
    deployment_id: DeploymentId,
    model_version_id: ModelVersionId,
    metric: Metric,
    bucket_start: Timestamp,
    bin: i32,
}

/// Counts in the finest buckets. Those in coarser ones follow from them, and
/// are made once for a group instead of once for each prediction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bins(BTreeMap<FinestKey, i64>);

/// Whose figures are counted, and when they arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) deployment_id: DeploymentId,
    pub(crate) model_version_id: ModelVersionId,
    pub(crate) received: Timestamp,
}

impl Bins {
    /// Counts what a champion said of one image. `boxes` are those at or
    /// above the threshold.
    pub(crate) fn count_prediction(&mut self, counted: Counted, latency_ms: f64, boxes: &[StoredBox]) {
        self.add_bin(counted, Metric::Predictions, 0);
        self.add(counted, Metric::LatencyMs, latency_ms);
        let mut objects = 0;
        for predicted in boxes {
            objects += 1;
            self.add_bin(counted, Metric::Labels, predicted.class.cast_signed());
            self.add(counted, Metric::Confidence, predicted.score.unwrap_or_default());
        }
        self.add_bin(counted, Metric::Objects, objects);
    }

    /// Counts what a shadow took for one image.
    pub(crate) fn count_shadow(&mut self, counted: Counted, latency_ms: f64) {
        self.add(counted, Metric::ShadowLatencyMs, latency_ms);
    }

    /// Counts what an image is like, and where the middles of its boxes lie.
    pub(crate) fn count_image(&mut self, counted: Counted, image: &CountedImage, boxes: &[StoredBox]) {
        let (width, height) = (f64::from(image.size.width), f64::from(image.size.height));
        self.add(counted, Metric::Width, width);
        self.add(counted, Metric::Height, height);
        self.add(counted, Metric::Ratio, width / height);
        self.add(counted, Metric::Area, width * height);
        for (measure, value) in image.appearance.values() {
            if let Some(value) = value {
                self.add(counted, Metric::Image(measure), value);
            }
        }
        if let Some(score) = image.outlier_score {
            self.add(counted, Metric::Outlier, score);
        }
        for predicted in boxes {
            let [x, y, w, h] = predicted.rect;
            let (x, y) = (x + w / 2.0, y + h / 2.0);
            let column = cell(x / width, HEAT_COLUMNS);
            self.add_bin(counted, Metric::Heat, cell(y / height, HEAT_ROWS) * HEAT_COLUMNS + column);
        }
    }

    fn add(&mut self, counted: Counted, metric: Metric, value: f64) {
        self.add_bin(counted, metric, metric.bin_of(value));
    }

    fn add_bin(&mut self, counted: Counted, metric: Metric, bin: i32) {
        let key = FinestKey {
            deployment_id: counted.deployment_id,
            model_version_id: counted.model_version_id,
            metric,
            bucket_start: Level::from(metric.row().finest).start(counted.received),
            bin,
        };
        *self.0.entry(key).or_default() += 1;
    }

    /// The counts of all buckets, in the order of the keys: two processes that
    /// add to the same rows then never wait for each other in a circle.
    pub(super) fn rows(&self) -> BTreeMap<BinKey, i64> {
        let mut rows = BTreeMap::new();
        for (finest, count) in &self.0 {
            let FinestKey { deployment_id, model_version_id, metric, bucket_start, bin } = *finest;
            for level in Level::from(metric.row().finest).and_coarser() {
                let key = BinKey {
                    deployment_id,
                    resolution: level.number(),
                    metric: metric.number(),
                    bucket_start: level.start(bucket_start).0,
                    model_version_id,
                    bin,
                };
                *rows.entry(key).or_default() += count;
            }
        }
        rows
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, count) in &other.0 {
            *self.0.entry(*key).or_default() += count;
        }
    }
}

/// What is counted of an image itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedImage {
    pub(crate) size: Size,
    pub(crate) appearance: Appearance,
    pub(crate) outlier_score: Option<f64>,
}

/// The cell of a place from 0 to 1.
fn cell(place: f64, cells: i32) -> i32 {
    ((place * f64::from(cells)) as i32).clamp(0, cells - 1)
}
