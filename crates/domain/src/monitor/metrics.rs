//! What is counted as predictions arrive, in buckets of time. Counts of two
//! stretches of time, or of two processes, are merged by adding.

use super::{image_measures::ImageMeasure, resolution::Resolution, scale::Scale};
use crate::table::table;

/// How something is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricRow {
    /// Its number in the database: never changed, never used again.
    pub number: i16,
    /// How a number becomes a bin.
    pub scale: Scale,
    /// The narrowest buckets it is counted in.
    pub finest: Resolution,
}

impl MetricRow {
    pub(super) const fn new(number: i16, scale: Scale) -> Self {
        Self { number, scale, finest: Resolution::Minute }
    }
}

table! {
    /// What is counted.
    pub enum Metric: MetricRow {
        /// Predictions; one bin, 0.
        Predictions => MetricRow::new(0, Scale::Number),
        /// The champion's latency, in ms; one for each prediction.
        LatencyMs => MetricRow::new(1, Scale::Sketch),
        /// Boxes at or above the threshold in one image.
        Objects => MetricRow::new(2, Scale::Number),
        /// Boxes at or above the threshold, by the number of their label.
        Labels => MetricRow::new(3, Scale::Number),
        /// Confidence of boxes at or above the threshold; 1 shares the bin of
        /// what is just below it.
        Confidence => MetricRow::new(4, Scale::Hundredths { per_one: 100.0, last: 99 }),
        /// The shadow's latency, in ms.
        ShadowLatencyMs => MetricRow::new(5, Scale::Sketch),
        /// Width of the image, in px.
        Width => MetricRow::new(6, Scale::Sketch),
        /// Height of the image, in px.
        Height => MetricRow::new(7, Scale::Sketch),
        /// Width over height.
        Ratio => MetricRow::new(8, Scale::Sketch),
        /// Pixels of the image.
        Area => MetricRow::new(9, Scale::Sketch),
        /// Outlier score.
        Outlier => MetricRow::new(13, Scale::PercentUp),
        /// Where the middles of boxes lie: row × [`HEAT_COLUMNS`] + column of
        /// a grid over the image. A map of a minute would show nothing.
        Heat => MetricRow { number: 14, scale: Scale::Number, finest: Resolution::Hour },
    }
    with
    /// What an image's pixels say.
    Image(ImageMeasure) => |measure: ImageMeasure| &measure.row().metric;
}

impl Metric {
    /// Its number in the database.
    #[must_use]
    pub fn number(self) -> i16 {
        self.row().number
    }

    /// The bin of a finite number.
    #[must_use]
    pub fn bin_of(self, value: f64) -> i32 {
        self.row().scale.bin_of(value)
    }
}

/// Columns of the grid that boxes are counted in.
pub const HEAT_COLUMNS: i32 = 16;
/// Rows of the grid that boxes are counted in.
pub const HEAT_ROWS: i32 = 12;
