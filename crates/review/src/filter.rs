//! What is shown: a range of confidence and an eye for each label. Hiding
//! never deletes; what is hidden is saved all the same, and counted so that
//! accepting can warn.

use crate::boxes::LabelIndex;
use domain::geometry::Score;

/// Confidences that are shown, both ends included. Boxes without a score, a
/// person's, are always in range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreRange {
    low: f64,
    high: f64,
}

impl ScoreRange {
    /// Both ends are brought into [0, 1] and into order.
    #[must_use]
    pub fn new(low: f64, high: f64) -> Self {
        let end = |v: f64, otherwise: f64| if v.is_nan() { otherwise } else { v.clamp(0.0, 1.0) };
        let (low, high) = (end(low, 0.0), end(high, 1.0));
        Self { low: low.min(high), high: low.max(high) }
    }

    /// From a threshold upwards.
    #[must_use]
    pub fn from_threshold(threshold: Score) -> Self {
        Self::new(threshold.get(), 1.0)
    }

    /// The lower end.
    #[must_use]
    pub fn low(self) -> f64 {
        self.low
    }

    /// The upper end.
    #[must_use]
    pub fn high(self) -> f64 {
        self.high
    }

    /// Whether a box with this score is in range.
    #[must_use]
    pub fn holds(self, score: Option<Score>) -> bool {
        score.is_none_or(|score| (self.low..=self.high).contains(&score.get()))
    }
}

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    range: ScoreRange,
    closed_eyes: Vec<LabelIndex>,
    revision: u64,
}

impl Filter {
    /// Shows every label, within a range.
    #[must_use]
    pub fn new(range: ScoreRange) -> Self {
        Self { range, closed_eyes: Vec::new(), revision: 0 }
    }

    /// The range of confidence.
    #[must_use]
    pub fn range(&self) -> ScoreRange {
        self.range
    }

    /// Whether the eye of a label is open.
    #[must_use]
    pub fn is_open(&self, label: LabelIndex) -> bool {
        !self.closed_eyes.contains(&label)
    }

    /// Whether a box of this label and score is shown.
    #[must_use]
    pub fn shows(&self, label: LabelIndex, score: Option<Score>) -> bool {
        self.range.holds(score) && self.is_open(label)
    }

    pub(crate) fn set_range(&mut self, range: ScoreRange) {
        if range != self.range {
            self.range = range;
            self.revision += 1;
        }
    }

    pub(crate) fn toggle_eye(&mut self, label: LabelIndex) {
        match self.closed_eyes.iter().position(|closed| *closed == label) {
            Some(at) => drop(self.closed_eyes.remove(at)),
            None => self.closed_eyes.push(label),
        }
        self.revision += 1;
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }
}
