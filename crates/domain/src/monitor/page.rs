//! Figures of a range of time as a dashboard shows them, beyond its buckets.

use super::{Range, figures::Figure, shown::StandsOut, values::Figures};
use crate::{ids::PredictionId, time::Timestamp};
use serde::{Deserialize, Serialize};

/// Bins of a distribution of shares: 5 % each.
pub const SHARE_BINS: usize = 20;

/// Figures of one bucket beyond those of [`super::Bucket`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its first moment.
    pub start: Timestamp,
    /// The figures that [`Figure::of_page_buckets`] names.
    pub figures: Figures,
    /// The slowest prediction.
    pub slowest: Option<PredictionId>,
    /// The most unusual image.
    pub most_unusual: Option<PredictionId>,
}

impl Point {
    /// The prediction that stands out in this way.
    #[must_use]
    pub fn stands_out(&self, how: StandsOut) -> Option<PredictionId> {
        match how {
            StandsOut::Slowest => self.slowest,
            StandsOut::MostUnusual => self.most_unusual,
        }
    }
}

/// Figures of a whole range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// All figures.
    pub figures: Figures,
    /// Images by number of boxes, few first.
    pub objects: Vec<(u32, u64)>,
    /// Boxes by confidence, in [`SHARE_BINS`] bins from 0 to 1.
    pub confidence: Vec<u64>,
    /// Boxes by label, most first.
    pub labels: Vec<(String, u64)>,
    /// Images by outlier score, in [`SHARE_BINS`] bins from 0 to 1.
    pub outlier: Vec<u64>,
}

impl Totals {
    /// A figure of the range, in its own unit.
    #[must_use]
    pub fn get(&self, figure: Figure) -> Option<f64> {
        self.figures.get(figure)
    }
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
