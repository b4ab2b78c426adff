//! What the dashboard shows, as figures.

use super::{form::moment, monitoring_shapes::MetricsBody};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    monitor::{Range, Resolution},
    time::Timestamp,
};
use serde::Deserialize;
use service::DashboardRequest;
use utoipa::IntoParams;

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
    /// `minute`, `five_minutes`, `quarter_hour`, `hour`, `three_hours`, `six_hours`, `day` or
    /// `week` (from Monday); fitted to the range when left out.
    pub bucket: Option<String>,
}

/// The figures of a deployment over time, with those of the range before,
/// and how the images compare with the training data.
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
    Ok(Json(state.service.monitoring().monitoring_page(&actor, &deployment, request).await?.into()))
}

impl MetricsParams {
    fn request(&self) -> Result<DashboardRequest, Problem> {
        let resolution = self.bucket.as_deref().map(resolution).transpose()?;
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

/// The width of buckets that a word names.
fn resolution(word: &str) -> Result<Resolution, Problem> {
    Resolution::of_word(word).ok_or_else(|| {
        let words = Resolution::ALL.map(Resolution::as_str).join(", ");
        Problem::invalid("bucket", format!("{word:?} is no bucket. Use one of these: {words}."))
    })
}
