//! How long a reviewer was at work, from moments that are given to it: it
//! knows no clock. A pause is not work.

use domain::time::Timestamp;

/// A gap of more than this between two acts was a pause.
pub const PAUSE_MS: i64 = 30_000;

/// The time spent so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    last: Option<Timestamp>,
    active_ms: u64,
}

impl Activity {
    /// Begins with time that was spent before.
    #[must_use]
    pub fn resumed(active_ms: u64) -> Self {
        Self { last: None, active_ms }
    }

    /// Something was done at `now`: the time since the last act counts,
    /// unless it was a pause or the clock went back.
    pub fn note(&mut self, now: Timestamp) {
        if let Some(last) = self.last
            && let gap @ 0..=PAUSE_MS = now.since_ms(last)
        {
            self.active_ms = self.active_ms.saturating_add(gap.unsigned_abs());
        }
        self.last = Some(now);
    }

    /// Milliseconds at work.
    #[must_use]
    pub fn active_ms(&self) -> u64 {
        self.active_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_and_a_clock_that_goes_back_do_not_count() {
        let mut activity = Activity::default();
        for at in [1_000, 3_000, 3_500, 3_500 + PAUSE_MS + 1, 10_000, 11_000] {
            activity.note(Timestamp(at));
        }
        assert_eq!(activity.active_ms(), 2_500 + 1_000);
    }
}
