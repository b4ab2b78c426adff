//! Predictions: listing, counting, looking at one, its image.

use super::{
    listed::ListingBody,
    shapes::{BoxShape, parsed},
};
use crate::http::{
    AppState,
    auth::SignedIn,
    base_path::at,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    fault::ApiError,
    ids::PredictionId,
    listing::{Count, ListRequest, SortField, SortOrder},
    prediction::{Prediction, ShadowPrediction, Status},
    time::Timestamp,
};
use http::StatusCode;
use query::ast::{Expr, Test};
use serde::{Deserialize, Serialize};
use service::Admin;
use std::collections::BTreeMap;
use utoipa::{
    IntoParams, ToSchema,
    openapi::schema::{Object, ObjectBuilder, Type},
};
use uuid::Uuid;

/// What a model said of one image.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PredictionBody {
    /// Sorts by arrival.
    pub id: Uuid,
    /// Where it was made.
    pub deployment_id: Uuid,
    /// `model/number` that answered.
    #[schema(example = "cells/1")]
    pub model: String,
    /// `to_review`, `reviewed`, `submitted` or `skipped`.
    #[schema(value_type = String, example = "to_review")]
    pub status: Status,
    /// As the sender named the file.
    pub filename: Option<String>,
    /// Which camera, line or client.
    pub source: Option<String>,
    /// Of the upright image.
    pub width: u32,
    /// Of the upright image.
    pub height: u32,
    /// Where the image is; null when it was not sent.
    pub image_url: Option<String>,
    /// From the request's arrival to the boxes.
    pub latency_ms: f64,
    /// Boxes at or above it are counted as objects.
    pub threshold: f64,
    /// Number of boxes at or above the threshold.
    pub objects: usize,
    /// All boxes with a score of 0.01 or more, at most 300, best first.
    pub boxes: Vec<BoxShape>,
    /// What the shadow said of the same image.
    pub shadow: Option<ShadowBody>,
    /// Free words.
    pub tags: Vec<String>,
    /// Free keys and values.
    pub metadata: BTreeMap<String, String>,
    /// When the image was taken.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received: Timestamp,
    /// How unusual it is against the training data, from 0 to 1.
    pub outlier_score: Option<f64>,
}

/// What a shadow said of the same image.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ShadowBody {
    /// `model/number`.
    pub model: String,
    /// How long it took.
    pub latency_ms: f64,
    /// All boxes with a score of 0.01 or more, best first.
    pub boxes: Vec<BoxShape>,
}

impl From<ShadowPrediction> for ShadowBody {
    fn from(shadow: ShadowPrediction) -> Self {
        let boxes = shadow.boxes.into_iter().map(Into::into).collect();
        Self { model: shadow.model, latency_ms: shadow.latency_ms, boxes }
    }
}

impl From<Prediction> for PredictionBody {
    fn from(p: Prediction) -> Self {
        let image_url = p.image.as_ref().map(|_| at(format!("/api/v1/predictions/{}/image", p.id)));
        Self {
            id: p.id.0,
            deployment_id: p.deployment_id.0,
            objects: p.objects(),
            model: p.model,
            status: p.status,
            filename: p.filename,
            source: p.source,
            width: p.size.width,
            height: p.size.height,
            image_url,
            latency_ms: p.latency_ms,
            threshold: p.threshold.get(),
            boxes: p.boxes.into_iter().map(Into::into).collect(),
            shadow: p.shadow.map(Into::into),
            tags: p.tags,
            metadata: p.metadata,
            created: p.created,
            received: p.received,
            outlier_score: p.outlier_score,
        }
    }
}

/// Which predictions, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// A query: `objects > 5 and not has(label = "car")`.
    pub q: Option<String>,
    /// Only this status; the same as `status = …` in the query.
    pub status: Option<String>,
    /// The least first; with `-` in front the greatest first. `-received` when
    /// left out. Missing values are last.
    #[param(schema_with = sort_orders)]
    pub sort: Option<String>,
    /// 1 to 200; 50 when left out.
    pub limit: Option<u32>,
    /// From a former page's `next_cursor` or `prev_cursor`.
    pub cursor: Option<String>,
    /// Begin with this prediction.
    pub from: Option<Uuid>,
    /// Begin behind so many, at most 100,000, and say how many match. A cursor
    /// is faster, and what arrives meanwhile does not shift it.
    pub offset: Option<usize>,
}

impl ListParams {
    fn request(self) -> Result<ListRequest, Problem> {
        Ok(ListRequest {
            q: narrowed(self.q.unwrap_or_default(), self.status.as_deref())?,
            sort: order(self.sort.as_deref())?,
            limit: self.limit,
            cursor: self.cursor,
            from: self.from.map(PredictionId),
        })
    }
}

fn sort_orders() -> Object {
    let both = |field: SortField| [SortOrder::ascending(field), SortOrder::descending(field)];
    let orders = SortField::all().flat_map(both).map(|order| order.to_string());
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(orders)).build()
}

/// The order that a parameter names.
pub(super) fn order(word: Option<&str>) -> Result<SortOrder, Problem> {
    word.map_or_else(|| Ok(SortOrder::default()), |word| parsed("sort", word))
}

/// The query, narrowed to a status.
fn narrowed(q: String, status: Option<&str>) -> Result<String, Problem> {
    let Some(status) = status else { return Ok(q) };
    let status: Status = parsed("status", status)?;
    let query = query::parse(&q).map_err(ApiError::from)?;
    Ok(query.and(Expr::Leaf(Test::Status(vec![status]))).to_string())
}

/// Lists what matches a query, page by page.
#[utoipa::path(
    get, path = "/deployments/{deployment}/predictions", tag = "predictions", operation_id = "list_predictions",
    params(("deployment" = String, Path, description = "Name or id"), ListParams),
    responses(
        (status = 200, description = "A page", body = ListingBody),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<ListParams>,
) -> Result<Json<ListingBody>, Problem> {
    let offset = params.offset;
    let request = params.request()?;
    let browsing = state.service.browsing();
    let Some(offset) = offset else {
        return Ok(Json(browsing.list_predictions(&actor, &deployment, &request).await?.into()));
    };
    let (q, limit) = (request.q.clone(), request.limit() as usize);
    let (items, next_cursor) =
        browsing.slice_of_predictions(&actor, &deployment, request, offset, limit).await?;
    let count = browsing.count_predictions(&actor, &deployment, &q).await?;
    Ok(Json(ListingBody {
        items: items.into_iter().map(Into::into).collect(),
        next_cursor,
        prev_cursor: None,
        complete: true,
        as_of: Timestamp::from(chrono::Utc::now()),
        count: Some(count.into()),
    }))
}

/// A number of predictions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CountBody {
    /// How many.
    pub count: u64,
    /// False when the time limit came first: there are at least so many.
    pub exact: bool,
}

impl From<Count> for CountBody {
    fn from(count: Count) -> Self {
        Self { count: count.count, exact: count.exact }
    }
}

/// What to count.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CountParams {
    /// A query; all when left out.
    pub q: Option<String>,
    /// Only this status.
    pub status: Option<String>,
}

/// Counts what matches a query.
#[utoipa::path(
    get, path = "/deployments/{deployment}/predictions/count", tag = "predictions", operation_id = "count_predictions",
    params(("deployment" = String, Path, description = "Name or id"), CountParams),
    responses(
        (status = 200, description = "How many", body = CountBody),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn count(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<CountParams>,
) -> Result<Json<CountBody>, Problem> {
    let q = narrowed(params.q.unwrap_or_default(), params.status.as_deref())?;
    Ok(Json(state.service.browsing().count_predictions(&actor, &deployment, &q).await?.into()))
}

/// One prediction.
#[utoipa::path(
    get, path = "/predictions/{id}", tag = "predictions", operation_id = "get_prediction",
    params(("id" = Uuid, Path, description = "The prediction")),
    responses(
        (status = 200, description = "The prediction", body = PredictionBody),
        (status = 401, description = "Not signed in", body = ProblemBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<PredictionBody>, Problem> {
    Ok(Json(state.service.browsing().prediction(&actor, PredictionId(id)).await?.into()))
}

/// Deletes a prediction with its boxes.
#[utoipa::path(
    delete, path = "/predictions/{id}", tag = "predictions", operation_id = "delete_prediction",
    params(("id" = Uuid, Path, description = "The prediction")),
    responses(
        (status = 204, description = "Gone"),
        (status = 401, description = "Not signed in", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
    )
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.browsing().delete_prediction(&actor, PredictionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
