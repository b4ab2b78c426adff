//! What a shadow saw, reported after the prediction itself.

use super::{
    predictions::PredictionBody,
    shapes::{BoxShape, checked_boxes, version_ref},
};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{JsonBody, PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{ids::PredictionId, prediction::ReportedShadow};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What another model saw on the image of a prediction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LateShadowBody {
    /// How long it took.
    pub latency_ms: f64,
    /// What it saw.
    pub boxes: Vec<BoxShape>,
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
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    JsonBody(body): JsonBody<LateShadowBody>,
) -> Result<(StatusCode, Json<PredictionBody>), Problem> {
    let model = body.model.as_deref().map(|text| version_ref("model", text)).transpose()?;
    let reported = ReportedShadow { latency_ms: body.latency_ms, boxes: checked_boxes("boxes", body.boxes)? };
    let prediction = state.service.report_shadow(&actor, PredictionId(id), reported, model.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(prediction.into())))
}
