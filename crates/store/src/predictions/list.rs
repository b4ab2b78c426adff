//! Lists of what a query matches: pages, numbers, neighbours.

use super::{
    Predictions,
    rows::{listed, numbers},
    search::{ListPosition, Search, SearchResult, Start, only_statuses, position_statement},
};
use crate::{
    entity::prediction::predictions,
    error::Result,
    sql::{Arg, Fragment},
    timed::Timely,
};
use domain::{
    ids::{DeploymentId, PredictionId},
    listing::{
        Count, Direction, Explanation, ListRequest, ListedPrediction, Listing, Neighbourhood, SortOrder,
    },
    time::Timestamp,
};
use query::Query;
use sea_orm::{ConnectionTrait, FromQueryResult, QueryResult};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// A page is answered within it, full or not.
const PAGE_TIME: Duration = Duration::from_millis(900);
/// A number is answered within it, exact or not.
const COUNT_TIME: Duration = Duration::from_millis(1_000);
/// Each side of a neighbourhood.
const SIDE_TIME: Duration = Duration::from_millis(300);

impl<'a> Predictions<'a> {
    /// A page of what matches, as of `now`. What is not found within the time
    /// limit is left to the cursor.
    ///
    /// # Errors
    /// `InvalidCursor`, or the database's.
    pub async fn list(
        &self,
        deployment: DeploymentId,
        query: Query,
        request: &ListRequest,
        now: Timestamp,
    ) -> Result<Listing> {
        let start = match (&request.cursor, request.from) {
            (Some(cursor), _) => Start::of_cursor(cursor, request.sort)?,
            (None, Some(from)) => match self.place_of(deployment, from, request.sort).await? {
                Some(place) => Start::at(place),
                None => Start::beginning(),
            },
            (None, None) => Start::beginning(),
        };
        let limit = request.limit() as usize;
        let mut search = Search::of(self, deployment, query, now, PAGE_TIME).await?;
        let matches = search.find(request.sort, &start, limit + 1).await?;
        let (places, next, prev, complete) = cut(matches, &start, limit);
        let items = self.listed_at(&places).await?;
        let cursor = |start: Option<Start>| start.map(|start| start.to_cursor(request.sort));
        Ok(Listing { items, next_cursor: cursor(next), prev_cursor: cursor(prev), complete, as_of: now })
    }

    /// How many match; from kept counts when only the status is asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_matching(
        &self,
        deployment: DeploymentId,
        query: Query,
        now: Timestamp,
    ) -> Result<Count> {
        if let Some(statuses) = only_statuses(&query) {
            let mut count = 0;
            for status in statuses {
                count += super::count(self.db, deployment, Some(status)).await?;
            }
            return Ok(Count { count, exact: true });
        }
        if query.is_everything() {
            return Ok(Count { count: super::count(self.db, deployment, None).await?, exact: true });
        }
        Search::of(self, deployment, query, now, COUNT_TIME).await?.count().await
    }

    /// What stands before and behind a prediction among what matches, up to
    /// `radius` on each side; also when it does not match itself.
    ///
    /// # Errors
    /// `NotFound`, or the database's.
    pub async fn neighbourhood(
        &self,
        deployment: DeploymentId,
        id: PredictionId,
        query: Query,
        sort: SortOrder,
        radius: u32,
        now: Timestamp,
    ) -> Result<Neighbourhood> {
        let place = self.place_of(deployment, id, sort).await?;
        let place = place.ok_or_else(|| super::missing(id))?;
        let total = self.count_matching(deployment, query.clone(), now).await?;
        let mut search = Search::of(self, deployment, query, now, SIDE_TIME).await?;
        let radius = radius as usize;
        let before = search.find(sort, &Start::before(place.clone()), radius).await?;
        search.within(SIDE_TIME);
        let after = search.find(sort, &Start::at(place.clone()), radius + 1).await?;
        let matches = after.places.first().is_some_and(|first| first.id == id.0);
        let mut behind = after.places;
        if matches {
            behind.remove(0);
        }
        behind.truncate(radius);
        search.within(SIDE_TIME);
        let position = if matches {
            let before = search.count_before(sort, place).await?;
            Some(Count { count: before.count + 1, ..before })
        } else {
            None
        };
        let mut ahead = before.places;
        ahead.reverse();
        Ok(Neighbourhood {
            position,
            total,
            matches,
            before: self.listed_at(&ahead).await?,
            after: self.listed_at(&behind).await?,
            complete: before.late.is_none() && after.late.is_none(),
        })
    }

    /// The ids of what matches, by rising id, from behind `after`, at most
    /// `limit`; and the one to go on behind, when there may be more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn matching_ids(
        &self,
        deployment: DeploymentId,
        query: Query,
        after: Option<PredictionId>,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<PredictionId>, Option<PredictionId>)> {
        let order = SortOrder { direction: Direction::Ascending, ..SortOrder::default() };
        let behind = |id: PredictionId| Start::after(ListPosition { values: Some(Vec::new()), id: id.0 });
        let mut start = after.map_or_else(Start::beginning, behind);
        let mut search = Search::of(self, deployment, query, now, COUNT_TIME).await?;
        let mut ids = Vec::new();
        loop {
            let matches = search.find(order, &start, limit - ids.len()).await?;
            ids.extend(matches.places.iter().map(|place| PredictionId(place.id)));
            match matches.late {
                Some(late) if ids.is_empty() => {
                    start = late;
                    search.within(COUNT_TIME);
                }
                Some(late) => return Ok((ids, late.place.map(|place| PredictionId(place.id)))),
                None => {
                    let more = (ids.len() >= limit).then(|| ids.last().copied()).flatten();
                    return Ok((ids, more));
                }
            }
        }
    }

    /// How a query is answered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn explain(
        &self,
        deployment: DeploymentId,
        query: Query,
        sort: SortOrder,
        now: Timestamp,
    ) -> Result<Explanation> {
        let begin = Instant::now();
        let mut search = Search::of(self, deployment, query, now, PAGE_TIME).await?;
        let matches = search.find(sort, &Start::beginning(), 51).await?;
        let took_ms = begin.elapsed().as_secs_f64() * 1e3;
        let described = search.describe(sort);
        let (head, column) = match self.db.kind {
            crate::DatabaseKind::Sqlite => ("EXPLAIN QUERY PLAN ", 3),
            crate::DatabaseKind::Postgres => ("EXPLAIN ", 0),
        };
        search.within(PAGE_TIME);
        let explained = search.ask(&Fragment::new(head).then(described.statement.clone()), PAGE_TIME).await?;
        let plan = match explained {
            Timely::Done(rows) => rows.iter().map(|row| row.text(column)).collect::<Result<_>>()?,
            Timely::Late => Vec::new(),
        };
        Ok(Explanation {
            drives: described.drives,
            index: described.index,
            candidates: described.candidates,
            residual: described.residual,
            sql: described.statement.text().to_owned(),
            plan,
            scanned: described.candidates.cap(matches.scanned),
            matched: matches.places.len() as u64,
            complete: matches.late.is_none(),
            took_ms,
        })
    }

    /// Where a prediction of the deployment stands in an order.
    async fn place_of(
        &self,
        deployment: DeploymentId,
        id: PredictionId,
        sort: SortOrder,
    ) -> Result<Option<ListPosition>> {
        let statement = position_statement(deployment.0, id.0, sort.field).into_statement(self.db.backend());
        let row = self.db.reader.query_one_raw(statement).await?;
        row.map(|row| ListPosition::of_row(&row, sort.field)).transpose()
    }

    /// The predictions at these places, in their order; what is gone by now
    /// is left out.
    async fn listed_at(&self, places: &[ListPosition]) -> Result<Vec<ListedPrediction>> {
        let ids: Vec<_> = places.iter().map(|place| PredictionId(place.id)).collect();
        self.listed(&ids).await
    }

    /// These predictions as lists show them, in this order; what is not there
    /// is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listed(&self, ids: &[PredictionId]) -> Result<Vec<ListedPrediction>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let statement = Fragment::new("SELECT * FROM predictions WHERE deletion_id IS NULL AND ")
            .then(Fragment::one_of("id", ids.iter().map(|id| Arg::Id(id.0))));
        let statement = statement.into_statement(self.db.backend());
        let rows = self.db.reader.query_all_raw(statement).await?;
        let read = |row: &QueryResult| Ok((predictions::Model::from_query_result(row, "")?, numbers(row)?));
        let mut rows = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        let place: HashMap<_, _> = ids.iter().enumerate().map(|(place, id)| (id.0, place)).collect();
        rows.sort_by_key(|(row, _)| place.get(&row.id).copied());
        listed(self, rows).await
    }
}

type Cut = (Vec<ListPosition>, Option<Start>, Option<Start>, bool);

/// A page out of up to one match more than it holds: its places, and the
/// starts of the pages behind and before it.
fn cut(matches: SearchResult, start: &Start, limit: usize) -> Cut {
    let SearchResult { mut places, late, .. } = matches;
    let complete = late.is_none();
    let more = places.len() > limit;
    places.truncate(limit);
    let further = match (places.last(), late) {
        (Some(last), None) if more => {
            Some(Start { place: Some(last.clone()), ..turned(start, start.backwards) })
        }
        (_, late) => late,
    };
    let origin = match (places.first(), &start.place) {
        (_, None) if !start.backwards => None,
        (Some(first), _) => Some(Start { place: Some(first.clone()), ..turned(start, !start.backwards) }),
        (None, place) => {
            Some(Start { place: place.clone(), backwards: !start.backwards, inclusive: !start.inclusive })
        }
    };
    if start.backwards {
        places.reverse();
        (places, origin, further, complete)
    } else {
        (places, further, origin, complete)
    }
}

fn turned(start: &Start, backwards: bool) -> Start {
    Start { backwards, inclusive: false, ..start.clone() }
}
