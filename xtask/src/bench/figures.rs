//! Figures and their table: percentiles of times, and whether a goal is met.

use std::time::Duration;

use super::Bench;

/// One line of the table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    what: String,
    figure: String,
    goal: String,
    verdict: &'static str,
}

impl Row {
    /// A figure with a goal.
    pub(super) fn judged(what: &str, figure: String, goal: &str, met: bool) -> Self {
        let verdict = if met { "met" } else { "MISSED" };
        Self { what: what.to_owned(), figure, goal: goal.to_owned(), verdict }
    }

    /// A figure without a goal.
    pub(super) fn plain(what: &str, figure: String) -> Self {
        Self { what: what.to_owned(), figure, goal: String::new(), verdict: "" }
    }

    /// A measurement that could not be made.
    pub(super) fn missing(bench: Bench, error: &anyhow::Error) -> Self {
        let reason = format!("{error:#}");
        let line = reason.lines().next().unwrap_or("").to_owned();
        Self { what: format!("{bench:?}"), figure: line, goal: String::new(), verdict: "NOT MEASURED" }
    }
}

/// Times of many requests, in order of length.
#[derive(Debug, Clone)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// Sorts what was measured; nothing measured is no figure.
    pub(super) fn new(mut times: Vec<Duration>) -> Option<Self> {
        times.sort();
        (!times.is_empty()).then_some(Self(times))
    }

    /// How many were measured.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The least time that this percentage of the requests did not exceed.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).or(self.0.last()).copied().unwrap_or_default()
    }

    /// Median, 95th percentile and number, for people.
    pub(super) fn describe(&self) -> String {
        format!(
            "p50 {}, p95 {} (n {})",
            millis(self.percentile(50)),
            millis(self.percentile(95)),
            self.0.len()
        )
    }
}

/// Milliseconds with one decimal.
pub(super) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// The rows as a table with aligned columns.
pub(super) fn table(rows: &[Row]) -> String {
    let width = |column: fn(&Row) -> &str, head: &str| {
        let cells = rows.iter().map(|row| column(row).chars().count());
        cells.chain([head.len()]).max().unwrap_or(0)
    };
    let what = width(|row| &row.what, "what");
    let figure = width(|row| &row.figure, "figure");
    let goal = width(|row| &row.goal, "goal");
    let mut lines = vec![format!("{:<what$}  {:<figure$}  {:<goal$}", "what", "figure", "goal")];
    for row in rows {
        lines.push(format!(
            "{:<what$}  {:<figure$}  {:<goal$}  {}",
            row.what, row.figure, row.goal, row.verdict
        ));
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_least_time_that_so_many_did_not_exceed() {
        let times = Times::new((1..=100).rev().map(Duration::from_millis).collect()).unwrap();
        assert_eq!(times.percentile(50), Duration::from_millis(50));
        assert_eq!(times.percentile(95), Duration::from_millis(95));
        assert_eq!(times.percentile(100), Duration::from_millis(100));
        let one = Times::new(vec![Duration::from_millis(7)]).unwrap();
        assert_eq!(one.percentile(50), Duration::from_millis(7));
        assert!(Times::new(Vec::new()).is_none());
    }

    #[test]
    fn a_missed_goal_stands_out_in_the_table() {
        let rows = [
            Row::judged("start", "2.0 s".to_owned(), "≤ 1 s", false),
            Row::plain("memory", "80 MB".to_owned()),
        ];
        assert_eq!(table(&rows), "what    figure  goal\nstart   2.0 s   ≤ 1 s  MISSED\nmemory  80 MB");
    }
}
