//! What of a query is left to test on candidates that an index gave.

use super::{
    box_requirement::label_and_score,
    source::{Source, TextColumn},
    sources::number_of,
    words::Words,
};
use crate::sql::Arg;
use query::{
    Query,
    ast::{Boxes, Compare, Expr, MetadataTest, Op, Scalar, Test},
    schema::TextField,
};

/// What of the query is left to test on candidates of `source`.
pub(super) fn residual(query: &Query, source: &Source, words: &Words) -> Expr<Test> {
    match query.condition() {
        Expr::All(parts) => Expr::all(parts.iter().filter(|part| !is_answered(part, source, words)).cloned()),
        other if is_answered(other, source, words) => Expr::everything(),
        other => other.clone(),
    }
}

/// Whether every candidate of the source passes this part of the query.
fn is_answered(part: &Expr<Test>, source: &Source, words: &Words) -> bool {
    let Expr::Leaf(test) = part else { return false };
    match (test, source) {
        (Test::Status(_) | Test::Reviewed(_), Source::Column { column: TextColumn::Status, .. }) => true,
        (Test::Text(field, test), Source::Column { column, values }) => {
            // Models are known by number here, not by the name that is tested.
            let passes = |value: &Arg| matches!(value, Arg::Text(text) if test.passes(text));
            TextColumn::of(*field) == Some(*column) && values.iter().all(passes)
        }
        (Test::Text(TextField::Tag, test), Source::Tags(tags)) => tags.iter().all(|tag| test.passes(tag)),
        (
            Test::Metadata(key, MetadataTest::Compare(Compare::Is(Op::Eq, Scalar::Text(text)))),
            Source::Metadata { key: indexed, values },
        ) => key == indexed && *values == [text.as_str()],
        (
            Test::Metadata(key, MetadataTest::Compare(Compare::Is(op, Scalar::Number(_)))),
            Source::Measure { key: indexed, .. },
        ) => *op != Op::Ne && key == indexed,
        (Test::Has(boxes), Source::Labels { .. }) => answers_count(boxes, Op::Ge, 1.0, source, words),
        (Test::Count(boxes, op, value), Source::Labels { .. }) => {
            answers_count(boxes, *op, *value, source, words)
        }
        (Test::Number(field, Compare::Is(op, _)), Source::Range { field: range, .. }) => {
            *op != Op::Ne && number_of(*range) == Some(*field)
        }
        _ => false,
    }
}

fn answers_count(condition: &Boxes, op: Op, value: f64, source: &Source, words: &Words) -> bool {
    let Source::Labels { labels, boxes } = source else { return false };
    let label = label_and_score(&condition.filter).and_then(|(label, _)| words.label(label));
    label.is_some_and(|id| *labels == [id]) && boxes.answers(condition, op, value)
}
