//! Figures out of counts.

use super::{
    Aggregates,
    levels::{Level, Piece},
    reading::Counts,
};
use crate::{
    error::{Result, StoreError},
    sql::Fragment,
};
use domain::{
    ids::DeploymentId,
    monitor::{Bucket, Dashboard, Range, Resolution, figures::Figure, metrics::Metric},
    name::Label,
    time::Timestamp,
};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Buckets of one dashboard: two years of days, forty days of hours, sixteen hours of minutes.
const MOST_BUCKETS: i64 = 1_000;

/// The counts of one bucket, by metric.
type Bucketed = BTreeMap<i16, Counts>;

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
        let metrics = metrics_of(Figure::live(), [Metric::Labels]);
        let piece = Piece { level: resolution.into(), range };
        let (mut by_bucket, mut total) = (BTreeMap::<i64, Bucketed>::new(), Bucketed::new());
        for counted in self.counted(id, &metrics, &[piece]).await? {
            let start = resolution.start(Timestamp(counted.start)).0;
            for side in [by_bucket.entry(start).or_default(), &mut total] {
                counted.add_to(side.entry(counted.metric).or_default());
            }
        }
        let label_ids = total.get(&Metric::Labels.number()).into_iter().flatten();
        let label_ids = label_ids.map(|(bin, _)| bin.cast_unsigned());
        let labels = self.labels.labels(self.db, label_ids).await?;
        let buckets = bucket_starts(range, resolution)
            .map(|start| to_bucket(start, by_bucket.get(&start.0), &labels))
            .collect();
        let total = to_bucket(range.from, Some(&total), &labels);
        Ok(Dashboard { range, resolution, buckets, total, as_of })
    }

    /// From the minute of the first prediction that was counted to the one of
    /// the last; `None` before the first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn span(&self, id: DeploymentId) -> Result<Option<Range>> {
        let end = |which: &str| {
            Fragment::new("SELECT bucket_start FROM aggregate_bins WHERE deployment_id = ")
                .value(id.0)
                .say(" AND resolution = ")
                .value(i64::from(Level::Minute.number()))
                .say(" AND metric = ")
                .value(i64::from(Figure::Predictions.row().metric.number()))
                .say(" ORDER BY bucket_start ")
                .say(which)
                .say(" LIMIT 1")
                .into_statement(self.db.backend())
        };
        let moment = async |which| {
            let row = self.db.reader.query_one_raw(end(which)).await?;
            Ok::<_, StoreError>(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?.map(Timestamp))
        };
        let (first, last) = (moment("ASC").await?, moment("DESC").await?);
        Ok(first.zip(last).map(|(from, to)| Range { from, to }))
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
        let piece = Piece { level: resolution.into(), range: whole_buckets(range, resolution)? };
        let mut sums: BTreeMap<(i64, i32), u64> = BTreeMap::new();
        for counted in self.counted(id, &[metric], &[piece]).await? {
            for (bin, count) in counted.bins {
                *sums.entry((resolution.start(Timestamp(counted.start)).0, bin)).or_default() += count;
            }
        }
        Ok(sums.into_iter().map(|((start, bin), count)| (Timestamp(start), bin, count)).collect())
    }
}

/// What is counted for these figures, and beside them.
pub(super) fn metrics_of(
    figures: impl Iterator<Item = Figure>,
    others: impl IntoIterator<Item = Metric>,
) -> Vec<Metric> {
    let all: BTreeSet<Metric> = figures.map(|figure| figure.row().metric).chain(others).collect();
    all.into_iter().collect()
}

/// The first moments of the buckets of a range of whole ones. They are counted
/// and not compared with the range's end: a sum that passes the end of the
/// numbers would start again at their beginning and never reach it.
pub(super) fn bucket_starts(range: Range, resolution: Resolution) -> impl Iterator<Item = Timestamp> {
    let width = resolution.width_ms();
    let buckets = (range.length_ms() / width).clamp(0, MOST_BUCKETS + 1);
    (0..buckets).map(move |n| range.from.plus_ms(n * width))
}

/// # Errors
/// `Conflict` when the range is empty, has too many buckets, or lies outside
/// of [`Range::EARLIEST`] to [`Range::LATEST`] by more than its own length.
pub(super) fn whole_buckets(range: Range, resolution: Resolution) -> Result<Range> {
    let width = resolution.width_ms();
    if range.to <= range.from {
        return Err(StoreError::conflict("the range of time is empty: its end must come after its start"));
    }
    // The range before one that is allowed may begin earlier, by its length.
    let earliest = Range::EARLIEST.plus_ms(-range.length_ms());
    if range.from < earliest || range.to > Range::LATEST {
        return Err(StoreError::conflict("the range of time lies outside of the years 1970 to 2200"));
    }
    if range.length_ms() / width >= MOST_BUCKETS {
        return Err(StoreError::conflict(format!(
            "the range of time has more than {MOST_BUCKETS} buckets: take a coarser resolution"
        )));
    }
    let (from, last) = (resolution.start(range.from), resolution.start(range.to.plus_ms(-1)));
    Ok(Range { from, to: last.plus_ms(width) })
}

fn to_bucket(start: Timestamp, counts: Option<&Bucketed>, labels: &HashMap<u32, Label>) -> Bucket {
    let bins = |metric: Metric| -> Vec<(i32, u64)> {
        let bins = counts.and_then(|counts| counts.get(&metric.number()));
        bins.into_iter().flatten().map(|(bin, count)| (*bin, *count)).collect()
    };
    let mut by_label: Vec<(String, u64)> = bins(Metric::Labels)
        .into_iter()
        .filter_map(|(bin, count)| Some((labels.get(&bin.cast_unsigned())?.to_string(), count)))
        .collect();
    by_label.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let figures = Figure::live().map(|figure| (figure, figure.of_bins(&bins(figure.row().metric)))).collect();
    Bucket { start, figures, labels: by_label }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_range_anywhere_in_time_is_refused_or_has_as_many_buckets_as_it_is_long(
            from in prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX - 2_047), -10_000_000_000_000i64..10_000_000_000_000],
            length in prop_oneof![0i64..200_000_000_000, any::<i64>()],
            resolution in prop::sample::select(Resolution::ALL.to_vec()),
        ) {
            let range = Range { from: Timestamp(from), to: Timestamp(from.saturating_add(length)) };
            if let Ok(whole) = whole_buckets(range, resolution) {
                let starts: Vec<Timestamp> = bucket_starts(whole, resolution).collect();
                prop_assert_eq!(starts.len() as i64, whole.length_ms() / resolution.width_ms());
                prop_assert!(starts.len() as i64 <= MOST_BUCKETS + 1);
                prop_assert!(starts.iter().all(|start| whole.from <= *start && *start < whole.to));
                prop_assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }
}
