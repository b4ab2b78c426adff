//! Continuous training: when one is launched, with what, and what came of it.

use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    comparison::verdict_words,
    learning::{ContinuousTraining, Round, TrainingState, Trigger},
    time::Timestamp,
    training::TrainParams,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// How continuous training is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TrainingSettingsBody {
    /// Off: only a person launches.
    pub enabled: bool,
    /// What launches by itself: `feedback_count`, `schedule`, `drift`, or
    /// `by_hand` for nothing.
    #[serde(default = "feedback_count")]
    #[schema(example = "feedback_count")]
    pub trigger: String,
    /// Submissions since the last launch that launch the next; 100 when left
    /// out.
    #[serde(default)]
    pub threshold: Option<u32>,
    /// Hours from one scheduled launch to the next; 168 when left out.
    #[serde(default)]
    pub every_hours: Option<u32>,
    /// Training parameters that differ from the usual ones.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
}

fn feedback_count() -> String {
    Trigger::FeedbackCount.as_str().to_owned()
}

impl TrainingSettingsBody {
    fn settings(self) -> Result<ContinuousTraining, Problem> {
        let usual = ContinuousTraining::default();
        let word = self.trigger;
        let trigger = Trigger::parse(&word).ok_or_else(|| {
            let message = format!("{word:?} is no trigger: use feedback_count, schedule, drift or by_hand.");
            Problem::invalid("trigger", message)
        })?;
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(ContinuousTraining {
            enabled: self.enabled,
            trigger,
            threshold: self.threshold.unwrap_or(usual.threshold),
            every_hours: self.every_hours.unwrap_or(usual.every_hours),
            params: self.params.into_iter().map(|(key, value)| (key, text(value))).collect(),
        })
    }
}

/// Continuous training of a deployment.
#[derive(Serialize, ToSchema)]
pub(super) struct TrainingBody {
    /// Off: only a person launches.
    pub enabled: bool,
    /// What launches by itself.
    #[schema(example = "feedback_count")]
    pub trigger: &'static str,
    /// Submissions since the last launch that launch the next.
    pub threshold: u32,
    /// Hours from one scheduled launch to the next.
    pub every_hours: u32,
    /// Training parameters that were configured.
    #[schema(value_type = Object)]
    pub params: BTreeMap<String, String>,
    /// All parameters that the next training would have.
    #[schema(value_type = Object)]
    pub next_params: TrainParams,
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

impl From<TrainingState> for TrainingBody {
    fn from(state: TrainingState) -> Self {
        let TrainingState { settings, params, waiting, rounds } = state;
        Self {
            enabled: settings.enabled,
            trigger: settings.trigger.as_str(),
            threshold: settings.threshold,
            every_hours: settings.every_hours,
            params: settings.params,
            next_params: params,
            waiting,
            rounds: rounds.into_iter().map(Into::into).collect(),
        }
    }
}

/// Continuous training of a deployment: settings, what waits, launches.
#[utoipa::path(
    get, path = "/deployments/{deployment}/continuous-training", tag = "learning", operation_id = "get_continuous_training",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "Continuous training", body = TrainingBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<TrainingBody>, Problem> {
    Ok(Json(state.service.continuous_training(&actor, &deployment).await?.into()))
}

/// Sets when a training is launched, and with what. What is due already is
/// launched.
#[utoipa::path(
    put, path = "/deployments/{deployment}/continuous-training", tag = "learning", operation_id = "set_continuous_training",
    params(("deployment" = String, Path, description = "Name or id")),
    request_body = TrainingSettingsBody,
    responses(
        (status = 200, description = "As it is now", body = TrainingBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
    )
)]
pub(super) async fn set(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, TrainingSettingsBody>,
) -> Result<Json<TrainingBody>, Problem> {
    let settings = body.settings()?;
    Ok(Json(state.service.set_continuous_training(&actor, &deployment, settings).await?.into()))
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
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<(StatusCode, Json<RoundBody>), Problem> {
    let round = state.service.launch_continuous_training(&actor, &deployment).await?;
    Ok((StatusCode::ACCEPTED, Json(round.into())))
}
