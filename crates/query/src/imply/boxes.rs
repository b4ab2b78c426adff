//! What a number of boxes says.

use super::{
    super::{
        ast::{BoxOrigin, Boxes, Op},
        schema::NumberField,
    },
    Bounds, Implied,
    compared::{labels_of, least_score},
};
use std::{collections::BTreeSet, ops::Bound};

/// Some label of `labels` has at least `at_least` boxes of `origin`, and at most
/// `at_most`, and the surest of it has a score from `surest` on.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelCount {
    /// Whose boxes; the champion's and the shadow's at or above the threshold.
    pub origin: BoxOrigin,
    /// At least one.
    pub labels: BTreeSet<String>,
    /// At least 1.
    pub at_least: u64,
    /// `None`: any number.
    pub at_most: Option<u64>,
    /// In [0, 1], or [`Bound::Unbounded`].
    pub surest: Bound<f64>,
}

impl Implied {
    /// By how many boxes there are.
    pub(super) fn count(boxes: &Boxes, op: Op, value: f64) -> Self {
        let Some(bounds) = Bounds::of(op, value) else { return Self::default() };
        let bounds = bounds.intersect(Bounds::new(Bound::Included(0.0), Bound::Unbounded));
        let whole = op != Op::Eq || value.fract() == 0.0;
        if bounds.is_empty() || !whole {
            return Self::never();
        }
        let at_least = match bounds.low {
            Bound::Included(low) => low.ceil(),
            Bound::Excluded(low) => low.floor() + 1.0,
            Bound::Unbounded => 0.0,
        };
        let mut implied = Self::default();
        if boxes.origin == BoxOrigin::Champion {
            let exact = boxes.filter.is_everything();
            let least = Bounds::new(Bound::Included(at_least), Bound::Unbounded);
            implied.numbers.insert(NumberField::Objects, if exact { bounds } else { least });
        }
        implied.has_review = boxes.origin == BoxOrigin::Review && at_least >= 1.0;
        if at_least >= 1.0
            && let Some(labels) = labels_of(&boxes.filter)
        {
            if labels.is_empty() {
                return Self::never();
            }
            let surest = least_score(&boxes.filter);
            // Saturates for counts that no prediction has.
            let at_most = match bounds.high {
                Bound::Included(high) if boxes.filter.label().is_some() => Some(high.floor() as u64),
                _ => None,
            };
            let at_least = (at_least as u64).div_ceil(labels.len() as u64);
            implied.label_counts.push(LabelCount { origin: boxes.origin, labels, at_least, at_most, surest });
        }
        implied
    }
}
