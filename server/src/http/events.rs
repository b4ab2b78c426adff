//! Server-sent events: what changes, as it changes.

use super::{
    AppState,
    auth::{Door, SignedIn},
    listeners::Listening,
    listening_rights::ListeningRight,
    problem::{PathParams, Problem, QueryParams},
};
use axum::{
    extract::State,
    response::{
        IntoResponse, Response,
        sse::{Event as SseEvent, KeepAlive, Sse},
    },
};
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Deserialize;
use service::{EventStream, SequencedEvent};
use std::{convert::Infallible, pin::Pin, sync::Arc, time::Duration};
use utoipa::IntoParams;

/// Proxies close what is silent for a minute, or half of one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A stream ends after this; browsers reconnect and miss nothing.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How long a browser waits before it reconnects.
const RETRY: Duration = Duration::from_secs(2);

type Messages = Pin<Box<dyn Stream<Item = Result<SseEvent, Infallible>> + Send>>;

/// Proxies hand on what comes, as it comes: nginx by the first (its buffers
/// would hold events back for minutes), others by the second.
const AS_IT_COMES: [(HeaderName, HeaderValue); 2] = [
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")),
];

/// Where to begin.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AfterParams {
    /// The id of an event: what came after it is sent first. The header
    /// `Last-Event-ID` goes before.
    pub after: Option<u64>,
}

/// Everything that changes, for one open browser tab.
#[utoipa::path(
    get, path = "/events", tag = "events", operation_id = "all_events", params(AfterParams),
    responses(
        (status = 200, description = "Server-sent events; data is {id, event}. An event named refetch says that some were missed.", content_type = "text/event-stream", body = String),
        (status = 429, description = "Too many streams are open", body = super::problem::ProblemBody),
    )
)]
pub(super) async fn all(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    door: Door,
    QueryParams(params): QueryParams<AfterParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let place = state.listeners.begin(&actor)?;
    let last = last_event_id(&headers).or(params.after);
    let events = state.service.browsing().events(&actor, None, last).await?;
    let right = state.listening_rights.of(&actor, door, state.config.look_after_listeners);
    Ok(stream(events, right, place, &state))
}

/// What changes in one deployment.
#[utoipa::path(
    get, path = "/deployments/{deployment}/events", tag = "events", operation_id = "deployment_events",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "Server-sent events; data is {id, event}. An event named refetch says that some were missed.", content_type = "text/event-stream", body = String),
        (status = 404, description = "No such deployment", body = super::problem::ProblemBody),
        (status = 429, description = "Too many streams are open", body = super::problem::ProblemBody),
    )
)]
pub(super) async fn of_deployment(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    door: Door,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let place = state.listeners.begin(&actor)?;
    let deployment = Some(deployment.as_str().into());
    let events = state.service.browsing().events(&actor, deployment, last_event_id(&headers)).await?;
    let right = state.listening_rights.of(&actor, door, state.config.look_after_listeners);
    Ok(stream(events, right, place, &state))
}

fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok()
}

fn stream(events: EventStream, right: Arc<ListeningRight>, place: Listening, state: &AppState) -> Response {
    let shutdown = state.shutdown.clone();
    let first = futures::stream::once(async { Ok(SseEvent::default().retry(RETRY).comment("listening")) });
    let rest = events.map(move |event| {
        // Given back with the stream, however that ends.
        let _ = &place;
        Ok(encode(&event))
    });
    let end = async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(LONGEST) => {}
            () = right.ended() => {}
        }
    };
    let all: Messages = Box::pin(first.chain(rest).take_until(end));
    (AS_IT_COMES, Sse::new(all).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))).into_response()
}

fn encode(event: &SequencedEvent) -> SseEvent {
    let message = SseEvent::default().id(event.id.to_string());
    let message = if event.event.is_none() { message.event("refetch") } else { message };
    let data = serde_json::to_string(event).unwrap_or_else(|_| "{}".to_owned());
    message.data(data)
}
