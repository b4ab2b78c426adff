//! Reviewing a prediction: reading all about it, saving, its history.

use super::{
    prediction_shapes::PredictionBody,
    review_boxes::{ReviewBoxIn, StatisticsShape, checked_review},
    review_shapes::{ReviewBody, RevisionBody, SubjectBody},
    shapes::parsed,
};
use crate::http::{
    AppState,
    admission::{JsonBody, Reviewer},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    fault::{ApiError, ErrorKind},
    ids::PredictionId,
    prediction::Status,
    review::{SaveReview, Saved},
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use service::{As, Viewer};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which open page asks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SessionParams {
    /// One word for one open page, so that its leases are known for its own.
    #[serde(default)]
    pub session: String,
}

/// A prediction with all that a review of it needs.
#[utoipa::path(
    get, path = "/predictions/{id}/review", tag = "reviews", operation_id = "get_review",
    params(("id" = Uuid, Path, description = "The prediction"), SessionParams),
    responses(
        (status = 200, description = "Boxes, labels, the latest revision, who is at it", body = SubjectBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    QueryParams(params): QueryParams<SessionParams>,
) -> Result<Json<SubjectBody>, Problem> {
    Ok(Json(state.service.reviews().subject(&actor, PredictionId(id), &params.session).await?.into()))
}

/// A review to be saved. The boxes are all there are: what is not among them
/// is not in the image.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveBody {
    /// The revision it was made from; 0 before the first.
    pub base_revision: u32,
    /// At most 2,000.
    pub boxes: Vec<ReviewBoxIn>,
    /// `champion`, `shadow` or `empty`: where it began. `empty` is believed of
    /// whom the server showed the image blind (`blind` of the image's review,
    /// while they lease it). Left out: as the former revision, else `champion`.
    #[serde(default)]
    pub started_from: Option<String>,
    /// `random`, `query`, `outlier` or `alert`: how the image was picked, where
    /// that is less than the lease says: `random` is what the server itself
    /// gave out so. Left out: as it was leased, else `query`.
    #[serde(default)]
    pub picked: Option<String>,
    /// What was done.
    #[serde(default)]
    pub statistics: Option<StatisticsShape>,
}

/// A review as it was saved.
#[derive(Serialize, ToSchema)]
pub(super) struct SavedBody {
    /// How far the prediction is now.
    #[schema(example = "reviewed")]
    pub status: &'static str,
    /// This very save had been stored before.
    pub repeated: bool,
    /// Why it was not submitted, where a deployment's reviews are submitted as
    /// they are saved; null when it was, and where they are not.
    #[schema(example = "The very same image is in the feedback already.")]
    pub not_submitted: Option<String>,
    /// The revision.
    #[serde(flatten)]
    pub review: ReviewBody,
}

/// Somebody saved since (RFC 9457, with the other version).
#[derive(Serialize, ToSchema)]
pub(super) struct StaleBody {
    /// What is wrong.
    #[serde(flatten)]
    pub problem: ProblemBody,
    /// The latest revision, with its boxes.
    pub current: ReviewBody,
}

/// Saves a review as a new revision; nothing is overwritten.
///
/// The same save again by the same person gives the same revision, so that a
/// lost answer is harmless.
#[utoipa::path(
    put, path = "/predictions/{id}/review", tag = "reviews", operation_id = "save_review",
    params(("id" = Uuid, Path, description = "The prediction")),
    request_body = SaveBody,
    responses(
        (status = 200, description = "Saved", body = SavedBody),
        (status = 400, description = "A box or a field is not allowed", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
        (status = 409, description = "Somebody saved since: `current` is what they saved; or it was submitted", body = StaleBody),
    )
)]
pub(super) async fn save(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Reviewer, SaveBody>,
) -> Result<Response, Problem> {
    // Who may not save learns it before what is wrong with the boxes.
    state.service.reviews().may_review(&actor, PredictionId(id)).await?;
    let save = SaveReview {
        base_revision: body.base_revision,
        boxes: checked_review(body.boxes)?,
        started_from: body.started_from.as_deref().map(|word| parsed("started_from", word)).transpose()?,
        picked: body.picked.as_deref().map(|word| parsed("picked", word)).transpose()?,
        statistics: body.statistics.map(Into::into),
    };
    let saved = state.service.reviews().save(&actor, PredictionId(id), save).await?;
    answer(&state, &actor, PredictionId(id), saved).await
}

async fn answer(
    state: &AppState,
    actor: &As<Viewer>,
    id: PredictionId,
    saved: Saved,
) -> Result<Response, Problem> {
    match saved {
        Saved::Stored { review, repeated, not_submitted } => {
            // It is saved: that it cannot be read now says nothing else.
            let now = state.service.browsing().prediction(actor, id).await;
            let status = now.map_or(Status::Reviewed, |prediction| prediction.status).as_str();
            Ok(Json(SavedBody { status, repeated, not_submitted, review: review.into() }).into_response())
        }
        Saved::Stale { current } => {
            let message = format!(
                "{} saved revision {} since: merge with it, and save from there.",
                current.info.reviewer, current.info.revision
            );
            let error = ApiError::new(ErrorKind::Conflict, message).at("base_revision");
            let body = StaleBody { problem: ProblemBody::from(&error), current: current.into() };
            let headers =
                [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
            Ok((StatusCode::CONFLICT, headers, Json(body)).into_response())
        }
    }
}

/// All revisions.
#[derive(Serialize, ToSchema)]
pub(super) struct RevisionsBody {
    /// The latest first.
    pub items: Vec<RevisionBody>,
}

/// Lists the revisions of a review: who saved what when.
#[utoipa::path(
    get, path = "/predictions/{id}/revisions", tag = "reviews", operation_id = "list_revisions",
    params(("id" = Uuid, Path, description = "The prediction")),
    responses(
        (status = 200, description = "The latest first", body = RevisionsBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
    )
)]
pub(super) async fn revisions(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<RevisionsBody>, Problem> {
    let revisions = state.service.reviews().revisions(&actor, PredictionId(id)).await?;
    Ok(Json(RevisionsBody { items: revisions.into_iter().map(Into::into).collect() }))
}

/// One revision with its boxes.
#[utoipa::path(
    get, path = "/predictions/{id}/revisions/{revision}", tag = "reviews", operation_id = "get_revision",
    params(("id" = Uuid, Path, description = "The prediction"), ("revision" = u32, Path, description = "From 1")),
    responses(
        (status = 200, description = "The revision", body = ReviewBody),
        (status = 404, description = "No such prediction or revision", body = ProblemBody),
    )
)]
pub(super) async fn revision(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams((id, revision)): PathParams<(Uuid, u32)>,
) -> Result<Json<ReviewBody>, Problem> {
    Ok(Json(state.service.reviews().revision(&actor, PredictionId(id), revision).await?.into()))
}

/// From which revision an earlier one is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RestoreBody {
    /// The latest revision, as far as the sender knows.
    pub base_revision: u32,
}

/// Takes back an earlier revision: its boxes become a new one.
#[utoipa::path(
    post, path = "/predictions/{id}/revisions/{revision}/restore", tag = "reviews", operation_id = "restore_revision",
    params(("id" = Uuid, Path, description = "The prediction"), ("revision" = u32, Path, description = "From 1")),
    request_body = RestoreBody,
    responses(
        (status = 200, description = "Saved", body = SavedBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such prediction or revision", body = ProblemBody),
        (status = 409, description = "Somebody saved since: `current` is what they saved; or it was submitted", body = StaleBody),
    )
)]
pub(super) async fn restore(
    State(state): State<AppState>,
    PathParams((id, revision)): PathParams<(Uuid, u32)>,
    JsonBody(actor, body, _): JsonBody<Reviewer, RestoreBody>,
) -> Result<Response, Problem> {
    let id = PredictionId(id);
    let saved = state.service.reviews().restore_revision(&actor, id, body.base_revision, revision).await?;
    answer(&state, &actor, id, saved).await
}

/// Why a prediction is of no use.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SkipRequest {
    /// In a person's words.
    #[serde(default)]
    #[schema(example = "out of focus")]
    pub reason: String,
}

/// Sets a prediction aside.
#[utoipa::path(
    post, path = "/predictions/{id}/skip", tag = "reviews", operation_id = "skip",
    params(("id" = Uuid, Path, description = "The prediction")),
    request_body = SkipRequest,
    responses(
        (status = 200, description = "As it is now", body = PredictionBody),
        (status = 400, description = "The reason is too long", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
        (status = 409, description = "It was submitted", body = ProblemBody),
    )
)]
pub(super) async fn skip(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Reviewer, SkipRequest>,
) -> Result<Json<PredictionBody>, Problem> {
    Ok(Json(state.service.reviews().skip(&actor, PredictionId(id), &body.reason).await?.into()))
}

/// Puts a prediction back to be reviewed; its revisions stay.
#[utoipa::path(
    post, path = "/predictions/{id}/reopen", tag = "reviews", operation_id = "reopen",
    params(("id" = Uuid, Path, description = "The prediction")),
    responses(
        (status = 200, description = "As it is now", body = PredictionBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such prediction", body = ProblemBody),
    )
)]
pub(super) async fn reopen(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Reviewer>,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<PredictionBody>, Problem> {
    Ok(Json(state.service.reviews().reopen(&actor, PredictionId(id)).await?.into()))
}
