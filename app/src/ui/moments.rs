//! Moments and spans as people read them. All clock times are UTC, and say so.

use crate::dom;
use chrono::{Datelike, Timelike};
use domain::{monitor::Resolution, time::Timestamp};
use leptos::prelude::*;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `23 Nov 2026, 14:07 UTC`.
#[must_use]
pub fn day_and_time(at: Timestamp) -> String {
    let Some(moment) = at.to_utc() else { return at.to_string() };
    let month = MONTHS.get(moment.month0() as usize).copied().unwrap_or_default();
    let (day, year, hour, minute) = (moment.day(), moment.year(), moment.hour(), moment.minute());
    format!("{day} {month} {year}, {hour:02}:{minute:02} UTC")
}

/// `14:07:31`.
#[must_use]
pub fn time_of_day(at: Timestamp) -> String {
    at.to_utc().map_or_else(String::new, |moment| {
        format!("{:02}:{:02}:{:02}", moment.hour(), moment.minute(), moment.second())
    })
}

/// What people call a bucket of time that begins at `start`.
#[must_use]
pub fn bucket_name(start: Timestamp, resolution: Resolution) -> String {
    match resolution {
        Resolution::Minute | Resolution::FiveMinutes => {
            time_of_day(start).chars().take(5).collect::<String>() + " UTC"
        }
        Resolution::QuarterHour | Resolution::Hour | Resolution::ThreeHours | Resolution::SixHours => {
            day_and_time(start)
        }
        Resolution::Day => day(start),
        Resolution::Week => format!("week of {}", day(start)),
    }
}

/// `23 Nov 2026`.
fn day(at: Timestamp) -> String {
    day_and_time(at).split(',').next().unwrap_or_default().to_owned()
}

/// `42 s`, `3 min 10 s`, `2 h 5 min`, `3 d 4 h`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (days, hours, minutes, rest) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.since_ms(at) / 1000;
    match seconds {
        ..5 => "just now".to_owned(),
        5..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        86_400..5_184_000 => plural(seconds / 86_400, "day"),
        _ => plural(seconds / 2_592_000, "month"),
    }
}

fn plural(count: i64, unit: &str) -> String {
    if count == 1 { format!("1 {unit} ago") } else { format!("{count} {unit}s ago") }
}

/// `12.4 MB`, in powers of ten.
#[must_use]
pub fn bytes(count: u64) -> String {
    let count = count as f64;
    let (divisor, unit) = match count {
        c if c >= 1e9 => (1e9, "GB"),
        c if c >= 1e6 => (1e6, "MB"),
        c if c >= 1e3 => (1e3, "kB"),
        _ => (1.0, "B"),
    };
    format!("{} {unit}", charts::decimal(count / divisor, 1))
}

/// How long ago something was, with the moment itself on hover.
#[component]
pub fn Ago(
    /// When it was.
    at: Timestamp,
) -> impl IntoView {
    view! { <time datetime=at.to_string() title=day_and_time(at)>{ago(at, dom::now())}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_this() {
        let read: Vec<String> = [0.4, 59.0, 190.0, 7500.0, 273_600.0].map(duration).to_vec();
        assert_eq!(read, ["0 s", "59 s", "3 min 10 s", "2 h 5 min", "3 d 4 h"]);
    }

    #[test]
    fn distances_read_like_this() {
        let now = Timestamp(10_000_000_000);
        let read: Vec<String> = [0, 30, 300, 7200, 86_400, 900_000]
            .into_iter()
            .map(|seconds: i64| ago(now.plus_ms(-seconds * 1000), now))
            .collect();
        assert_eq!(read, ["just now", "30 s ago", "5 min ago", "2 h ago", "1 day ago", "10 days ago"]);
    }

    #[test]
    fn a_moment_reads_like_this() {
        let at: Timestamp = "2026-11-03T04:05:06Z".parse().expect("a moment");
        assert_eq!(day_and_time(at), "3 Nov 2026, 04:05 UTC");
        assert_eq!(time_of_day(at), "04:05:06");
    }

    #[test]
    fn sizes_read_like_this() {
        assert_eq!([999, 1500, 12_400_000].map(bytes), ["999 B", "1.5 kB", "12.4 MB"]);
    }
}
