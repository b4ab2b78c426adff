//! Counts out of the database, as few rows as can be: one for each bucket,
//! metric and model version, with all its bins in a text. A row costs far more
//! than a bin.

use super::{Aggregates, levels::Piece};
use crate::{
    error::{Result, StoreError},
    sql::Fragment,
};
use domain::{
    ids::{DeploymentId, ModelVersionId},
    monitor::{
        metrics::Metric,
        scale::{Sums, UNUSUAL_BIN},
    },
};
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;

/// Counts by bin.
pub(super) type Counts = BTreeMap<i32, u64>;

/// The counts of one bucket, metric and model version.
pub(super) struct Counted {
    pub(super) metric: i16,
    pub(super) start: i64,
    pub(super) model: ModelVersionId,
    pub(super) bins: Vec<(i32, u64)>,
}

impl Counted {
    pub(super) fn add_to(&self, counts: &mut Counts) {
        for (bin, count) in &self.bins {
            *counts.entry(*bin).or_default() += count;
        }
    }
}

impl Aggregates<'_> {
    /// All counts of these metrics in these buckets.
    pub(super) async fn counted(
        &self,
        id: DeploymentId,
        metrics: &[Metric],
        pieces: &[Piece],
    ) -> Result<Vec<Counted>> {
        let head = "SELECT metric, bucket_start, model_version_id, string_agg(bin || ' ' || count, ' ') \
                    FROM aggregate_bins WHERE ";
        let tail = " GROUP BY metric, bucket_start, model_version_id";
        let statement = each(id, metrics, pieces, head, tail).into_statement(self.db.backend());
        let rows = self.db.reader.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| {
                Ok(Counted {
                    metric: row.try_get_by_index(0)?,
                    start: row.try_get_by_index(1)?,
                    model: ModelVersionId(row.try_get_by_index(2)?),
                    bins: bins_of(&row.try_get_by_index::<String>(3)?)?,
                })
            })
            .collect()
    }

    /// The sums of these metrics by bucket, over all model versions; for those
    /// of which no quantile is asked.
    pub(super) async fn sums(
        &self,
        id: DeploymentId,
        metrics: &[Metric],
        piece: Piece,
    ) -> Result<Vec<(i16, i64, Sums)>> {
        let head = format!(
            "SELECT metric, bucket_start, CAST(SUM(count) AS BIGINT), CAST(SUM(bin * count) AS BIGINT), \
             CAST(SUM(CASE WHEN bin >= {UNUSUAL_BIN} THEN count ELSE 0 END) AS BIGINT) FROM aggregate_bins WHERE "
        );
        let tail = " GROUP BY metric, bucket_start";
        let statement = each(id, metrics, &[piece], &head, tail).into_statement(self.db.backend());
        let rows = self.db.reader.query_all_raw(statement).await?;
        rows.iter()
            .map(|row| {
                let number = |place| row.try_get_by_index::<i64>(place).map(i64::unsigned_abs);
                let sums = Sums { count: number(2)?, bins: number(3)? as f64, unusual: number(4)? };
                Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, sums))
            })
            .collect()
    }
}

/// The same SELECT for each metric and piece, so that each reads its stretch
/// of the key in order, and nothing is sorted.
fn each(id: DeploymentId, metrics: &[Metric], pieces: &[Piece], head: &str, tail: &str) -> Fragment {
    let mut whole = Fragment::new("");
    let parts = metrics.iter().flat_map(|metric| pieces.iter().map(move |piece| (metric, piece)));
    for (number, (metric, piece)) in parts.enumerate() {
        whole = whole
            .say(if number == 0 { "" } else { " UNION ALL " })
            .say(head)
            .say("deployment_id = ")
            .value(id.0)
            .say(" AND resolution = ")
            .value(i64::from(piece.level.number()))
            .say(" AND metric = ")
            .value(i64::from(metric.number()))
            .say(" AND bucket_start >= ")
            .value(piece.range.from.0)
            .say(" AND bucket_start < ")
            .value(piece.range.to.0)
            .say(tail);
    }
    whole
}

/// `bin count bin count …`.
fn bins_of(text: &str) -> Result<Vec<(i32, u64)>> {
    let damaged = || StoreError::corrupt(format!("the counts {text:?}"));
    let mut words = text.split(' ');
    let mut bins = Vec::with_capacity(text.len() / 6);
    while let Some(bin) = words.next() {
        let count = words.next().ok_or_else(damaged)?;
        bins.push((bin.parse().map_err(|_| damaged())?, count.parse().map_err(|_| damaged())?));
    }
    Ok(bins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_read_and_nothing_else() {
        assert_eq!(bins_of("3 1 -7 20").unwrap(), [(3, 1), (-7, 20)]);
        for damaged in ["", "3", "3 x", "3 1 ", "3 -1"] {
            assert!(bins_of(damaged).is_err(), "{damaged:?}");
        }
    }
}
