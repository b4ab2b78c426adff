//! The prediction with the greatest figure of each bucket, so that a point of
//! a chart opens something. Kept in the prediction's own transaction.

use super::{Aggregates, bins::Counted, levels::Level};
use crate::{error::Result, sql};
use domain::{
    ids::{DeploymentId, PredictionId},
    monitor::{Range, Resolution},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, Value};
use std::collections::BTreeMap;

/// What is greatest. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum Exemplar {
    /// The champion's latency, in ms.
    LatencyMs = 0,
    /// The outlier score, or above all scores the distance.
    Outlier = 1,
    /// Boxes at or above the threshold.
    Objects = 2,
}

const HEAD: &str =
    "INSERT INTO bucket_exemplars (deployment_id, resolution, kind, bucket_start, prediction_id, value)";
const TAIL: &str = "ON CONFLICT (deployment_id, resolution, kind, bucket_start) DO UPDATE \
    SET prediction_id = excluded.prediction_id, value = excluded.value \
    WHERE excluded.value > bucket_exemplars.value";

/// The greatest so far in the finest buckets; those of coarser ones follow.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Exemplars(BTreeMap<(DeploymentId, Exemplar, Timestamp), (f64, PredictionId)>);

impl Exemplars {
    pub(crate) fn see(&mut self, counted: Counted, kind: Exemplar, id: PredictionId, value: f64) {
        let minute = Level::Minute.start(counted.received);
        keep(&mut self.0, (counted.deployment_id, kind, minute), (value, id));
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, exemplar) in &other.0 {
            keep(&mut self.0, *key, *exemplar);
        }
    }

    /// In the order of the key, so that two processes never wait in a circle.
    fn rows(&self) -> BTreeMap<(DeploymentId, i16, Exemplar, i64), (f64, PredictionId)> {
        let mut rows = BTreeMap::new();
        for ((deployment, kind, minute), exemplar) in &self.0 {
            for level in Level::SHOWN {
                let key = (*deployment, level.number(), *kind, level.start(*minute).0);
                keep(&mut rows, key, *exemplar);
            }
        }
        rows
    }

    pub(crate) async fn write(&self, db: &impl ConnectionTrait) -> Result<()> {
        let rows =
            self.rows().into_iter().flat_map(|((deployment, resolution, kind, start), (value, id))| {
                [
                    Value::from(deployment.0),
                    resolution.into(),
                    (kind as i16).into(),
                    start.into(),
                    id.0.into(),
                    value.into(),
                ]
            });
        sql::insert_rows(db, HEAD, 6, TAIL, rows.collect()).await
    }
}

/// Of two exemplars the greater one; of equal ones the first.
fn keep<K: Ord>(greatest: &mut BTreeMap<K, (f64, PredictionId)>, key: K, exemplar: (f64, PredictionId)) {
    let known = greatest.entry(key).or_insert(exemplar);
    if exemplar.0 > known.0 {
        *known = exemplar;
    }
}

impl Aggregates<'_> {
    /// The prediction with the greatest figure of each bucket that has one,
    /// oldest bucket first. `range` is of whole buckets.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exemplars(
        &self,
        id: DeploymentId,
        kind: Exemplar,
        range: Range,
        resolution: Resolution,
    ) -> Result<Vec<(Timestamp, PredictionId, f64)>> {
        let text = "SELECT bucket_start, prediction_id, value FROM bucket_exemplars WHERE deployment_id = ? \
                    AND resolution = ? AND kind = ? AND bucket_start >= ? AND bucket_start < ? \
                    ORDER BY bucket_start";
        let values: Vec<Value> = vec![
            id.0.into(),
            Level::from(resolution).number().into(),
            (kind as i16).into(),
            range.from.0.into(),
            range.to.0.into(),
        ];
        let statement = sql::statement(self.db.backend(), text, values);
        let rows = self.db.reader.query_all_raw(statement).await?;
        let mut greatest: BTreeMap<i64, (PredictionId, f64)> = BTreeMap::new();
        for row in &rows {
            let start = resolution.start(Timestamp(row.try_get_by_index(0)?));
            let exemplar = (PredictionId(row.try_get_by_index(1)?), row.try_get_by_index(2)?);
            let best = greatest.entry(start.0).or_insert(exemplar);
            if exemplar.1 > best.1 {
                *best = exemplar;
            }
        }
        Ok(greatest.into_iter().map(|(start, (id, value))| (Timestamp(start), id, value)).collect())
    }
}
