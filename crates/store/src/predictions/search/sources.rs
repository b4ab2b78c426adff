//! The sources that there are for what a query implies. Pure: which of them is
//! the best is for counting to tell.

use super::{
    box_requirement::BoxRequirement,
    position::sort_columns,
    ranges::Range,
    source::{Source, TextColumn, is_missing},
    words::Words,
};
use crate::sql::Arg;
use domain::{listing::SortField, time::Timestamp};
use query::{
    Bounds, Implied,
    schema::{DateField, NumberField, Order, TextField},
};
use std::{borrow::Cow, collections::BTreeSet, ops::Bound};

/// All that an index answers at once.
pub(super) fn of(implied: &Implied, words: &Words) -> Vec<Source> {
    let mut sources = Vec::new();
    for (key, values) in &implied.metadata {
        sources.push(Source::Metadata { key: key.clone(), values: values.iter().cloned().collect() });
    }
    for (key, bounds) in &implied.measures {
        sources.push(Source::Measure { key: key.clone(), range: real_range(bounds) });
    }
    let has_no_value =
        |key: &&String| !implied.metadata.contains_key(*key) && !implied.measures.contains_key(*key);
    sources.extend(implied.keys.iter().filter(has_no_value).map(|key| Source::Key(key.clone())));
    for tags in &implied.tags {
        sources.push(Source::Tags(tags.iter().cloned().collect()));
    }
    for (field, values) in &implied.texts {
        sources.extend(text_source(*field, values, words));
    }
    for need in &implied.label_counts {
        let Some(boxes) = BoxRequirement::of(need) else { continue };
        let labels = need.labels.iter().filter_map(|label| words.label(label)).collect();
        sources.push(Source::Labels { labels, boxes });
    }
    if implied.has_review {
        let condition = Cow::Borrowed("p.revision > 0");
        sources.push(Source::Part { condition, index: "predictions_revised", in_order: true });
    }
    if let Some(statuses) = &implied.statuses {
        let values = statuses.iter().map(|status| status.as_str().into()).collect();
        sources.push(Source::Column { column: TextColumn::Status, values });
    }
    for field in SortField::all() {
        sources.extend(range_of(implied, field).map(|range| Source::Range { field, range }));
    }
    sources.extend(implied.lacking.iter().filter_map(|field| missing(*field)));
    sources
}

/// Tags have a table, and conditions, of their own.
fn text_source(field: TextField, values: &BTreeSet<String>, words: &Words) -> Option<Source> {
    let column = TextColumn::of(field)?;
    let values = if column.holds_ids() {
        values.iter().filter_map(|word| words.model(word)).map(Arg::Id).collect()
    } else {
        values.iter().map(Arg::from).collect()
    };
    Some(Source::Column { column, values })
}

/// Those without the number, if an index knows them.
fn missing(field: NumberField) -> Option<Source> {
    let row = field.row();
    let Order { index, ties } = row.order.filter(|_| row.field.may_miss)?;
    // What breaks ties stands between the number and the id.
    Some(Source::Part { condition: is_missing(row.column), index, in_order: ties.is_empty() })
}

/// The number that a list is sorted by.
pub(super) fn number_of(field: SortField) -> Option<NumberField> {
    match field {
        SortField::Number(number) => Some(number),
        SortField::Received | SortField::Created => None,
    }
}

/// The range that every match's value lies in by which `field` sorts.
pub(super) fn range_of(implied: &Implied, field: SortField) -> Option<Range> {
    if field == SortField::Created {
        return implied.dates.get(&DateField::Created).map(|bounds| Range {
            low: bounds.low.map(|at: Timestamp| Arg::Int(at.0)),
            high: bounds.high.map(|at: Timestamp| Arg::Int(at.0)),
        });
    }
    let bounds = implied.numbers.get(&number_of(field)?)?;
    if sort_columns(field).whole { whole_range(bounds) } else { Some(real_range(bounds)) }
}

fn real_range(bounds: &Bounds<f64>) -> Range {
    Range { low: bounds.low.map(Arg::Real), high: bounds.high.map(Arg::Real) }
}

/// At least 0 is no news of a number of objects.
fn whole_range(bounds: &Bounds<f64>) -> Option<Range> {
    let low = match bounds.low {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(low) => Bound::Included(low.ceil()),
        Bound::Excluded(low) => Bound::Included(low.floor() + 1.0),
    };
    let low = match low {
        Bound::Included(low) if low <= 0.0 => Bound::Unbounded,
        low => low,
    };
    let high = match bounds.high {
        Bound::Unbounded => Bound::Unbounded,
        Bound::Included(high) => Bound::Included(high.floor()),
        Bound::Excluded(high) => Bound::Included(high.ceil() - 1.0),
    };
    let news = (low, high) != (Bound::Unbounded, Bound::Unbounded);
    let whole = |number: f64| Arg::Int(number as i64);
    news.then(|| Range { low: low.map(whole), high: high.map(whole) })
}
