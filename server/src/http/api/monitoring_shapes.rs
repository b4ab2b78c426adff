//! What the answers of the monitoring are made of.

use super::{
    drift_shapes::{DriftNowBody, DriftWindowBody},
    figure_shapes::{BucketFigures, RangeFigures},
    training_data::{DriftBody, ReferenceBody},
};
use domain::{
    monitor::{
        Bucket,
        page::{Heat, Point, Totals},
    },
    time::Timestamp,
};
use serde::Serialize;
use service::MonitoringPage;
use utoipa::ToSchema;
use uuid::Uuid;

/// Figures in buckets of time, for the whole range, and for the one before it.
#[derive(Serialize, ToSchema)]
pub(super) struct MetricsBody {
    /// Start, included.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// End, excluded.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Width of a bucket in seconds.
    pub bucket_s: i64,
    /// Oldest first, empty ones included.
    pub buckets: Vec<BucketBody>,
    /// The whole range as one.
    pub total: TotalBody,
    /// The range of the same length before it.
    pub before: TotalBody,
    /// The whole range by model version, the latest first, at most four;
    /// empty where one made all predictions.
    pub by_model: Vec<ModelTotalBody>,
    /// Where the middles of boxes lie.
    pub heat: HeatBody,
    /// Predictions by source, most first; those that name none are left out.
    pub sources: Vec<LabelCount>,
    /// With what the deployment is compared; null for nothing.
    pub training_data: Option<ReferenceBody>,
    /// How drift is looked for.
    pub drift_settings: DriftBody,
    /// Shares of the labels in the training data, most first.
    pub reference_labels: Vec<LabelShare>,
    /// Drift as it stands; null without training data that is ready.
    pub drift: Option<DriftNowBody>,
    /// Windows compared in this range, the latest first, at most 30.
    pub drift_windows: Vec<DriftWindowBody>,
    /// When it was read.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
}

/// What one model version did in the whole range.
#[derive(Serialize, ToSchema)]
pub(super) struct ModelTotalBody {
    /// `model/number`.
    pub model: String,
    /// Its figures.
    #[serde(flatten)]
    pub total: TotalBody,
}

/// The figures of one bucket.
#[derive(Serialize, ToSchema)]
pub(super) struct BucketBody {
    /// Its first moment.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Its figures.
    #[serde(flatten)]
    pub figures: BucketFigures,
    /// The slowest prediction.
    pub slowest: Option<Uuid>,
    /// The most unusual image.
    pub most_unusual: Option<Uuid>,
    /// Boxes by label, most first.
    pub labels: Vec<LabelCount>,
}

/// The figures of a whole range.
#[derive(Serialize, ToSchema)]
pub(super) struct TotalBody {
    /// Its first moment.
    #[schema(value_type = String, format = DateTime)]
    pub start: Timestamp,
    /// Its figures.
    #[serde(flatten)]
    pub figures: RangeFigures,
    /// Images by number of boxes: `[boxes, images]`, few first.
    // A list whose places differ is more than most generators of clients know.
    #[schema(value_type = Vec<Vec<u64>>)]
    pub objects: Vec<(u32, u64)>,
    /// Boxes by confidence, in 20 bins from 0 to 1.
    pub confidence: Vec<u64>,
    /// Boxes by label, most first.
    pub labels: Vec<LabelCount>,
    /// Images by outlier score, in 20 bins from 0 to 1.
    pub outlier: Vec<u64>,
}

/// How often something was seen.
#[derive(Serialize, ToSchema)]
pub(super) struct LabelCount {
    /// The label, or the source.
    pub label: String,
    /// Boxes at or above the threshold, or predictions.
    pub count: u64,
}

/// The share of a label among the boxes.
#[derive(Serialize, ToSchema)]
pub(super) struct LabelShare {
    /// The label.
    pub label: String,
    /// 0 to 1.
    pub share: f64,
}

/// Boxes by place, over a grid.
#[derive(Serialize, ToSchema)]
pub(super) struct HeatBody {
    /// Start of the time it is of: whole hours or days.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// End, excluded.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub to: Option<Timestamp>,
    /// Cells of a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Boxes whose middle lies in the cell, row by row.
    pub cells: Vec<u64>,
}

fn counts(counts: Vec<(String, u64)>) -> Vec<LabelCount> {
    counts.into_iter().map(|(label, count)| LabelCount { label, count }).collect()
}

impl BucketBody {
    fn new(b: Bucket, p: &Point) -> Self {
        Self {
            start: b.start,
            figures: BucketFigures::new(&b.figures, &p.figures),
            slowest: p.slowest.map(|id| id.0),
            most_unusual: p.most_unusual.map(|id| id.0),
            labels: counts(b.labels),
        }
    }
}

impl TotalBody {
    fn new(start: Timestamp, t: Totals) -> Self {
        Self {
            start,
            figures: RangeFigures::new(&t.figures),
            objects: t.objects,
            confidence: t.confidence,
            labels: counts(t.labels),
            outlier: t.outlier,
        }
    }
}

impl From<Heat> for HeatBody {
    fn from(h: Heat) -> Self {
        let (from, to) = (h.range.map(|range| range.from), h.range.map(|range| range.to));
        Self { from, to, columns: h.columns, rows: h.rows, cells: h.cells }
    }
}

impl From<MonitoringPage> for MetricsBody {
    fn from(page: MonitoringPage) -> Self {
        let d = page.dashboard;
        let buckets = d.buckets.into_iter().zip(page.points);
        Self {
            bucket_s: d.resolution.width_ms() / 1000,
            buckets: buckets.map(|(bucket, point)| BucketBody::new(bucket, &point)).collect(),
            total: TotalBody::new(d.range.from, page.total),
            before: TotalBody::new(d.range.before().from, page.before),
            by_model: page
                .by_model
                .into_iter()
                .map(|(model, totals)| ModelTotalBody { model, total: TotalBody::new(d.range.from, totals) })
                .collect(),
            heat: page.heat.into(),
            sources: counts(page.sources),
            training_data: page.training_data.reference.map(Into::into),
            drift_settings: page.training_data.drift.into(),
            reference_labels: page
                .reference_labels
                .into_iter()
                .map(|(label, share)| LabelShare { label, share })
                .collect(),
            drift: page.drift.map(Into::into),
            drift_windows: page.drift_windows.into_iter().map(Into::into).collect(),
            from: d.range.from,
            to: d.range.to,
            as_of: d.as_of,
        }
    }
}
