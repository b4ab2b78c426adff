//! All figures of a range out of the counts: no prediction is read, and sums
//! of a long range come from coarse buckets with fine ones at both ends.

use super::{
    Aggregates, Exemplar,
    bins::{HEAT_COLUMNS, HEAT_ROWS, Metric},
    levels::{Level, Piece, pieces},
    read::{bucket_starts, whole_buckets},
    reading::{Counts, Sums},
};
use crate::error::Result;
use domain::{
    ids::{DeploymentId, ModelVersionId},
    metrics::sketch,
    monitor::{
        Range, Resolution,
        page::{Heat, Point, SHARE_BINS, Totals},
    },
};
use std::collections::{BTreeMap, HashMap};

/// The last bin of [`Metric::Outlier`]: what is called unusual.
const UNUSUAL: i32 = 100;
/// Of which [`Totals`] are made.
const TOTALLED: [Metric; 13] = [
    Metric::LatencyMs,
    Metric::Objects,
    Metric::Labels,
    Metric::Confidence,
    Metric::ShadowLatencyMs,
    Metric::Width,
    Metric::Height,
    Metric::Ratio,
    Metric::Area,
    Metric::Brightness,
    Metric::Contrast,
    Metric::Sharpness,
    Metric::Outlier,
];

/// Counts by metric.
type ByMetric = HashMap<i16, Counts>;

/// The figures of a whole range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RangeTotals {
    /// Of all model versions together.
    pub all: Totals,
    /// Of each of the latest versions that predicted, the latest first.
    pub by_model: Vec<(ModelVersionId, Totals)>,
}

impl Aggregates<'_> {
    /// The figures of a whole range, widened to whole buckets.
    ///
    /// # Errors
    /// `Conflict` when the range has too many buckets, or the database's.
    pub async fn totals(&self, id: DeploymentId, range: Range, resolution: Resolution) -> Result<Totals> {
        Ok(self.totals_by_model(id, range, resolution, 0).await?.all)
    }

    /// The same, and for each model version that predicted in the range, the
    /// latest versions first, at most `most`.
    ///
    /// # Errors
    /// As [`Aggregates::totals`].
    pub async fn totals_by_model(
        &self,
        id: DeploymentId,
        range: Range,
        resolution: Resolution,
        most: usize,
    ) -> Result<RangeTotals> {
        let pieces = pieces(whole_buckets(range, resolution)?, resolution.into());
        let (mut all, mut by_model) = (ByMetric::new(), BTreeMap::<ModelVersionId, ByMetric>::new());
        for counted in self.counted(id, &TOTALLED, &pieces).await? {
            let sides = [&mut all, by_model.entry(counted.model).or_default()];
            for side in sides {
                counted.add_to(side.entry(counted.metric).or_default());
            }
        }
        let mut totals = RangeTotals { all: self.totals_of(&all).await?, by_model: Vec::new() };
        // What only a shadow did is no prediction of that version.
        let predicted =
            by_model.iter().rev().filter(|(_, side)| side.contains_key(&(Metric::Objects as i16)));
        for (model, side) in predicted.take(most) {
            totals.by_model.push((*model, self.totals_of(side).await?));
        }
        Ok(totals)
    }

    async fn totals_of(&self, side: &ByMetric) -> Result<Totals> {
        let bins = |metric: Metric| -> Vec<(i32, u64)> {
            let counts = side.get(&(metric as i16)).into_iter().flatten();
            counts.map(|(bin, count)| (*bin, *count)).collect()
        };
        let latency = bins(Metric::LatencyMs);
        let shadow = bins(Metric::ShadowLatencyMs);
        let objects = bins(Metric::Objects);
        let confidence = bins(Metric::Confidence);
        let outlier = bins(Metric::Outlier);
        let labels = bins(Metric::Labels);
        let names = self.labels.labels(self.db, labels.iter().map(|(bin, _)| bin.cast_unsigned())).await?;
        let mut labels: Vec<(String, u64)> = labels
            .into_iter()
            .filter_map(|(bin, count)| Some((names.get(&bin.cast_unsigned())?.to_string(), count)))
            .collect();
        labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let median = |metric| sketch::quantile(&bins(metric), 0.5);
        let scored = count(&outlier);
        Ok(Totals {
            predictions: count(&latency),
            latency_p50_ms: sketch::quantile(&latency, 0.5),
            latency_p95_ms: sketch::quantile(&latency, 0.95),
            shadowed: count(&shadow),
            shadow_p50_ms: sketch::quantile(&shadow, 0.5),
            shadow_p95_ms: sketch::quantile(&shadow, 0.95),
            objects_mean: mean(&objects),
            objects: objects.iter().map(|(bin, count)| (bin.cast_unsigned(), *count)).collect(),
            confidence_mean: mean(&confidence).map(|percent| (percent + 0.5) / 100.0),
            confidence: twentieths(&confidence, 0),
            labels,
            scored,
            unusual: (scored > 0).then(|| last(&outlier) as f64 / scored as f64),
            outlier: twentieths(&outlier, 1),
            width: median(Metric::Width),
            height: median(Metric::Height),
            ratio: median(Metric::Ratio),
            area: median(Metric::Area),
            brightness: mean(&bins(Metric::Brightness)).map(|p| middle(p) / 100.0),
            contrast: mean(&bins(Metric::Contrast)).map(|p| middle(p) / 200.0),
            sharpness: median(Metric::Sharpness),
        })
    }

    /// More figures of the buckets of a range, oldest first, empty ones
    /// included.
    ///
    /// # Errors
    /// `Conflict` when the range has too many buckets, or the database's.
    pub async fn points(&self, id: DeploymentId, range: Range, resolution: Resolution) -> Result<Vec<Point>> {
        let range = whole_buckets(range, resolution)?;
        let piece = Piece { level: resolution.into(), range };
        let mut points: BTreeMap<i64, Point> = bucket_starts(range, resolution)
            .map(|start| (start.0, Point { start, ..Point::default() }))
            .collect();
        let (counted, means, shares, slowest, most_unusual) = tokio::try_join!(
            self.counted(id, &[Metric::ShadowLatencyMs, Metric::Sharpness], std::slice::from_ref(&piece)),
            self.sums(id, &[Metric::Confidence, Metric::Brightness, Metric::Contrast], piece),
            self.sums(id, &[Metric::Outlier], piece),
            self.exemplars(id, Exemplar::LatencyMs, range, resolution),
            self.exemplars(id, Exemplar::Outlier, range, resolution),
        )?;
        let mut quantiles: BTreeMap<(i64, i16), Counts> = BTreeMap::new();
        for counted in counted {
            counted.add_to(quantiles.entry((counted.start, counted.metric)).or_default());
        }
        for ((start, metric), counts) in quantiles {
            let Some(point) = points.get_mut(&start) else { continue };
            let bins: Vec<(i32, u64)> = counts.into_iter().collect();
            if metric == Metric::Sharpness as i16 {
                point.sharpness = sketch::quantile(&bins, 0.5);
            } else {
                point.shadow_p50_ms = sketch::quantile(&bins, 0.5);
                point.shadow_p95_ms = sketch::quantile(&bins, 0.95);
            }
        }
        for (metric, start, sums) in means.into_iter().chain(shares) {
            if let Some(point) = points.get_mut(&start) {
                set_mean(point, metric, sums);
            }
        }
        for (start, id, _) in slowest {
            if let Some(point) = points.get_mut(&start.0) {
                point.slowest = Some(id);
            }
        }
        for (start, id, _) in most_unusual {
            if let Some(point) = points.get_mut(&start.0) {
                point.most_unusual = Some(id);
            }
        }
        Ok(points.into_values().collect())
    }

    /// Where the middles of boxes lie, by whole hours or days.
    ///
    /// # Errors
    /// `Conflict` when the range has too many buckets, or the database's.
    pub async fn heat(&self, id: DeploymentId, range: Range, resolution: Resolution) -> Result<Heat> {
        let resolution = resolution.max(Resolution::Hour);
        let range = whole_buckets(range, resolution)?;
        let mut cells = vec![0; (HEAT_COLUMNS * HEAT_ROWS).unsigned_abs() as usize];
        let found = self.counted(id, &[Metric::Heat], &pieces(range, Level::from(resolution))).await?;
        for (bin, count) in found.into_iter().flat_map(|counted| counted.bins) {
            if let Some(cell) = usize::try_from(bin).ok().and_then(|bin| cells.get_mut(bin)) {
                *cell += count;
            }
        }
        let (columns, rows) = (HEAT_COLUMNS.unsigned_abs(), HEAT_ROWS.unsigned_abs());
        Ok(Heat { range: Some(range), columns, rows, cells })
    }
}

fn set_mean(point: &mut Point, metric: i16, sums: Sums) {
    if metric == Metric::Confidence as i16 {
        point.confidence = sums.mean().map(|percent| (percent + 0.5) / 100.0);
    } else if metric == Metric::Brightness as i16 {
        point.brightness = sums.mean().map(|percent| middle(percent) / 100.0);
    } else if metric == Metric::Contrast as i16 {
        point.contrast = sums.mean().map(|percent| middle(percent) / 200.0);
    } else {
        point.scored = sums.count;
        point.unusual = (sums.count > 0).then(|| sums.last as f64 / sums.count as f64);
    }
}

fn count(bins: &[(i32, u64)]) -> u64 {
    bins.iter().map(|(_, count)| count).sum()
}

fn last(bins: &[(i32, u64)]) -> u64 {
    bins.iter().filter(|(bin, _)| *bin >= UNUSUAL).map(|(_, count)| count).sum()
}

/// The mean of the bins.
fn mean(bins: &[(i32, u64)]) -> Option<f64> {
    let sum: f64 = bins.iter().map(|(bin, count)| f64::from(*bin) * *count as f64).sum();
    let count = count(bins);
    (count > 0).then(|| sum / count as f64)
}

/// The middle of a percent that was rounded down; a whole stays one.
fn middle(percent: f64) -> f64 {
    (percent + 0.5).min(100.0)
}

/// Percents in bins of five; `rounded_up`: 1 for those that were.
fn twentieths(percents: &[(i32, u64)], rounded_up: i32) -> Vec<u64> {
    let mut bins = vec![0; SHARE_BINS];
    for (percent, count) in percents {
        let place = usize::try_from((percent - rounded_up).max(0) / 5).unwrap_or(0).min(SHARE_BINS - 1);
        if let Some(bin) = bins.get_mut(place) {
            *bin += count;
        }
    }
    bins
}
