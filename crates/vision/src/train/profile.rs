//! What the time of a step goes into. Nothing but what is told hangs on it.

use std::time::{Duration, Instant};

/// The parts of a step, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Waiting for pictures that other threads make ready.
    Wait,
    /// The network's outputs for them.
    Forward,
    /// Which output belongs to which box, and the loss.
    Assign,
    /// The gradients of all weights.
    Backward,
    /// Changing weights and their average.
    Optimise,
}

const PARTS: [(Part, &str); 5] = [
    (Part::Wait, "waiting for pictures"),
    (Part::Forward, "forward"),
    (Part::Assign, "assigning boxes"),
    (Part::Backward, "backward"),
    (Part::Optimise, "changing weights"),
];

/// Time by part, summed over steps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Profile {
    parts: [Duration; PARTS.len()],
    steps: u32,
}

impl Profile {
    /// Adds what went since `begun` to a part, and gives the present.
    pub(super) fn add(&mut self, part: Part, begun: Instant) -> Instant {
        let now = Instant::now();
        if let Some(sum) = self.parts.get_mut(part as usize) {
            *sum += now - begun;
        }
        self.steps += u32::from(part == Part::Optimise);
        now
    }

    /// The mean step in words; `beside` is what other threads did meanwhile, by
    /// name. `None` before the first step.
    pub(super) fn sentence(&self, beside: [(&str, Duration); 2]) -> Option<String> {
        let steps = f64::from(self.steps);
        let ms = |sum: Duration| format!("{:.0}", sum.as_secs_f64() * 1e3 / steps);
        let parts: Vec<String> =
            self.parts.iter().zip(PARTS).map(|(sum, (_, name))| format!("{} {name}", ms(*sum))).collect();
        let beside = beside.map(|(name, sum)| format!("{} {name}", ms(sum)));
        let whole = ms(self.parts.iter().sum());
        (self.steps > 0).then(|| {
            format!(
                "a step took {whole} ms: {}; beside it, on another thread, {}",
                parts.join(", "),
                beside.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_by_its_parts() {
        let ago = |ms| Instant::now().checked_sub(Duration::from_millis(ms)).unwrap();
        let mut profile = Profile::default();
        let nothing = [("reading pictures", Duration::ZERO), ("varying them", Duration::ZERO)];
        assert_eq!(profile.sentence(nothing), None);
        for _ in 0..2 {
            for (ms, (part, _)) in [0, 100_000, 10_000, 200_000, 5_000].into_iter().zip(PARTS) {
                profile.add(part, ago(ms));
            }
        }
        let beside = [("reading pictures", Duration::from_secs(8)), ("varying them", Duration::from_secs(2))];
        let told = profile.sentence(beside).unwrap();
        // Milliseconds that the test itself takes are not what is told here.
        let digits = |word: &str| word.parse::<f64>().ok();
        let rounded: Vec<f64> =
            told.split_whitespace().filter_map(digits).map(|ms| (ms / 1e3).round()).collect();
        assert_eq!(rounded, [315.0, 0.0, 100.0, 10.0, 200.0, 5.0, 4.0, 1.0], "{told}");
    }
}
