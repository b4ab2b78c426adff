//! Figures about the server itself, in Prometheus' format: base units,
//! `_total` for counters, fewer than ten values to a label.

use super::AppState;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use metrics::{
    SharedString, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use service::Internal;
use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Bounds of the duration histogram in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// When this process began to serve.
static STARTED: OnceLock<Instant> = OnceLock::new();

/// The recorder of this process, installed at the first call.
#[must_use]
pub(super) fn recorder() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    STARTED.get_or_init(Instant::now);
    HANDLE.get_or_init(install).clone()
}

fn install() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    let builder = builder.set_buckets(&BUCKETS).unwrap_or_else(|_| PrometheusBuilder::new());
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another metrics recorder was there first: /metrics stays empty");
    }
    describe_counter!("fovea_http_requests_total", "Requests answered.");
    describe_histogram!(
        "fovea_http_request_duration_seconds",
        "From request to answer, without bodies and waits that were asked for."
    );
    describe_counter!("fovea_predictions_stored_total", "Predictions taken in.");
    describe_counter!("fovea_inference_requests_total", "Images that models were asked about.");
    describe_counter!("fovea_inferences_total", "Images that models answered.");
    describe_counter!("fovea_inference_executions_total", "Runs of networks; batches make them fewer.");
    describe_gauge!("fovea_inference_queue", "Images waiting for a model.");
    describe_gauge!("fovea_shadow_queue", "Images waiting for a shadow.");
    describe_counter!("fovea_shadow_images_total", "Images that came to a shadow, by what became of them.");
    describe_gauge!("process_resident_memory_bytes", "Resident memory.");
    describe_gauge!("fovea_uptime_seconds", "Since this process started to serve.");
    handle
}

/// In an answer's extensions: how long it was held back as its caller wanted,
/// which says nothing of how fast this server is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waited(pub Duration);

/// The middleware that counts and times requests.
pub(super) async fn record(State(_): State<AppState>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let kind = kind_of(request.uri().path());
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let class = match status.as_u16() / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    };
    let elapsed = started.elapsed();
    let waited = response.extensions().get::<Waited>().map_or(Duration::ZERO, |waited| waited.0);
    count(kind, method.clone(), class, elapsed.saturating_sub(waited));
    // The query is left out: a setup link's secret is in one.
    tracing::debug!(method, path, status = status.as_u16(), elapsed_ms = ms(elapsed), "answered");
    response
}

/// Counts a request, by its kind, its method, and the class of its status.
pub(super) fn count(
    kind: &'static str,
    method: impl Into<SharedString>,
    class: &'static str,
    elapsed: Duration,
) {
    let method = method.into();
    counter!("fovea_http_requests_total", "kind" => kind, "method" => method, "status" => class).increment(1);
    histogram!("fovea_http_request_duration_seconds", "kind" => kind).record(elapsed.as_secs_f64());
}

/// Counts predictions that were stored.
pub(super) fn stored(how: &'static str, count: u64) {
    counter!("fovea_predictions_stored_total", "how" => how).increment(count);
}

fn ms(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

fn kind_of(path: &str) -> &'static str {
    if path.starts_with("/api/v1/") {
        match path.rsplit('/').next() {
            Some("predict") => "predict",
            Some("predictions") => "report",
            Some("image") => "image",
            Some("events") => "events",
            _ => "api",
        }
    } else if path.starts_with("/v2/") || path.starts_with("/ml/") {
        if path.ends_with("/infer") { "predict" } else { "api" }
    } else if path.starts_with("/pkg/") {
        "site"
    } else if matches!(path, "/healthz" | "/readyz" | "/metrics") {
        "health"
    } else {
        "page"
    }
}

/// All figures as text.
#[must_use]
pub(super) fn render(state: &AppState) -> String {
    let counters = state.service.inference_counters(Internal);
    let sum =
        |pick: fn(&domain::inference::InferenceCounters) -> u64| counters.iter().map(|(_, c)| pick(c)).sum();
    counter!("fovea_inference_requests_total").absolute(sum(|c| c.requests));
    counter!("fovea_inferences_total").absolute(sum(|c| c.inferences));
    counter!("fovea_inference_executions_total").absolute(sum(|c| c.executions));
    let queued: u64 = sum(|c| c.queued);
    gauge!("fovea_inference_queue").set(as_f64(queued));
    let shadows = state.service.shadow_queue(Internal);
    gauge!("fovea_shadow_queue").set(as_f64(shadows.waiting));
    for (how, count) in [("seen", shadows.done), ("failed", shadows.failed), ("dropped", shadows.dropped)] {
        counter!("fovea_shadow_images_total", "how" => how).absolute(count);
    }
    gauge!("fovea_uptime_seconds").set(STARTED.get_or_init(Instant::now).elapsed().as_secs_f64());
    if let Some(bytes) = resident_bytes() {
        gauge!("process_resident_memory_bytes").set(as_f64(bytes));
    }
    state.prometheus.render()
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float; 2^53 bytes are far away")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

/// Resident memory of this process, where `/proc` tells.
#[must_use]
pub(super) fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
