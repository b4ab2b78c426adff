//! Shadows: what one saw, reported after the prediction itself; the one of a
//! deployment, and its replay.

use super::{
    deployment_shapes::DeployedModelBody,
    prediction_shapes::PredictionBody,
    records::WorkBody,
    shapes::{BoxList, BoxShape, checked_boxes, version_ref},
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody, Reviewer},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{deployment::ShadowState, ids::PredictionId, prediction::ReportedShadow};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What another model saw on the image of a prediction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LateShadowBody {
    /// How long it took.
    pub latency_ms: f64,
    /// What it saw.
    #[schema(value_type = Vec<BoxShape>)]
    pub boxes: BoxList,
    /// `name/number` of the model; the deployment's shadow when left out.
    #[serde(default)]
    #[schema(example = "cells/2")]
    pub model: Option<String>,
}

/// Takes what a shadow saw on an image that was predicted or reported before.
/// A prediction has one shadow at most.
#[utoipa::path(
    post, path = "/predictions/{id}/shadow", tag = "predictions", operation_id = "report_shadow",
    params(("id" = Uuid, Path, description = "The prediction")),
    request_body = LateShadowBody,
    responses(
        (status = 201, description = "The prediction with its shadow", body = PredictionBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such prediction or model version", body = ProblemBody),
        (status = 409, description = "It has a shadow already", body = ProblemBody),
    )
)]
pub(super) async fn report(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Reviewer, LateShadowBody>,
) -> Result<(StatusCode, Json<PredictionBody>), Problem> {
    let model = body.model.as_deref().map(|text| version_ref("model", text)).transpose()?;
    let reported = ReportedShadow { latency_ms: body.latency_ms, boxes: checked_boxes("boxes", body.boxes)? };
    let prediction =
        state.service.intake().report_shadow(&actor, PredictionId(id), reported, model.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(prediction.into())))
}

/// The shadow of a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct ShadowStateBody {
    /// Which model; null without a shadow.
    pub shadow: Option<DeployedModelBody>,
    /// Predictions since it became the shadow that it has seen, too.
    pub seen: u64,
    /// Predictions since it became the shadow.
    pub all: u64,
    /// Earlier predictions that it has seen, in replays.
    pub replayed: u64,
    /// `seen` of `all`, 0 to 1; null without any.
    pub coverage: Option<f64>,
    /// Images that wait for a shadow, of all deployments of this server.
    pub waiting: u64,
    /// Images that a shadow failed on since this server began.
    pub failed: u64,
    /// Images left out since this server began, since too many were waiting.
    pub dropped: u64,
    /// The replay that is under way.
    pub replay: Option<WorkBody>,
}

impl From<Option<ShadowState>> for ShadowStateBody {
    fn from(state: Option<ShadowState>) -> Self {
        let coverage = state.as_ref().and_then(ShadowState::coverage);
        let queue = state.as_ref().map(|state| state.queue).unwrap_or_default();
        let (seen, all) = state.as_ref().map_or((0, 0), |state| (state.seen, state.all));
        let replayed = state.as_ref().map_or(0, |state| state.replayed);
        let (shadow, replay) = state.map_or((None, None), |state| (Some(state.model.into()), state.replay));
        Self {
            shadow,
            seen,
            all,
            replayed,
            coverage,
            waiting: queue.waiting,
            failed: queue.failed,
            dropped: queue.dropped,
            replay: replay.map(Into::into),
        }
    }
}

/// The shadow of a deployment, and how many predictions it has seen.
#[utoipa::path(
    get, path = "/deployments/{deployment}/shadow", tag = "deployments", operation_id = "get_shadow",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The shadow", body = ShadowStateBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<ShadowStateBody>, Problem> {
    Ok(Json(state.service.learning().shadow_state(&actor, &deployment).await?.into()))
}

/// How far back to look.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayBody {
    /// So many of the latest stored images, 1 to 100,000.
    #[schema(example = 500)]
    pub last: u32,
}

/// Lets the shadow see stored images, too, so that a comparison need not wait
/// for new ones. Asked again while one is under way, that one is the answer.
#[utoipa::path(
    post, path = "/deployments/{deployment}/shadow/replay", tag = "deployments", operation_id = "replay_shadow",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = ReplayBody,
    responses(
        (status = 202, description = "Queued", body = WorkBody),
        (status = 400, description = "The number is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
        (status = 409, description = "There is no shadow that can run here", body = ProblemBody),
    )
)]
pub(super) async fn replay(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, ReplayBody>,
) -> Result<(StatusCode, Json<WorkBody>), Problem> {
    let item = state.service.learning().replay_shadow(&actor, &deployment, body.last).await?;
    Ok((StatusCode::ACCEPTED, Json(item.into())))
}
