//! Around a query: what it can be completed with, what stands beside a
//! prediction, how it is answered, and its export.

use super::{listed::ListedBody, prediction_shapes::CountBody, predictions::order};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
    signed::PublicAddress,
};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    ids::PredictionId,
    listing::{Explanation, Neighbourhood},
};
use http::header;
use query::KnownValues;
use serde::{Deserialize, Serialize};
use service::{ExportFormat, Reviewer};
use std::{collections::BTreeMap, str::FromStr};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Values that occur in a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct KnownValuesBody {
    /// Of boxes and of the champion.
    pub labels: Vec<String>,
    /// Of predictions.
    pub tags: Vec<String>,
    /// Of predictions.
    pub sources: Vec<String>,
    /// `name/number`.
    pub models: Vec<String>,
    /// Who has reviewed.
    pub reviewers: Vec<String>,
    /// Keys with some of their values.
    pub metadata: BTreeMap<String, Vec<String>>,
}

impl From<KnownValues> for KnownValuesBody {
    fn from(known: KnownValues) -> Self {
        let KnownValues { labels, tags, sources, models, reviewers, metadata } = known;
        Self { labels, tags, sources, models, reviewers, metadata }
    }
}

/// Values that occur in a deployment, to complete a query with.
#[utoipa::path(
    get, path = "/deployments/{deployment}/predictions/values", tag = "predictions", operation_id = "known_values",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The values", body = KnownValuesBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn known_values(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<KnownValuesBody>, Problem> {
    Ok(Json(state.service.browsing().known_values(&actor, &deployment).await?.into()))
}

/// A query in an order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SortedQuery {
    /// A query; all when left out.
    pub q: Option<String>,
    /// As in the list.
    pub sort: Option<String>,
}

/// How a query is answered.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplanationBody {
    /// Where candidates come from.
    pub drives: String,
    /// The index behind it.
    pub index: String,
    /// How many candidates there are.
    pub candidates: CountBody,
    /// What is tested on each.
    pub residual: String,
    /// The statement, without its values.
    pub sql: String,
    /// What the database makes of it.
    pub plan: Vec<String>,
    /// Candidates that a first page looked at.
    pub scanned: u64,
    /// Matches that it found.
    pub matched: u64,
    /// Whether it was filled within the time limit.
    pub complete: bool,
    /// How long it took.
    pub took_ms: f64,
}

impl From<Explanation> for ExplanationBody {
    fn from(said: Explanation) -> Self {
        Self {
            drives: said.drives,
            index: said.index,
            candidates: said.candidates.into(),
            residual: said.residual,
            sql: said.sql,
            plan: said.plan,
            scanned: said.scanned,
            matched: said.matched,
            complete: said.complete,
            took_ms: said.took_ms,
        }
    }
}

/// Says which index answers a query, and what a first page costs.
#[utoipa::path(
    get, path = "/deployments/{deployment}/predictions/explain", tag = "predictions", operation_id = "explain_query",
    params(("deployment" = String, Path, description = "Name or id"), SortedQuery),
    responses(
        (status = 200, description = "How it is answered", body = ExplanationBody),
        (status = 400, description = "The query cannot be read", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn explain(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Reviewer>,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<SortedQuery>,
) -> Result<Json<ExplanationBody>, Problem> {
    let (q, sort) = (params.q.unwrap_or_default(), order(params.sort.as_deref())?);
    Ok(Json(state.service.browsing().explain(&actor, &deployment, &q, sort).await?.into()))
}

/// Where to look.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NeighbourParams {
    /// A query; all when left out.
    pub q: Option<String>,
    /// As in the list.
    pub sort: Option<String>,
    /// On each side; 1 when left out, at most 50.
    pub radius: Option<u32>,
}

/// Where a prediction stands among what matches.
#[derive(Serialize, ToSchema)]
pub(super) struct NeighbourhoodBody {
    /// From 1; null when it does not match.
    pub position: Option<CountBody>,
    /// How many match.
    pub total: CountBody,
    /// Whether it matches itself.
    pub matches: bool,
    /// Those before it; the last one is the nearest.
    pub before: Vec<ListedBody>,
    /// Those behind it; the first one is the nearest.
    pub after: Vec<ListedBody>,
    /// False when the time limit came first.
    pub complete: bool,
}

impl From<Neighbourhood> for NeighbourhoodBody {
    fn from(neighbourhood: Neighbourhood) -> Self {
        Self {
            position: neighbourhood.position.map(Into::into),
            total: neighbourhood.total.into(),
            matches: neighbourhood.matches,
            before: neighbourhood.before.into_iter().map(Into::into).collect(),
            after: neighbourhood.after.into_iter().map(Into::into).collect(),
            complete: neighbourhood.complete,
        }
    }
}

/// What stands before and behind a prediction among what matches.
#[utoipa::path(
    get, path = "/predictions/{id}/neighbours", tag = "predictions", operation_id = "neighbours",
    params(("id" = Uuid, Path, description = "The prediction"), NeighbourParams),
    responses(
        (status = 200, description = "The neighbours", body = NeighbourhoodBody),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
    )
)]
pub(super) async fn neighbours(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    QueryParams(params): QueryParams<NeighbourParams>,
) -> Result<Json<NeighbourhoodBody>, Problem> {
    let (q, sort) = (params.q.unwrap_or_default(), order(params.sort.as_deref())?);
    let radius = params.radius.unwrap_or(1);
    Ok(Json(state.service.browsing().neighbourhood(&actor, PredictionId(id), &q, sort, radius).await?.into()))
}

/// What to export.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportParams {
    /// A query; all when left out.
    pub q: Option<String>,
    /// `coco`, `yolo` (a tar with the images), `cvat`, `label-studio`, `csv` or
    /// `jsonl`.
    pub format: String,
    /// `best` (default: the reviewer's where there is a review, else the
    /// champion's at or above the threshold), `champion` or `review`.
    pub boxes: Option<String>,
    /// Of `label-studio`: `links` for pictures by links to this server, good for
    /// a week, that need no token; paths of local files when left out.
    pub images: Option<String>,
}

/// What matches a query, as a file.
#[utoipa::path(
    get, path = "/deployments/{deployment}/predictions/export", tag = "predictions",
    operation_id = "export_predictions",
    params(("deployment" = String, Path, description = "Name or id"), ExportParams),
    responses(
        (status = 200, description = "The file, as it is written", content_type = "application/octet-stream"),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn export(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<ExportParams>,
) -> Result<Response, Problem> {
    let format = word("format", &params.format)?;
    let boxes = params.boxes.as_deref().map(|boxes| word("boxes", boxes)).transpose()?.unwrap_or_default();
    let q = params.q.unwrap_or_default();
    let exports = state.service.exports();
    let export = match params.images.as_deref() {
        None => exports.predictions(&actor, &deployment, &q, format, boxes).await?,
        Some("links") if format == ExportFormat::LabelStudio => {
            exports.linked_tasks(&actor, &deployment, &q, boxes, address.below_base()).await?
        }
        Some(_) => return Err(Problem::invalid("images", "images is links, with format=label-studio.")),
    };
    let disposition = format!("attachment; filename=\"{}\"", export.filename);
    let headers = [
        (header::CONTENT_TYPE, export.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(export.bytes)).into_response())
}

fn word<T: FromStr<Err = String>>(place: &str, word: &str) -> Result<T, Problem> {
    word.parse().map_err(|message: String| Problem::invalid(place, message))
}
