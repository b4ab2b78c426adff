//! What Label Studio asks of a machine learning backend, below
//! `/ml/<deployment>`: whether it is there, which version it has, and what it
//! sees on the pictures of tasks. Label Studio signs in by Basic, with a token
//! for its password.

mod tasks;

use super::{
    AppState,
    admission::{Reviewer, Unread},
    auth::SignedIn,
    body::anything,
    json_faults,
    problem::{PathParams, Problem},
};
use crate::messages::FileClient;
use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use http::StatusCode;
use serde_json::{Value, json};
use tasks::{PredictBody, PredictionTasks, result_of};

/// What is asked with a token.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/ml/{deployment}/setup", post(setup))
        .route("/ml/{deployment}/versions", get(versions))
        .route("/ml/{deployment}/predict", post(predict))
        .route("/ml/{deployment}/webhook", post(heard))
        .route("/ml/{deployment}/train", post(heard))
}

/// Whether anybody is there, which Label Studio asks every minute.
pub(super) fn open_routes() -> Router<AppState> {
    Router::new().route("/ml/{deployment}/health", get(health)).route("/ml/{deployment}", get(health))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "UP", "model_class": "Fovea" }))
}

/// The version that answers: what has predictions of it is not asked again.
async fn setup(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.intake().served_deployment(&viewer, &deployment).await?;
    Ok(Json(json!({ "model_version": deployment.champion.name })))
}

async fn versions(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.intake().served_deployment(&viewer, &deployment).await?;
    Ok(Json(json!({ "versions": [deployment.champion.name] })))
}

/// Annotations stay in Label Studio until somebody exports them.
async fn heard(
    State(state): State<AppState>,
    SignedIn(viewer): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    state.service.intake().served_deployment(&viewer, &deployment).await?;
    Ok((StatusCode::CREATED, Json(json!({}))))
}

async fn predict(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    unread: Unread<Reviewer>,
) -> Result<Json<Value>, Problem> {
    let (reviewer, mut whole) = unread.whole(state.config.json_bytes, anything).await?;
    whole.share.hold(3 * whole.bytes.len()).await?;
    let body: PredictBody = json_faults::read("body", &whole.bytes)?;
    let intake = state.service.intake();
    let served = intake.served_deployment(&reviewer, &deployment).await?;
    let PredictionTasks { config, pictures } = body.read()?;
    let fetcher = FileClient { allow_private: state.config.allow_private_pictures };
    let predictions = intake.pre_annotate(&reviewer, &deployment, pictures, &fetcher).await?;
    let version = &served.champion.name;
    let results: Vec<Value> =
        predictions.iter().map(|prediction| result_of(prediction.as_ref(), &config, version)).collect();
    Ok(Json(json!({ "results": results, "model_version": version })))
}
