//! A query as a condition on a row `p` of `predictions`. It means what
//! `query` means in memory: true or false and never unknown, so every
//! comparison of what may be missing says first that it is there.

use super::{
    boxes,
    terms::{contains, logic, real_number, text, there, whole_number},
    words::Words,
};
use crate::sql::{Arg, Fragment};
use domain::{prediction::Status, time::Timestamp};
use query::{
    Moment, Query,
    ast::{Compare, Expr, MetadataTest, Op, Scalar, Test, TextTest},
    schema::{DateField, Field, NumberField, TextField, TextIndex, TextPlace},
};

/// The condition for all of `expr`.
pub(super) fn condition(expr: &Expr<Test>, words: &Words) -> Fragment {
    logic(expr, &|test| leaf(test, words))
}

/// The condition that a query becomes where none of its labels and models is
/// stored, and how many values are bound to it: for tests and for fuzzing,
/// which look at its form.
#[must_use]
pub fn condition_sql(query: &Query, now: Timestamp, postgres: bool) -> (String, usize) {
    let words = Words::unknown(now, postgres);
    let fragment = condition(query.condition(), &words);
    (fragment.text().to_owned(), fragment.values().len())
}

fn leaf(test: &Test, words: &Words) -> Fragment {
    match test {
        Test::Status(any) => Fragment::one_of("p.status", any.iter().map(|status| status.as_str().into())),
        Test::Reviewed(value) => {
            let reviewed = [Status::Reviewed, Status::Submitted].map(|status| status.as_str().into());
            let head = if *value { "p.status" } else { "NOT p.status" };
            Fragment::one_of(head, reviewed)
        }
        Test::Number(field, compare) => number(*field, compare),
        Test::Text(field, test) => text_field(*field, test, words),
        Test::Date(field, compare) => date(*field, compare, words),
        Test::Metadata(key, test) => metadata(key, test, words),
        Test::Missing(field) => missing(field, words),
        Test::Has(filter) => boxes::has(filter, words),
        Test::Count(filter, op, value) => boxes::count(filter, *op, *value, words),
    }
}

fn number(field: NumberField, compare: &Compare<f64>) -> Fragment {
    let row = field.row();
    let column = of_row(row.column);
    let test = match compare {
        Compare::Is(op, value) if row.is_whole => whole_number(Fragment::new(&column), *op, *value),
        Compare::Is(op, value) => real_number(&column, *op, *value),
        Compare::OneOf(values) if row.is_whole => {
            Fragment::any(values.iter().map(|value| whole_number(Fragment::new(&column), Op::Eq, *value)))
        }
        Compare::OneOf(values) => Fragment::one_of(&column, values.iter().map(|value| Arg::Real(*value))),
    };
    if row.field.may_miss { there(&column, test) } else { test }
}

/// A column of a row `p` of the table of predictions.
fn of_row(column: &str) -> String {
    format!("p.{column}")
}

fn text_field(field: TextField, test: &TextTest, words: &Words) -> Fragment {
    match field.row().place {
        TextPlace::Column(TextIndex { column, .. }) => {
            let column = of_row(column);
            there(&column, text(&column, test, words))
        }
        TextPlace::ModelVersion(_) => model(test, words),
        TextPlace::Tags => Fragment::with(
            "EXISTS (SELECT 1 FROM prediction_tags t WHERE t.deployment_id = ? \
             AND t.prediction_id = p.id AND ",
            [words.deployment.0.into()],
        )
        .then(text("t.tag", test, words))
        .say(")"),
    }
}

fn model(test: &TextTest, words: &Words) -> Fragment {
    let ids =
        |all: &[String]| all.iter().filter_map(|word| words.model(word)).map(Arg::Id).collect::<Vec<_>>();
    match test {
        TextTest::Compare(Compare::Is(Op::Eq, word)) => {
            Fragment::one_of("p.model_version_id", ids(std::slice::from_ref(word)))
        }
        TextTest::Compare(Compare::OneOf(all)) => Fragment::one_of("p.model_version_id", ids(all)),
        _ => Fragment::new(
            "p.model_version_id IN (SELECT v.id FROM model_versions v JOIN models m ON m.id = v.model_id WHERE ",
        )
        .then(text("(m.name || '/' || CAST(v.number AS TEXT))", test, words))
        .say(")"),
    }
}

fn date(field: DateField, compare: &Compare<Moment>, words: &Words) -> Fragment {
    let column = of_row(field.row().column);
    let is = |op: Op, moment: &Moment| {
        let interval = moment.interval(words.now);
        let (start, end) = (interval.start.0, interval.end.0);
        let one = |op: &str, at: i64| Fragment::new(&column).say(op).value(at);
        match op {
            Op::Eq => Fragment::all([one(" >= ", start), one(" < ", end)]),
            Op::Ne => Fragment::any([one(" < ", start), one(" >= ", end)]),
            Op::Lt => one(" < ", start),
            Op::Le => one(" < ", end),
            Op::Gt => one(" >= ", end),
            Op::Ge => one(" >= ", start),
        }
    };
    match compare {
        Compare::Is(op, moment) => is(*op, moment),
        Compare::OneOf(moments) => Fragment::any(moments.iter().map(|moment| is(Op::Eq, moment))),
    }
}

fn metadata(key: &str, test: &MetadataTest, words: &Words) -> Fragment {
    let is = |op: Op, value: &Scalar| match value {
        Scalar::Number(value) => there("m.number", real_number("m.number", op, *value)),
        Scalar::Text(value) => text("m.value", &TextTest::Compare(Compare::Is(op, value.clone())), words),
    };
    let test = match test {
        MetadataTest::Compare(Compare::Is(op, value)) => is(*op, value),
        MetadataTest::Compare(Compare::OneOf(values)) => {
            Fragment::any(values.iter().map(|value| is(Op::Eq, value)))
        }
        MetadataTest::Contains(part) => contains("m.value", part, words),
    };
    metadata_row(key).then(Fragment::new(" AND ")).then(test).say(")")
}

/// Open: a parenthesis is still to be closed.
fn metadata_row(key: &str) -> Fragment {
    Fragment::new("EXISTS (SELECT 1 FROM prediction_metadata m WHERE m.prediction_id = p.id AND m.key = ")
        .value(key)
}

fn missing(field: &Field, words: &Words) -> Fragment {
    let null = |column: &str| Fragment::new(&of_row(column)).say(" IS NULL");
    match field {
        // What is never missing is not asked for, column by column.
        field if !field.row().may_miss => Fragment::never(),
        Field::Number(field) => null(field.row().column),
        Field::Date(field) => null(field.row().column),
        Field::Text(field) => match field.row().place {
            TextPlace::Column(text) | TextPlace::ModelVersion(text) => null(text.column),
            TextPlace::Tags => Fragment::with(
                "NOT EXISTS (SELECT 1 FROM prediction_tags t WHERE t.prediction_id = p.id AND t.deployment_id = ?)",
                [words.deployment.0.into()],
            ),
        },
        Field::Metadata(key) => Fragment::new("NOT ").then(metadata_row(key)).say(")"),
        Field::Status | Field::Reviewed => Fragment::never(),
    }
}
