//! A place in a sorted list, and how it travels as a cursor. Knows which
//! columns an order has, and no query.

use crate::{
    error::{Result, StoreError},
    sql::{Arg, Fragment},
};
use domain::listing::{SortField, SortOrder};
use query::schema::{DateField, Order};
use sea_orm::QueryResult;
use std::{collections::BTreeMap, sync::LazyLock};
use uuid::Uuid;

/// The columns that an order compares before the id.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SortColumns {
    pub(super) index: &'static str,
    /// Of a row `p` of the table of predictions.
    pub(super) columns: Vec<String>,
    /// Whole numbers, or real ones.
    pub(super) whole: bool,
    /// Whether a value may be missing; then it comes last.
    pub(super) may_miss: bool,
}

static ARRIVAL: SortColumns =
    SortColumns { index: "predictions_page", columns: Vec::new(), whole: true, may_miss: false };
/// Those of every order that there is.
static SORT_COLUMNS: LazyLock<BTreeMap<SortField, SortColumns>> =
    LazyLock::new(|| SortField::all().filter_map(|field| Some((field, SortColumns::of(field)?))).collect());

impl SortColumns {
    /// `None` for arrival, which is the order of ids, which begin with the
    /// time; and for a number that lists have no order by.
    fn of(field: SortField) -> Option<Self> {
        let column = |name: &str| format!("p.{name}");
        match field {
            SortField::Received => None,
            SortField::Created => Some(Self {
                index: "predictions_created",
                columns: vec![column(DateField::Created.row().column)],
                whole: true,
                may_miss: false,
            }),
            SortField::Number(number) => {
                let row = number.row();
                let Order { index, ties } = row.order?;
                let columns = std::iter::once(&row.column).chain(ties).map(|name| column(name)).collect();
                Some(Self { index, columns, whole: row.is_whole, may_miss: row.field.may_miss })
            }
        }
    }

    /// The list of a `SELECT` that says where a row stands, the id last.
    pub(super) fn selected(&self) -> String {
        // PostgreSQL's smaller whole numbers are widened.
        let one = |column: &String| {
            if self.whole { format!("CAST({column} AS BIGINT)") } else { column.clone() }
        };
        self.columns.iter().map(one).chain(["p.id".to_owned()]).collect::<Vec<_>>().join(", ")
    }
}

/// Those of `field`.
pub(super) fn sort_columns(field: SortField) -> &'static SortColumns {
    SORT_COLUMNS.get(&field).unwrap_or(&ARRIVAL)
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListPosition {
    /// One for each column of the order; `None` when the value is missing.
    pub(crate) values: Option<Vec<Arg>>,
    /// Breaks ties.
    pub(crate) id: Uuid,
}

impl ListPosition {
    /// Where a row of [`SortColumns::selected`] stands.
    pub(crate) fn of_row(row: &QueryResult, field: SortField) -> Result<Self> {
        let SortColumns { columns, whole, .. } = sort_columns(field);
        let value = |column: usize| -> Result<Option<Arg>> {
            Ok(if *whole {
                row.try_get_by_index::<Option<i64>>(column)?.map(Arg::Int)
            } else {
                row.try_get_by_index::<Option<f64>>(column)?.map(Arg::Real)
            })
        };
        let values = (0..columns.len()).map(value).collect::<Result<Vec<_>>>()?;
        Ok(Self { values: values.into_iter().collect(), id: row.try_get_by_index(columns.len())? })
    }
}

/// The statement for where a prediction of a deployment stands in an order.
pub(crate) fn position_statement(deployment: Uuid, id: Uuid, field: SortField) -> Fragment {
    Fragment::new("SELECT ")
        .say(&sort_columns(field).selected())
        .say(" FROM predictions AS p WHERE p.deletion_id IS NULL AND p.deployment_id = ")
        .value(deployment)
        .say(" AND p.id = ")
        .value(id)
}

/// Where a page begins, and which way it goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    /// Towards the beginning of the list.
    pub(crate) backwards: bool,
    /// `None`: at the end that it comes from.
    pub(crate) place: Option<ListPosition>,
    /// Whether the row at the place itself belongs to the page.
    pub(crate) inclusive: bool,
}

impl Start {
    /// The first page.
    pub(crate) fn beginning() -> Self {
        Self { backwards: false, place: None, inclusive: false }
    }

    /// Behind a row.
    pub(crate) fn after(place: ListPosition) -> Self {
        Self { backwards: false, place: Some(place), inclusive: false }
    }

    /// Before a row.
    pub(crate) fn before(place: ListPosition) -> Self {
        Self { backwards: true, place: Some(place), inclusive: false }
    }

    /// With a row, and on.
    pub(crate) fn at(place: ListPosition) -> Self {
        Self { backwards: false, place: Some(place), inclusive: true }
    }

    /// As text, for a list in this order.
    pub(crate) fn to_cursor(&self, order: SortOrder) -> String {
        let way = if self.backwards { 'p' } else { 'n' };
        let Some(place) = &self.place else { return format!("{way}s.{order}") };
        let reach = if self.inclusive { 'i' } else { 'x' };
        let values = match &place.values {
            None => "none".to_owned(),
            Some(values) => values.iter().map(number_text).collect::<Vec<_>>().join("_"),
        };
        format!("{way}{reach}.{order}.{values}.{}", place.id.simple())
    }

    /// Out of the text of a cursor of a list in this order.
    pub(crate) fn of_cursor(text: &str, order: SortOrder) -> Result<Self> {
        Self::read(text, order).ok_or(StoreError::InvalidCursor)
    }

    fn read(text: &str, order: SortOrder) -> Option<Self> {
        let mut parts = text.split('.');
        let (kind, sort) = (parts.next()?, parts.next()?);
        (sort == order.to_string()).then_some(())?;
        let backwards = match kind.get(..1)? {
            "p" => true,
            "n" => false,
            _ => return None,
        };
        let inclusive = match kind.get(1..)? {
            "s" => {
                return parts.next().is_none().then_some(Self { backwards, place: None, inclusive: false });
            }
            "i" => true,
            "x" => false,
            _ => return None,
        };
        let (values, id) = (parts.next()?, Uuid::parse_str(parts.next()?).ok()?);
        parts.next().is_none().then_some(())?;
        let columns = sort_columns(order.field);
        let values = match values {
            "none" if columns.may_miss => None,
            "" if columns.columns.is_empty() => Some(Vec::new()),
            some => {
                let values =
                    some.split('_').map(|one| number(one, columns.whole)).collect::<Option<Vec<_>>>()?;
                (values.len() == columns.columns.len()).then_some(())?;
                Some(values)
            }
        };
        Some(Self { backwards, place: Some(ListPosition { values, id }), inclusive })
    }
}

fn number_text(value: &Arg) -> String {
    match value {
        Arg::Int(number) => number.to_string(),
        Arg::Real(number) => format!("{:016x}", number.to_bits()),
        Arg::Text(_) | Arg::Id(_) => String::new(),
    }
}

fn number(text: &str, whole: bool) -> Option<Arg> {
    if whole {
        return text.parse().ok().map(Arg::Int);
    }
    let bits = (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten()?;
    Some(f64::from_bits(bits)).filter(|number| number.is_finite()).map(Arg::Real)
}

/// A cursor of a list in this order, read and written again; `None` when it
/// is none. For tests: it shows what is made of a text from outside.
#[must_use]
pub fn rewritten_cursor(text: &str, order: SortOrder) -> Option<String> {
    Start::of_cursor(text, order).ok().map(|start| start.to_cursor(order))
}

#[cfg(test)]
mod tests {
    use super::*;
    use query::schema::NumberField;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let id = Uuid::from_u128(0x0190_1234_5678_7abc_8def_0123_4567_89ab);
        for field in SortField::all() {
            let order = SortOrder::descending(field);
            let columns = sort_columns(field);
            let value = |n: f64| if columns.whole { Arg::Int(n as i64) } else { Arg::Real(n) };
            let values = columns.columns.iter().map(|_| value(-0.1)).collect();
            let mut places = vec![ListPosition { values: Some(values), id }];
            places.extend(columns.may_miss.then_some(ListPosition { values: None, id }));
            for place in places {
                for start in [Start::after(place.clone()), Start::before(place.clone()), Start::at(place)] {
                    let text = start.to_cursor(order);
                    assert_eq!(Start::of_cursor(&text, order).ok(), Some(start), "{text}");
                    assert!(Start::of_cursor(&text, order.reversed()).is_err());
                }
            }
            let first = Start::beginning();
            assert_eq!(Start::of_cursor(&first.to_cursor(order), order).ok(), Some(first));
        }
    }

    #[test]
    fn foreign_cursors_are_refused() {
        let order = SortOrder::descending(SortField::Number(NumberField::OutlierScore));
        for text in [
            "",
            "n",
            "é",
            "nx",
            "ns.-outlier_score.",
            "nx.-outlier_score.none",
            "nx.-outlier_score.none.1",
            "nx.-outlier_score.1_2.01901234567878bc8def0123456789ab",
            "nx.-outlier_score.7ff8000000000000_7ff8000000000000.01901234567878bc8def0123456789ab",
            "nx.-outlier_score.3ff0000000000000.01901234567878bc8def0123456789ab",
            "qx.-outlier_score.none.01901234567878bc8def0123456789ab",
            "nx.-latency.none.01901234567878bc8def0123456789ab",
        ] {
            assert!(matches!(Start::of_cursor(text, order), Err(StoreError::InvalidCursor)), "{text}");
        }
        let latency = SortOrder::descending(SortField::Number(NumberField::Latency));
        assert!(Start::of_cursor("nx.-latency.none.01901234567878bc8def0123456789ab", latency).is_err());
    }
}
