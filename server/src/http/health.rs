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
use service::{Anyone, Internal};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Mutex, time::Instant};

/// How old figures may be: each making of them asks the database about every
/// deployment, and no scraper asks more often.
const METRICS_FOR: Duration = Duration::from_secs(5);

/// The figures as they were last made; one at a time makes them.
#[derive(Clone, Debug, Default)]
pub(super) struct MetricsPage {
    latest: Arc<Mutex<Option<(Instant, String)>>>,
}

/// Whether the server was ready when somebody last asked. Who asks does so every
/// few seconds: only a change goes into the log.
#[derive(Clone, Debug, Default)]
pub(super) struct LastReadiness {
    unready: Arc<AtomicBool>,
}

impl LastReadiness {
    /// Takes note of an answer, and says whether it differs from the one before.
    fn note(&self, unready: bool) -> bool {
        self.unready.swap(unready, Ordering::Relaxed) != unready
    }
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
        Ok(()) => {
            if state.readiness.note(false) {
                tracing::info!("ready again");
            }
            format!("ready\n{}", state.background.describe()).into_response()
        }
        Err(reason) => {
            if state.readiness.note(true) {
                tracing::warn!(%reason, "not ready");
            }
            Problem::new(ErrorKind::Unavailable, reason.to_string()).into_response()
        }
    }
}

async fn metrics(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let Some(secret) = auth::bearer(&headers) else {
        let message = "The figures need a token: Authorization: Bearer …. Or start the server with \
                       --metrics-addr, and ask there.";
        return Problem::new(ErrorKind::Unauthenticated, message).into_response();
    };
    match state.service.people().authenticate_token(Anyone, &secret).await {
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
    match state.service.monitoring().deployment_gauges(Internal).await {
        Ok(gauges) => deployment_gauges::set(&gauges),
        Err(error) => tracing::warn!(%error, "deployments cannot be measured"),
    }
    telemetry::render(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_of_readiness_is_worth_a_line() {
        let readiness = LastReadiness::default();
        let noted = [false, true, true, false, false].map(|unready| readiness.note(unready));
        assert_eq!(noted, [false, true, false, true, false]);
    }
}
