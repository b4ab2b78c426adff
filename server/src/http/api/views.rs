//! Kept views of predictions, and what somebody asked lately.

use super::shapes::parsed;
use crate::http::{
    AppState,
    admission::{JsonBody, Viewer},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    ids::SavedViewId,
    listing::{SaveView, SavedView, SortOrder},
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A view to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveViewBody {
    /// 1 to 80 characters.
    pub name: String,
    /// The query.
    #[serde(default)]
    pub q: String,
    /// The order; `-received` when left out.
    pub sort: Option<String>,
    /// The rest of the page's address.
    #[serde(default)]
    pub state: String,
    /// Whether everybody sees it.
    #[serde(default)]
    pub shared: bool,
}

impl SaveViewBody {
    fn view(self) -> Result<SaveView, Problem> {
        let sort = self.sort.map_or_else(|| Ok(SortOrder::default()), |word| parsed("sort", &word))?;
        Ok(SaveView { name: self.name, q: self.q, sort, state: self.state, shared: self.shared })
    }
}

/// A view that somebody kept.
#[derive(Serialize, ToSchema)]
pub(super) struct SavedViewBody {
    /// Identity.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The query.
    pub q: String,
    /// The order.
    pub sort: String,
    /// The rest of the page's address.
    pub state: String,
    /// Whose it is.
    pub owner: String,
    /// Whether it is one's own.
    pub mine: bool,
    /// Whether everybody sees it.
    pub shared: bool,
    /// When it was last saved.
    #[schema(value_type = String, format = DateTime)]
    pub updated: Timestamp,
}

impl From<SavedView> for SavedViewBody {
    fn from(view: SavedView) -> Self {
        Self {
            id: view.id.0,
            name: view.name,
            q: view.q,
            sort: view.sort.to_string(),
            state: view.state,
            owner: view.owner,
            mine: view.mine,
            shared: view.shared,
            updated: view.updated,
        }
    }
}

/// Views of a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct ViewsBody {
    /// By name.
    pub items: Vec<SavedViewBody>,
}

/// One's own views and those that others share.
#[utoipa::path(
    get, path = "/deployments/{deployment}/views", tag = "predictions", operation_id = "list_views",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The views", body = ViewsBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<ViewsBody>, Problem> {
    let views = state.service.browsing().saved_views(&actor, &deployment).await?;
    Ok(Json(ViewsBody { items: views.into_iter().map(Into::into).collect() }))
}

/// Keeps a view; one's own of the same name is replaced.
#[utoipa::path(
    post, path = "/deployments/{deployment}/views", tag = "predictions", operation_id = "save_view",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = SaveViewBody,
    responses(
        (status = 200, description = "Kept", body = SavedViewBody),
        (status = 400, description = "Something in it is not allowed", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn save(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Viewer, SaveViewBody>,
) -> Result<Json<SavedViewBody>, Problem> {
    Ok(Json(state.service.browsing().save_view(&actor, &deployment, body.view()?).await?.into()))
}

/// Changes a view.
#[utoipa::path(
    put, path = "/views/{id}", tag = "predictions", operation_id = "change_view",
    params(("id" = Uuid, Path, description = "The view")),
    request_body = SaveViewBody,
    responses(
        (status = 200, description = "Changed", body = SavedViewBody),
        (status = 400, description = "Something in it is not allowed", body = ProblemBody),
        (status = 403, description = "It is somebody else's", body = ProblemBody),
        (status = 404, description = "No such view", body = ProblemBody),
        (status = 409, description = "There is one of that name", body = ProblemBody),
    )
)]
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Viewer, SaveViewBody>,
) -> Result<Json<SavedViewBody>, Problem> {
    Ok(Json(state.service.browsing().change_view(&actor, SavedViewId(id), body.view()?).await?.into()))
}

/// Forgets a view.
#[utoipa::path(
    delete, path = "/views/{id}", tag = "predictions", operation_id = "delete_view",
    params(("id" = Uuid, Path, description = "The view")),
    responses(
        (status = 204, description = "Gone"),
        (status = 403, description = "It is somebody else's", body = ProblemBody),
        (status = 404, description = "No such view", body = ProblemBody),
    )
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.browsing().delete_view(&actor, SavedViewId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What somebody asked lately.
#[derive(Serialize, ToSchema)]
pub(super) struct HistoryBody {
    /// The latest first.
    pub items: Vec<String>,
}

/// What one asked of a deployment lately.
#[utoipa::path(
    get, path = "/deployments/{deployment}/query-history", tag = "predictions", operation_id = "query_history",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "At most fifty queries", body = HistoryBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn history(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<HistoryBody>, Problem> {
    Ok(Json(HistoryBody { items: state.service.browsing().query_history(&actor, &deployment).await? }))
}

/// A query that was asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedBody {
    /// The query.
    pub q: String,
}

/// Remembers a query.
#[utoipa::path(
    post, path = "/deployments/{deployment}/query-history", tag = "predictions", operation_id = "remember_query",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = AskedBody,
    responses(
        (status = 204, description = "Remembered"),
        (status = 400, description = "The query cannot be read", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn remember(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Viewer, AskedBody>,
) -> Result<StatusCode, Problem> {
    state.service.browsing().remember_query(&actor, &deployment, &body.q).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets what one asked.
#[utoipa::path(
    delete, path = "/deployments/{deployment}/query-history", tag = "predictions",
    operation_id = "forget_queries",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 204, description = "Forgotten"),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn forget(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<StatusCode, Problem> {
    state.service.browsing().forget_queries(&actor, &deployment).await?;
    Ok(StatusCode::NO_CONTENT)
}
