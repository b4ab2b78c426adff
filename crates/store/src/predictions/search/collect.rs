//! Few candidates: all of them at once, sorted by the database.

use super::{
    plan::Plan,
    position::{Start, sort_columns},
    ranges::IdRange,
    source::Source,
    walk::Walk,
    words::Words,
};
use crate::sql::{Arg, Fragment};
use domain::listing::{Direction, SortOrder};
use std::ops::Bound;

/// The places of the first `wanted` matches from `start`, in order.
pub(super) fn matches(
    words: &Words,
    plan: &Plan,
    order: SortOrder,
    start: &Start,
    condition: &Fragment,
    wanted: usize,
) -> Fragment {
    let walk = Walk {
        words,
        order,
        backwards: start.backwards,
        source: &Source::All,
        range: None,
        ids: IdRange::ALL,
    };
    let descends = (order.direction == Direction::Descending) != start.backwards;
    let rows = Fragment::new("SELECT ")
        .say(&walk.place_columns())
        .then(plan.best.gathered(&plan.ids, words))
        .say(" AND ")
        .then(condition.clone());
    rows.then(beyond(order, start, descends))
        .then(sorted(order, start.backwards, descends))
        .say(" LIMIT ")
        .value(i64::try_from(wanted).unwrap_or(i64::MAX))
}

fn beyond(order: SortOrder, start: &Start, descends: bool) -> Fragment {
    let Some(place) = &start.place else { return Fragment::default() };
    let columns = sort_columns(order.field);
    let (sign, equal) = (if descends { " <" } else { " >" }, if start.inclusive { "= " } else { " " });
    let (forward, id) = (!start.backwards, Arg::Id(place.id));
    let first = columns.columns.first().map(String::as_str);
    match (&place.values, first) {
        (Some(values), Some(first)) => {
            let marks = "?, ".repeat(values.len());
            let text = format!("({}, p.id){sign}{equal}({marks}?)", columns.columns.join(", "));
            let compared = Fragment::with(&text, values.iter().cloned().chain([id]));
            let missing = Fragment::new(first).say(" IS NULL");
            // Those without a value stand at the end.
            let ahead =
                if columns.may_miss && forward { Fragment::any([compared, missing]) } else { compared };
            Fragment::new(" AND ").then(ahead)
        }
        (None, Some(first)) => {
            let bound = Fragment::new("p.id").say(sign).say(equal).value(id);
            if forward {
                Fragment::new(" AND ").say(first).say(" IS NULL AND ").then(bound)
            } else {
                let valued = Fragment::new(first).say(" IS NOT NULL");
                Fragment::new(" AND ").then(Fragment::any([valued, bound]))
            }
        }
        (_, None) => {
            let limit = if start.inclusive { Bound::Included(place.id) } else { Bound::Excluded(place.id) };
            let ids = if descends {
                IdRange { high: limit, ..IdRange::ALL }
            } else {
                IdRange { low: limit, ..IdRange::ALL }
            };
            ids.of("p.id")
        }
    }
}

fn sorted(order: SortOrder, backwards: bool, descends: bool) -> Fragment {
    let columns = sort_columns(order.field);
    let way = if descends { " DESC" } else { "" };
    let mut list: Vec<String> = Vec::new();
    if let (Some(first), true) = (columns.columns.first(), columns.may_miss) {
        list.push(format!("({first} IS NULL){}", if backwards { " DESC" } else { "" }));
    }
    let ties = columns.columns.iter().map(String::as_str).chain(["p.id"]);
    list.extend(ties.map(|column| format!("{column}{way}")));
    Fragment::new(" ORDER BY ").say(&list.join(", "))
}
