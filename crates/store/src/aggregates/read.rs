//! Figures out of counts.

use super::{
    Aggregates,
    bins::{Metric, resolution_number},
};
use crate::{
    error::{Result, StoreError},
    sql,
};
use domain::{
    ids::DeploymentId,
    metrics::sketch,
    monitor::{Bucket, Dashboard, Range, Resolution},
    name::Label,
    time::Timestamp,
};
use futures::TryStreamExt;
use sea_orm::{StreamTrait, Value};
use std::collections::{BTreeMap, HashMap};

/// Buckets of one dashboard: a year of days, ten days of hours, seven hours of minutes.
const MOST_BUCKETS: i64 = 1_000;

struct Row {
    metric: i16,
    bucket_start: i64,
    bin: i32,
    count: i64,
}

/// The counts of one bucket, by metric and bin.
type Counts = BTreeMap<i16, BTreeMap<i32, u64>>;

impl Aggregates<'_> {
    /// The figures of a deployment's champions, by the time of arrival.
    /// `range` is widened to whole buckets of `resolution`; the buckets are
    /// at most 1,000.
    ///
    /// # Errors
    /// `Conflict` when the range has more buckets, or the database's.
    pub async fn dashboard(
        &self,
        id: DeploymentId,
        range: Range,
        resolution: Resolution,
        as_of: Timestamp,
    ) -> Result<Dashboard> {
        let range = whole_buckets(range, resolution)?;
        let metrics = [Metric::Predictions, Metric::LatencyMs, Metric::Objects, Metric::Labels];
        let rows = self.rows(id, &metrics, range, resolution).await?;
        let label_ids = rows.iter().filter(|row| row.metric == Metric::Labels as i16);
        let label_ids = label_ids.map(|row| row.bin.cast_unsigned());
        let labels = self.labels.labels(self.db, label_ids).await?;
        let (mut by_bucket, mut total) = (BTreeMap::<i64, Counts>::new(), Counts::new());
        for row in &rows {
            let count = row.count.unsigned_abs();
            let bucket = by_bucket.entry(row.bucket_start).or_default();
            *bucket.entry(row.metric).or_default().entry(row.bin).or_default() += count;
            *total.entry(row.metric).or_default().entry(row.bin).or_default() += count;
        }
        let starts = (0..).map(|n| Timestamp(range.from.0 + n * resolution.width_ms()));
        let buckets = starts
            .take_while(|start| *start < range.to)
            .map(|start| to_bucket(start, by_bucket.get(&start.0), &labels))
            .collect();
        let total = to_bucket(range.from, Some(&total), &labels);
        Ok(Dashboard { range, resolution, buckets, total, as_of })
    }

    /// The counts of one metric, by bucket and bin, summed over models;
    /// `range` is widened to whole buckets.
    ///
    /// # Errors
    /// `Conflict` when the range has too many buckets, or the database's.
    pub async fn counts(
        &self,
        id: DeploymentId,
        metric: Metric,
        range: Range,
        resolution: Resolution,
    ) -> Result<Vec<(Timestamp, i32, u64)>> {
        let rows = self.rows(id, &[metric], whole_buckets(range, resolution)?, resolution).await?;
        let mut sums: BTreeMap<(i64, i32), u64> = BTreeMap::new();
        for row in rows {
            *sums.entry((row.bucket_start, row.bin)).or_default() += row.count.unsigned_abs();
        }
        Ok(sums.into_iter().map(|((start, bin), count)| (Timestamp(start), bin, count)).collect())
    }

    /// The rows in the order of the key, one per model version: summing them
    /// here is quicker than a sort in the database.
    async fn rows(
        &self,
        id: DeploymentId,
        metrics: &[Metric],
        range: Range,
        resolution: Resolution,
    ) -> Result<Vec<Row>> {
        let text = "SELECT bucket_start, bin, count FROM aggregate_bins WHERE deployment_id = ? \
                    AND resolution = ? AND metric = ? AND bucket_start >= ? AND bucket_start < ?";
        let mut rows = Vec::new();
        for metric in metrics {
            let values: Vec<Value> = vec![
                id.0.into(),
                resolution_number(resolution).into(),
                (*metric as i16).into(),
                range.from.0.into(),
                range.to.0.into(),
            ];
            let statement = sql::statement(self.db.backend(), text, values);
            let mut found = self.db.reader.stream_raw(statement).await?;
            while let Some(row) = found.try_next().await? {
                rows.push(Row {
                    metric: *metric as i16,
                    bucket_start: row.try_get_by_index(0)?,
                    bin: row.try_get_by_index(1)?,
                    count: row.try_get_by_index(2)?,
                });
            }
        }
        Ok(rows)
    }
}

pub(super) fn whole_buckets(range: Range, resolution: Resolution) -> Result<Range> {
    let width = resolution.width_ms();
    if range.to <= range.from {
        return Err(StoreError::conflict("the range of time is empty: its end must come after its start"));
    }
    // Saturates, so that the widest range is still refused and not overflowed.
    if range.to.since_ms(range.from) / width >= MOST_BUCKETS {
        return Err(StoreError::conflict(format!(
            "the range of time has more than {MOST_BUCKETS} buckets: take a coarser resolution"
        )));
    }
    let (from, last) = (resolution.start(range.from), resolution.start(range.to.plus_ms(-1)));
    Ok(Range { from, to: last.plus_ms(width) })
}

fn to_bucket(start: Timestamp, counts: Option<&Counts>, labels: &HashMap<u32, Label>) -> Bucket {
    let bins = |metric: Metric| -> Vec<(i32, u64)> {
        let bins = counts.and_then(|counts| counts.get(&(metric as i16)));
        bins.into_iter().flatten().map(|(bin, count)| (*bin, *count)).collect()
    };
    let latency = bins(Metric::LatencyMs);
    let objects = bins(Metric::Objects);
    let images: u64 = objects.iter().map(|(_, count)| count).sum();
    let boxes: f64 = objects.iter().map(|(number, count)| f64::from(*number) * *count as f64).sum();
    let mut by_label: Vec<(String, u64)> = bins(Metric::Labels)
        .into_iter()
        .filter_map(|(bin, count)| Some((labels.get(&bin.cast_unsigned())?.to_string(), count)))
        .collect();
    by_label.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Bucket {
        start,
        predictions: bins(Metric::Predictions).iter().map(|(_, count)| count).sum(),
        latency_p50_ms: sketch::quantile(&latency, 0.5),
        latency_p95_ms: sketch::quantile(&latency, 0.95),
        objects_mean: (images > 0).then(|| boxes / images as f64),
        labels: by_label,
    }
}
