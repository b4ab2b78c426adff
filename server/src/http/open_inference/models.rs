//! Which models there are, what they take and give, and whether they can.

use super::outputs::{INPUTS, OUTPUTS, Output, Tensor};
use crate::http::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    deployment::{DeployedModel, Deployment},
    fault::{ApiError, ErrorKind},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// A model, and its version where the path names one.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) deployment: String,
    pub(super) number: Option<String>,
}

/// The number in `model/number`.
pub(super) fn version_of(model: &DeployedModel) -> &str {
    model.name.rsplit('/').next().unwrap_or_default()
}

/// Refuses another version than the one that answers.
pub(super) fn check_version(deployment: &Deployment, number: Option<&str>) -> Result<(), Problem> {
    let answers = version_of(&deployment.champion);
    if number.is_none_or(|number| number == answers) {
        return Ok(());
    }
    let message = format!(
        "{} answers with version {answers} of its model ({}). Ask that one, or leave the version out of the address.",
        deployment.name, deployment.champion.name
    );
    Err(Problem(ApiError::new(ErrorKind::NotFound, message).at("version")))
}

/// Why a model cannot be asked, if it cannot.
pub(super) fn not_runnable(deployment: &Deployment) -> Option<String> {
    (!deployment.champion.runnable).then(|| {
        format!("{} has no weights here: {} only takes reports.", deployment.champion.name, deployment.name)
    })
}

/// The names of all deployments.
pub(super) async fn names(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
) -> Result<Json<Value>, Problem> {
    let cards = state.service.catalogue().deployments(&viewer).await?;
    let names: Vec<&str> = cards.iter().map(|card| card.deployment.name.as_str()).collect();
    Ok(Json(json!({ "models": names })))
}

/// Triton's list of models, with whether each can be asked.
pub(super) async fn index(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
) -> Result<Json<Value>, Problem> {
    let cards = state.service.catalogue().deployments(&viewer).await?;
    let models = cards.iter().map(|card| {
        let deployment = &card.deployment;
        let reason = not_runnable(deployment);
        json!({
            "name": deployment.name,
            "version": version_of(&deployment.champion),
            "state": if reason.is_none() { "READY" } else { "UNAVAILABLE" },
            "reason": reason.unwrap_or_default(),
        })
    });
    Ok(Json(models.collect()))
}

/// What a model takes and gives.
pub(super) async fn metadata(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    PathParams(named): PathParams<Named>,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.intake().served_deployment(&viewer, &named.deployment).await?;
    check_version(&deployment, named.number.as_deref())?;
    let outputs: Vec<Tensor> = OUTPUTS.into_iter().map(Output::tensor).collect();
    Ok(Json(json!({
        "name": deployment.name,
        "versions": [version_of(&deployment.champion)],
        "platform": "fovea",
        "inputs": INPUTS,
        "outputs": outputs,
        "parameters": { "labels": labels(&deployment.champion), "threshold": deployment.threshold.get() },
    })))
}

fn labels(model: &DeployedModel) -> String {
    let labels: Vec<&str> = model.labels.iter().map(domain::name::Label::as_str).collect();
    labels.join(",")
}

/// Whether a model can be asked.
pub(super) async fn ready(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    PathParams(named): PathParams<Named>,
) -> Result<Response, Problem> {
    let deployment = state.service.intake().served_deployment(&viewer, &named.deployment).await?;
    check_version(&deployment, named.number.as_deref())?;
    Ok(match not_runnable(&deployment) {
        None => Json(json!({ "name": deployment.name, "ready": true })).into_response(),
        Some(error) => {
            let body = json!({ "name": deployment.name, "ready": false, "error": error });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    })
}
