//! Where axes are marked. Knows nothing of pixels.

use chrono::{Datelike, Timelike};
use domain::time::Timestamp;

/// The top of an axis for figures up to `value`: the smallest of 1, 2, 3, 4, 6,
/// 8 or 10 times a power of ten that is at least `value`, so that its half is
/// short to write too; 1 for anything not above 0.
#[must_use]
pub fn nice_max(value: f64) -> f64 {
    round_up(value, &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0])
}

/// The smallest of `steps` times a power of ten that is at least `value`.
fn round_up(value: f64, steps: &[f64]) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let slack = 1.0 + 1e-9;
    steps.iter().map(|step| step * power).find(|top| value <= top * slack).unwrap_or(value)
}

/// Round counts from 0 to `to`, at most about `most` of them.
#[must_use]
pub(crate) fn count_ticks(to: f64, most: f64) -> Vec<f64> {
    let step = round_up(to / most.clamp(1.0, 6.0), &[1.0, 2.0, 5.0, 10.0]).max(1.0);
    (0..=8).map(|i| f64::from(i) * step).take_while(|value| *value <= to).collect()
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const STEPS: [i64; 16] = [
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    91 * DAY,
];

/// At most `most` round moments within `[from, to]`, each with its name in UTC.
#[must_use]
pub fn time_ticks(from: Timestamp, to: Timestamp, most: i64) -> Vec<(Timestamp, String)> {
    let span = to.since_ms(from);
    if span <= 0 || most <= 0 {
        return Vec::new();
    }
    let step = STEPS.into_iter().find(|step| span / step <= most).unwrap_or(365 * DAY);
    let first = from.0.div_euclid(step) * step + if from.0.rem_euclid(step) == 0 { 0 } else { step };
    (0..)
        .map(|i| Timestamp(first.saturating_add(step.saturating_mul(i))))
        .take_while(|tick| *tick <= to)
        .map(|tick| (tick, name_of(tick, step)))
        .collect()
}

/// Three letters each.
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn name_of(tick: Timestamp, step: i64) -> String {
    let Some(moment) = tick.to_utc() else { return String::new() };
    let month = MONTHS.get(moment.month0() as usize).copied().unwrap_or_default();
    if step >= DAY || tick.0.rem_euclid(DAY) == 0 {
        format!("{} {month}", moment.day())
    } else {
        format!("{:02}:{:02}", moment.hour(), moment.minute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(from: &str, to: &str) -> Vec<String> {
        let moment = |s: &str| s.parse().expect("a moment");
        time_ticks(moment(from), moment(to), 5).into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn an_hour_is_marked_by_quarters() {
        assert_eq!(
            names("2026-11-01T10:07:00Z", "2026-11-01T11:07:00Z"),
            ["10:15", "10:30", "10:45", "11:00"]
        );
    }

    #[test]
    fn a_day_is_marked_by_six_hours_and_midnight_by_its_date() {
        assert_eq!(
            names("2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"),
            ["12:00", "18:00", "2 Nov", "06:00"]
        );
    }

    #[test]
    fn an_empty_range_has_no_marks() {
        assert!(names("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z").is_empty());
    }

    #[test]
    fn steps_are_marked_by_round_counts() {
        assert_eq!(count_ticks(693.0, 5.0), [0.0, 200.0, 400.0, 600.0]);
        assert_eq!(count_ticks(1.0, 5.0), [0.0, 1.0]);
    }

    #[test]
    fn the_top_of_an_axis_is_round_and_not_below_the_figure() {
        let tops: Vec<f64> = [0.0, 0.61, 1.0, 17.0, 23.0, 71.0, 100.0, 101.0].map(nice_max).to_vec();
        assert_eq!(tops, [1.0, 0.8, 1.0, 20.0, 30.0, 80.0, 100.0, 200.0]);
    }
}
