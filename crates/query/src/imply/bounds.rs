//! Ranges, and how they meet and join.

use super::super::ast::Op;
use std::{collections::BTreeMap, ops::Bound};

/// A range of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<T> {
    /// From here.
    pub low: Bound<T>,
    /// To here.
    pub high: Bound<T>,
}

impl<T: PartialOrd + Copy> Bounds<T> {
    pub(super) fn new(low: Bound<T>, high: Bound<T>) -> Self {
        Self { low, high }
    }

    /// What `value` must lie in for `value op limit`; `None` for `!=`.
    pub(super) fn of(op: Op, limit: T) -> Option<Self> {
        use Bound::{Excluded, Included, Unbounded};
        Some(match op {
            Op::Eq => Self::new(Included(limit), Included(limit)),
            Op::Ne => return None,
            Op::Lt => Self::new(Unbounded, Excluded(limit)),
            Op::Le => Self::new(Unbounded, Included(limit)),
            Op::Gt => Self::new(Excluded(limit), Unbounded),
            Op::Ge => Self::new(Included(limit), Unbounded),
        })
    }

    /// Whether `value` lies in it.
    pub fn contains(&self, value: &T) -> bool {
        (match &self.low {
            Bound::Included(low) => value >= low,
            Bound::Excluded(low) => value > low,
            Bound::Unbounded => true,
        }) && match &self.high {
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
            Bound::Unbounded => true,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match (self.low, self.high) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(low), Bound::Included(high)) => low > high,
            (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => {
                low >= high
            }
        }
    }

    pub(super) fn intersect(self, other: Self) -> Self {
        Self {
            low: tighter(self.low, other.low, |a, b| a > b),
            high: tighter(self.high, other.high, |a, b| a < b),
        }
    }

    pub(super) fn hull(self, other: Self) -> Self {
        Self { low: lower(self.low, other.low), high: looser(self.high, other.high, |a, b| a > b) }
    }
}

fn tighter<T: PartialEq + Copy>(a: Bound<T>, b: Bound<T>, inner: impl Fn(T, T) -> bool) -> Bound<T> {
    match (a, b) {
        (Bound::Unbounded, other) | (other, Bound::Unbounded) => other,
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) if x == y => {
            if matches!(a, Bound::Excluded(_)) { a } else { b }
        }
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) => {
            if inner(x, y) {
                a
            } else {
                b
            }
        }
    }
}

/// The lower of two lower bounds.
pub(super) fn lower<T: PartialOrd + Copy>(a: Bound<T>, b: Bound<T>) -> Bound<T> {
    looser(a, b, |a, b| a < b)
}

fn looser<T: PartialEq + Copy>(a: Bound<T>, b: Bound<T>, outer: impl Fn(T, T) -> bool) -> Bound<T> {
    match (a, b) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => Bound::Unbounded,
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) if x == y => {
            if matches!(a, Bound::Included(_)) { a } else { b }
        }
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) => {
            if outer(x, y) {
                a
            } else {
                b
            }
        }
    }
}

/// The conditions of both; where both have one, what `join` makes of them.
pub(super) fn merge<K: Ord + Clone, V>(
    into: &mut BTreeMap<K, V>,
    from: BTreeMap<K, V>,
    join: impl Fn(&K, V, V) -> V,
) {
    for (key, value) in from {
        let joined = match into.remove(&key) {
            Some(former) => join(&key, former, value),
            None => value,
        };
        into.insert(key, joined);
    }
}

/// The conditions that each of the two has, joined.
pub(super) fn common<K: Ord, V>(
    a: BTreeMap<K, V>,
    mut b: BTreeMap<K, V>,
    join: impl Fn(V, V) -> V,
) -> BTreeMap<K, V> {
    a.into_iter().filter_map(|(key, value)| b.remove(&key).map(|other| (key, join(value, other)))).collect()
}
