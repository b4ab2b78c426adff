//! What must be true of every prediction that a query matches, in forms that
//! an index can answer: ranges, sets, and counts by label. It is implied, not
//! equal: who uses it to find candidates still tests each with the query.

mod bounds;
mod compared;

pub use bounds::Bounds;
use bounds::{common, merge};
use compared::{date_bounds, equal_to, labels_of, measure_bounds};

use super::{
    Query,
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, MetadataTest, Op, Scalar, Test, TextTest},
    eval::PredictionFacts,
    schema::{DateField, NumberField, TextField},
    value::metadata_number,
};
use crate::{prediction::Status, time::Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// More conditions of one kind than this are not worth being counted.
const MOST_OF_A_KIND: usize = 8;

/// Some label of `labels` has at least `at_least` boxes of `origin`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelCount {
    /// Whose boxes; the champion's and the shadow's at or above the threshold.
    pub origin: BoxOrigin,
    /// At least one.
    pub labels: BTreeSet<String>,
    /// At least 1.
    pub at_least: u64,
}

/// Conditions that every match fulfils, all of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Implied {
    /// No prediction at all can match.
    pub never: bool,
    /// The status is one of these.
    pub statuses: Option<BTreeSet<Status>>,
    /// The number is there and lies in the range.
    pub numbers: BTreeMap<NumberField, Bounds<f64>>,
    /// The time lies in the range.
    pub dates: BTreeMap<DateField, Bounds<Timestamp>>,
    /// The text is one of these.
    pub texts: BTreeMap<TextField, BTreeSet<String>>,
    /// Of each of these some tag is one.
    pub tags: Vec<BTreeSet<String>>,
    /// The value of the key is one of these.
    pub metadata: BTreeMap<String, BTreeSet<String>>,
    /// The value of the key is a number and lies in the range.
    pub measures: BTreeMap<String, Bounds<f64>>,
    /// Each holds.
    pub label_counts: Vec<LabelCount>,
}

impl Query {
    /// What every match fulfils when it is `now`, for an index to start from.
    #[must_use]
    pub fn driving_conditions(&self, now: Timestamp) -> Implied {
        Implied::by(self.condition(), true, now)
    }
}

impl Implied {
    fn never() -> Self {
        Self { never: true, ..Self::default() }
    }

    /// By an expression, or by its complement.
    fn by(expr: &Expr<Test>, holds: bool, now: Timestamp) -> Self {
        match (expr, holds) {
            (Expr::Leaf(test), _) => Self::by_test(test, holds, now),
            (Expr::Not(part), _) => Self::by(part, !holds, now),
            (Expr::All(parts), true) | (Expr::Any(parts), false) => {
                let each = parts.iter().map(|part| Self::by(part, holds, now));
                each.fold(Self::default(), Self::both)
            }
            (Expr::Any(parts), true) | (Expr::All(parts), false) => {
                let each = parts.iter().map(|part| Self::by(part, holds, now));
                each.fold(Self::never(), Self::either)
            }
        }
    }

    fn by_test(test: &Test, holds: bool, now: Timestamp) -> Self {
        match test {
            Test::Status(any) => Self::status(|status| any.contains(&status) == holds),
            Test::Reviewed(value) => {
                Self::status(|s| matches!(s, Status::Reviewed | Status::Submitted) == (*value == holds))
            }
            Test::Number(field, compare) => Self::number(*field, compare, holds),
            Test::Text(field, TextTest::Compare(compare)) if holds => {
                let set = equal_to(compare, |text| Some(text.clone()));
                if *field == TextField::Tag {
                    return Self { tags: set.into_iter().collect(), ..Self::default() };
                }
                Self { texts: set.map(|set| (*field, set)).into_iter().collect(), ..Self::default() }
            }
            Test::Metadata(key, MetadataTest::Compare(compare)) if holds => {
                let set = equal_to(compare, |scalar| match scalar {
                    Scalar::Text(text) => Some(text.clone()),
                    Scalar::Number(_) => None,
                });
                let measure = measure_bounds(compare);
                Self {
                    metadata: set.map(|set| (key.clone(), set)).into_iter().collect(),
                    measures: measure.map(|bounds| (key.clone(), bounds)).into_iter().collect(),
                    ..Self::default()
                }
            }
            Test::Date(field, compare) => {
                let bounds = date_bounds(compare, holds, now);
                Self { dates: bounds.map(|bounds| (*field, bounds)).into_iter().collect(), ..Self::default() }
                    .settled()
            }
            Test::Has(boxes) => Self::count(boxes, if holds { Op::Ge } else { Op::Lt }, 1.0),
            Test::Count(boxes, op, value) => {
                Self::count(boxes, if holds { *op } else { op.complement() }, *value)
            }
            // Missing values, and what a text is not or contains.
            Test::Missing(_) | Test::Text(..) | Test::Metadata(..) => Self::default(),
        }
    }

    fn status(is: impl Fn(Status) -> bool) -> Self {
        let statuses = Status::ALL.into_iter().filter(|status| is(*status)).collect();
        Self { statuses: Some(statuses), ..Self::default() }.settled()
    }

    fn number(field: NumberField, compare: &Compare<f64>, holds: bool) -> Self {
        // The complement of a test on a missing number is true.
        let never_missing = matches!(field, NumberField::Objects | NumberField::Width | NumberField::Height);
        let bounds = match compare {
            Compare::Is(op, value) if holds => Bounds::of(*op, *value),
            Compare::Is(op, value) if never_missing => Bounds::of(op.complement(), *value),
            Compare::OneOf(values) if holds => {
                values.iter().filter_map(|value| Bounds::of(Op::Eq, *value)).reduce(Bounds::hull)
            }
            _ => None,
        };
        Self { numbers: bounds.map(|bounds| (field, bounds)).into_iter().collect(), ..Self::default() }
            .settled()
    }

    fn count(boxes: &Boxes, op: Op, value: f64) -> Self {
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
        if at_least >= 1.0
            && let Some(labels) = labels_of(&boxes.filter)
        {
            if labels.is_empty() {
                return Self::never();
            }
            // Saturates for counts that no prediction has.
            let at_least = (at_least as u64).div_ceil(labels.len() as u64);
            implied.label_counts.push(LabelCount { origin: boxes.origin, labels, at_least });
        }
        implied
    }

    /// With `never` set when a condition cannot be fulfilled.
    fn settled(self) -> Self {
        let impossible = self.never
            || self.statuses.as_ref().is_some_and(BTreeSet::is_empty)
            || self.numbers.values().any(Bounds::is_empty)
            || self.dates.values().any(Bounds::is_empty)
            || self.texts.values().any(BTreeSet::is_empty)
            || self.tags.iter().any(BTreeSet::is_empty)
            || self.metadata.values().any(BTreeSet::is_empty)
            || self.measures.values().any(Bounds::is_empty);
        if impossible { Self::never() } else { self }
    }

    fn both(mut self, other: Self) -> Self {
        if self.never || other.never {
            return Self::never();
        }
        self.statuses = match (self.statuses, other.statuses) {
            (Some(a), Some(b)) => Some(&a & &b),
            (a, b) => a.or(b),
        };
        merge(&mut self.numbers, other.numbers, |_, a, b| a.intersect(b));
        merge(&mut self.dates, other.dates, |_, a, b| a.intersect(b));
        merge(&mut self.metadata, other.metadata, |_, a, b| &a & &b);
        merge(&mut self.measures, other.measures, |_, a, b| a.intersect(b));
        merge(&mut self.texts, other.texts, |_, a, b| &a & &b);
        self.tags.extend(other.tags);
        keep_some(&mut self.tags);
        self.label_counts.extend(other.label_counts);
        keep_some(&mut self.label_counts);
        self.settled()
    }

    fn either(self, other: Self) -> Self {
        if self.never {
            return other;
        }
        if other.never {
            return self;
        }
        let mut label_counts = Vec::new();
        for a in &self.label_counts {
            for b in other.label_counts.iter().filter(|b| b.origin == a.origin) {
                let labels = &a.labels | &b.labels;
                label_counts.push(LabelCount {
                    origin: a.origin,
                    labels,
                    at_least: a.at_least.min(b.at_least),
                });
            }
        }
        keep_some(&mut label_counts);
        let mut tags = self.tags.iter().flat_map(|a| other.tags.iter().map(move |b| a | b)).collect();
        keep_some(&mut tags);
        Self {
            never: false,
            statuses: self.statuses.zip(other.statuses).map(|(a, b)| &a | &b),
            numbers: common(self.numbers, other.numbers, Bounds::hull),
            dates: common(self.dates, other.dates, Bounds::hull),
            texts: common(self.texts, other.texts, |a, b| &a | &b),
            tags,
            metadata: common(self.metadata, other.metadata, |a, b| &a | &b),
            measures: common(self.measures, other.measures, Bounds::hull),
            label_counts,
        }
    }

    /// Whether a prediction fulfils all of it.
    #[must_use]
    pub fn admits(&self, facts: &PredictionFacts<'_>) -> bool {
        let enough = |need: &LabelCount| {
            need.labels.iter().any(|label| {
                let is_label = TextTest::Compare(Compare::Is(Op::Eq, label.clone()));
                let filter = Expr::Leaf(BoxTest::Label(is_label));
                facts.count(&Boxes { origin: need.origin, filter }) as u64 >= need.at_least
            })
        };
        let measure = |key: &String| facts.metadata.get(key).and_then(|value| metadata_number(value));
        !self.never
            && self.statuses.as_ref().is_none_or(|any| any.contains(&facts.status))
            && self.numbers.iter().all(|(field, b)| facts.number(*field).is_some_and(|n| b.contains(&n)))
            && self.dates.iter().all(|(field, b)| b.contains(&facts.date(*field)))
            && self.texts.iter().all(|(field, any)| facts.texts(*field).any(|text| any.contains(text)))
            && self.tags.iter().all(|any| facts.texts(TextField::Tag).any(|tag| any.contains(tag)))
            && self.metadata.iter().all(|(key, any)| facts.metadata.get(key).is_some_and(|v| any.contains(v)))
            && self.measures.iter().all(|(key, b)| measure(key).is_some_and(|number| b.contains(&number)))
            && self.label_counts.iter().all(enough)
    }
}

fn keep_some<T: Ord>(conditions: &mut Vec<T>) {
    conditions.sort();
    conditions.dedup();
    conditions.truncate(MOST_OF_A_KIND);
}
