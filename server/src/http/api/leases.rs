//! Who has which image on the table, and how reviews are set up.

use super::{review_shapes::LeaseBody, settings::SettingsBody, shapes::parsed};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody, Reviewer},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    ids::PredictionId,
    listing::SortOrder,
    review::{NextRequest, ReviewSettings},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which images to give next.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NextBody {
    /// In the query language; only what is `to_review` is given in any case.
    pub q: String,
    /// As in the list of predictions; `-received` when left out.
    pub sort: Option<String>,
    /// How many, 1 to 10; 1 when left out.
    pub count: u32,
    /// Images that are on hand already.
    pub exclude: Vec<Uuid>,
    /// One word for one open page: what it holds is given to it again.
    pub session: String,
}

/// Some leases.
#[derive(Serialize, ToSchema)]
pub(super) struct LeasesBody {
    /// In the order asked for.
    pub items: Vec<LeaseBody>,
}

impl LeasesBody {
    fn of(leases: Vec<domain::review::Lease>) -> Json<Self> {
        Json(Self { items: leases.into_iter().map(Into::into).collect() })
    }
}

/// Gives the next images to review, that nobody else has on the table.
#[utoipa::path(
    post, path = "/deployments/{deployment}/review/next", tag = "reviews", operation_id = "next_reviews",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = NextBody,
    responses(
        (status = 200, description = "Fewer than asked for when there are no more", body = LeasesBody),
        (status = 400, description = "The query or the order cannot be read", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn next(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Reviewer, NextBody>,
) -> Result<Json<LeasesBody>, Problem> {
    let sort = body.sort.as_deref().map(|word| parsed("sort", word)).transpose()?;
    let request = NextRequest {
        q: body.q,
        sort: sort.unwrap_or_else(SortOrder::default),
        count: body.count,
        exclude: body.exclude.into_iter().map(PredictionId).collect(),
        session: body.session,
    };
    Ok(LeasesBody::of(state.service.reviews().next(&actor, &deployment, request).await?))
}

/// Which open page asks.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SessionBody {
    /// One word for one open page.
    pub session: String,
}

/// Takes one image onto the table for five minutes, or keeps it there.
#[utoipa::path(
    post, path = "/predictions/{id}/lease", tag = "reviews", operation_id = "lease_prediction",
    params(("id" = Uuid, Path, description = "The prediction")),
    request_body = SessionBody,
    responses(
        (status = 200, description = "Who has it now: not `mine` when somebody else does", body = LeaseBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
    )
)]
pub(super) async fn take(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Reviewer, SessionBody>,
) -> Result<Json<LeaseBody>, Problem> {
    Ok(Json(state.service.reviews().lease(&actor, PredictionId(id), &body.session).await?.into()))
}

/// Images of one open page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HeldBody {
    /// At most 200.
    pub ids: Vec<Uuid>,
    /// One word for one open page.
    #[serde(default)]
    pub session: String,
}

/// Keeps images on the table for another five minutes.
#[utoipa::path(
    post, path = "/deployments/{deployment}/review/leases", tag = "reviews", operation_id = "renew_leases",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = HeldBody,
    responses(
        (status = 200, description = "Who has each now: not `mine` when somebody else does", body = LeasesBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn renew(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Reviewer, HeldBody>,
) -> Result<Json<LeasesBody>, Problem> {
    let ids = body.ids.into_iter().map(PredictionId).collect();
    Ok(LeasesBody::of(state.service.reviews().renew_leases(&actor, &deployment, ids, &body.session).await?))
}

/// Lets go of images.
#[utoipa::path(
    post, path = "/deployments/{deployment}/review/release", tag = "reviews", operation_id = "release_leases",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = HeldBody,
    responses(
        (status = 204, description = "Free, as far as they were the page's own"),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn release(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Reviewer, HeldBody>,
) -> Result<StatusCode, Problem> {
    let ids = body.ids.into_iter().map(PredictionId).collect();
    state.service.reviews().release_leases(&actor, &deployment, ids, &body.session).await?;
    Ok(StatusCode::NO_CONTENT)
}

type ReviewSettingsBody = SettingsBody<ReviewSettings>;

/// How a deployment's predictions are reviewed.
#[utoipa::path(
    get, path = "/deployments/{deployment}/review-settings", tag = "reviews", operation_id = "get_review_settings",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The settings", body = ReviewSettingsBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn settings(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<ReviewSettings>, Problem> {
    Ok(Json(state.service.learning().settings(&actor, &deployment).await?))
}

/// Sets how a deployment's predictions are reviewed from now on.
#[utoipa::path(
    put, path = "/deployments/{deployment}/review-settings", tag = "reviews", operation_id = "set_review_settings",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = ReviewSettingsBody,
    responses(
        (status = 200, description = "As they are now", body = ReviewSettingsBody),
        (status = 400, description = "Not a share", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn set_settings(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, ReviewSettingsBody>,
) -> Result<Json<ReviewSettings>, Problem> {
    Ok(Json(state.service.learning().set_settings(&actor, &deployment, body.settings()?).await?))
}
