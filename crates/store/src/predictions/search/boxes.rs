//! Conditions on the boxes of a prediction `p`. What the kept counts know is
//! read from them; all else from the boxes themselves.

use super::{
    box_requirement::{count_column, label_and_score},
    terms::{logic, real_number, text, there, whole_number},
    words::Words,
};
use crate::sql::{Arg, Fragment};
use query::{
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, Op, TextTest},
    schema::{BoxField, BoxNumber, BoxPlace},
};

/// Whether there is a box as `boxes` says.
pub(super) fn has(boxes: &Boxes, words: &Words) -> Fragment {
    if boxes.origin == BoxOrigin::Champion && boxes.filter.is_everything() {
        return Fragment::new("p.objects > 0");
    }
    if let (Some((label, score)), Some((origin, column))) =
        (label_and_score(&boxes.filter), count_column(boxes.origin))
    {
        let Some(label) = words.label(label) else { return Fragment::never() };
        let one = Fragment::new("EXISTS (SELECT 1")
            .then(counts_of(origin, label, words))
            .say(" AND c.")
            .say(column);
        let enough = match score {
            None => one.say(" > 0"),
            Some((op, score)) => one.say(" > 0 AND ").then(real_number("c.max_score", op, score)),
        };
        return enough.say(")");
    }
    Fragment::new("EXISTS (SELECT 1").then(rows(boxes, words)).say(")")
}

/// Whether the number of boxes as `boxes` says stands in `op` to `value`.
pub(super) fn count(boxes: &Boxes, op: Op, value: f64, words: &Words) -> Fragment {
    if boxes.origin == BoxOrigin::Champion && boxes.filter.is_everything() {
        return whole_number(Fragment::new("p.objects"), op, value);
    }
    let number = match (boxes.filter.label(), count_column(boxes.origin)) {
        (Some(label), Some((origin, column))) => match words.label(label) {
            Some(label) => Fragment::new("COALESCE((SELECT c.")
                .say(column)
                .then(counts_of(origin, label, words))
                .say("), 0)"),
            None => Fragment::new("0"),
        },
        _ => Fragment::new("(SELECT COUNT(*)").then(rows(boxes, words)).say(")"),
    };
    let test = whole_number(number, op, value);
    match enough_of_its_label(boxes, op, value, words) {
        Some(enough) => Fragment::all([enough, test]),
        None => test,
    }
}

/// Where several boxes of one label must pass a filter, there must be as many of
/// that label, which is kept: far fewer are left whose boxes are counted.
fn enough_of_its_label(boxes: &Boxes, op: Op, value: f64, words: &Words) -> Option<Fragment> {
    let Expr::All(parts) = &boxes.filter else { return None };
    if value < 2.0 || !matches!(op, Op::Eq | Op::Ge | Op::Gt) {
        return None;
    }
    count_column(boxes.origin)?;
    let label = parts.iter().find(|part| part.label().is_some())?;
    let of = |filter| Boxes { origin: boxes.origin, filter };
    let many = count(&of(label.clone()), Op::Ge, value, words);
    let sure = parts.iter().find(|part| part.least_score().is_some());
    let sure = sure.map(|score| has(&of(Expr::all([label.clone(), score.clone()])), words));
    Some(Fragment::all([Some(many), sure].into_iter().flatten()))
}

/// ` FROM … WHERE …` for the counts of boxes of a label.
fn counts_of(origin: i64, label: i64, words: &Words) -> Fragment {
    Fragment::with(
        " FROM box_counts c WHERE c.deployment_id = ? AND c.label_id = ? AND c.origin = ? \
         AND c.prediction_id = p.id",
        [words.deployment.0.into(), Arg::Int(label), Arg::Int(origin)],
    )
}

/// ` FROM … WHERE …` for these boxes.
fn rows(boxes: &Boxes, words: &Words) -> Fragment {
    let whose = match boxes.origin {
        BoxOrigin::Champion => "b.origin = 0 AND b.revision = 0 AND b.score >= p.threshold",
        BoxOrigin::Shadow => "b.origin = 1 AND b.revision = 0 AND b.score >= p.threshold",
        BoxOrigin::All => "b.origin = 0 AND b.revision = 0",
        BoxOrigin::Review => "b.origin = 2 AND b.revision = p.revision AND NOT b.ignored",
    };
    let all = Fragment::new(" FROM boxes b WHERE b.prediction_id = p.id AND ").say(whose);
    if boxes.filter.is_everything() {
        return all;
    }
    all.say(" AND ").then(logic(&boxes.filter, &|test| leaf(test, words)))
}

fn leaf(test: &BoxTest, words: &Words) -> Fragment {
    match test {
        BoxTest::Label(test) => label(test, words),
        BoxTest::Number(field, compare) => number(*field, compare, words),
        BoxTest::Missing(BoxField::Number(field)) if field.row().field.may_miss => {
            Fragment::new(&column(*field, words)).say(" IS NULL")
        }
        BoxTest::Missing(BoxField::Number(_) | BoxField::Label) => Fragment::never(),
    }
}

fn label(test: &TextTest, words: &Words) -> Fragment {
    match test {
        TextTest::Compare(Compare::Is(Op::Eq, word)) => {
            Fragment::one_of("b.label_id", words.label(word).map(Arg::Int))
        }
        TextTest::Compare(Compare::Is(Op::Ne, word)) => match words.label(word) {
            Some(id) => Fragment::new("b.label_id <> ").value(id),
            None => Fragment::always(),
        },
        TextTest::Compare(Compare::OneOf(all)) => {
            Fragment::one_of("b.label_id", all.iter().filter_map(|word| words.label(word)).map(Arg::Int))
        }
        _ => Fragment::new("b.label_id IN (SELECT l.id FROM labels l WHERE ")
            .then(text("l.name", test, words))
            .say(")"),
    }
}

fn number(field: BoxNumber, compare: &Compare<f64>, words: &Words) -> Fragment {
    let column = column(field, words);
    let test = match compare {
        Compare::Is(op, value) => real_number(&column, *op, *value),
        Compare::OneOf(values) => Fragment::one_of(&column, values.iter().map(|value| Arg::Real(*value))),
    };
    if field.row().field.may_miss { there(&column, test) } else { test }
}

/// Of a row `b` of the table of boxes.
fn column(field: BoxNumber, words: &Words) -> String {
    match field.row().place {
        BoxPlace::Column(column) => format!("b.{column}"),
        BoxPlace::Area => area(words).to_owned(),
    }
}

/// PostgreSQL refuses a product that leaves the range of numbers, where
/// everybody else rounds it to nothing or to infinity.
fn area(words: &Words) -> &'static str {
    if words.postgres {
        "(CASE WHEN b.w < 1e-150 OR b.h < 1e-150 THEN 0 \
         WHEN b.w > 1e150 OR b.h > 1e150 THEN 'Infinity'::double precision ELSE b.w * b.h END)"
    } else {
        "(b.w * b.h)"
    }
}
