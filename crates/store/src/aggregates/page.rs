//! All figures of a range, summed in the database: no row of a prediction is
//! read, and no more rows of counts come back than there are buckets and bins.

use super::{
    Aggregates, Exemplar,
    bins::{HEAT_COLUMNS, HEAT_ROWS, Metric, resolution_number},
    read::whole_buckets,
};
use crate::{error::Result, sql};
use domain::{
    ids::{DeploymentId, ModelVersionId},
    metrics::sketch,
    monitor::{
        Range, Resolution,
        page::{Heat, Point, SHARE_BINS, Totals},
    },
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use std::collections::BTreeMap;

/// The last bin of [`Metric::Outlier`]: what is called unusual.
const UNUSUAL: i32 = 100;

/// Of what counts are summed.
#[derive(Clone, Copy)]
struct Slice {
    id: DeploymentId,
    range: Range,
    resolution: Resolution,
    /// Of one model version; `None` for all together.
    model: Option<ModelVersionId>,
}

/// A bucket's counts as three sums.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    /// Of the bins, each as often as it was counted.
    bins: f64,
    /// Counts of the bin [`UNUSUAL`].
    last: u64,
}

impl Sums {
    fn mean(self) -> Option<f64> {
        (self.count > 0).then(|| self.bins / self.count as f64)
    }
}

impl Aggregates<'_> {
    /// The figures of a whole range, widened to whole buckets.
    ///
    /// # Errors
    /// `Conflict` when the range has too many buckets, or the database's.
    pub async fn totals(&self, id: DeploymentId, range: Range, resolution: Resolution) -> Result<Totals> {
        let slice = Slice { id, range: whole_buckets(range, resolution)?, resolution, model: None };
        self.totals_of(slice).await
    }

    /// The same for each model version that predicted in the range, the latest
    /// version first, at most `most`.
    ///
    /// # Errors
    /// As [`Aggregates::totals`].
    pub async fn totals_by_model(
        &self,
        id: DeploymentId,
        range: Range,
        resolution: Resolution,
        most: usize,
    ) -> Result<Vec<(ModelVersionId, Totals)>> {
        let all = Slice { id, range: whole_buckets(range, resolution)?, resolution, model: None };
        let text = "SELECT model_version_id, CAST(SUM(count) AS BIGINT) FROM aggregate_bins WHERE deployment_id = ? \
                    AND resolution = ? AND metric = ? AND bucket_start >= ? AND bucket_start < ?{model} \
                    GROUP BY model_version_id ORDER BY model_version_id DESC";
        let rows = self.select(text, all, Metric::Predictions).await?;
        let mut totals = Vec::new();
        for row in rows.iter().take(most) {
            let model = ModelVersionId(row.try_get_by_index(0)?);
            totals.push((model, self.totals_of(Slice { model: Some(model), ..all }).await?));
        }
        Ok(totals)
    }

    async fn totals_of(&self, slice: Slice) -> Result<Totals> {
        let bins = async |metric| self.by_bin(slice, metric).await;
        let latency = bins(Metric::LatencyMs).await?;
        let shadow = bins(Metric::ShadowLatencyMs).await?;
        let objects = bins(Metric::Objects).await?;
        let confidence = bins(Metric::Confidence).await?;
        let outlier = bins(Metric::Outlier).await?;
        let labels = bins(Metric::Labels).await?;
        let names = self.labels.labels(self.db, labels.iter().map(|(bin, _)| bin.cast_unsigned())).await?;
        let mut labels: Vec<(String, u64)> = labels
            .into_iter()
            .filter_map(|(bin, count)| Some((names.get(&bin.cast_unsigned())?.to_string(), count)))
            .collect();
        labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let median = async |metric| Ok::<_, crate::StoreError>(sketch::quantile(&bins(metric).await?, 0.5));
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
            width: median(Metric::Width).await?,
            height: median(Metric::Height).await?,
            ratio: median(Metric::Ratio).await?,
            area: median(Metric::Area).await?,
            brightness: mean(&bins(Metric::Brightness).await?).map(|p| middle(p) / 100.0),
            contrast: mean(&bins(Metric::Contrast).await?).map(|p| middle(p) / 200.0),
            sharpness: median(Metric::Sharpness).await?,
        })
    }

    /// More figures of the buckets of a range, oldest first, empty ones
    /// included.
    ///
    /// # Errors
    /// `Conflict` when the range has too many buckets, or the database's.
    pub async fn points(&self, id: DeploymentId, range: Range, resolution: Resolution) -> Result<Vec<Point>> {
        let slice = Slice { id, range: whole_buckets(range, resolution)?, resolution, model: None };
        let width = resolution.width_ms();
        let starts = (0..).map(|n| Timestamp(slice.range.from.0 + n * width));
        let starts = starts.take_while(|start| *start < slice.range.to);
        let mut points: BTreeMap<i64, Point> =
            starts.map(|start| (start.0, Point { start, ..Point::default() })).collect();
        for (start, bins) in self.by_bucket_and_bin(slice, Metric::ShadowLatencyMs).await? {
            if let Some(point) = points.get_mut(&start) {
                point.shadow_p50_ms = sketch::quantile(&bins, 0.5);
                point.shadow_p95_ms = sketch::quantile(&bins, 0.95);
            }
        }
        for (start, bins) in self.by_bucket_and_bin(slice, Metric::Sharpness).await? {
            if let Some(point) = points.get_mut(&start) {
                point.sharpness = sketch::quantile(&bins, 0.5);
            }
        }
        let mut set = |sums: Vec<(i64, Sums)>, set: fn(&mut Point, Sums)| {
            for (start, sums) in sums {
                if let Some(point) = points.get_mut(&start) {
                    set(point, sums);
                }
            }
        };
        set(self.sums(slice, Metric::Confidence).await?, |point, sums| {
            point.confidence = sums.mean().map(|percent| (percent + 0.5) / 100.0);
        });
        set(self.sums(slice, Metric::Brightness).await?, |point, sums| {
            point.brightness = sums.mean().map(|percent| middle(percent) / 100.0);
        });
        set(self.sums(slice, Metric::Contrast).await?, |point, sums| {
            point.contrast = sums.mean().map(|percent| middle(percent) / 200.0);
        });
        set(self.sums(slice, Metric::Outlier).await?, |point, sums| {
            point.scored = sums.count;
            point.unusual = (sums.count > 0).then(|| sums.last as f64 / sums.count as f64);
        });
        for (start, id, _) in self.exemplars(id, Exemplar::LatencyMs, slice.range, resolution).await? {
            if let Some(point) = points.get_mut(&start.0) {
                point.slowest = Some(id);
            }
        }
        for (start, id, _) in self.exemplars(id, Exemplar::Outlier, slice.range, resolution).await? {
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
        let slice = Slice { id, range: whole_buckets(range, resolution)?, resolution, model: None };
        let mut cells = vec![0; (HEAT_COLUMNS * HEAT_ROWS).unsigned_abs() as usize];
        for (bin, count) in self.by_bin(slice, Metric::Heat).await? {
            if let Some(cell) = usize::try_from(bin).ok().and_then(|bin| cells.get_mut(bin)) {
                *cell = count;
            }
        }
        let (columns, rows) = (HEAT_COLUMNS.unsigned_abs(), HEAT_ROWS.unsigned_abs());
        Ok(Heat { range: Some(slice.range), columns, rows, cells })
    }

    /// Counts by bin, rising.
    async fn by_bin(&self, slice: Slice, metric: Metric) -> Result<Vec<(i32, u64)>> {
        let text = "SELECT bin, CAST(SUM(count) AS BIGINT) FROM aggregate_bins WHERE deployment_id = ? \
                    AND resolution = ? AND metric = ? AND bucket_start >= ? AND bucket_start < ?{model} \
                    GROUP BY bin ORDER BY bin";
        let rows = self.select(text, slice, metric).await?;
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, number(row, 1)?))).collect()
    }

    /// Counts by bucket and bin, both rising.
    async fn by_bucket_and_bin(&self, slice: Slice, metric: Metric) -> Result<Vec<(i64, Vec<(i32, u64)>)>> {
        let text = "SELECT bucket_start, bin, CAST(SUM(count) AS BIGINT) FROM aggregate_bins \
                    WHERE deployment_id = ? AND resolution = ? AND metric = ? AND bucket_start >= ? \
                    AND bucket_start < ?{model} GROUP BY bucket_start, bin ORDER BY bucket_start, bin";
        let mut buckets: Vec<(i64, Vec<(i32, u64)>)> = Vec::new();
        for row in self.select(text, slice, metric).await? {
            let start: i64 = row.try_get_by_index(0)?;
            let bin = (row.try_get_by_index(1)?, number(&row, 2)?);
            match buckets.last_mut().filter(|(last, _)| *last == start) {
                Some((_, bins)) => bins.push(bin),
                None => buckets.push((start, vec![bin])),
            }
        }
        Ok(buckets)
    }

    async fn sums(&self, slice: Slice, metric: Metric) -> Result<Vec<(i64, Sums)>> {
        let text = "SELECT bucket_start, CAST(SUM(count) AS BIGINT), CAST(SUM(bin * count) AS BIGINT), \
                    CAST(SUM(CASE WHEN bin >= 100 THEN count ELSE 0 END) AS BIGINT) FROM aggregate_bins \
                    WHERE deployment_id = ? AND resolution = ? AND metric = ? AND bucket_start >= ? \
                    AND bucket_start < ?{model} GROUP BY bucket_start";
        let rows = self.select(text, slice, metric).await?;
        rows.iter()
            .map(|row| {
                let sums =
                    Sums { count: number(row, 1)?, bins: number(row, 2)? as f64, last: number(row, 3)? };
                Ok((row.try_get_by_index(0)?, sums))
            })
            .collect()
    }

    /// `{model}` in `text` becomes the condition of the slice's model, if any.
    async fn select(&self, text: &str, slice: Slice, metric: Metric) -> Result<Vec<QueryResult>> {
        let mut values: Vec<Value> = vec![
            slice.id.0.into(),
            resolution_number(slice.resolution).into(),
            (metric as i16).into(),
            slice.range.from.0.into(),
            slice.range.to.0.into(),
        ];
        let condition = if slice.model.is_some() { " AND model_version_id = ?" } else { "" };
        values.extend(slice.model.map(|model| Value::from(model.0)));
        let statement = sql::statement(self.db.backend(), &text.replace("{model}", condition), values);
        Ok(self.db.reader.query_all_raw(statement).await?)
    }
}

fn number(row: &QueryResult, place: usize) -> Result<u64> {
    let number: i64 = row.try_get_by_index(place)?;
    Ok(number.unsigned_abs())
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
