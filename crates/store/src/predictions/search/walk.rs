//! A walk along one index, as statements: which rows lie in a piece of it,
//! and where the piece ends. Pure: runs nothing.

use super::{
    candidates::table,
    position::{ListPosition, SortColumns, sort_columns},
    ranges::{IdRange, Range, bound},
    source::Source,
    words::Words,
};
use crate::{
    error::Result,
    sql::{Arg, Fragment},
    timed::TimedRow,
};
use domain::listing::{Direction, SortField, SortOrder};
use std::ops::Bound;

/// The two stretches of an order whose values may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    Valued,
    Missing,
}

/// Where a piece begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WalkStart {
    pub(super) place: ListPosition,
    pub(super) inclusive: bool,
}

/// Along which index, which way, within which bounds.
#[derive(Clone, Debug)]
pub(super) struct Walk<'a> {
    pub(super) words: &'a Words,
    pub(super) order: SortOrder,
    pub(super) backwards: bool,
    /// Candidates; anything but [`Source::All`] only in the order of arrival.
    pub(super) source: &'a Source,
    /// Of the order's first column; the value is there then.
    pub(super) range: Option<Range>,
    /// Of the ids.
    pub(super) ids: IdRange,
}

impl Walk<'_> {
    pub(super) fn columns(&self) -> &'static SortColumns {
        sort_columns(self.order.field)
    }

    /// The stretches in the order of the walk.
    pub(super) fn stretches(&self) -> &'static [Stretch] {
        match (self.columns().may_miss && self.range.is_none(), self.backwards) {
            (false, _) => &[Stretch::Valued],
            (true, false) => &[Stretch::Valued, Stretch::Missing],
            (true, true) => &[Stretch::Missing, Stretch::Valued],
        }
    }

    /// Whether the walk goes down.
    fn descends(&self) -> bool {
        (self.order.direction == Direction::Descending) != self.backwards
    }

    fn by_id(&self) -> bool {
        self.order.field == SortField::Received
    }

    /// `SELECT` list of a place.
    pub(super) fn place_columns(&self) -> String {
        self.columns().selected()
    }

    /// The place that a row of [`Self::place_columns`] says.
    pub(super) fn place(&self, row: &TimedRow) -> Result<ListPosition> {
        let SortColumns { columns, whole, .. } = self.columns();
        let mut values = Vec::with_capacity(columns.len());
        for column in 0..columns.len() {
            let value = if *whole {
                row.some_int(column)?.map(Arg::Int)
            } else {
                row.some_real(column)?.map(Arg::Real)
            };
            values.push(value);
        }
        let values = values.into_iter().collect::<Option<Vec<_>>>();
        Ok(ListPosition { values, id: row.id(columns.len())? })
    }

    /// ` FROM … WHERE …` for the candidates from one place to another.
    pub(super) fn rows(
        &self,
        stretch: Stretch,
        from: Option<&WalkStart>,
        until: Option<&ListPosition>,
    ) -> Fragment {
        if self.by_id() {
            return self.source.rows(&self.id_range(from, until), self.words);
        }
        let deployment = Fragment::with("p.deployment_id = ?", [Arg::Id(self.words.deployment.0)]);
        let rows = table(Some(self.columns().index), self.words).then(deployment);
        let first = self.columns().columns.first().map_or("p.id", String::as_str);
        match stretch {
            Stretch::Missing => {
                rows.say(" AND ").say(first).say(" IS NULL").then(self.id_range(from, until).of("p.id"))
            }
            Stretch::Valued => {
                let (begin, end) = (self.begin(from, first), self.end(until, first));
                rows.then(begin).then(end).then(self.ids.of("p.id"))
            }
        }
    }

    /// The ids of a piece; also of the stretch whose values are missing.
    fn id_range(&self, from: Option<&WalkStart>, until: Option<&ListPosition>) -> IdRange {
        let begin = from.map(|from| {
            if from.inclusive { Bound::Included(from.place.id) } else { Bound::Excluded(from.place.id) }
        });
        let end = until.map(|place| Bound::Included(place.id));
        let (low, high) = if self.descends() { (end, begin) } else { (begin, end) };
        IdRange { low: tighter(self.ids.low, low, true), high: tighter(self.ids.high, high, false) }
    }

    fn begin(&self, from: Option<&WalkStart>, first: &str) -> Fragment {
        let sign = if self.descends() { " <" } else { " >" };
        let limit = self.limit(self.descends());
        let inside =
            |values: &[Arg]| values.first().is_some_and(|value| lies_within(value, &limit, self.descends()));
        match from.and_then(|from| Some((from, from.place.values.as_deref()?))) {
            Some((from, values)) if inside(values) => {
                let equal = if from.inclusive { "= " } else { " " };
                self.compared(sign, equal, values, from.place.id)
            }
            _ => bound(first, sign, &limit),
        }
    }

    fn end(&self, until: Option<&ListPosition>, first: &str) -> Fragment {
        let sign = if self.descends() { " >" } else { " <" };
        match until.and_then(|place| Some((place, place.values.as_deref()?))) {
            Some((place, values)) => self.compared(sign, "= ", values, place.id),
            None => bound(first, sign, &self.limit(!self.descends())),
        }
    }

    /// The bound of the range on one side. Values that may be missing have a
    /// lower one always, so that no scan runs into those that are.
    fn limit(&self, high: bool) -> Bound<Arg> {
        let given =
            self.range.as_ref().map(|range| if high { range.high.clone() } else { range.low.clone() });
        match given {
            None | Some(Bound::Unbounded) if self.columns().may_miss => {
                Bound::Included(Arg::Real(if high { f64::MAX } else { f64::MIN }))
            }
            None => Bound::Unbounded,
            Some(given) => given,
        }
    }

    /// ` AND (columns, id) < (values, id)`
    fn compared(&self, sign: &str, equal: &str, values: &[Arg], id: uuid::Uuid) -> Fragment {
        let columns = self.columns().columns.join(", ");
        let marks = "?, ".repeat(values.len());
        let text = format!(" AND ({columns}, p.id){sign}{equal}({marks}?)");
        Fragment::with(&text, values.iter().cloned().chain([Arg::Id(id)]))
    }

    /// ` ORDER BY …`, as the walk goes.
    pub(super) fn order_by(&self, stretch: Stretch) -> Fragment {
        let way = if self.descends() { " DESC" } else { "" };
        let columns = if stretch == Stretch::Missing { &[] } else { self.columns().columns.as_slice() };
        let columns = columns.iter().map(String::as_str).chain(["p.id"]);
        let list: Vec<String> = columns.map(|column| format!("{column}{way}")).collect();
        Fragment::new(" ORDER BY ").say(&list.join(", "))
    }

    /// The places of the first candidates, `wanted` of them, when the walk is
    /// in the order of ids.
    pub(super) fn first(&self, wanted: u64, from: Option<&WalkStart>) -> Option<Fragment> {
        let ids = self.id_range(from, None);
        self.by_id().then(|| self.source.stretch_of_ids(0, wanted, self.descends(), &ids, self.words))
    }

    /// The place of the `nth` candidate (from 1) of a piece.
    pub(super) fn nth(&self, nth: u64, stretch: Stretch, from: Option<&WalkStart>) -> Fragment {
        if self.by_id() {
            return self.source.nth_id(nth, self.descends(), &self.id_range(from, None), self.words);
        }
        Fragment::new("SELECT ")
            .say(&self.place_columns())
            .then(self.rows(stretch, from, None))
            .then(self.order_by(stretch))
            .say(" LIMIT 1 OFFSET ")
            .value(i64::try_from(nth).unwrap_or(i64::MAX).saturating_sub(1))
    }
}

fn tighter(a: Bound<uuid::Uuid>, b: Option<Bound<uuid::Uuid>>, low: bool) -> Bound<uuid::Uuid> {
    use Bound::{Excluded, Included, Unbounded};
    match (a, b) {
        (a, None | Some(Unbounded)) => a,
        (Unbounded, Some(b)) => b,
        (a @ (Included(x) | Excluded(x)), Some(b @ (Included(y) | Excluded(y)))) => {
            if x == y {
                if matches!(a, Excluded(_)) { a } else { b }
            } else if (x > y) == low {
                a
            } else {
                b
            }
        }
    }
}

/// Whether a number lies on the inner side of a bound.
fn lies_within(value: &Arg, limit: &Bound<Arg>, high: bool) -> bool {
    let number = |arg: &Arg| match arg {
        Arg::Int(number) => *number as f64,
        Arg::Real(number) => *number,
        Arg::Text(_) | Arg::Id(_) => 0.0,
    };
    match limit {
        Bound::Unbounded => true,
        Bound::Included(bound) if high => number(value) <= number(bound),
        Bound::Included(bound) => number(value) >= number(bound),
        Bound::Excluded(bound) if high => number(value) < number(bound),
        Bound::Excluded(bound) => number(value) > number(bound),
    }
}
