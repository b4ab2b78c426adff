//! Moments, in UTC, to the millisecond. Reading the clock is the caller's act.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Milliseconds since 1970-01-01T00:00:00Z; RFC 3339 outside the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Says what time it is: an argument of whatever needs to know.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z, the earliest moment that a sender may name.
    pub const EARLIEST: Self = Self(0);
    /// 2200-01-01T00:00:00Z, the latest: what lies beyond is a wrong unit
    /// (milliseconds, nanoseconds), not a moment.
    pub const LATEST: Self = Self(7_258_118_400_000);

    /// Seconds since 1970 as a sender writes them; `None` when they are no
    /// number or no moment from [`Self::EARLIEST`] to [`Self::LATEST`].
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        let milliseconds = (seconds * 1000.0).round();
        #[allow(clippy::cast_precision_loss, reason = "both ends are exact in 53 bits")]
        let range = Self::EARLIEST.0 as f64..=Self::LATEST.0 as f64;
        #[allow(clippy::cast_possible_truncation, reason = "within the range it is an exact integer")]
        range.contains(&milliseconds).then_some(Self(milliseconds as i64))
    }

    /// Itself from [`Self::EARLIEST`] to [`Self::LATEST`], `None` elsewhere.
    #[must_use]
    pub fn in_range(self) -> Option<Self> {
        (Self::EARLIEST..=Self::LATEST).contains(&self).then_some(self)
    }

    /// This moment moved by `milliseconds` (negative: into the past), saturating.
    #[must_use]
    pub fn plus_ms(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment; negative if it is later.
    #[must_use]
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar form, or `None` outside the years chrono knows.
    #[must_use]
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(moment) => f.write_str(&moment.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{} ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = chrono::ParseError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(s).map(|moment| Self(moment.timestamp_millis()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_that_are_no_moment_are_none() {
        for seconds in
            [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.001, 1e300, 7_258_118_400.001, 1.793e12]
        {
            assert_eq!(Timestamp::from_seconds(seconds), None, "{seconds}");
        }
        assert_eq!(Timestamp::from_seconds(-0.0), Some(Timestamp::EARLIEST));
        assert_eq!(Timestamp::from_seconds(1.5), Some(Timestamp(1_500)));
        assert_eq!(Timestamp::from_seconds(7_258_118_400.0), Some(Timestamp::LATEST));
    }

    #[test]
    fn the_latest_moment_is_the_year_2200() {
        assert_eq!("2200-01-01T00:00:00Z".parse(), Ok(Timestamp::LATEST));
        assert_eq!(Timestamp::LATEST.in_range(), Some(Timestamp::LATEST));
        assert_eq!(Timestamp::LATEST.plus_ms(1).in_range(), None);
        assert_eq!(Timestamp(-1).in_range(), None);
    }
}
