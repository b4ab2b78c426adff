//! What one comparison says of the value it is about.

use super::{
    super::{
        Interval,
        ast::{BoxTest, Compare, Expr, Op, Scalar, TextTest},
        moment::Moment,
        schema::BoxNumber,
    },
    Bounds,
};
use std::{collections::BTreeSet, ops::Bound};
use units::time::Timestamp;

/// What a value must be one of, if the comparison says so.
pub(super) fn equal_to<T>(
    compare: &Compare<T>,
    text: impl Fn(&T) -> Option<String>,
) -> Option<BTreeSet<String>> {
    match compare {
        Compare::Is(Op::Eq, value) => text(value).map(|value| BTreeSet::from([value])),
        Compare::Is(..) => None,
        Compare::OneOf(values) => values.iter().map(text).collect(),
    }
}

/// What a value must lie in that is compared with numbers only.
pub(super) fn measure_bounds(compare: &Compare<Scalar>) -> Option<Bounds<f64>> {
    let of = |op: Op, value: &Scalar| match value {
        Scalar::Number(number) => Bounds::of(op, *number),
        Scalar::Text(_) => None,
    };
    match compare {
        Compare::Is(op, value) => of(*op, value),
        Compare::OneOf(values) => {
            let each: Option<Vec<_>> = values.iter().map(|value| of(Op::Eq, value)).collect();
            each?.into_iter().reduce(Bounds::hull)
        }
    }
}

pub(super) fn date_bounds(
    compare: &Compare<Moment>,
    holds: bool,
    now: Timestamp,
) -> Option<Bounds<Timestamp>> {
    let of = |op: Op, moment: &Moment| {
        let Interval { start, end } = moment.interval(now);
        match op {
            Op::Eq => Some(Bounds::new(Bound::Included(start), Bound::Excluded(end))),
            Op::Ne => None,
            Op::Lt | Op::Ge => Bounds::of(op, start),
            Op::Le => Bounds::of(Op::Lt, end),
            Op::Gt => Bounds::of(Op::Ge, end),
        }
    };
    match compare {
        Compare::Is(op, moment) => of(if holds { *op } else { op.complement() }, moment),
        Compare::OneOf(moments) if holds => {
            moments.iter().filter_map(|moment| of(Op::Eq, moment)).reduce(Bounds::hull)
        }
        Compare::OneOf(_) => None,
    }
}

/// The only labels that boxes can have which pass `filter`; `None` for any.
pub(super) fn labels_of(filter: &Expr<BoxTest>) -> Option<BTreeSet<String>> {
    match filter {
        Expr::Leaf(BoxTest::Label(TextTest::Compare(compare))) => {
            equal_to(compare, |label| Some(label.clone()))
        }
        Expr::Leaf(_) | Expr::Not(_) => None,
        Expr::All(parts) => parts.iter().filter_map(labels_of).reduce(|a, b| &a & &b),
        Expr::Any(parts) => {
            let each: Option<Vec<_>> = parts.iter().map(labels_of).collect();
            each.map(|sets| sets.into_iter().flatten().collect())
        }
    }
}

/// From where on the scores of boxes lie which pass `filter`.
pub(super) fn least_score(filter: &Expr<BoxTest>) -> Bound<f64> {
    scores_of(filter).map_or(Bound::Unbounded, |bounds| bounds.low)
}

/// What the scores of boxes lie in which pass `filter`; `None` for any.
fn scores_of(filter: &Expr<BoxTest>) -> Option<Bounds<f64>> {
    match filter {
        Expr::Leaf(BoxTest::Number(BoxNumber::Score, Compare::Is(op, score))) => Bounds::of(*op, *score),
        Expr::Leaf(BoxTest::Number(BoxNumber::Score, Compare::OneOf(scores))) => {
            scores.iter().filter_map(|score| Bounds::of(Op::Eq, *score)).reduce(Bounds::hull)
        }
        Expr::Leaf(_) | Expr::Not(_) => None,
        Expr::All(parts) => parts.iter().filter_map(scores_of).reduce(Bounds::intersect),
        Expr::Any(parts) => {
            let each: Option<Vec<_>> = parts.iter().map(scores_of).collect();
            each?.into_iter().reduce(Bounds::hull)
        }
    }
}
