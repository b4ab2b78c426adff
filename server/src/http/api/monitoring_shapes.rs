//! What the answers of the monitoring are made of.

use super::{
    drift_shapes::{DriftNowBody, DriftWindowBody},
    training_data::{DriftBody, ReferenceBody},
};
use domain::{
    monitor::{
        Bucket,
        page::{Heat, MonitoringPage, Point, Totals},
    },
    time::Timestamp,
};
use serde::Serialize;
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
    /// How many.
    pub predictions: u64,
    /// Median latency.
    pub latency_p50_ms: Option<f64>,
    /// 95th percentile of the latency.
    pub latency_p95_ms: Option<f64>,
    /// The shadow's median latency.
    pub shadow_p50_ms: Option<f64>,
    /// The shadow's 95th percentile.
    pub shadow_p95_ms: Option<f64>,
    /// Mean number of boxes at or above the threshold.
    pub objects_mean: Option<f64>,
    /// Mean confidence of these boxes, 0 to 1.
    pub confidence: Option<f64>,
    /// Images with an outlier score.
    pub scored: u64,
    /// Share of them above 0.99.
    pub unusual: Option<f64>,
    /// Mean brightness, 0 to 1.
    pub brightness: Option<f64>,
    /// Mean contrast, 0 to 0.5.
    pub contrast: Option<f64>,
    /// Median sharpness.
    pub sharpness: Option<f64>,
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
    /// How many.
    pub predictions: u64,
    /// Median latency.
    pub latency_p50_ms: Option<f64>,
    /// 95th percentile of the latency.
    pub latency_p95_ms: Option<f64>,
    /// Predictions that a shadow made too.
    pub shadowed: u64,
    /// The shadow's median latency.
    pub shadow_p50_ms: Option<f64>,
    /// The shadow's 95th percentile.
    pub shadow_p95_ms: Option<f64>,
    /// Mean number of boxes at or above the threshold.
    pub objects_mean: Option<f64>,
    /// Images by number of boxes: `[boxes, images]`, few first.
    pub objects: Vec<(u32, u64)>,
    /// Mean confidence of these boxes, 0 to 1.
    pub confidence_mean: Option<f64>,
    /// Boxes by confidence, in 20 bins from 0 to 1.
    pub confidence: Vec<u64>,
    /// Boxes by label, most first.
    pub labels: Vec<LabelCount>,
    /// Images with an outlier score.
    pub scored: u64,
    /// Share of them above 0.99.
    pub unusual: Option<f64>,
    /// Images by outlier score, in 20 bins from 0 to 1.
    pub outlier: Vec<u64>,
    /// Median width in px.
    pub width: Option<f64>,
    /// Median height in px.
    pub height: Option<f64>,
    /// Median of width over height.
    pub ratio: Option<f64>,
    /// Median number of pixels.
    pub area: Option<f64>,
    /// Mean brightness, 0 to 1.
    pub brightness: Option<f64>,
    /// Mean contrast, 0 to 0.5.
    pub contrast: Option<f64>,
    /// Median sharpness.
    pub sharpness: Option<f64>,
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
            predictions: b.predictions,
            latency_p50_ms: b.latency_p50_ms,
            latency_p95_ms: b.latency_p95_ms,
            shadow_p50_ms: p.shadow_p50_ms,
            shadow_p95_ms: p.shadow_p95_ms,
            objects_mean: b.objects_mean,
            confidence: p.confidence,
            scored: p.scored,
            unusual: p.unusual,
            brightness: p.brightness,
            contrast: p.contrast,
            sharpness: p.sharpness,
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
            predictions: t.predictions,
            latency_p50_ms: t.latency_p50_ms,
            latency_p95_ms: t.latency_p95_ms,
            shadowed: t.shadowed,
            shadow_p50_ms: t.shadow_p50_ms,
            shadow_p95_ms: t.shadow_p95_ms,
            objects_mean: t.objects_mean,
            objects: t.objects,
            confidence_mean: t.confidence_mean,
            confidence: t.confidence,
            labels: counts(t.labels),
            scored: t.scored,
            unusual: t.unusual,
            outlier: t.outlier,
            width: t.width,
            height: t.height,
            ratio: t.ratio,
            area: t.area,
            brightness: t.brightness,
            contrast: t.contrast,
            sharpness: t.sharpness,
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
