//! When somebody should be told: a figure that crosses a limit, and comes back.
//!
//! A rule is given a figure now and then, measured over its window by whoever
//! can; here it becomes firing and clearing. Hysteresis keeps a figure that
//! trembles at its limit from ringing all day.

mod watched_figure;

pub use watched_figure::{UnknownWatchedFigure, WatchedFigure};

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "watch", content = "of")]
pub enum Watch {
    /// A figure.
    Metric(WatchedFigure),
    /// How many predictions of the window match a query.
    QueryCount(String),
}

impl Watch {
    /// Whether it watches a figure that takes reviews.
    #[must_use]
    pub fn needs_reviews(&self) -> bool {
        match self {
            Self::Metric(figure) => figure.needs_reviews(),
            Self::QueryCount(_) => false,
        }
    }
}

/// How a figure is compared with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// Greater.
    #[serde(rename = ">")]
    Above,
    /// Greater or equal.
    #[serde(rename = ">=")]
    AtLeast,
    /// Less.
    #[serde(rename = "<")]
    Below,
    /// Less or equal.
    #[serde(rename = "<=")]
    AtMost,
}

impl Operator {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Above, Self::AtLeast, Self::Below, Self::AtMost];

    /// The sign in the API and on the page.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// The operator of a sign; `None` when there is none.
    #[must_use]
    pub fn parse(sign: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str() == sign)
    }

    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Above => value > limit,
            Self::AtLeast => value >= limit,
            Self::Below => value < limit,
            Self::AtMost => value <= limit,
        }
    }

    fn is_upward(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }
}

/// When to tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRule {
    /// What is watched.
    pub watch: Watch,
    /// How it is compared.
    pub operator: Operator,
    /// With what, in the figure's own unit.
    pub limit: f64,
    /// Over how long the figure is measured, up to the sample's moment.
    pub window_ms: i64,
    /// How long the condition must hold before the alert fires, from the
    /// first sample for which it does; 0 for at once.
    #[serde(default)]
    pub sustained_ms: i64,
    /// How far back behind its limit the figure must come before the alert
    /// clears, in the figure's own unit; 0 for as soon as the condition fails.
    #[serde(default)]
    pub hysteresis: f64,
}

/// Why a rule is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAlertRule {
    /// It has no limit.
    #[error("`limit` must be a number")]
    Limit,
    /// It looks at no time, or at more than a year.
    #[error("`window_ms` must lie between one minute and 366 days")]
    Window,
    /// A time or a distance is negative.
    #[error("`sustained_ms` and `hysteresis` must not be negative")]
    Negative,
}

impl AlertRule {
    /// Checks what a person set.
    ///
    /// # Errors
    /// When a number is outside its range.
    pub fn check(&self) -> Result<(), InvalidAlertRule> {
        if !self.limit.is_finite() {
            return Err(InvalidAlertRule::Limit);
        }
        if !(60_000..=366 * 86_400_000).contains(&self.window_ms) {
            return Err(InvalidAlertRule::Window);
        }
        if self.sustained_ms < 0 || !self.hysteresis.is_finite() || self.hysteresis < 0.0 {
            return Err(InvalidAlertRule::Negative);
        }
        Ok(())
    }

    fn holds(&self, value: f64) -> bool {
        self.operator.holds(value, self.limit)
    }

    fn is_back(&self, value: f64) -> bool {
        let way = if self.operator.is_upward() { -self.hysteresis } else { self.hysteresis };
        !self.operator.holds(value, self.limit + way)
    }
}

/// A figure at a moment; `None` where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The end of the window it was measured over.
    pub at: Timestamp,
    /// In the figure's own unit.
    pub value: Option<f64>,
    /// Whether nothing at all arrived in the window.
    pub is_silent: bool,
}

/// Where an alert is. Kept between samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertState {
    phase: Phase,
    /// The last sample's moment.
    last: Option<Timestamp>,
    /// Whether anything arrived since the rule was made.
    #[serde(default)]
    heard: bool,
    /// Since when nothing arrives any more.
    #[serde(default)]
    silent: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase", content = "since")]
enum Phase {
    #[default]
    Quiet,
    /// The condition holds since then, not yet for long enough.
    Pending(Timestamp),
    Firing(Timestamp),
}

/// What a sample changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Transition {
    /// The alert fires.
    Fired {
        /// When.
        at: Timestamp,
        /// The figure that made it.
        value: f64,
    },
    /// The alert clears.
    Cleared {
        /// When.
        at: Timestamp,
        /// Since when it had fired.
        fired: Timestamp,
        /// The figure that made it.
        value: f64,
    },
}

impl AlertState {
    /// Takes the next sample. Without a value an alert neither fires nor
    /// clears: silence is not health, and is a state of its own
    /// ([`Self::silent_since`]). A count of nothing is a value. Samples that are not later than the last are
    /// ignored, so that one told twice counts once.
    pub fn observe(&mut self, rule: &AlertRule, sample: Sample) -> Option<Transition> {
        if self.last.is_some_and(|last| sample.at <= last) {
            return None;
        }
        self.last = Some(sample.at);
        self.note_silence(rule, sample);
        let value = sample.value.filter(|value| !value.is_nan())?;
        if let Phase::Firing(fired) = self.phase {
            if !rule.is_back(value) {
                return None;
            }
            self.phase = Phase::Quiet;
            return Some(Transition::Cleared { at: sample.at, fired, value });
        }
        if !rule.holds(value) {
            self.phase = Phase::Quiet;
            return None;
        }
        let since = if let Phase::Pending(since) = self.phase { since } else { sample.at };
        if sample.at.since_ms(since) < rule.sustained_ms {
            self.phase = Phase::Pending(since);
            return None;
        }
        self.phase = Phase::Firing(sample.at);
        Some(Transition::Fired { at: sample.at, value })
    }

    /// Silence begins where the first empty window does, and only after
    /// something had arrived: a rule that waits for its first prediction is
    /// not silent.
    fn note_silence(&mut self, rule: &AlertRule, sample: Sample) {
        if rule.watch.needs_reviews() {
            return;
        }
        self.heard |= !sample.is_silent;
        self.silent = match self.silent {
            _ if !sample.is_silent || !self.heard => None,
            Some(since) => Some(since),
            None => Some(sample.at.plus_ms(-rule.window_ms)),
        };
    }

    /// Since when nothing arrives; `None` while something does, or when nothing
    /// ever did.
    #[must_use]
    pub fn silent_since(&self) -> Option<Timestamp> {
        self.silent
    }

    /// The moment of the last sample.
    #[must_use]
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// Since when it fires; `None` when it does not.
    #[must_use]
    pub fn firing_since(&self) -> Option<Timestamp> {
        if let Phase::Firing(since) = self.phase { Some(since) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::figures::Figure;
    use proptest::prelude::*;

    fn rule(operator: Operator, limit: f64) -> AlertRule {
        let watch = Watch::Metric(WatchedFigure::Counted(Figure::LatencyP95));
        AlertRule { watch, operator, limit, window_ms: 60_000, sustained_ms: 0, hysteresis: 0.0 }
    }

    /// Feeds a figure a minute; says when it fired (`+`) and cleared (`-`).
    fn check(rule: &AlertRule, values: &[f64], expected: &str) {
        let mut state = AlertState::default();
        let told: String = (0..)
            .zip(values)
            .map(|(minute, value)| {
                let sample = Sample { at: Timestamp(minute * 60_000), value: Some(*value), is_silent: false };
                match state.observe(rule, sample) {
                    Some(Transition::Fired { .. }) => '+',
                    Some(Transition::Cleared { .. }) => '-',
                    None => '.',
                }
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn an_alert_fires_once_and_clears_once() {
        check(&rule(Operator::Above, 10.0), &[9.0, 11.0, 12.0, 10.0, 9.0, 11.0], ".+.-.+");
        check(&rule(Operator::AtLeast, 10.0), &[9.0, 10.0, 9.9], ".+-");
        check(&rule(Operator::Below, 10.0), &[11.0, 9.0, 10.0], ".+-");
        check(&rule(Operator::AtMost, 10.0), &[11.0, 10.0, 10.1], ".+-");
    }

    #[test]
    fn a_figure_that_trembles_at_its_limit_rings_once() {
        let rule = AlertRule { hysteresis: 2.0, ..rule(Operator::Above, 10.0) };
        check(&rule, &[11.0, 9.0, 11.0, 9.0, 8.0, 9.0], "+...-.");
        let rule = AlertRule { operator: Operator::Below, ..rule };
        check(&rule, &[9.0, 11.0, 9.0, 12.0, 11.0], "+..-.");
    }

    #[test]
    fn a_short_rise_is_not_told_when_it_must_be_sustained() {
        let rule = AlertRule { sustained_ms: 120_000, ..rule(Operator::Above, 10.0) };
        check(&rule, &[11.0, 11.0, 9.0, 11.0, 11.0, 11.0, 9.0], ".....+-");
    }

    #[test]
    fn silence_changes_nothing_and_old_samples_are_ignored() {
        let (rule, mut state) = (rule(Operator::Above, 10.0), AlertState::default());
        let sample = |minute: i64, value: Option<f64>| Sample {
            at: Timestamp(minute * 60_000),
            value,
            is_silent: value.is_none(),
        };
        assert_eq!(state.observe(&rule, sample(1, None)), None);
        assert_eq!(state.silent_since(), None, "nothing ever arrived");
        let fired = Transition::Fired { at: Timestamp(120_000), value: 11.0 };
        assert_eq!(state.observe(&rule, sample(2, Some(11.0))), Some(fired));
        assert_eq!(state.observe(&rule, sample(2, Some(1.0))), None);
        assert_eq!(state.observe(&rule, sample(3, None)), None);
        assert_eq!(state.silent_since(), Some(Timestamp(120_000)), "since the last that arrived");
        assert_eq!(state.observe(&rule, sample(4, Some(f64::NAN))), None);
        assert_eq!(state.silent_since(), None);
        assert_eq!(state.firing_since(), Some(Timestamp(120_000)));
        let cleared = Transition::Cleared { at: Timestamp(300_000), fired: Timestamp(120_000), value: 1.0 };
        assert_eq!(state.observe(&rule, sample(5, Some(1.0))), Some(cleared));
    }

    #[test]
    fn a_count_of_nothing_is_a_count_and_silence_besides() {
        let count = |operator| AlertRule { watch: Watch::QueryCount(String::new()), ..rule(operator, 5.0) };
        let sample = |minute: i64, value: f64| Sample {
            at: Timestamp(minute * 60_000),
            value: Some(value),
            is_silent: value == 0.0,
        };
        let (many, mut state) = (count(Operator::Above), AlertState::default());
        assert!(state.observe(&many, sample(1, 9.0)).is_some());
        assert!(matches!(state.observe(&many, sample(2, 0.0)), Some(Transition::Cleared { .. })));
        assert_eq!(state.silent_since(), Some(Timestamp(60_000)));
        let (few, mut state) = (count(Operator::Below), AlertState::default());
        assert_eq!(state.observe(&few, sample(1, 9.0)), None);
        assert!(matches!(state.observe(&few, sample(2, 0.0)), Some(Transition::Fired { .. })));
        assert_eq!(state.observe(&few, sample(3, 6.0)).map(|_| state.silent_since()), Some(None));
    }

    #[test]
    fn a_state_of_before_is_read() {
        let former =
            r#"{"phase":{"phase":"firing","since":"1970-01-01T00:00:05Z"},"last":"1970-01-01T00:00:07Z"}"#;
        let state: AlertState = serde_json::from_str(former).expect("a state");
        assert_eq!((state.firing_since(), state.silent_since()), (Some(Timestamp(5_000)), None));
    }

    #[test]
    fn rules_that_make_no_sense_are_refused() {
        let fine = rule(Operator::Above, 10.0);
        assert_eq!(fine.check(), Ok(()));
        assert_eq!(AlertRule { limit: f64::NAN, ..fine.clone() }.check(), Err(InvalidAlertRule::Limit));
        assert_eq!(AlertRule { window_ms: 0, ..fine.clone() }.check(), Err(InvalidAlertRule::Window));
        assert_eq!(AlertRule { hysteresis: -1.0, ..fine }.check(), Err(InvalidAlertRule::Negative));
    }

    proptest! {
        #[test]
        fn firing_and_clearing_take_turns(
            values in prop::collection::vec(prop::option::of(-5.0f64..5.0), 0..60),
            hysteresis in 0.0f64..3.0, sustained in 0i64..200_000, kept in any::<bool>()
        ) {
            let rule = AlertRule { hysteresis, sustained_ms: sustained, ..rule(Operator::AtLeast, 0.0) };
            let (mut state, mut firing) = (AlertState::default(), false);
            for (minute, value) in (0..).zip(values) {
                if kept {
                    let text = serde_json::to_string(&state).expect("JSON");
                    state = serde_json::from_str(&text).expect("a state");
                }
                let is_silent = value.is_none();
                match state.observe(&rule, Sample { at: Timestamp(minute * 60_000), value, is_silent }) {
                    Some(Transition::Fired { value, .. }) => {
                        prop_assert!(!firing && value >= 0.0);
                        firing = true;
                    }
                    Some(Transition::Cleared { value, .. }) => {
                        prop_assert!(firing && value < -hysteresis);
                        firing = false;
                    }
                    None => {}
                }
                prop_assert_eq!(state.firing_since().is_some(), firing);
            }
        }
    }
}
