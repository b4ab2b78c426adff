//! Continuous deployment: what becomes of candidates, going back, and the
//! comparison that it rests on.

use super::{
    deployment_shapes::DeploymentBody, records::WorkBody, settings::SettingsBody, shapes::version_ref,
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    comparison::{Comparison, StoredComparison, Subject},
    learning::ContinuousDeployment,
    time::Timestamp,
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use service::{As, Reviewer};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

type DeployingBody = SettingsBody<ContinuousDeployment>;

/// What becomes of the candidates of trainings.
#[utoipa::path(
    get, path = "/deployments/{deployment}/continuous-deployment", tag = "learning", operation_id = "get_continuous_deployment",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The settings", body = DeployingBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<ContinuousDeployment>, Problem> {
    Ok(Json(state.service.learning().settings(&actor, &deployment).await?))
}

/// Sets what becomes of the candidates of later trainings.
#[utoipa::path(
    put, path = "/deployments/{deployment}/continuous-deployment", tag = "learning", operation_id = "set_continuous_deployment",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = DeployingBody,
    responses(
        (status = 200, description = "As it is now", body = DeployingBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn set(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, DeployingBody>,
) -> Result<Json<ContinuousDeployment>, Problem> {
    Ok(Json(state.service.learning().set_settings(&actor, &deployment, body.settings()?).await?))
}

/// What was looked at when a way back was decided.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RollBackParams {
    /// The champion of then (`model/number`): with another one by now it is
    /// refused. Left out: whichever there is.
    #[serde(default)]
    #[param(example = "cells/2")]
    pub expected_champion: Option<String>,
}

/// Makes the champion before this one the champion again.
#[utoipa::path(
    post, path = "/deployments/{deployment}/rollback", tag = "deployments", operation_id = "roll_back",
    params(("deployment" = String, Path, description = "Name or id"), RollBackParams),
    responses(
        (status = 200, description = "As it is now", body = DeploymentBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
        (status = 409, description = "There was no champion before this one; another champion than the expected one", body = ProblemBody),
    )
)]
pub(super) async fn roll_back(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<RollBackParams>,
) -> Result<Json<DeploymentBody>, Problem> {
    let expected = params.expected_champion.as_deref();
    let expected = expected.map(|name| version_ref("expected_champion", name)).transpose()?;
    let id = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    Ok(Json(state.service.learning().roll_back(&actor, id, expected.as_ref()).await?.into()))
}

/// Which comparison, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ComparisonParams {
    /// `model/number` that was compared with the champion; the latest
    /// comparison of the deployment when left out.
    pub candidate: Option<String>,
    /// `json` or `markdown`; `json` when left out.
    pub format: Option<String>,
    /// Makes every figure anew from the stored boxes, once a minute at most;
    /// reviewers and above.
    #[serde(default)]
    pub recompute: bool,
}

/// A candidate against the champion on the same held-out reviewed images.
#[derive(Serialize, ToSchema)]
pub(super) struct ComparisonBody {
    /// Identity.
    pub id: Uuid,
    /// What was compared on what, with the gate's settings and seed; `left_out`
    /// counts the held-out images that one of the two learned from.
    #[schema(value_type = Object)]
    pub subject: Subject,
    /// Verdict, ΔAP with its interval, by class and size, confusion, errors,
    /// latency, and the images that got better and worse.
    #[schema(value_type = Object)]
    pub report: Comparison,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<StoredComparison> for ComparisonBody {
    fn from(stored: StoredComparison) -> Self {
        let StoredComparison { id, subject, report, at } = stored;
        Self { id: id.0, subject, report, at }
    }
}

/// What to compare.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CompareBody {
    /// `model/number` to be compared with the champion; the shadow when left out.
    #[serde(default)]
    pub candidate: Option<String>,
}

/// Compares a model version with the champion, on all that was submitted and
/// held out so far. Asked again while one is under way, that one is the answer.
#[utoipa::path(
    post, path = "/deployments/{deployment}/comparison", tag = "learning", operation_id = "compare",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = CompareBody,
    responses(
        (status = 202, description = "Queued", body = WorkBody),
        (status = 400, description = "The candidate is the champion, or none is named", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment or model version", body = ProblemBody),
        (status = 409, description = "Nothing was submitted yet, or a model does not run here", body = ProblemBody),
    )
)]
pub(super) async fn compare(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, CompareBody>,
) -> Result<(StatusCode, Json<WorkBody>), Problem> {
    let candidate = body.candidate.as_deref().map(|text| version_ref("candidate", text)).transpose()?;
    let item = state.service.learning().compare_now(&actor, &deployment, candidate.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, Json(item.into())))
}

/// A candidate against the champion on the same held-out reviewed images, as
/// JSON or as Markdown.
#[utoipa::path(
    get, path = "/deployments/{deployment}/comparison", tag = "learning", operation_id = "get_comparison",
    params(("deployment" = String, Path, description = "Name or id"), ComparisonParams),
    responses(
        (status = 200, description = "The comparison", body = ComparisonBody),
        (status = 400, description = "A parameter is not allowed", body = ProblemBody),
        (status = 403, description = "Viewers may not recompute", body = ProblemBody),
        (status = 404, description = "No such deployment, model version or comparison", body = ProblemBody),
    )
)]
pub(super) async fn comparison(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<ComparisonParams>,
) -> Result<Response, Problem> {
    let candidate = params.candidate.as_deref().map(|text| version_ref("candidate", text)).transpose()?;
    match params.format.as_deref() {
        Some("markdown") => {
            let text =
                state.service.learning().comparison_report(&actor, &deployment, candidate.as_ref()).await?;
            Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
        }
        None | Some("json") => {
            let stored = if params.recompute {
                let reviewer = As::<Reviewer>::check(&actor)?;
                state
                    .service
                    .learning()
                    .recomputed_comparison(&reviewer, &deployment, candidate.as_ref())
                    .await?
            } else {
                state.service.learning().comparison(&actor, &deployment, candidate.as_ref()).await?
            };
            Ok(Json(ComparisonBody::from(stored)).into_response())
        }
        Some(other) => {
            Err(Problem::invalid("format", format!("{other:?} is no format: use json or markdown.")))
        }
    }
}
