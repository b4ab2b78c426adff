//! What a dashboard shows, as mergeable counts in time buckets.

pub mod figures;
pub mod image_measures;
pub mod metrics;
pub mod page;
pub mod scale;
pub mod shown;
pub mod supervised;
pub mod values;

use crate::time::Timestamp;
use figures::Figure;
use serde::{Deserialize, Serialize};
use values::Figures;

/// How wide a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// 60 s.
    Minute,
    /// 3,600 s.
    Hour,
    /// 86,400 s, from midnight UTC.
    Day,
}

impl Resolution {
    /// All three, fine to coarse.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// The width in milliseconds.
    #[must_use]
    pub fn width_ms(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }

    /// The start of the bucket that holds `moment`.
    #[must_use]
    pub fn start(self, moment: Timestamp) -> Timestamp {
        moment.plus_ms(-moment.0.rem_euclid(self.width_ms()))
    }

    /// The coarsest that still shows at least about 24 points of a range of
    /// `range_ms`, and never more than about 400.
    #[must_use]
    pub fn for_range(range_ms: i64) -> Self {
        const HOUR: i64 = 3_600_000;
        if range_ms <= 6 * HOUR {
            Self::Minute
        } else if range_ms <= 14 * 24 * HOUR {
            Self::Hour
        } else {
            Self::Day
        }
    }
}

/// A range of time, start included, end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Start, included.
    pub from: Timestamp,
    /// End, excluded.
    pub to: Timestamp,
}

impl Range {
    /// The first moment that a range may hold: 1970-01-01.
    pub const EARLIEST: Timestamp = Timestamp(0);
    /// The last moment at which a range may end: 2200-01-01.
    pub const LATEST: Timestamp = Timestamp(7_258_118_400_000);

    /// Its length in milliseconds.
    #[must_use]
    pub fn length_ms(self) -> i64 {
        self.to.since_ms(self.from)
    }

    /// The range of the same length before it.
    #[must_use]
    pub fn before(self) -> Self {
        Self { from: self.from.plus_ms(-self.length_ms()), to: self.from }
    }
}

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
