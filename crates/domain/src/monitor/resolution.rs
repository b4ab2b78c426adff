//! Time as a dashboard cuts it: ranges, and buckets of one width.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How wide a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// 60 s.
    Minute,
    /// 300 s.
    FiveMinutes,
    /// 900 s.
    QuarterHour,
    /// 3,600 s.
    Hour,
    /// 10,800 s, from midnight UTC.
    ThreeHours,
    /// 21,600 s, from midnight UTC.
    SixHours,
    /// 86,400 s, from midnight UTC.
    Day,
    /// Seven days, from Monday, midnight UTC.
    Week,
}

impl Resolution {
    /// All, fine to coarse.
    pub const ALL: [Self; 8] = [
        Self::Minute,
        Self::FiveMinutes,
        Self::QuarterHour,
        Self::Hour,
        Self::ThreeHours,
        Self::SixHours,
        Self::Day,
        Self::Week,
    ];

    /// Points below which a line says little of its range.
    const FEWEST_POINTS: i64 = 30;

    /// Its word, as it is written in addresses and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::FiveMinutes => "five_minutes",
            Self::QuarterHour => "quarter_hour",
            Self::Hour => "hour",
            Self::ThreeHours => "three_hours",
            Self::SixHours => "six_hours",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// Its word as people read it: `5 minutes`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::FiveMinutes => "5 minutes",
            Self::QuarterHour => "15 minutes",
            Self::Hour => "hour",
            Self::ThreeHours => "3 hours",
            Self::SixHours => "6 hours",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// The one of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.as_str() == word)
    }

    /// The width in milliseconds.
    #[must_use]
    pub fn width_ms(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::FiveMinutes => 300_000,
            Self::QuarterHour => 900_000,
            Self::Hour => HOUR_MS,
            Self::ThreeHours => 3 * HOUR_MS,
            Self::SixHours => 6 * HOUR_MS,
            Self::Day => DAY_MS,
            Self::Week => 7 * DAY_MS,
        }
    }

    /// The start of the bucket that holds `moment`.
    #[must_use]
    pub fn start(self, moment: Timestamp) -> Timestamp {
        // 1970 began on a Thursday: its first Monday was the fifth.
        let first = if self == Self::Week { 4 * DAY_MS } else { 0 };
        let into = (i128::from(moment.0) - i128::from(first)).rem_euclid(i128::from(self.width_ms()));
        moment.plus_ms(-i64::try_from(into).unwrap_or_default())
    }

    /// The coarsest that shows at least 30 points of a range of `range_ms`;
    /// there are 120 at most on each range of [`RANGES_MS`].
    #[must_use]
    pub fn for_range(range_ms: i64) -> Self {
        let enough = |resolution: &Self| range_ms / resolution.width_ms() >= Self::FEWEST_POINTS;
        Self::ALL.into_iter().rev().find(enough).unwrap_or(Self::Minute)
    }
}

/// Lengths of the ranges that a dashboard offers, in milliseconds.
pub const RANGES_MS: [i64; 7] =
    [HOUR_MS / 2, HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 365 * DAY_MS];

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
        assert_eq!(opens(3 * 60_000, 0), HOUR_MS / 2, "a young one on its first minutes");
        assert_eq!(opens(40 * 60_000, 0), HOUR_MS);
        assert_eq!(opens(2 * HOUR_MS, 0), 6 * HOUR_MS);
        assert_eq!(opens(400 * DAY_MS, 0), DAY_MS, "an old one opens on its last day");
        assert_eq!(opens(400 * DAY_MS, 2 * DAY_MS), 7 * DAY_MS, "on where there is something");
        assert_eq!(opens(700 * DAY_MS, 600 * DAY_MS), 365 * DAY_MS, "or the longest that is offered");
    }

    #[test]
    fn each_range_on_offer_shows_from_30_to_120_points() {
        for range in RANGES_MS {
            let points = range / Resolution::for_range(range).width_ms();
            assert!((30..120).contains(&points), "{range} ms: {points} points");
        }
        assert_eq!(Resolution::for_range(60_000), Resolution::Minute, "the finest there is");
    }

    #[test]
    fn a_bucket_starts_where_a_clock_or_a_calendar_says() {
        // Wednesday, 4 November 2026, 13:37:21.5 UTC.
        let moment = Timestamp(1_793_799_441_500);
        let starts = Resolution::ALL.map(|resolution| resolution.start(moment).to_string());
        let shown: Vec<&str> = starts.iter().map(|start| start.get(..16).expect("a moment")).collect();
        let expected =
            ["04T13:37", "04T13:35", "04T13:30", "04T13:00", "04T12:00", "04T12:00", "04T00:00", "02T00:00"];
        assert_eq!(shown, expected.map(|end| format!("2026-11-{end}")));
        for resolution in Resolution::ALL {
            let written = serde_json::to_value(resolution).expect("writes");
            assert_eq!(written, resolution.as_str());
            assert_eq!(Resolution::of_word(resolution.as_str()), Some(resolution));
        }
    }
}
