//! Experiments: launching a training and watching it.

use super::shapes::{PageOf, PageParams, name, version_ref};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    model::Experiment,
    name::Name,
    time::Timestamp,
    training::{BUILT_IN, ParamValue, RunParams},
    work::WorkState,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::{ExperimentDetail, LaunchRequest};
use utoipa::ToSchema;
use uuid::Uuid;

/// A training run.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ExperimentBody {
    /// Identity.
    pub id: Uuid,
    /// Unique.
    pub name: String,
    /// `queued`, `running`, `cancelling`, `succeeded`, `failed` or `cancelled`.
    #[schema(value_type = String)]
    pub state: WorkState,
    /// What it trains on, `dataset/version`.
    pub dataset: String,
    /// The model that receives the new version.
    pub model: String,
    /// `model/number` it starts from.
    pub base: Option<String>,
    /// Everything that shapes the run, seed included.
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    /// Who trains; `null` for the built-in trainer.
    pub trainer: Option<String>,
    /// The data's fingerprint at the start.
    pub fingerprint: String,
    /// The version of the program that ran it.
    pub code_version: String,
    /// `model/number` it made, once done.
    pub model_version: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// How far it is, 0 to 1.
    pub progress: f64,
    /// Seconds it may still take.
    pub seconds_left: Option<f64>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it began.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started: Option<Timestamp>,
    /// When it ended, however.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished: Option<Timestamp>,
}

impl From<Experiment> for ExperimentBody {
    fn from(e: Experiment) -> Self {
        Self {
            id: e.id.0,
            name: e.name.into(),
            state: e.state,
            dataset: e.dataset,
            model: e.model.into(),
            base: e.base,
            trainer: e.params.trainer().map(ToString::to_string),
            params: e.params.to_map(),
            fingerprint: e.fingerprint,
            code_version: e.code_version,
            model_version: e.model_version,
            error: e.error,
            progress: e.progress,
            seconds_left: e.seconds_left,
            created: e.created,
            started: e.started,
            finished: e.finished,
        }
    }
}

/// A training run with its curves and log.
#[derive(Serialize, ToSchema)]
pub(super) struct ExperimentDetailBody {
    /// The run.
    #[serde(flatten)]
    pub experiment: ExperimentBody,
    /// Points of all curves, by step.
    pub curves: Vec<CurvePointBody>,
    /// Its log, oldest line first.
    pub log: Vec<LogLine>,
}

/// A point of a curve.
#[derive(Serialize, ToSchema)]
pub(super) struct CurvePointBody {
    /// Optimiser steps done.
    pub step: u32,
    /// `loss`, `loss_class`, `loss_box`, `learning_rate`, `val_ap` or `val_ap50`.
    pub series: &'static str,
    /// Its value.
    pub value: f64,
}

/// A line of a log.
#[derive(Serialize, ToSchema)]
pub(super) struct LogLine {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What.
    pub message: String,
}

impl From<ExperimentDetail> for ExperimentDetailBody {
    fn from(detail: ExperimentDetail) -> Self {
        let curves = detail.curves.into_iter();
        Self {
            experiment: detail.experiment.into(),
            curves: curves
                .map(|point| CurvePointBody {
                    step: point.step,
                    series: point.series.as_str(),
                    value: point.value,
                })
                .collect(),
            log: detail.log.into_iter().map(|(at, message)| LogLine { at, message }).collect(),
        }
    }
}

/// Lists the experiments, newest first.
#[utoipa::path(
    get, path = "/experiments", tag = "experiments", operation_id = "list_experiments", params(PageParams),
    responses(
        (status = 200, description = "A page", body = PageOf<ExperimentBody>),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<PageOf<ExperimentBody>>, Problem> {
    Ok(Json(PageOf::of(state.service.learning().experiments(&actor, page.into()).await?)))
}

/// One experiment, with curves and log.
#[utoipa::path(
    get, path = "/experiments/{experiment}", tag = "experiments", operation_id = "get_experiment",
    params(("experiment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "The experiment", body = ExperimentDetailBody),
        (status = 404, description = "No such experiment", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(experiment): PathParams<String>,
) -> Result<Json<ExperimentDetailBody>, Problem> {
    Ok(Json(state.service.learning().experiment(&actor, &experiment).await?.into()))
}

/// A training to be launched.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LaunchBody {
    /// Unique; made from the model's name and the time when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What to train on, `dataset/version`.
    #[schema(example = "cells/v1")]
    pub dataset: String,
    /// The model that receives the new version; made when there is none.
    #[schema(example = "cells")]
    pub model: String,
    /// `model/number` to start from; nothing when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Who trains: a name of `GET /trainers`; the built-in trainer when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "yolo")]
    pub trainer: Option<String>,
    /// Parameters that differ from the trainer's defaults.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
}

/// Launches a training; it runs when its turn comes.
#[utoipa::path(
    post, path = "/experiments", tag = "experiments", operation_id = "launch_experiment", request_body = LaunchBody,
    responses(
        (status = 202, description = "Queued", body = ExperimentBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such dataset or base", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody),
    )
)]
pub(super) async fn launch(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, LaunchBody>,
) -> Result<(StatusCode, Json<ExperimentBody>), Problem> {
    let trainer = body.trainer.as_deref().filter(|text| *text != BUILT_IN);
    let trainer = trainer.map(|text| name("trainer", text)).transpose()?;
    let params = run_params(trainer, body.params)?;
    let request = LaunchRequest {
        name: body.name.as_deref().map(|text| name("name", text)).transpose()?,
        dataset: version_ref("dataset", &body.dataset)?,
        model: name("model", &body.model)?,
        base: body.base.as_deref().map(|text| version_ref("base", text)).transpose()?,
        params,
    };
    Ok((StatusCode::ACCEPTED, Json(state.service.learning().launch(&actor, request).await?.into())))
}

/// What is said of the parameters of a run; the trainer's own declaration is
/// looked at when it is launched.
fn run_params(trainer: Option<Name>, params: Map<String, Value>) -> Result<RunParams, Problem> {
    if trainer.is_some()
        && let Some((key, _)) =
            params.iter().find(|(_, value)| serde_json::from_value::<ParamValue>((*value).clone()).is_err())
    {
        let message = "It must be true or false, a number, or a text.".to_owned();
        return Err(Problem::invalid(&format!("params.{key}"), message));
    }
    RunParams::from_json(trainer, Value::Object(params))
        .map_err(|error| Problem::invalid("params", error.to_string()))
}

/// Asks an experiment to stop.
#[utoipa::path(
    post, path = "/experiments/{experiment}/cancel", tag = "experiments", operation_id = "cancel_experiment",
    params(("experiment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "As it is now", body = ExperimentBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such experiment", body = ProblemBody),
    )
)]
pub(super) async fn cancel(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(experiment): PathParams<String>,
) -> Result<Json<ExperimentBody>, Problem> {
    let id = state.service.learning().experiment(&actor, &experiment).await?.experiment.id;
    Ok(Json(state.service.learning().cancel_experiment(&actor, id).await?.into()))
}

/// Trains again what failed, on the same data with the same parameters.
#[utoipa::path(
    post, path = "/experiments/{experiment}/retry", tag = "experiments", operation_id = "retry_experiment",
    params(("experiment" = String, Path, description = "Name or id")),
    responses(
        (status = 202, description = "The new experiment, queued", body = ExperimentBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such experiment", body = ProblemBody),
        (status = 409, description = "It did not fail, or another training is under way", body = ProblemBody),
    )
)]
pub(super) async fn retry(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(experiment): PathParams<String>,
) -> Result<(StatusCode, Json<ExperimentBody>), Problem> {
    let id = state.service.learning().experiment(&actor, &experiment).await?.experiment.id;
    Ok((StatusCode::ACCEPTED, Json(state.service.learning().retry_experiment(&actor, id).await?.into())))
}
