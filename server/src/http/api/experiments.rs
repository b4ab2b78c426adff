//! Experiments: watching trainings, and ending them.

use super::{
    shapes::{PageOf, PageParams},
    training_plan::PlanBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{model::Experiment, time::Timestamp, work::WorkState};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::ExperimentDetail;
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
    /// What it will do, as it follows from the data; `null` before it began, and
    /// where the trainer says nothing of it.
    pub plan: Option<PlanBody>,
    /// Whether it ended before its schedule, for it got no better on the val
    /// split (`patience`).
    #[serde(default)]
    pub stopped_early: bool,
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
            plan: e.plan.map(Into::into),
            stopped_early: e.stopped_early,
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
