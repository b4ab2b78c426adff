//! All figures of a range out of the counts: no prediction is read, and sums
//! of a long range come from coarse buckets with fine ones at both ends.

use super::{
    Aggregates, Exemplar,
    levels::{Level, Piece, pieces},
    read::{bucket_starts, metrics_of, whole_buckets},
    reading::Counts,
};
use crate::error::Result;
use domain::{
    ids::{DeploymentId, ModelVersionId},
    monitor::{
        Range, Resolution,
        figures::Figure,
        metrics::{HEAT_COLUMNS, HEAT_ROWS, Metric},
        page::{Heat, Point, SHARE_BINS, Totals},
        scale::Sums,
    },
    time::Timestamp,
};
use std::collections::{BTreeMap, HashMap};

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
        for counted in self.counted(id, &metrics_of(Figure::all(), [Metric::Labels]), &pieces).await? {
            let sides = [&mut all, by_model.entry(counted.model).or_default()];
            for side in sides {
                counted.add_to(side.entry(counted.metric).or_default());
            }
        }
        let mut totals = RangeTotals { all: self.totals_of(&all).await?, by_model: Vec::new() };
        // What only a shadow did is no prediction of that version.
        let predicted =
            by_model.iter().rev().filter(|(_, side)| side.contains_key(&Metric::Objects.number()));
        for (model, side) in predicted.take(most) {
            totals.by_model.push((*model, self.totals_of(side).await?));
        }
        Ok(totals)
    }

    async fn totals_of(&self, side: &ByMetric) -> Result<Totals> {
        let bins = |metric: Metric| -> Vec<(i32, u64)> {
            let counts = side.get(&metric.number()).into_iter().flatten();
            counts.map(|(bin, count)| (*bin, *count)).collect()
        };
        let labels = bins(Metric::Labels);
        let names = self.labels.labels(self.db, labels.iter().map(|(bin, _)| bin.cast_unsigned())).await?;
        let mut labels: Vec<(String, u64)> = labels
            .into_iter()
            .filter_map(|(bin, count)| Some((names.get(&bin.cast_unsigned())?.to_string(), count)))
            .collect();
        labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let figures = Figure::all().map(|figure| (figure, figure.of_bins(&bins(figure.row().metric))));
        Ok(Totals {
            figures: figures.collect(),
            objects: bins(Metric::Objects)
                .into_iter()
                .map(|(bin, count)| (bin.cast_unsigned(), count))
                .collect(),
            confidence: twentieths(&bins(Metric::Confidence), 0),
            labels,
            outlier: twentieths(&bins(Metric::Outlier), 1),
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
        let (of_sums, of_bins): (Vec<Figure>, Vec<Figure>) =
            Figure::of_page_buckets().partition(|figure| figure.row().reduce.needs_only_sums());
        let (summed_metrics, binned_metrics) =
            (metrics_of(of_sums.iter().copied(), []), metrics_of(of_bins.iter().copied(), []));
        let (counted, sums, slowest, most_unusual) = tokio::try_join!(
            self.counted(id, &binned_metrics, std::slice::from_ref(&piece)),
            self.sums(id, &summed_metrics, piece),
            self.exemplars(id, Exemplar::LatencyMs, range, resolution),
            self.exemplars(id, Exemplar::Outlier, range, resolution),
        )?;
        let mut counts: BTreeMap<(i64, i16), Counts> = BTreeMap::new();
        for counted in counted {
            let start = resolution.start(Timestamp(counted.start)).0;
            counted.add_to(counts.entry((start, counted.metric)).or_default());
        }
        let mut sums_of: BTreeMap<(i64, i16), Sums> = BTreeMap::new();
        for (metric, start, sums) in sums {
            *sums_of.entry((resolution.start(Timestamp(start)).0, metric)).or_default() += sums;
        }
        for ((start, metric), counts) in counts {
            let Some(point) = points.get_mut(&start) else { continue };
            let bins: Vec<(i32, u64)> = counts.into_iter().collect();
            for figure in of_bins.iter().filter(|figure| figure.row().metric.number() == metric) {
                point.figures.set(*figure, figure.of_bins(&bins));
            }
        }
        for ((start, metric), sums) in sums_of {
            let Some(point) = points.get_mut(&start) else { continue };
            for figure in of_sums.iter().filter(|figure| figure.row().metric.number() == metric) {
                point.figures.set(*figure, figure.of_sums(sums));
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
        let counted_pieces =
            self.counted(id, &[Metric::Heat], &pieces(range, Level::from(resolution))).await?;
        for (bin, count) in counted_pieces.into_iter().flat_map(|counted| counted.bins) {
            if let Some(cell) = usize::try_from(bin).ok().and_then(|bin| cells.get_mut(bin)) {
                *cell += count;
            }
        }
        let (columns, rows) = (HEAT_COLUMNS.unsigned_abs(), HEAT_ROWS.unsigned_abs());
        Ok(Heat { range: Some(range), columns, rows, cells })
    }
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
