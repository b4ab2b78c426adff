//! Counts to be added to the aggregates, merged in memory before they are
//! written. Pure: knows no database.

use super::levels::Level;
use domain::{
    geometry::{Score, Size},
    ids::{DeploymentId, ModelVersionId},
    metrics::sketch,
    prediction::PredictedBox,
    time::Timestamp,
    training_data::Appearance,
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
    /// Width of the image; bins of [`domain::metrics::sketch`], in px.
    Width = 6,
    /// Height of the image; bins of the sketch, in px.
    Height = 7,
    /// Width over height; bins of the sketch.
    Ratio = 8,
    /// Pixels of the image; bins of the sketch.
    Area = 9,
    /// Mean luma; whole percent, 0 to 100.
    Brightness = 10,
    /// Standard deviation of luma, of its greatest (0.5); whole percent, 0 to 100.
    Contrast = 11,
    /// Variance of luma's Laplacian; bins of the sketch.
    Sharpness = 12,
    /// Outlier score; whole percent rounded up, 0 to 100: what is above 0.99
    /// is the last bin and nothing else is.
    Outlier = 13,
    /// Where the middles of boxes lie: row × [`HEAT_COLUMNS`] + column of a
    /// grid over the image. Kept by hour and wider only.
    Heat = 14,
}

/// Columns of the grid that boxes are counted in.
pub const HEAT_COLUMNS: i32 = 16;
/// Rows of the grid that boxes are counted in.
pub const HEAT_ROWS: i32 = 12;

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

    /// Counts what an image is like, and where the middles of its boxes lie.
    pub(crate) fn count_image<'b>(
        &mut self,
        counted: Counted,
        image: &CountedImage,
        boxes: impl Iterator<Item = &'b PredictedBox>,
    ) {
        let (width, height) = (f64::from(image.size.width), f64::from(image.size.height));
        self.add(counted, Metric::Width, sketch::bin_of(width));
        self.add(counted, Metric::Height, sketch::bin_of(height));
        self.add(counted, Metric::Ratio, sketch::bin_of(width / height));
        self.add(counted, Metric::Area, sketch::bin_of(width * height));
        if let Some(seen) = image.appearance {
            self.add(counted, Metric::Brightness, whole_percent(seen.brightness));
            self.add(counted, Metric::Contrast, whole_percent(seen.contrast * 2.0));
            self.add(counted, Metric::Sharpness, sketch::bin_of(seen.sharpness));
        }
        if let Some(score) = image.outlier_score {
            self.add(counted, Metric::Outlier, ((score * 100.0).ceil() as i32).clamp(0, 100));
        }
        for seen in boxes {
            let (x, y) = (seen.rect.x() + seen.rect.w() / 2.0, seen.rect.y() + seen.rect.h() / 2.0);
            let column = cell(x / width, HEAT_COLUMNS);
            let bin = cell(y / height, HEAT_ROWS) * HEAT_COLUMNS + column;
            self.add_at(counted, Metric::Heat, bin, &[Level::Hour, Level::Day, Level::Block]);
        }
    }

    fn add(&mut self, counted: Counted, metric: Metric, bin: i32) {
        self.add_at(counted, metric, bin, &Level::ALL);
    }

    fn add_at(&mut self, counted: Counted, metric: Metric, bin: i32, levels: &[Level]) {
        for level in levels {
            let key = BinKey {
                deployment_id: counted.deployment_id,
                resolution: level.number(),
                metric,
                bucket_start: level.start(counted.received).0,
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

/// What is counted of an image itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedImage {
    pub(crate) size: Size,
    pub(crate) appearance: Option<Appearance>,
    pub(crate) outlier_score: Option<f64>,
}

/// The cell of a place from 0 to 1.
fn cell(place: f64, cells: i32) -> i32 {
    ((place * f64::from(cells)) as i32).clamp(0, cells - 1)
}

/// Rounded down, 0 to 100; 100 for a whole.
fn whole_percent(share: f64) -> i32 {
    ((share * 100.0) as i32).clamp(0, 100)
}

fn percent(score: Score) -> i32 {
    ((score.get() * 100.0) as i32).clamp(0, 99)
}
