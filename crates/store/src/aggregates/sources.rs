//! How many predictions came from which camera, line or client.

use super::{Aggregates, bins::Counted, levels::Level};
use crate::{error::Result, sql};
use domain::{
    ids::DeploymentId,
    monitor::{Range, Resolution},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, Value};
use std::collections::BTreeMap;

const HEAD: &str = "INSERT INTO bucket_sources (deployment_id, resolution, bucket_start, source, count)";
const TAIL: &str = "ON CONFLICT (deployment_id, resolution, bucket_start, source) \
    DO UPDATE SET count = bucket_sources.count + excluded.count";

/// Counts by source in the finest buckets; those in coarser ones follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sources(BTreeMap<(DeploymentId, Timestamp, String), i64>);

impl Sources {
    pub(crate) fn count(&mut self, counted: Counted, source: &str) {
        let minute = Level::Minute.start(counted.received);
        *self.0.entry((counted.deployment_id, minute, source.to_owned())).or_default() += 1;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, count) in &other.0 {
            *self.0.entry(key.clone()).or_default() += count;
        }
    }

    /// In the order of the key, so that two processes never wait in a circle.
    fn rows(&self) -> BTreeMap<(DeploymentId, i16, i64, &str), i64> {
        let mut rows = BTreeMap::new();
        for ((deployment, minute, source), count) in &self.0 {
            for level in Level::SHOWN {
                let key = (*deployment, level.number(), level.start(*minute).0, source.as_str());
                *rows.entry(key).or_default() += count;
            }
        }
        rows
    }

    pub(crate) async fn write(&self, db: &impl ConnectionTrait) -> Result<()> {
        let rows = self.rows().into_iter().flat_map(|((deployment, resolution, start, source), count)| {
            [Value::from(deployment.0), resolution.into(), start.into(), source.into(), count.into()]
        });
        sql::insert_rows(db, HEAD, 5, TAIL, rows.collect()).await
    }
}

impl Aggregates<'_> {
    /// Predictions by source over whole buckets, most first; those that name
    /// no source are in none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sources(
        &self,
        id: DeploymentId,
        range: Range,
        resolution: Resolution,
        most: u32,
    ) -> Result<Vec<(String, u64)>> {
        let text = "SELECT source, CAST(SUM(count) AS BIGINT) FROM bucket_sources WHERE deployment_id = ? \
                    AND resolution = ? AND bucket_start >= ? AND bucket_start < ? \
                    GROUP BY source ORDER BY 2 DESC, 1 LIMIT ?";
        let values: Vec<Value> = vec![
            id.0.into(),
            Level::from(resolution).number().into(),
            range.from.0.into(),
            range.to.0.into(),
            i64::from(most).into(),
        ];
        let statement = sql::statement(self.db.backend(), text, values);
        let rows = self.db.reader.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| {
                let count: i64 = row.try_get_by_index(1)?;
                Ok((row.try_get_by_index(0)?, count.unsigned_abs()))
            })
            .collect()
    }
}
