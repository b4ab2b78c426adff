//! How much of what a trainer prints is handed on: as much as people read and
//! curves show. A flood is cut, and it is said how much of it.

use std::{collections::VecDeque, time::Duration};

/// What may come at once, and what may come for long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) burst: f64,
    pub(super) per_second: f64,
}

/// Lines of the log.
pub(super) const LINES: Rate = Rate { burst: 400.0, per_second: 5.0 };
/// Steps and points of curves.
pub(super) const EVENTS: Rate = Rate { burst: 5_000.0, per_second: 300.0 };
/// The last lines, which explain a failure however many came before.
const LAST: usize = 10;

/// Lets through what its rate allows.
pub(super) struct Gate {
    rate: Rate,
    allowed: f64,
    at: Duration,
    /// Since something was last let through.
    left_out: u64,
}

impl Gate {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, allowed: rate.burst, at: Duration::ZERO, left_out: 0 }
    }

    /// Whether one more may pass at this time since the beginning, and how many
    /// were left out before it.
    pub(super) fn pass(&mut self, now: Duration) -> Option<u64> {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = now;
        self.allowed = (self.allowed + passed * self.rate.per_second).min(self.rate.burst);
        if self.allowed < 1.0 {
            self.left_out += 1;
            return None;
        }
        self.allowed -= 1.0;
        Some(std::mem::take(&mut self.left_out))
    }

    /// How many were left out since something was let through.
    pub(super) fn left_out(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }
}

/// The last lines of a log.
#[derive(Default)]
pub(super) struct LastLines {
    lines: VecDeque<String>,
    /// Of those held, how many of the newest are not in the log.
    unlogged: usize,
}

impl LastLines {
    pub(super) fn push(&mut self, line: &str, logged: bool) {
        if self.lines.len() == LAST {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
        self.unlogged = if logged { 0 } else { (self.unlogged + 1).min(LAST) };
    }

    /// All of them, the oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Those that are not in the log.
    pub(super) fn unlogged(&self) -> impl Iterator<Item = &str> {
        self.all().skip(self.lines.len().saturating_sub(self.unlogged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_counted() {
        let mut gate = Gate::new(Rate { burst: 3.0, per_second: 2.0 });
        let second = Duration::from_secs(1);
        let passed: Vec<_> = (0..10).map(|_| gate.pass(second)).collect();
        assert_eq!(passed, [Some(0), Some(0), Some(0), None, None, None, None, None, None, None]);
        assert_eq!(gate.pass(2 * second), Some(7));
        assert_eq!(gate.pass(2 * second), Some(0));
        assert_eq!(gate.pass(2 * second), None);
        assert_eq!(gate.left_out(), 1);
        assert_eq!((0..100).filter(|_| gate.pass(1000 * second).is_some()).count(), 3);
    }

    #[test]
    fn the_last_lines_are_known_and_which_of_them_are_in_no_log() {
        let mut last = LastLines::default();
        for number in 0..30 {
            last.push(&number.to_string(), number < 27);
        }
        assert_eq!(last.all().count(), LAST);
        assert_eq!(last.unlogged().collect::<Vec<_>>(), ["27", "28", "29"]);
    }
}
