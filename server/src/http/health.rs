//! `/healthz`, `/readyz` and `/metrics`.

use super::{AppState, auth, deployment_gauges, problem::Problem, telemetry};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::fault::ErrorKind;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// How old figures may be: each making of them asks the database about every
/// deployment, and no scraper asks more often.
const METRICS_FOR: Duration = Duration::from_secs(5);

/// The figures as they were last made; one at a time makes them.
#[derive(Clone, Debug, Default)]
pub(super) struct MetricsPage {
    latest: Arc<Mutex<Option<(Instant, String)>>>,
}

/// The figures alone, for an address that only those who watch can reach.
pub fn metrics_app(state: AppState) -> Router {
    Router::new().route("/metrics", get(open_metrics)).with_state(state)
}

/// The three routes. The figures name deployments and tell how they do: they
/// need a token. The other two need nothing.
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

async fn metrics(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let Some(secret) = auth::bearer(&headers) else {
        let message = "The figures need a token: Authorization: Bearer …. Or start the server with \
                       --metrics-addr, and ask there.";
        return Problem::new(ErrorKind::Unauthenticated, message).into_response();
    };
    match state.service.authenticate_token(&secret).await {
        Ok(_) => open_metrics(State(state)).await,
        Err(error) => Problem::from(error).into_response(),
    }
}

async fn open_metrics(State(state): State<AppState>) -> Response {
    let mut latest = state.metrics.latest.lock().await;
    let text = match &*latest {
        Some((made, text)) if made.elapsed() < METRICS_FOR => text.clone(),
        _ => {
            let text = make_metrics(&state).await;
            *latest = Some((Instant::now(), text.clone()));
            text
        }
    };
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

async fn make_metrics(state: &AppState) -> String {
    match state.service.deployment_gauges().await {
        Ok(gauges) => deployment_gauges::set(&gauges),
        Err(error) => tracing::warn!(%error, "deployments cannot be measured"),
    }
    telemetry::render(state)
}
