//! Requirements on a prediction's boxes of one label that `box_counts` answers:
//! how many there are, and the greatest score among them.

use super::ranges::bound;
use crate::sql::{Arg, Fragment};
use query::{
    LabelCount,
    ast::{BoxOrigin, BoxTest, Boxes, Expr, Op},
};
use std::ops::Bound;

/// Requires from `at_least` to `at_most` boxes of `origin`, one of them with a
/// score beyond `surest`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BoxRequirement {
    origin: i64,
    column: &'static str,
    at_least: i64,
    at_most: Option<i64>,
    surest: Bound<f64>,
}

impl BoxRequirement {
    /// That of a condition; none on the boxes of reviews, which are not counted.
    pub(super) fn of(need: &LabelCount) -> Option<Self> {
        let (origin, column) = count_column(need.origin)?;
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (at_least, at_most) = (whole(need.at_least), need.at_most.map(whole));
        Some(Self { origin, column, at_least, at_most, surest: need.surest })
    }

    /// An index that finds them, in no order; that of the key does always.
    pub(super) fn index(&self) -> Option<&'static str> {
        (self.at_least >= 2 && self.column == "visible").then_some("box_counts_many")
    }

    /// The same without how sure the surest is, which no index knows.
    pub(super) fn roughly(&self) -> Self {
        Self { surest: Bound::Unbounded, ..self.clone() }
    }

    /// ` AND …` of a row `d` of the counts. In the order of ids the database is
    /// hindered from following any other index.
    pub(super) fn condition(&self, in_order: bool) -> Fragment {
        let Self { origin, column, at_least, at_most, surest } = self;
        let d = if in_order { "+d." } else { "d." };
        let compared = |column: &str, sign: &str| Fragment::new(" AND ").say(d).say(column).say(sign);
        let mut all = Fragment::new(" AND d.origin = ").value(*origin);
        if self.index().is_some() && !in_order {
            // The index is known to serve by its own condition.
            all = all.say(" AND d.visible >= 2");
        }
        all = all.then(compared(column, " >= ").value(*at_least));
        if let Some(most) = at_most {
            all = all.then(compared(column, " <= ").value(*most));
        }
        all.then(bound(&format!("{d}max_score"), " >", &surest.map(Arg::Real)))
    }

    /// Whether a prediction that fulfils it passes `count(boxes) op value` of the
    /// same label.
    pub(super) fn answers(&self, boxes: &Boxes, op: Op, value: f64) -> bool {
        let (least, most) = (self.at_least as f64, self.at_most.map(|most| most as f64));
        let enough = match op {
            Op::Ge => least >= value,
            Op::Gt => least > value,
            Op::Le => most.is_some_and(|most| most <= value),
            Op::Lt => most.is_some_and(|most| most < value),
            Op::Eq => least == value && most == Some(value),
            Op::Ne => false,
        };
        let sure = match label_and_score(&boxes.filter) {
            Some((_, None)) => true,
            // The surest is one of them; of the others nothing is known.
            Some((_, Some((sign, score)))) => {
                op == Op::Ge && value == 1.0 && from(sign, score) == self.surest
            }
            None => false,
        };
        enough && sure && count_column(boxes.origin) == Some((self.origin, self.column))
    }

    pub(super) fn describe(&self) -> String {
        let most = self.at_most.map_or_else(String::new, |most| format!(" and at most {most}"));
        let sure = match self.surest {
            Bound::Unbounded => String::new(),
            Bound::Included(score) => format!(", one with a score of at least {score},"),
            Bound::Excluded(score) => format!(", one with a score above {score},"),
        };
        format!("at least {}{most} boxes{sure}", self.at_least)
    }
}

fn from(op: Op, score: f64) -> Bound<f64> {
    if op == Op::Gt { Bound::Excluded(score) } else { Bound::Included(score) }
}

/// Which origin and column of `box_counts` stand for boxes of `origin`; those of
/// reviews are not counted.
pub(super) fn count_column(origin: BoxOrigin) -> Option<(i64, &'static str)> {
    match origin {
        BoxOrigin::Champion => Some((0, "visible")),
        BoxOrigin::Shadow => Some((1, "visible")),
        BoxOrigin::All => Some((0, "stored")),
        BoxOrigin::Review => None,
    }
}

/// The label, and the least score if there is one, where a filter asks for
/// these and nothing else.
pub(super) fn label_and_score(filter: &Expr<BoxTest>) -> Option<(&str, Option<(Op, f64)>)> {
    match filter {
        Expr::All(parts) => match parts.as_slice() {
            [a, b] => {
                let label = a.label().or_else(|| b.label())?;
                Some((label, Some(a.least_score().or_else(|| b.least_score())?)))
            }
            _ => None,
        },
        leaf => Some((leaf.label()?, None)),
    }
}
