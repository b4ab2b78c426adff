//! What came of a stage, and how to read it off a test runner's words.

use std::time::Duration;

/// How many checks went well and how many did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Counts {
    /// A stage that is one single check.
    pub(super) const ONE: Self = Self { passed: 1, failed: 0 };

    pub(super) fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    /// Reads a line such as `test result: ok. 12 passed; 0 failed; …` of cargo.
    pub(super) fn of_cargo(line: &str) -> Option<Self> {
        let summary = line.strip_prefix("test result:")?;
        let summary = summary.split_once(". ")?.1;
        let number = |word| summary.split("; ").find_map(|part| part.strip_suffix(word)?.trim().parse().ok());
        Some(Self { passed: number("passed")?, failed: number("failed")? })
    }

    /// Reads a line such as `  3 passed (12.1s)` of Playwright. A test that
    /// needed a second try, or that never ran, counts as failed.
    pub(super) fn of_playwright(line: &str) -> Option<Self> {
        let (number, what) = line.trim().split_once(' ')?;
        let number = number.parse().ok()?;
        let what = what.split(" (").next().unwrap_or(what);
        match what {
            "passed" => Some(Self { passed: number, failed: 0 }),
            "failed" | "flaky" | "did not run" | "interrupted" => Some(Self { passed: 0, failed: number }),
            _ => None,
        }
    }
}

/// The tests that cargo's runner has called slow and that have not ended since:
/// when a run is stopped for its time, the one that hangs is among them.
#[derive(Debug, Default)]
pub(super) struct SlowTests(Vec<String>);

impl SlowTests {
    pub(super) fn follow(&mut self, line: &str) {
        let Some(test) = line.strip_prefix("test ") else { return };
        if let Some((before, _)) = test.split_once(" has been running for over") {
            // With one thread it stands on the line that says the test begins.
            let name = before.rsplit_once("test ").map_or(before, |(_, name)| name);
            self.0.push(name.to_owned());
        } else if let Some((name, _)) = test.split_once(" ... ") {
            let name = name.trim_end_matches(" - should panic");
            self.0.retain(|slow| slow != name);
        }
    }

    /// `still running: a, b; `, or nothing.
    pub(super) fn words(&self) -> String {
        if self.0.is_empty() { String::new() } else { format!("still running: {}; ", self.0.join(", ")) }
    }
}

/// A stage that ran.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) name: &'static str,
    pub(super) took: Duration,
    /// Nothing for what is no check.
    pub(super) counts: Option<Counts>,
    pub(super) error: Option<String>,
}

impl Outcome {
    pub(super) fn has_failed(&self) -> bool {
        self.counts.is_some_and(|counts| counts.failed > 0)
    }

    /// The stage as a line of the closing table.
    pub(super) fn row(&self) -> String {
        let (passed, failed) = match self.counts {
            Some(counts) => (counts.passed.to_string(), counts.failed.to_string()),
            None => (String::new(), String::new()),
        };
        let first_line = self.error.as_deref().and_then(|error| error.lines().next());
        let remark = first_line.map_or_else(String::new, |line| format!("  {line}"));
        format!("{:<10} {:>8}  {passed:>7}  {failed:>7}{remark}", self.name, clock(self.took))
            .trim_end()
            .to_owned()
    }
}

/// Minutes and seconds.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 10 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{}:{:02}", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_summary_is_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s";
        assert_eq!(Counts::of_cargo(line), Some(Counts { passed: 12, failed: 3 }));
        assert_eq!(Counts::of_cargo("test tests::x ... ok"), None);
    }

    #[test]
    fn a_test_that_was_slow_and_ended_is_no_longer_named() {
        let mut slow = SlowTests::default();
        slow.follow("test a has been running for over 60 seconds");
        slow.follow("test b has been running for over 60 seconds");
        slow.follow("test a ... ok");
        assert_eq!(slow.words(), "still running: b; ");
        slow.follow("test c ... test c has been running for over 60 seconds");
        slow.follow("test b - should panic ... ok");
        assert_eq!(slow.words(), "still running: c; ");
    }

    #[test]
    fn playwrights_summary_is_read_and_a_lucky_second_try_is_a_failure() {
        assert_eq!(Counts::of_playwright("  7 passed (12.3s)"), Some(Counts { passed: 7, failed: 0 }));
        assert_eq!(Counts::of_playwright("  1 flaky"), Some(Counts { passed: 0, failed: 1 }));
        assert_eq!(Counts::of_playwright("  2 did not run"), Some(Counts { passed: 0, failed: 2 }));
        assert_eq!(Counts::of_playwright("Running 7 tests using 1 worker"), None);
    }

    #[test]
    fn a_row_tells_time_counts_and_the_first_line_of_an_error() {
        let outcome = Outcome {
            name: "unit",
            took: Duration::from_secs(61),
            counts: Some(Counts { passed: 4, failed: 1 }),
            error: Some("it broke\nbadly".to_owned()),
        };
        assert_eq!(outcome.row(), "unit           1:01        4        1  it broke");
    }
}
