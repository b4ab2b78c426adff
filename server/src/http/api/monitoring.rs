//! What the dashboard shows, as figures.

use super::form::moment;
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    monitor::{Bucket, Dashboard, Range, Resolution},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use service::DashboardRequest;
use utoipa::{IntoParams, ToSchema};

/// Of what time. Without any: the last 24 hours.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MetricsParams {
    /// Start, included; RFC 3339 or seconds since 1970.
    pub from: Option<String>,
    /// End, excluded; now when left out.
    pub to: Option<String>,
    /// Instead of both: the last so many seconds.
    pub last_s: Option<u32>,
    /// `minute`, `hour` or `day`; fitted to the range when left out.
    pub bucket: Option<String>,
}

/// Figures in buckets of time.
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
    pub total: BucketBody,
    /// When it was read.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
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
    /// Mean number of boxes at or above the threshold.
    pub objects_mean: Option<f64>,
    /// Boxes by label, most first.
    pub labels: Vec<LabelCount>,
}

/// How often a label was seen.
#[derive(Serialize, ToSchema)]
pub(super) struct LabelCount {
    /// The label.
    pub label: String,
    /// Boxes at or above the threshold.
    pub count: u64,
}

impl From<Bucket> for BucketBody {
    fn from(b: Bucket) -> Self {
        Self {
            start: b.start,
            predictions: b.predictions,
            latency_p50_ms: b.latency_p50_ms,
            latency_p95_ms: b.latency_p95_ms,
            objects_mean: b.objects_mean,
            labels: b.labels.into_iter().map(|(label, count)| LabelCount { label, count }).collect(),
        }
    }
}

impl From<Dashboard> for MetricsBody {
    fn from(d: Dashboard) -> Self {
        Self {
            from: d.range.from,
            to: d.range.to,
            bucket_s: d.resolution.width_ms() / 1000,
            buckets: d.buckets.into_iter().map(Into::into).collect(),
            total: d.total.into(),
            as_of: d.as_of,
        }
    }
}

/// The figures of a deployment over time.
#[utoipa::path(
    get, path = "/deployments/{deployment}/metrics", tag = "monitoring", operation_id = "metrics",
    params(("deployment" = String, Path, description = "Name or id"), MetricsParams),
    responses(
        (status = 200, description = "The figures", body = MetricsBody),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn metrics(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<MetricsParams>,
) -> Result<Json<MetricsBody>, Problem> {
    let request = params.request()?;
    Ok(Json(state.service.dashboard(&actor, &deployment, request).await?.into()))
}

impl MetricsParams {
    fn request(&self) -> Result<DashboardRequest, Problem> {
        let resolution = match self.bucket.as_deref() {
            None => None,
            Some("minute") => Some(Resolution::Minute),
            Some("hour") => Some(Resolution::Hour),
            Some("day") => Some(Resolution::Day),
            Some(other) => {
                let message = format!("{other:?} is no bucket: use minute, hour or day.");
                return Err(Problem::invalid("bucket", message));
            }
        };
        let from = self.from.as_deref().map(|text| moment("from", text)).transpose()?;
        let to = self.to.as_deref().map(|text| moment("to", text)).transpose()?;
        let range = match (from, to) {
            (None, None) => None,
            (None, Some(_)) => return Err(Problem::invalid("from", "Give from along with to.")),
            (Some(from), to) => {
                let to = to.unwrap_or_else(|| Timestamp::from(chrono::Utc::now()));
                if to <= from {
                    return Err(Problem::invalid("to", "The range ends before it starts."));
                }
                Some(Range { from, to })
            }
        };
        if range.is_some() && self.last_s.is_some() {
            return Err(Problem::invalid("last_s", "Give last_s, or from and to."));
        }
        Ok(DashboardRequest {
            range,
            last_ms: self.last_s.map(|seconds| i64::from(seconds) * 1000),
            resolution,
        })
    }
}
