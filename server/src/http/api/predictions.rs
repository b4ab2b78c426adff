//! Predictions: listing, counting, looking at one, its image.

use super::{
    listed::ListingBody,
    prediction_shapes::{CountBody, PredictionBody},
    shapes::parsed,
};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    fault::ApiError,
    ids::PredictionId,
    listing::{ListRequest, SortField, SortOrder},
    prediction::Status,
    time::Timestamp,
};
use http::StatusCode;
use query::ast::{Expr, Test};
use serde::Deserialize;
use service::Admin;
use utoipa::{
    IntoParams,
    openapi::schema::{Object, ObjectBuilder, Type},
};
use uuid::Uuid;

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
