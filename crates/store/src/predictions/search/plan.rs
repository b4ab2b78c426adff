//! How the matches of a query are found: from which source, in which bounds,
//! and whether along an order or all at once.

use super::{
    choice::{Choice, Choosing},
    ranges::{IdRange, Range},
    source::{COUNTING, Source},
    sources,
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
    time::Timestamp,
};
use query::{
    Implied, Query,
    ast::{Expr, Test},
    schema::DateField,
};
use std::ops::Bound;
use uuid::Uuid;

/// So many can be fetched and sorted at once.
const COLLECTED: u64 = 7_000;

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
        let Choice { best, candidates, in_order, never } =
            Choosing { timed, words, ids: &ids }.of_query(&implied).await?;
        Ok(Self { never: never || implied.never, best, candidates, in_order, ids, implied })
    }

    /// Counts the candidates again where no index alone tells how few they are:
    /// worth its time where a walk in another order may pass by very many.
    pub(super) async fn count_closely(&mut self, timed: &mut Timed<'_>, words: &Words) -> Result<()> {
        if !self.candidates.exact && self.best.roughly() != self.best {
            let statement = self.best.counted(self.candidates.count, &self.ids, words);
            if let Timely::Done(rows) = timed.rows(&statement, COUNTING).await? {
                let count = rows.first().map_or(Ok(0), |row| row.int(0))?.unsigned_abs();
                self.candidates = Count { count, exact: count < self.candidates.count };
            }
        }
        Ok(())
    }

    /// Whether a list in the order of `field` fetches all candidates and
    /// sorts them, since no walk along the order is known to be short.
    pub(super) fn collects(&self, field: SortField) -> bool {
        let walked = match &self.best {
            // All, or those of a range of time.
            Source::All => self.ids.is_all() || field == SortField::Received,
            Source::Range { field: range, .. } => *range == field,
            best => field == SortField::Received && best.is_in_order_of_ids() && !best.is_better_gathered(),
        };
        !walked && self.is_short()
    }

    /// Whether all candidates can be looked at in one statement.
    pub(super) fn is_short(&self) -> bool {
        self.candidates.exact && self.candidates.count <= COLLECTED
    }

    /// The range that a walk in the order of `field` can keep to.
    pub(super) fn range(&self, field: SortField) -> Option<Range> {
        sources::range_of(&self.implied, field)
    }

    /// The order in which the best source gives its candidates.
    pub(super) fn natural_order(&self) -> SortField {
        match &self.best {
            Source::Range { field, .. } => *field,
            _ => SortField::Received,
        }
    }
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
    let fits = |status: &Status| {
        !implied.never && implied.statuses.as_ref().is_none_or(|statuses| statuses.contains(status))
    };
    alone.then(|| all.into_iter().filter(fits).collect())
}
