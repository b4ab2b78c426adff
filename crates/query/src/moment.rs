//! Times as a query writes them: `2026-11-01`, `2026-11-01T10:00`, `-7d`.
//! Knows the calendar, not what time it is now.

use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeDelta};
use std::fmt;
use units::time::Timestamp;

/// A span of time, start included, end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// First moment in it.
    pub start: Timestamp,
    /// First moment after it.
    pub end: Timestamp,
}

impl Interval {
    /// Whether `moment` lies in it.
    #[must_use]
    pub fn contains(self, moment: Timestamp) -> bool {
        self.start <= moment && moment < self.end
    }
}

/// How exactly a time was written, and so how long it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// `2026-11-01`
    Day,
    /// `2026-11-01T10:00`
    Minute,
    /// `2026-11-01T10:00:30`
    Second,
    /// `2026-11-01T10:00:30.250`
    Millisecond,
}

impl Precision {
    fn width_ms(self) -> i64 {
        match self {
            Self::Day => 86_400_000,
            Self::Minute => 60_000,
            Self::Second => 1_000,
            Self::Millisecond => 1,
        }
    }
}

/// The unit of a time ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`, 24 hours
    Day,
    /// `w`, 7 days
    Week,
}

impl TimeUnit {
    const ALL: [Self; 5] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week];

    fn as_str(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
        }
    }

    fn width_ms(self) -> i64 {
        match self {
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
            Self::Week => 604_800_000,
        }
    }
}

/// A time in a query, always UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// On the calendar: as long as its precision.
    At {
        /// Its first millisecond.
        start: Timestamp,
        /// How long it lasts.
        precision: Precision,
    },
    /// So long before now: one millisecond.
    Ago {
        /// How many.
        amount: u32,
        /// Of what.
        unit: TimeUnit,
    },
}

impl Moment {
    /// The time it covers when it is `now`.
    #[must_use]
    pub fn interval(self, now: Timestamp) -> Interval {
        match self {
            Self::At { start, precision } => Interval { start, end: start.plus_ms(precision.width_ms()) },
            Self::Ago { amount, unit } => {
                let start = now.plus_ms(-(i64::from(amount) * unit.width_ms()));
                Interval { start, end: start.plus_ms(1) }
            }
        }
    }

    /// Reads a time; `None` when `text` is none. Times may end in `Z` or an
    /// offset like `+02:00`, and a blank may stand for the `T`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('-').map_or_else(|| calendar(text), ago)
    }
}

/// `7d`, the sign already taken.
fn ago(text: &str) -> Option<Moment> {
    let unit = TimeUnit::ALL.into_iter().find(|unit| text.ends_with(unit.as_str()))?;
    let amount = digits(text.strip_suffix(unit.as_str())?, 1..=9)?;
    Some(Moment::Ago { amount, unit })
}

fn calendar(text: &str) -> Option<Moment> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = i32::try_from(digits(parts.next()?, 4..=4)?).ok()?;
    let (month, day) = (digits(parts.next()?, 2..=2)?, digits(parts.next()?, 2..=2)?);
    if year == 0 || parts.next().is_some() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    let (time, precision, offset) = time.map_or(Some((NaiveTime::MIN, Precision::Day, 0)), clock)?;
    let utc = date.and_time(time).checked_sub_signed(TimeDelta::minutes(offset))?;
    let years = NaiveDate::from_ymd_opt(1, 1, 1)?..=NaiveDate::from_ymd_opt(9999, 12, 31)?;
    let start = Timestamp(utc.and_utc().timestamp_millis());
    years.contains(&utc.date()).then_some(Moment::At { start, precision })
}

/// Time of day, how exact it is, and minutes ahead of UTC.
fn clock(text: &str) -> Option<(NaiveTime, Precision, i64)> {
    let (text, offset) = split_offset(text)?;
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (digits(parts.next()?, 2..=2)?, digits(parts.next()?, 2..=2)?);
    let second = parts.next().map(|s| digits(s, 2..=2).ok_or(())).transpose().ok()?;
    if parts.next().is_some() || (fraction.is_some() && second.is_none()) {
        return None;
    }
    let ms = fraction.map(|f| milliseconds(f).ok_or(())).transpose().ok()?;
    let precision = match (second, ms) {
        (_, Some(_)) => Precision::Millisecond,
        (Some(_), None) => Precision::Second,
        (None, None) => Precision::Minute,
    };
    let time = NaiveTime::from_hms_milli_opt(hour, minute, second.unwrap_or(0), ms.unwrap_or(0))?;
    Some((time, precision, offset))
}

/// The text before `Z` or an offset, and the offset in minutes.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (time, offset) = text.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2..=2)?, digits(minutes, 2..=2)?);
    (hours <= 14 && minutes < 60).then(|| (time, sign * i64::from(hours * 60 + minutes)))
}

/// The first three of up to nine decimals.
fn milliseconds(fraction: &str) -> Option<u32> {
    digits(fraction, 1..=9)?;
    let padded: String = fraction.chars().chain("00".chars()).take(3).collect();
    padded.parse().ok()
}

/// A number of nothing but ASCII digits, so many of them.
fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let plain = count.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago { amount, unit } => write!(f, "-{amount}{}", unit.as_str()),
            Self::At { start, precision } => {
                let full = start.to_utc().map(|utc| utc.to_rfc3339_opts(SecondsFormat::Millis, true));
                let shown_bytes = match precision {
                    Precision::Day => 10,
                    Precision::Minute => 16,
                    Precision::Second => 19,
                    Precision::Millisecond => 23,
                };
                f.write_str(full.as_deref().and_then(|text| text.get(..shown_bytes)).unwrap_or("0001-01-01"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_prints_as_it_is_best_written() {
        for (text, printed) in [
            ("2026-11-01", "2026-11-01"),
            ("2026-11-01T10:00", "2026-11-01T10:00"),
            ("2026-11-01 10:00", "2026-11-01T10:00"),
            ("2026-11-01T10:00Z", "2026-11-01T10:00"),
            ("2026-11-01T10:00+02:00", "2026-11-01T08:00"),
            ("2026-11-01T01:00:30+01:30", "2026-10-31T23:30:30"),
            ("2026-11-01T10:00:30.5", "2026-11-01T10:00:30.500"),
            ("2026-11-01T10:00:30.123456789Z", "2026-11-01T10:00:30.123"),
            ("2024-02-29", "2024-02-29"),
            ("-7d", "-7d"),
            ("-007d", "-7d"),
            ("-999999999w", "-999999999w"),
        ] {
            let moment = Moment::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(moment.to_string(), printed, "{text}");
            assert_eq!(Moment::parse(printed), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "-",
            "d",
            "-d",
            "7d",
            "+7d",
            "-7",
            "-7y",
            "-7.5d",
            "-1234567890s",
            "2026",
            "2026-11",
            "2026-11-1",
            "2026-13-01",
            "2026-02-29",
            "2026-11-01T",
            "2026-11-01T10",
            "2026-11-01T24:00",
            "2026-11-01T10:60",
            "2026-11-01T10:00.5",
            "2026-11-01T10:00:60",
            "2026-11-01T10:00:30.",
            "2026-11-01T10:00+2",
            "2026-11-01T10:00+99:00",
            "0000-01-01",
            "0001-01-01T00:00+01:00",
            "2026-11-01Z",
            "２０２６-11-01",
            "2026-11-01T10:00:00:00",
            "é",
            "-é",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_covers_what_its_precision_says() {
        let now = Timestamp(1_000_000_000_000);
        for (text, width) in [
            ("2026-11-01", 86_400_000),
            ("2026-11-01T10:00", 60_000),
            ("2026-11-01T10:00:01", 1_000),
            ("2026-11-01T10:00:01.5", 1),
            ("-7d", 1),
        ] {
            let interval = Moment::parse(text).map_or_else(|| panic!("{text}"), |m| m.interval(now));
            assert_eq!(interval.end.since_ms(interval.start), width, "{text}");
        }
        let ago = Moment::Ago { amount: 7, unit: TimeUnit::Day }.interval(now);
        assert_eq!(now.since_ms(ago.start), 7 * 86_400_000);
        let huge = Moment::Ago { amount: 999_999_999, unit: TimeUnit::Week };
        assert!(huge.interval(Timestamp(i64::MIN)).start < now);
    }
}
