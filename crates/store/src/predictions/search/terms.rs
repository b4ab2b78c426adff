//! What conditions are made of, whether on a prediction or on one of its
//! boxes: how an operator compares a column with a value.

use super::words::Words;
use crate::sql::{Arg, Fragment};
use query::ast::{Compare, Expr, Op, TextTest};

/// `and`, `or` and `not` over leaves that are translated by `leaf`.
pub(super) fn logic<L>(expr: &Expr<L>, leaf: &impl Fn(&L) -> Fragment) -> Fragment {
    match expr {
        Expr::All(parts) => Fragment::all(parts.iter().map(|part| logic(part, leaf))),
        Expr::Any(parts) => Fragment::any(parts.iter().map(|part| logic(part, leaf))),
        Expr::Not(part) => Fragment::new("NOT (").then(logic(part, leaf)).say(")"),
        Expr::Leaf(test) => leaf(test),
    }
}

pub(super) fn there(column: &str, test: Fragment) -> Fragment {
    Fragment::new("(").say(column).say(" IS NOT NULL AND ").then(test).say(")")
}

pub(super) fn real_number(column: &str, op: Op, value: f64) -> Fragment {
    Fragment::new(column).say(" ").say(op.as_str()).say(" ").value(value)
}

/// A whole number against any number, so that an index on whole numbers
/// serves: `> 2.5` is `>= 3`, `= 2.5` is never true.
pub(super) fn whole_number(left: Fragment, op: Op, value: f64) -> Fragment {
    let whole = value.fract() == 0.0;
    let (op, value) = match op {
        Op::Eq if !whole => return Fragment::never(),
        Op::Ne if !whole => return Fragment::always(),
        Op::Lt | Op::Ge => (op, value.ceil()),
        Op::Le | Op::Gt => (op, value.floor()),
        Op::Eq | Op::Ne => (op, value),
    };
    // Saturates far beyond what is stored, which changes no answer.
    left.say(" ").say(op.as_str()).say(" ").value(value as i64)
}

/// A text that is there, by its bytes; upper and lower ASCII letters are the
/// same for `~`, which SQLite's `lower` does, and PostgreSQL's under "C".
pub(super) fn text(column: &str, test: &TextTest, words: &Words) -> Fragment {
    match test {
        TextTest::Compare(Compare::Is(op, value)) => {
            let bytewise = words.postgres && !matches!(op, Op::Eq | Op::Ne);
            let collation = if bytewise { " COLLATE \"C\" " } else { " " };
            Fragment::new(column).say(collation).say(op.as_str()).say(" ").value(value)
        }
        TextTest::Compare(Compare::OneOf(values)) => Fragment::one_of(column, values.iter().map(Arg::from)),
        TextTest::Contains(part) => contains(column, part, words),
    }
}

pub(super) fn contains(column: &str, part: &str, words: &Words) -> Fragment {
    let part = part.to_ascii_lowercase();
    let (before, between) =
        if words.postgres { ("strpos(lower(", " COLLATE \"C\"), ") } else { ("instr(lower(", "), ") };
    Fragment::new(before).say(column).say(between).value(&part).say(") > 0")
}
