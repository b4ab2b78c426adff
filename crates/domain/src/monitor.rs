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

/// Lengths of the ranges that a dashboard offers, in milliseconds.
pub const RANGES_MS: [i64; 7] =
    [HOUR_MS / 4, HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 365 * DAY_MS];

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The range on which a dashboard opens: of those it offers the shortest that
/// holds all predictions, at most a day; or where the last is older than that,
/// the shortest that holds it. `span` is from the first to the last.
#[must_use]
pub fn opening_range_ms(span: Option<Range>, now: Timestamp) -> i64 {
    let Some(span) = span else { return HOUR_MS };
    let at_least = |age: i64| RANGES_MS.into_iter().find(|range| *range >= age).unwrap_or(365 * DAY_MS);
    let age = |moment: Timestamp| now.0.saturating_sub(moment.0);
    at_least(age(span.from)).min(DAY_MS).max(at_least(age(span.to)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_opens_on_what_there_is() {
        let now = Timestamp(2 * 365 * DAY_MS);
        let opens = |from: i64, to: i64| {
            let span = Range { from: now.plus_ms(-from), to: now.plus_ms(-to) };
            opening_range_ms(Some(span), now)
        };
        assert_eq!(opening_range_ms(None, now), HOUR_MS);
        assert_eq!(opens(3 * 60_000, 0), HOUR_MS / 4, "a young one on its first minutes");
        assert_eq!(opens(20 * 60_000, 0), HOUR_MS);
        assert_eq!(opens(2 * HOUR_MS, 0), 6 * HOUR_MS);
        assert_eq!(opens(400 * DAY_MS, 0), DAY_MS, "an old one opens on its last day");
        assert_eq!(opens(400 * DAY_MS, 2 * DAY_MS), 7 * DAY_MS, "on where there is something");
        assert_eq!(opens(700 * DAY_MS, 600 * DAY_MS), 365 * DAY_MS, "or the longest that is offered");
    }
}
