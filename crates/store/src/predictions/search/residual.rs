//! What of a query is left to test on candidates that an index gave.

use super::{
    boxes::kept_column,
    source::{Source, TextColumn},
    words::Words,
};
use crate::sql::Arg;
use domain::{
    listing::SortField,
    query::{
        Query,
        ast::{BoxTest, Boxes, Compare, Expr, MetadataTest, Op, Scalar, Test, TextTest},
        schema::{NumberField, TextField},
    },
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
        (Test::Text(field, TextTest::Compare(compare)), Source::Column { column, values }) => {
            let of_column = match column {
                TextColumn::Source => *field == TextField::Source,
                TextColumn::Filename => *field == TextField::Filename,
                TextColumn::Reviewer => *field == TextField::ReviewedBy,
                TextColumn::Status | TextColumn::Model => false,
            };
            let texts = equal_texts(compare);
            of_column && values.iter().all(|value| texts.iter().any(|text| Arg::from(text) == *value))
        }
        (Test::Text(TextField::Tag, TextTest::Compare(compare)), Source::Tags(tags)) => {
            let texts = equal_texts(compare);
            tags.iter().all(|tag| texts.contains(tag))
        }
        (
            Test::Metadata(key, MetadataTest::Compare(Compare::Is(Op::Eq, Scalar::Text(text)))),
            Source::Metadata { key: asked, values },
        ) => key == asked && *values == [text.as_str()],
        (
            Test::Metadata(key, MetadataTest::Compare(Compare::Is(op, Scalar::Number(_)))),
            Source::Measure { key: asked, .. },
        ) => *op != Op::Ne && key == asked,
        (Test::Has(boxes), Source::Labels { .. }) => answers_boxes(boxes, 1, source, words),
        (Test::Count(boxes, Op::Ge, value), Source::Labels { .. }) if value.fract() == 0.0 => {
            answers_boxes(boxes, *value as i64, source, words)
        }
        (Test::Number(field, Compare::Is(op, _)), Source::Range { field: range, .. }) => {
            *op != Op::Ne && number_of(*range) == Some(*field)
        }
        _ => false,
    }
}

fn answers_boxes(boxes: &Boxes, wanted: i64, source: &Source, words: &Words) -> bool {
    let Source::Labels { origin, count, labels, at_least } = source else { return false };
    let Expr::Leaf(BoxTest::Label(TextTest::Compare(Compare::Is(Op::Eq, label)))) = &boxes.filter else {
        return false;
    };
    let alone = words.label(label).is_some_and(|id| *labels == [id]);
    alone && kept_column(boxes.origin) == Some((*origin, *count)) && *at_least >= wanted
}

fn equal_texts(compare: &Compare<String>) -> &[String] {
    match compare {
        Compare::Is(Op::Eq, text) => std::slice::from_ref(text),
        Compare::OneOf(texts) => texts,
        Compare::Is(..) => &[],
    }
}

fn number_of(field: SortField) -> Option<NumberField> {
    match field {
        SortField::OutlierScore => Some(NumberField::OutlierScore),
        SortField::Confidence => Some(NumberField::Confidence),
        SortField::Objects => Some(NumberField::Objects),
        SortField::Latency => Some(NumberField::Latency),
        SortField::ShadowDisagreement => Some(NumberField::ShadowDisagreement),
        SortField::Received | SortField::Created => None,
    }
}
