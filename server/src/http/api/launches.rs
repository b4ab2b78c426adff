//! Launching a training.

use super::{
    experiments::ExperimentBody,
    shapes::{name, version_ref},
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    problem::{Problem, ProblemBody},
};
use axum::{Json, extract::State};
use domain::{
    name::Name,
    training::{BUILT_IN, ParamValue, RunParams},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::LaunchRequest;
use utoipa::ToSchema;

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

/// A training that was launched.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct LaunchedBody {
    /// The run.
    #[serde(flatten)]
    pub experiment: ExperimentBody,
    /// What it will lack for want of data, as a val split: sentences for people.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Launches a training; it runs when its turn comes.
#[utoipa::path(
    post, path = "/experiments", tag = "experiments", operation_id = "launch_experiment", request_body = LaunchBody,
    responses(
        (status = 202, description = "Queued", body = LaunchedBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such dataset or base", body = ProblemBody),
        (status = 409, description = "The name is taken", body = ProblemBody),
    )
)]
pub(super) async fn launch(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, LaunchBody>,
) -> Result<(StatusCode, Json<LaunchedBody>), Problem> {
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
    let learning = state.service.learning();
    let notes = learning.training_notes(&actor, &request.dataset).await?;
    let experiment = learning.launch(&actor, request).await?.into();
    Ok((StatusCode::ACCEPTED, Json(LaunchedBody { experiment, notes })))
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
