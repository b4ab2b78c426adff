//! What can be narrowed to: how many matches have which status, label, model,
//! tag, source and day of arrival. Each within a time limit; what was counted
//! until then stands.

use super::{Predictions, search::Search};
use crate::{
    error::{Result, StoreError},
    sql::{Arg, Fragment},
    timed::Timely,
};
use domain::{
    ids::{DeploymentId, ModelVersionId},
    listing::Count,
    prediction::Status,
    time::Timestamp,
};
use query::Query;
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use uuid::Uuid;

/// How long each kind of counting may take: somebody waits for the panel, which
/// puts `≥` before what was not counted to its end.
const ROWS_TIME: Duration = Duration::from_millis(500);
const LABELS_TIME: Duration = Duration::from_millis(450);
const TAGS_TIME: Duration = Duration::from_millis(250);
const DAY_MS: i64 = 86_400_000;
const MOST_DAYS: usize = 31;

/// How often the values of a field occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally<T> {
    /// In no order.
    pub counts: Vec<(T, u64)>,
    /// Whether everything was counted.
    pub exact: bool,
}

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self { counts: Vec::new(), exact: true }
    }
}

/// How often the values of several fields occur among what matches.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// All that match.
    pub total: Count,
    /// By status.
    pub statuses: Tally<Status>,
    /// By label of a box that people see.
    pub labels: Tally<String>,
    /// By `model/number`.
    pub models: Tally<String>,
    /// By tag.
    pub tags: Tally<String>,
    /// By source.
    pub sources: Tally<String>,
    /// By day of arrival: its beginning, UTC.
    pub days: Tally<Timestamp>,
}

impl<'a> Predictions<'a> {
    /// Counts what matches by the fields that people narrow by.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tallies(&self, deployment: DeploymentId, query: Query, now: Timestamp) -> Result<Tallies> {
        let total = self.count_matching(deployment, query.clone(), now).await?;
        let mut search = Search::of(self, deployment, query, now, ROWS_TIME).await?;
        let mut tallies = if search.is_everything() {
            self.all_rows(&mut search, deployment).await?
        } else {
            self.matching_rows(&mut search).await?
        };
        tallies.total = if total.exact || total.count > tallies.total.count { total } else { tallies.total };
        search.within(LABELS_TIME);
        tallies.labels = self.label_tally(&mut search, deployment).await?;
        search.within(TAGS_TIME);
        tallies.tags = tag_tally(&mut search, deployment).await?;
        Ok(tallies)
    }

    async fn matching_rows(&self, search: &mut Search<'_>) -> Result<Tallies> {
        let mut groups: HashMap<(String, Uuid, Option<String>, i64), u64> = HashMap::new();
        let ask = |rows: Fragment| {
            Fragment::new(
                "SELECT p.status, p.model_version_id, p.source, p.received / 86400000 AS day, COUNT(*)",
            )
            .then(rows)
            .say(" GROUP BY p.status, p.model_version_id, p.source, p.received / 86400000")
        };
        let exact = search
            .each_piece(ask, |row| {
                let key = (row.text(0)?, row.id(1)?, row.some_text(2)?, row.int(3)?);
                *groups.entry(key).or_default() += row.int(4)?.unsigned_abs();
                Ok(())
            })
            .await?;
        let (mut total, mut statuses, mut models) = (0, BTreeMap::new(), BTreeMap::new());
        let (mut sources, mut days) = (BTreeMap::new(), BTreeMap::new());
        for ((status, model, source, day), count) in groups {
            total += count;
            *statuses.entry(status).or_default() += count;
            *models.entry(model).or_default() += count;
            *days.entry(Timestamp(day * DAY_MS)).or_default() += count;
            if let Some(source) = source {
                *sources.entry(source).or_default() += count;
            }
        }
        Ok(Tallies {
            total: Count { count: total, exact },
            statuses: Tally { counts: read_statuses(statuses)?, exact },
            models: Tally { counts: self.named(models).await?, exact },
            sources: Tally { counts: sources.into_iter().collect(), exact },
            days: Tally { counts: days.into_iter().collect(), exact },
            ..Tallies::default()
        })
    }

    /// Of everything: each index counts its own column.
    async fn all_rows(&self, search: &mut Search<'_>, deployment: DeploymentId) -> Result<Tallies> {
        let mut statuses = Vec::new();
        for status in Status::ALL {
            let count = super::count(self.db, deployment, Some(status)).await?;
            statuses.extend((count > 0).then_some((status, count)));
        }
        let all = |column: &str| {
            let text = format!(
                "SELECT {column}, COUNT(*) FROM predictions WHERE deployment_id = ? AND {column} IS NOT NULL \
                 GROUP BY {column}"
            );
            Fragment::with(&text, [Arg::Id(deployment.0)])
        };
        let mut models = Tally { exact: false, ..Tally::default() };
        if let Timely::Done(rows) = search.ask(&all("model_version_id"), ROWS_TIME).await? {
            let counts = rows.iter().map(|row| Ok((row.id(0)?, row.int(1)?.unsigned_abs())));
            models = Tally { counts: self.named(counts.collect::<Result<_>>()?).await?, exact: true };
        }
        let mut sources = Tally { exact: false, ..Tally::default() };
        if let Timely::Done(rows) = search.ask(&all("source"), ROWS_TIME).await? {
            let counts = rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?.unsigned_abs())));
            sources = Tally { counts: counts.collect::<Result<_>>()?, exact: true };
        }
        let statuses = Tally { counts: statuses, exact: true };
        Ok(Tallies {
            statuses,
            models,
            sources,
            days: latest_days(search, deployment).await?,
            ..Tallies::default()
        })
    }

    async fn label_tally(&self, search: &mut Search<'_>, deployment: DeploymentId) -> Result<Tally<String>> {
        let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
        let mut exact = true;
        if search.is_everything() {
            for label in self.label_numbers(deployment).await? {
                let text = "SELECT COUNT(*) FROM box_counts WHERE deployment_id = ? AND label_id = ? \
                            AND origin = 0 AND visible > 0";
                let statement = Fragment::with(text, [Arg::Id(deployment.0), Arg::Int(label)]);
                match search.ask(&statement, LABELS_TIME).await? {
                    Timely::Done(rows) => {
                        let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
                        counts.insert(label, count.unsigned_abs());
                    }
                    Timely::Late => exact = false,
                }
            }
        } else {
            // By prediction, not by label: few of many predictions match.
            let ask = |rows: Fragment| {
                Fragment::new(
                    "SELECT c.label_id, COUNT(*) FROM box_counts c WHERE c.origin = 0 AND c.visible > 0 \
                     AND c.prediction_id IN (SELECT p.id",
                )
                .then(rows)
                .say(") GROUP BY c.label_id")
            };
            exact = search
                .each_piece(ask, |row| {
                    *counts.entry(row.int(0)?).or_default() += row.int(1)?.unsigned_abs();
                    Ok(())
                })
                .await?;
        }
        let numbers = counts.keys().filter_map(|id| u32::try_from(*id).ok());
        let labels = self.labels.labels(self.db, numbers).await?;
        let word = |(id, count): (i64, u64)| {
            let label = u32::try_from(id).ok().and_then(|id| labels.get(&id))?;
            (count > 0).then(|| (label.as_str().to_owned(), count))
        };
        Ok(Tally { counts: counts.into_iter().filter_map(word).collect(), exact })
    }

    async fn named(&self, counts: BTreeMap<Uuid, u64>) -> Result<Vec<(String, u64)>> {
        let names = self.names.of(self.db, counts.keys().map(|id| ModelVersionId(*id))).await?;
        let word = |(id, count)| Some((names.get(&ModelVersionId(id))?.clone(), count));
        Ok(counts.into_iter().filter_map(word).collect())
    }
}

fn read_statuses(counts: BTreeMap<String, u64>) -> Result<Vec<(Status, u64)>> {
    let read = |(word, count): (String, u64)| {
        let status = word.parse().map_err(|_| StoreError::corrupt(format!("status {word:?}")))?;
        Ok((status, count))
    };
    counts.into_iter().map(read).collect()
}

/// The latest days that have any, one after the other, by index alone.
async fn latest_days(search: &mut Search<'_>, deployment: DeploymentId) -> Result<Tally<Timestamp>> {
    let mut tally = Tally::default();
    let mut before = i64::MAX;
    let id = Arg::Id(deployment.0);
    while tally.counts.len() < MOST_DAYS {
        let latest = Fragment::with(
            "SELECT received FROM predictions WHERE deployment_id = ? AND received < ? ORDER BY received DESC LIMIT 1",
            [id.clone(), Arg::Int(before)],
        );
        let Timely::Done(rows) = search.ask(&latest, ROWS_TIME).await? else { break };
        let Some(row) = rows.first() else { return Ok(tally) };
        let start = row.int(0)?.div_euclid(DAY_MS) * DAY_MS;
        let counted = Fragment::with(
            "SELECT COUNT(*) FROM predictions WHERE deployment_id = ? AND received >= ? AND received < ?",
            [id.clone(), Arg::Int(start), Arg::Int(start + DAY_MS)],
        );
        let Timely::Done(rows) = search.ask(&counted, ROWS_TIME).await? else { break };
        let count = rows.first().map_or(Ok(0), |row| row.int(0))?;
        tally.counts.push((Timestamp(start), count.unsigned_abs()));
        before = start;
    }
    tally.exact = tally.counts.len() == MOST_DAYS;
    Ok(tally)
}

async fn tag_tally(search: &mut Search<'_>, deployment: DeploymentId) -> Result<Tally<String>> {
    let id = Arg::Id(deployment.0);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    if search.is_everything() {
        let text = "SELECT tag, COUNT(*) FROM prediction_tags WHERE deployment_id = ? GROUP BY tag";
        let Timely::Done(rows) = search.ask(&Fragment::with(text, [id]), TAGS_TIME).await? else {
            return Ok(Tally { exact: false, ..Tally::default() });
        };
        let counts = rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?.unsigned_abs())));
        return Ok(Tally { counts: counts.collect::<Result<_>>()?, exact: true });
    }
    let ask = |rows: Fragment| {
        Fragment::new("SELECT t.tag, COUNT(*) FROM prediction_tags t WHERE t.prediction_id IN (SELECT p.id")
            .then(rows)
            .say(") GROUP BY t.tag")
    };
    let exact = search
        .each_piece(ask, |row| {
            *counts.entry(row.text(0)?).or_default() += row.int(1)?.unsigned_abs();
            Ok(())
        })
        .await?;
    Ok(Tally { counts: counts.into_iter().collect(), exact })
}
