//! Ranges of numbers and of ids, as conditions.

use crate::sql::{Arg, Fragment};
use std::ops::Bound;
use uuid::Uuid;

/// A range of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: Bound<Arg>,
    pub(super) high: Bound<Arg>,
}

/// A range of ids.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct IdRange {
    pub(super) low: Bound<Uuid>,
    pub(super) high: Bound<Uuid>,
}

impl IdRange {
    pub(super) const ALL: Self = Self { low: Bound::Unbounded, high: Bound::Unbounded };

    pub(super) fn is_all(&self) -> bool {
        *self == Self::ALL
    }

    /// ` AND column > ? AND column <= ?`, as far as there are bounds.
    pub(super) fn of(&self, column: &str) -> Fragment {
        let low = bound(column, " >", &self.low.map(Arg::Id));
        low.then(bound(column, " <", &self.high.map(Arg::Id)))
    }
}

impl Range {
    /// Whether only one number lies in it.
    pub(super) fn is_point(&self) -> bool {
        matches!(&self.low, Bound::Included(_)) && self.low == self.high
    }

    /// ` AND column > ? AND column <= ?`, as far as there are bounds.
    pub(super) fn of(&self, column: &str) -> Fragment {
        bound(column, " >", &self.low).then(bound(column, " <", &self.high))
    }
}

pub(super) fn bound(column: &str, sign: &str, limit: &Bound<Arg>) -> Fragment {
    let (value, equal) = match limit {
        Bound::Unbounded => return Fragment::default(),
        Bound::Included(value) => (value, "= "),
        Bound::Excluded(value) => (value, " "),
    };
    Fragment::new(" AND ").say(column).say(sign).say(equal).value(value.clone())
}
