//! Queries on the database: from a typed query to the ids that match, in any
//! order, from any place, within a time limit.
//!
//! | step | file |
//! |---|---|
//! | words to numbers | [`words`] |
//! | the query as a condition on a row | [`condition`], [`boxes`], [`terms`], [`box_requirement`] |
//! | where candidates can come from | [`source`], [`sources`], [`values`] |
//! | which of them to take | [`choice`], [`plan`] |
//! | candidates, as SQL | [`candidates`] |
//! | what is left to test then | [`residual`] |
//! | a walk along an index, as SQL | [`walk`] |
//! | the walk, piece by piece, against the clock | [`scan`] |
//! | few candidates, all at once | [`collect`] |
//! | a place in a list, as text | [`position`] |

mod box_requirement;
mod boxes;
mod candidates;
mod choice;
mod collect;
mod condition;
mod plan;
mod position;
mod ranges;
mod residual;
mod scan;
mod source;
mod sources;
mod terms;
mod values;
mod walk;
mod words;

pub use condition::condition_sql;
pub(crate) use plan::only_statuses;
pub use position::rewritten_cursor;
pub(crate) use position::{ListPosition, Start, position_statement};

use super::Predictions;
use crate::{
    error::Result,
    sql::Fragment,
    timed::{Timed, TimedRow, Timely},
};
use domain::{
    ids::DeploymentId,
    listing::{Count, Direction, SortField, SortOrder},
    time::Timestamp,
};
use plan::Plan;
use query::Query;
use residual::residual;
use source::Source;
use std::time::Duration;
use walk::{Walk, WalkStart};
use words::Words;

/// One statement over all candidates, where they are few, gets so long.
const AT_ONCE: Duration = Duration::from_millis(500);

/// A query at work on one deployment.
pub(crate) struct Search<'a> {
    timed: Timed<'a>,
    pub(super) words: Words,
    query: Query,
    plan: Plan,
}

/// A stretch of matches.
pub(crate) struct SearchResult {
    /// In the order in which they were walked.
    pub(crate) places: Vec<ListPosition>,
    /// The time was over: where to go on.
    pub(crate) late: Option<Start>,
    /// Candidates that were looked at.
    pub(crate) scanned: u64,
}

/// How a list is found.
pub(crate) struct Described {
    pub(crate) drives: String,
    pub(crate) index: String,
    pub(crate) candidates: Count,
    pub(crate) residual: String,
    pub(crate) statement: Fragment,
}

impl<'a> Search<'a> {
    /// Gets ready to answer until `time` is over, when it is `now`.
    pub(crate) async fn of(
        predictions: &Predictions<'a>,
        deployment: DeploymentId,
        query: Query,
        now: Timestamp,
        time: Duration,
    ) -> Result<Self> {
        let mut timed = Timed::within(predictions.db, time);
        let words = Words::of(predictions, deployment, &query, now).await?;
        let plan = Plan::of(&mut timed, &query, &words).await?;
        Ok(Self { timed, words, query, plan })
    }

    /// Up to `wanted` matches from a place on.
    pub(crate) async fn find(
        &mut self,
        order: SortOrder,
        start: &Start,
        wanted: usize,
    ) -> Result<SearchResult> {
        if self.plan.never || wanted == 0 {
            return Ok(SearchResult { places: Vec::new(), late: None, scanned: 0 });
        }
        if order.field != SortField::Received {
            self.plan.count_closely(&mut self.timed, &self.words).await?;
        }
        if self.plan.collects(order.field) {
            let condition = self.condition(&self.plan.best);
            let all = collect::matches(&self.words, &self.plan, order, start, &condition, wanted);
            if let Timely::Done(rows) = self.timed.rows(&all, AT_ONCE).await? {
                let walk = self.walk(order, start.backwards, &Source::All);
                let places = rows.iter().map(|row| walk.place(row)).collect::<Result<_>>()?;
                return Ok(SearchResult { places, late: None, scanned: self.plan.candidates.count });
            }
        }
        let source = self.walked(order.field).clone();
        let condition = self.condition(&source);
        let walk = walk_of(&self.words, &self.plan, order, start.backwards, &source);
        let from = start.place.clone().map(|place| WalkStart { place, inclusive: start.inclusive });
        let matches = scan::find(&mut self.timed, &walk, &condition, from, wanted).await?;
        let late = matches.late.map(|resume| Start {
            backwards: start.backwards,
            inclusive: resume.as_ref().is_some_and(|from| from.inclusive),
            place: resume.map(|from| from.place),
        });
        Ok(SearchResult { places: matches.places, late, scanned: matches.scanned })
    }

    /// How many match.
    pub(crate) async fn count(&mut self) -> Result<Count> {
        if self.plan.never {
            return Ok(Count { count: 0, exact: true });
        }
        let source = self.natural_source();
        if let Some(statement) = self.whole_count(&source)
            && let Timely::Done(rows) = self.timed.rows(&statement, Duration::from_millis(700)).await?
        {
            let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
            return Ok(Count { count: count.unsigned_abs(), exact: true });
        }
        let mut count = 0;
        let exact = self
            .each_piece(
                |rows| Fragment::new("SELECT COUNT(*)").then(rows),
                |row| {
                    count += row.int(0)?.unsigned_abs();
                    Ok(())
                },
            )
            .await?;
        Ok(Count { count, exact })
    }

    /// One statement that counts entries of an index and looks at no row, when
    /// that is the answer.
    fn whole_count(&self, source: &Source) -> Option<Fragment> {
        let answered = residual(&self.query, source, &self.words).is_everything();
        let alone = source.gives_each_once() && !self.words.has_deleted;
        (answered && alone).then(|| source.counted(i64::MAX.unsigned_abs(), &self.plan.ids, &self.words))
    }

    /// How many matches stand before a place.
    pub(crate) async fn count_before(&mut self, order: SortOrder, place: ListPosition) -> Result<Count> {
        if self.plan.never {
            return Ok(Count { count: 0, exact: true });
        }
        let source = self.walked(order.field).clone();
        let condition = self.condition(&source);
        let walk = walk_of(&self.words, &self.plan, order, true, &source);
        let from = Some(WalkStart { place, inclusive: false });
        let mut count = 0;
        let counting = |rows| Fragment::new("SELECT COUNT(*)").then(rows);
        let exact = scan::each_piece(&mut self.timed, &walk, &condition, from, counting, |row| {
            count += row.int(0)?.unsigned_abs();
            Ok(())
        })
        .await?;
        Ok(Count { count, exact })
    }

    /// Asks about all matches, piece by piece, in no order: `ask` gets
    /// ` FROM predictions AS p … WHERE …`. Whether all were asked in time.
    pub(crate) async fn each_piece(
        &mut self,
        ask: impl Fn(Fragment) -> Fragment,
        mut take: impl FnMut(&TimedRow) -> Result<()>,
    ) -> Result<bool> {
        if self.plan.never {
            return Ok(true);
        }
        if self.plan.is_short() {
            let Plan { best, ids, .. } = &self.plan;
            let all = best.gathered(ids, &self.words).say(" AND ").then(self.condition(best));
            if let Timely::Done(rows) = self.timed.rows(&ask(all), AT_ONCE).await? {
                rows.iter().try_for_each(&mut take)?;
                return Ok(true);
            }
        }
        let source = self.natural_source();
        let condition = self.condition(&source);
        let order = SortOrder { field: self.plan.natural_order(), direction: Direction::Descending };
        let along = if matches!(source, Source::Range { .. }) { &Source::All } else { &source };
        let walk = walk_of(&self.words, &self.plan, order, false, along);
        scan::each_piece(&mut self.timed, &walk, &condition, None, ask, take).await
    }

    /// How a list in this order is found.
    pub(crate) fn describe(&self, order: SortOrder) -> Described {
        let collects = self.plan.collects(order.field);
        let source = if collects { &self.plan.best } else { self.walked(order.field) };
        let residual = residual(&self.query, source, &self.words);
        let condition = self.condition(source);
        let statement = if collects {
            collect::matches(&self.words, &self.plan, order, &Start::beginning(), &condition, 51)
        } else {
            let walk = self.walk(order, false, source);
            let piece = scan::Piece { stretch: walk::Stretch::Valued, from: None, until: None };
            scan::matches(&walk, &piece, &condition, 51)
        };
        let along = position::sort_columns(order.field).index;
        let (drives, index) = match source {
            Source::All if order.field != SortField::Received => {
                (format!("the order of {}", order.field.as_str()), along.to_owned())
            }
            source => (source.describe(), source.index()),
        };
        Described {
            drives,
            index,
            candidates: self.plan.candidates,
            residual: Query::new(residual).to_string(),
            statement,
        }
    }

    /// A statement of the caller's own, within what is left of the time.
    pub(crate) async fn ask(
        &mut self,
        statement: &Fragment,
        most: Duration,
    ) -> Result<Timely<Vec<TimedRow>>> {
        self.timed.rows(statement, most).await
    }

    /// Gives the rest of the work another time limit.
    pub(crate) fn within(&mut self, time: Duration) {
        self.timed.extend(time);
    }

    /// Whether everything of the deployment matches.
    pub(crate) fn is_everything(&self) -> bool {
        self.query.is_everything() && !self.words.has_deleted
    }

    /// What candidates of `source` are tested for.
    fn condition(&self, source: &Source) -> Fragment {
        let residual = residual(&self.query, source, &self.words);
        let tested = (!residual.is_everything()).then(|| condition::condition(&residual, &self.words));
        let there = self.words.has_deleted.then(|| Fragment::new("p.deletion_id IS NULL"));
        Fragment::all(tested.into_iter().chain(there))
    }

    /// The source of a walk in the order of `field`.
    fn walked(&self, field: SortField) -> &Source {
        if field == SortField::Received { &self.plan.in_order } else { &Source::All }
    }

    /// The source of a walk in its own order.
    fn natural_source(&self) -> Source {
        match &self.plan.best {
            best @ Source::Range { .. } => best.clone(),
            best if best.is_in_order_of_ids() => best.clone(),
            _ => Source::All,
        }
    }

    fn walk<'w>(&'w self, order: SortOrder, backwards: bool, source: &'w Source) -> Walk<'w> {
        walk_of(&self.words, &self.plan, order, backwards, source)
    }
}

fn walk_of<'w>(
    words: &'w Words,
    plan: &Plan,
    order: SortOrder,
    backwards: bool,
    source: &'w Source,
) -> Walk<'w> {
    Walk { words, order, backwards, source, range: plan.range(order.field), ids: plan.ids.clone() }
}
