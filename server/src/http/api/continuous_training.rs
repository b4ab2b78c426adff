//! Continuous training: when one is launched, with what, and what came of it.

use super::settings::{SettingsBody, WithSettings};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    comparison::verdict_words,
    learning::{ContinuousTraining, Round, TrainingState},
    time::Timestamp,
};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

type TrainingSettingsBody = SettingsBody<ContinuousTraining>;
type TrainingNow = WithSettings<ContinuousTraining, TrainingBody>;

/// Continuous training of a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct TrainingBody {
    /// All parameters that the next training would have; `null` when there
    /// cannot be one.
    #[schema(value_type = Option<Object>)]
    pub next_params: Option<Map<String, Value>>,
    /// Why there cannot be a next training.
    pub next_problem: Option<String>,
    /// Why the next training does not go on from the champion but starts from
    /// nothing; null when it goes on.
    pub starts_from_nothing: Option<String>,
    /// Submissions that no training has taken yet.
    pub waiting: u64,
    /// The latest launches, the latest first.
    pub rounds: Vec<RoundBody>,
}

/// One launch, and what came of it.
#[derive(Serialize, ToSchema)]
pub(super) struct RoundBody {
    /// Identity.
    pub id: Uuid,
    /// The experiment's name.
    #[schema(example = "cells-1795737600")]
    pub experiment: String,
    /// `model/number` it started from.
    pub champion: String,
    /// `model/number` it made, once done.
    pub candidate: Option<String>,
    /// What launched it.
    #[schema(example = "feedback_count")]
    pub trigger: &'static str,
    /// The frozen images, a dataset version.
    pub snapshot_id: Uuid,
    /// Submissions that it took.
    pub submissions: u64,
    /// `training`, `judging`, `done` or `failed`.
    #[schema(example = "done")]
    pub state: &'static str,
    /// `better`, `worse`, `undecided` or `undecided (anchored)`.
    pub verdict: Option<&'static str>,
    /// What was done, or why nothing was.
    pub outcome: String,
    /// When it was launched.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished: Option<Timestamp>,
}

impl From<Round> for RoundBody {
    fn from(round: Round) -> Self {
        Self {
            id: round.id.0,
            experiment: round.experiment,
            champion: round.champion,
            candidate: round.candidate,
            trigger: round.trigger.as_str(),
            snapshot_id: round.snapshot.0,
            submissions: round.submissions,
            state: round.state.as_str(),
            verdict: round.verdict.map(verdict_words),
            outcome: round.outcome,
            created: round.created,
            finished: round.finished,
        }
    }
}

impl From<TrainingState> for TrainingNow {
    fn from(state: TrainingState) -> Self {
        let TrainingState { settings, params, starts_from_nothing, waiting, rounds, .. } = state;
        let (next_params, next_problem) = match params {
            Ok(params) => (Some(params.to_map()), None),
            Err(problem) => (None, Some(problem)),
        };
        let rounds = rounds.into_iter().map(Into::into).collect();
        Self {
            settings,
            more: TrainingBody { next_params, next_problem, starts_from_nothing, waiting, rounds },
        }
    }
}

/// Continuous training of a deployment: settings, what waits, launches.
#[utoipa::path(
    get, path = "/deployments/{deployment}/continuous-training", tag = "learning", operation_id = "get_continuous_training",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "Continuous training", body = TrainingNow),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<TrainingNow>, Problem> {
    Ok(Json(state.service.learning().continuous_training(&actor, &deployment).await?.into()))
}

/// Sets when a training is launched, and with what. What is due already is
/// launched.
#[utoipa::path(
    put, path = "/deployments/{deployment}/continuous-training", tag = "learning", operation_id = "set_continuous_training",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = TrainingSettingsBody,
    responses(
        (status = 200, description = "As it is now", body = TrainingNow),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn set(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, TrainingSettingsBody>,
) -> Result<Json<TrainingNow>, Problem> {
    let settings = body.settings()?;
    Ok(Json(state.service.learning().set_continuous_training(&actor, &deployment, settings).await?.into()))
}

/// Launches a training on all that was submitted, due or not.
#[utoipa::path(
    post, path = "/deployments/{deployment}/continuous-training/launch", tag = "learning", operation_id = "launch_continuous_training",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 202, description = "Launched", body = RoundBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
        (status = 409, description = "One is under way, or nothing was submitted", body = ProblemBody),
    )
)]
pub(super) async fn launch(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(deployment): PathParams<String>,
) -> Result<(StatusCode, Json<RoundBody>), Problem> {
    let round = state.service.learning().launch_continuous_training(&actor, &deployment).await?;
    Ok((StatusCode::ACCEPTED, Json(round.into())))
}
