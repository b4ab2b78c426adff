//! Where to take candidates from: of what every match fulfils, the condition
//! with the fewest candidates, as far as counting a few thousand index
//! entries tells.

use super::{
    boxes::kept_column,
    place::sort_columns,
    ranges::{IdRange, Range},
    source::{Source, TextColumn},
    words::Words,
};
use crate::{
    error::Result,
    sql::{Arg, Fragment},
    timed::{Timed, Timely},
};
use domain::{
    listing::{Count, SortField},
    prediction::Status,
    query::{
        Bounds, Implied, Query,
        ast::{Expr, Test},
        schema::{DateField, NumberField, TextField},
    },
    time::Timestamp,
};
use std::{collections::BTreeSet, ops::Bound, time::Duration};
use uuid::Uuid;

/// Candidates are counted up to here.
const COUNTED: u64 = 20_000;
/// So few that no better source is looked for.
const FEW: u64 = 200;
/// So many can be fetched and sorted at once.
const COLLECTED: u64 = 7_000;
const COUNTING: Duration = Duration::from_millis(100);

/// How the matches of a query are found.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Nothing can match.
    pub(super) never: bool,
    /// The source with the fewest candidates.
    pub(super) best: Source,
    /// How many it has.
    pub(super) candidates: Count,
    /// The best of those in the order of ids.
    pub(super) in_order: Source,
    /// What every match's id lies in.
    pub(super) ids: IdRange,
    implied: Implied,
}

impl Plan {
    pub(super) async fn of(timed: &mut Timed<'_>, query: &Query, words: &Words) -> Result<Self> {
        let implied = query.driving_conditions(words.now);
        let ids = arrival_ids(timed, &implied, words).await?;
        let mut plan = Self {
            never: implied.never,
            best: Source::All,
            candidates: Count::default(),
            in_order: Source::All,
            ids,
            implied,
        };
        let sources = plan.sources(words);
        let (mut least, mut least_in_order) = (u64::MAX, u64::MAX);
        plan.never |= sources.iter().any(Source::is_empty);
        for source in sources.into_iter().filter(|source| !source.is_empty()) {
            let statement = source.counted(COUNTED, &plan.ids, words);
            let Timely::Done(rows) = timed.rows(&statement, COUNTING).await? else { continue };
            let count = rows.first().map_or(Ok(0), |row| row.int(0))?.unsigned_abs();
            if source.is_in_order_of_ids() && count < least_in_order {
                (plan.in_order, least_in_order) = (source.clone(), count);
            }
            if count < least {
                (plan.best, least) = (source, count);
            }
            if least <= FEW {
                break;
            }
        }
        plan.candidates = Count { count: least.min(COUNTED), exact: least < COUNTED };
        Ok(plan)
    }

    /// Whether a list in the order of `field` fetches all candidates and
    /// sorts them, since no walk along the order is known to be short.
    pub(super) fn collects(&self, field: SortField) -> bool {
        let walked = match &self.best {
            // All, or those of a range of time.
            Source::All => self.ids.is_all() || field == SortField::Received,
            Source::Range { field: range, .. } => *range == field,
            best => field == SortField::Received && best.is_in_order_of_ids(),
        };
        !walked && self.is_short()
    }

    /// Whether all candidates can be looked at in one statement.
    pub(super) fn is_short(&self) -> bool {
        self.candidates.exact && self.candidates.count <= COLLECTED
    }

    /// The range that a walk in the order of `field` can keep to.
    pub(super) fn range(&self, field: SortField) -> Option<Range> {
        range_of(&self.implied, field)
    }

    /// The order in which the best source gives its candidates.
    pub(super) fn natural_order(&self) -> SortField {
        match &self.best {
            Source::Range { field, .. } => *field,
            _ => SortField::Received,
        }
    }

    fn sources(&self, words: &Words) -> Vec<Source> {
        let implied = &self.implied;
        let mut sources = Vec::new();
        for (key, values) in &implied.metadata {
            sources.push(Source::Metadata { key: key.clone(), values: values.iter().cloned().collect() });
        }
        for (key, bounds) in &implied.measures {
            sources.push(Source::Measure { key: key.clone(), range: real_range(bounds) });
        }
        for tags in &implied.tags {
            sources.push(text_source(TextField::Tag, tags, words));
        }
        for (field, values) in &implied.texts {
            sources.push(text_source(*field, values, words));
        }
        for need in &implied.label_counts {
            let Some((origin, count)) = kept_column(need.origin) else { continue };
            let labels = need.labels.iter().filter_map(|label| words.label(label)).collect();
            let at_least = i64::try_from(need.at_least).unwrap_or(i64::MAX);
            sources.push(Source::Labels { origin, count, labels, at_least });
        }
        if let Some(statuses) = &implied.statuses {
            let values = statuses.iter().map(|status| status.as_str().into()).collect();
            sources.push(Source::Column { column: TextColumn::Status, values });
        }
        for field in SortField::ALL {
            sources.extend(range_of(implied, field).map(|range| Source::Range { field, range }));
        }
        if !self.ids.is_all() {
            sources.push(Source::All);
        }
        sources
    }
}

fn text_source(field: TextField, values: &BTreeSet<String>, words: &Words) -> Source {
    let texts = || values.iter().map(Arg::from).collect();
    match field {
        TextField::Tag => Source::Tags(values.iter().cloned().collect()),
        TextField::Source => Source::Column { column: TextColumn::Source, values: texts() },
        TextField::Filename => Source::Column { column: TextColumn::Filename, values: texts() },
        TextField::ReviewedBy => Source::Column { column: TextColumn::Reviewer, values: texts() },
        TextField::Model => {
            let values = values.iter().filter_map(|word| words.model(word)).map(Arg::Id).collect();
            Source::Column { column: TextColumn::Model, values }
        }
    }
}

fn range_of(implied: &Implied, field: SortField) -> Option<Range> {
    let number = match field {
        SortField::Received => return None,
        SortField::Created => {
            return implied.dates.get(&DateField::Created).map(|bounds| Range {
                low: bounds.low.map(|at: Timestamp| Arg::Int(at.0)),
                high: bounds.high.map(|at: Timestamp| Arg::Int(at.0)),
            });
        }
        SortField::OutlierScore => NumberField::OutlierScore,
        SortField::Confidence => NumberField::Confidence,
        SortField::Objects => NumberField::Objects,
        SortField::Latency => NumberField::Latency,
        SortField::ShadowDisagreement => NumberField::ShadowDisagreement,
    };
    let bounds = implied.numbers.get(&number)?;
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

/// The ids of what arrived in the implied range of time, by how far the time
/// in an id and the arrival are known to lie apart.
async fn arrival_ids(timed: &mut Timed<'_>, implied: &Implied, words: &Words) -> Result<IdRange> {
    let Some(bounds) = implied.dates.get(&DateField::Received) else { return Ok(IdRange::ALL) };
    let text = "SELECT least, most FROM arrival_skew WHERE deployment_id = ?";
    let statement = Fragment::with(text, [Arg::Id(words.deployment.0)]);
    let Timely::Done(rows) = timed.rows(&statement, COUNTING).await? else { return Ok(IdRange::ALL) };
    let Some(row) = rows.first() else { return Ok(IdRange::ALL) };
    let (least, most) = (row.int(0)?, row.int(1)?);
    let low = match bounds.low {
        Bound::Included(at) | Bound::Excluded(at) => Bound::Included(id_at(at.0.saturating_add(least))),
        Bound::Unbounded => Bound::Unbounded,
    };
    let high = match bounds.high {
        Bound::Included(at) | Bound::Excluded(at) => {
            Bound::Excluded(id_at(at.0.saturating_add(most).saturating_add(1)))
        }
        Bound::Unbounded => Bound::Unbounded,
    };
    Ok(IdRange { low, high })
}

/// The least id whose first 48 bits are this many milliseconds, or the
/// greatest or least there is.
fn id_at(ms: i64) -> Uuid {
    match u64::try_from(ms) {
        Err(_) => Uuid::nil(),
        Ok(ms) if ms >= 1 << 48 => Uuid::max(),
        Ok(ms) => Uuid::from_u128(u128::from(ms) << 80),
    }
}

/// The statuses that a query is about, when it is about nothing else.
pub(crate) fn only_statuses(query: &Query) -> Option<Vec<Status>> {
    let is_status = |part: &Expr<Test>| matches!(part, Expr::Leaf(Test::Status(_) | Test::Reviewed(_)));
    let alone = match query.condition() {
        Expr::All(parts) => parts.iter().all(is_status),
        other => is_status(other),
    };
    // No time is asked for, so any will do.
    let implied = query.driving_conditions(Timestamp(0));
    let all = Status::ALL;
    let kept = |status: &Status| {
        !implied.never && implied.statuses.as_ref().is_none_or(|statuses| statuses.contains(status))
    };
    alone.then(|| all.into_iter().filter(kept).collect())
}
