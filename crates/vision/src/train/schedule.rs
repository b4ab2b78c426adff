//! How far a run is, and what learning rate belongs there.

use std::time::{Duration, Instant};

/// A run is as far as its steps are, or, under a time limit, as its time is,
/// whichever is further: the schedule always ends where the run does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    steps: u32,
    started: Instant,
    /// What earlier attempts took up to their checkpoint.
    used: Duration,
    budget: Option<Duration>,
}

impl Schedule {
    /// At most `steps` steps, and at most `budget` of time.
    pub(crate) fn new(steps: u32, started: Instant, budget: Option<Duration>) -> Self {
        Self { steps: steps.max(1), started, used: Duration::ZERO, budget }
    }

    /// The same, going on where `used` of its time is gone.
    pub(crate) fn after(self, used: Duration) -> Self {
        Self { used, ..self }
    }

    /// Seconds that a time limit leaves; `None` where there is none.
    pub(crate) fn seconds_at_most(&self) -> Option<f64> {
        self.budget.map(|budget| (budget.as_secs_f64() - self.seconds()).max(0.0))
    }

    /// Seconds of all attempts.
    pub(crate) fn seconds(&self) -> f64 {
        (self.used + self.started.elapsed()).as_secs_f64()
    }

    /// From 0 to 1, before step `step` (from 0).
    pub(crate) fn progress(&self, step: u32) -> f64 {
        let by_steps = f64::from(step) / f64::from(self.steps);
        let by_time = self.budget.map_or(0.0, |budget| self.seconds() / budget.as_secs_f64().max(1e-3));
        by_steps.max(by_time).min(1.0)
    }

    /// Steps there will be, judging by the first `done`.
    pub(crate) fn expected_steps(&self, done: u32) -> u32 {
        let progress = self.progress(done);
        if done == 0 || progress <= 0.0 {
            return self.steps;
        }
        ((f64::from(done) / progress).round() as u32).clamp(done, self.steps)
    }

    /// Seconds to the end, judging by the first `done` steps.
    pub(crate) fn seconds_left(&self, done: u32) -> f64 {
        let progress = self.progress(done);
        if progress <= 0.0 {
            return self.budget.map_or(0.0, |budget| budget.as_secs_f64());
        }
        self.seconds() * (1.0 - progress) / progress
    }
}

/// A straight climb to 1 over the first `warmup` of the run, then half a
/// cosine down to a hundredth (Loshchilov, Hutter 2017, equation 5).
pub(crate) fn rate(progress: f64, warmup: f64) -> f64 {
    const LEAST: f64 = 0.01;
    if progress < warmup {
        return LEAST.max(progress / warmup);
    }
    let along = (progress - warmup) / (1.0 - warmup).max(1e-9);
    LEAST + (1.0 - LEAST) * 0.5 * (1.0 + (std::f64::consts::PI * along.min(1.0)).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_climbs_then_falls_to_a_hundredth() {
        assert!((rate(0.05, 0.05) - 1.0).abs() < 1e-9);
        assert!((rate(0.0, 0.05) - 0.01).abs() < 1e-9);
        assert!((rate(1.0, 0.05) - 0.01).abs() < 1e-9);
        let values: Vec<f64> = (5..=100).map(|i| rate(f64::from(i) / 100.0, 0.05)).collect();
        assert!(values.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn time_cuts_the_steps_and_steps_alone_ignore_time() {
        let long_ago = Instant::now().checked_sub(Duration::from_secs(50)).unwrap();
        let timed = Schedule::new(1000, long_ago, Some(Duration::from_secs(100)));
        assert!((0.5..0.6).contains(&timed.progress(10)));
        assert!((17..=20).contains(&timed.expected_steps(10)));
        let resumed = timed.after(Duration::from_secs(30));
        assert!((0.8..0.9).contains(&resumed.progress(10)), "earlier attempts count");
        let free = Schedule::new(1000, long_ago, None);
        assert_eq!(free.progress(250), 0.25);
        assert_eq!(free.expected_steps(250), 1000);
    }
}
