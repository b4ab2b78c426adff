//! What must be true of every prediction that a query matches, in forms that
//! an index can answer: ranges, sets, and counts by label. It is implied, not
//! equal: who uses it to find candidates still tests each with the query.

mod admits;
mod bounds;
mod boxes;
mod compared;
mod text;

pub use bounds::Bounds;
use bounds::{common, lower, merge};
pub use boxes::LabelCount;
use compared::{date_bounds, equal_to, measure_bounds};
pub use text::TextCondition;

use super::{
    Query,
    ast::{Compare, Expr, MetadataTest, Op, Scalar, Test},
    schema::{DateField, Field, NumberField, TextField},
};
use crate::status::Status;
use std::collections::{BTreeMap, BTreeSet};
use units::time::Timestamp;

/// More conditions of one kind than this are not worth being counted.
const MOST_OF_A_KIND: usize = 8;

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
    /// Its metadata has these keys.
    pub keys: BTreeSet<String>,
    /// Each holds.
    pub label_counts: Vec<LabelCount>,
    /// Each holds.
    pub compared: Vec<TextCondition>,
    /// Somebody has drawn boxes in a review.
    pub has_review: bool,
    /// The number is missing.
    pub lacking: BTreeSet<NumberField>,
    /// Of each of these some is fulfilled.
    pub alternatives: Vec<Vec<Implied>>,
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
                Self::any(parts.iter().map(|part| Self::by(part, holds, now)))
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
            Test::Text(field, test) => Self::text(*field, Some(test), holds),
            Test::Missing(Field::Text(field)) => Self::text(*field, None, holds),
            Test::Metadata(key, test) if holds => {
                let MetadataTest::Compare(compare) = test else { return Self::key(key) };
                let set = equal_to(compare, |scalar| match scalar {
                    Scalar::Text(text) => Some(text.clone()),
                    Scalar::Number(_) => None,
                });
                let measure = measure_bounds(compare);
                Self {
                    metadata: set.map(|set| (key.clone(), set)).into_iter().collect(),
                    measures: measure.map(|bounds| (key.clone(), bounds)).into_iter().collect(),
                    ..Self::key(key)
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
            Test::Missing(Field::Number(field)) if holds => {
                Self { lacking: BTreeSet::from([*field]), ..Self::default() }
            }
            Test::Missing(Field::Metadata(key)) if !holds => Self::key(key),
            Test::Missing(
                Field::Number(_) | Field::Metadata(_) | Field::Status | Field::Reviewed | Field::Date(_),
            )
            | Test::Metadata(..) => Self::default(),
        }
    }

    fn key(key: &str) -> Self {
        Self { keys: BTreeSet::from([key.to_owned()]), ..Self::default() }
    }

    fn status(is: impl Fn(Status) -> bool) -> Self {
        let statuses = Status::ALL.into_iter().filter(|status| is(*status)).collect();
        Self { statuses: Some(statuses), ..Self::default() }.settled()
    }

    fn number(field: NumberField, compare: &Compare<f64>, holds: bool) -> Self {
        // The complement of a test on a missing number is true; what is not
        // whole may be no number.
        let never_missing = field.row().is_whole && !field.row().field.may_miss;
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
        self.compared.extend(other.compared);
        self.compared.truncate(MOST_OF_A_KIND);
        self.keys.extend(other.keys);
        self.has_review |= other.has_review;
        self.lacking.extend(other.lacking);
        self.alternatives.extend(other.alternatives);
        self.alternatives.truncate(MOST_OF_A_KIND);
        self.settled()
    }

    fn any(each: impl Iterator<Item = Self>) -> Self {
        let each: Vec<Self> = each.filter(|part| !part.never).collect();
        let mut common = each.iter().cloned().fold(Self::never(), Self::either);
        if (2..=MOST_OF_A_KIND).contains(&each.len()) {
            common.alternatives = vec![each];
        }
        common
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
                    at_most: a.at_most.zip(b.at_most).map(|(a, b)| a.max(b)),
                    surest: lower(a.surest, b.surest),
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
            compared: Vec::new(),
            keys: &self.keys & &other.keys,
            has_review: self.has_review && other.has_review,
            lacking: &self.lacking & &other.lacking,
            alternatives: Vec::new(),
        }
    }
}

fn keep_some<T: PartialEq>(conditions: &mut Vec<T>) {
    let mut distinct: Vec<T> = Vec::new();
    for condition in conditions.drain(..) {
        if distinct.len() < MOST_OF_A_KIND && !distinct.contains(&condition) {
            distinct.push(condition);
        }
    }
    *conditions = distinct;
}
