//! What a dashboard shows, as mergeable counts in time buckets.

pub mod figures;
pub mod image_measures;
pub mod metrics;
pub mod page;
mod resolution;
pub mod scale;
pub mod shown;
pub mod supervised;
pub mod values;

pub use resolution::{RANGES_MS, Range, Resolution, opening_range_ms};

use crate::time::Timestamp;
use figures::Figure;
use serde::{Deserialize, Serialize};
use values::Figures;

/// What was counted, bucket by bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Of what time.
    pub range: Range,
    /// How wide a bucket is.
    pub resolution: Resolution,
    /// Every bucket of the range, empty ones included, oldest first.
    pub buckets: Vec<Bucket>,
    /// The whole range as one.
    pub total: Bucket,
    /// When it was read.
    pub as_of: Timestamp,
}

/// What moves with every prediction, of one bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its first moment.
    pub start: Timestamp,
    /// The figures that [`Figure::live`] names.
    pub figures: Figures,
    /// Boxes by label, most first.
    pub labels: Vec<(String, u64)>,
}

impl Bucket {
    /// How many predictions.
    #[must_use]
    pub fn predictions(&self) -> u64 {
        self.figures.count(Figure::Predictions)
    }
}
