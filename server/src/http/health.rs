//! `/healthz`, `/readyz` and `/metrics`.

use super::{AppState, deployment_gauges, problem::Problem, telemetry};
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::fault::ErrorKind;

/// The three routes; none of them needs a sign-in.
pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

async fn alive() -> &'static str {
    "ok\n"
}

async fn ready(State(state): State<AppState>) -> Response {
    if state.shutdown.is_cancelled() {
        return Problem::new(ErrorKind::Unavailable, "The server is stopping.").into_response();
    }
    match state.store.readiness().await {
        Ok(()) => format!("ready\n{}", state.background.describe()).into_response(),
        Err(reason) => Problem::new(ErrorKind::Unavailable, reason.to_string()).into_response(),
    }
}

async fn metrics(State(state): State<AppState>) -> Response {
    match state.service.deployment_gauges().await {
        Ok(gauges) => deployment_gauges::set(&gauges),
        Err(error) => tracing::warn!(%error, "deployments cannot be measured"),
    }
    let text = telemetry::render(&state);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
