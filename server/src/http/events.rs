//! Server-sent events: what changes, as it changes.

use super::{
    AppState,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{
    extract::State,
    response::sse::{Event as SseEvent, KeepAlive, KeepAliveStream, Sse},
};
use futures::{Stream, StreamExt};
use http::HeaderMap;
use service::{EventStream, SequencedEvent};
use std::{convert::Infallible, pin::Pin, time::Duration};
use tokio_util::sync::CancellationToken;

const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A stream ends after this, so that a revoked sign-in does not listen for
/// ever; browsers reconnect and miss nothing.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How long a browser waits before it reconnects.
const RETRY: Duration = Duration::from_secs(2);

type Messages = Pin<Box<dyn Stream<Item = Result<SseEvent, Infallible>> + Send>>;
type Events = Sse<KeepAliveStream<Messages>>;

/// Everything that changes, for one open browser tab.
#[utoipa::path(
    get, path = "/events", tag = "events", operation_id = "all_events",
    responses(
        (status = 200, description = "Server-sent events; data is {id, event}. An event named refetch says that some were missed.", content_type = "text/event-stream", body = String),
        (status = 401, description = "Not signed in", body = super::problem::ProblemBody),
    )
)]
pub(super) async fn all(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    headers: HeaderMap,
) -> Result<Events, Problem> {
    let events = state.service.events(&actor, None, last_event_id(&headers)).await?;
    Ok(stream(events, state.shutdown.clone()))
}

/// What changes in one deployment.
#[utoipa::path(
    get, path = "/deployments/{deployment}/events", tag = "events", operation_id = "deployment_events",
    params(("deployment" = String, Path, description = "Name or id")),
    responses(
        (status = 200, description = "Server-sent events; data is {id, event}. An event named refetch says that some were missed.", content_type = "text/event-stream", body = String),
        (status = 401, description = "Not signed in", body = super::problem::ProblemBody),
        (status = 404, description = "No such deployment", body = super::problem::ProblemBody),
    )
)]
pub(super) async fn of_deployment(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    headers: HeaderMap,
) -> Result<Events, Problem> {
    let events = state.service.events(&actor, Some(&deployment), last_event_id(&headers)).await?;
    Ok(stream(events, state.shutdown.clone()))
}

fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.trim().parse().ok()
}

fn stream(events: EventStream, shutdown: CancellationToken) -> Events {
    let first = futures::stream::once(async { Ok(SseEvent::default().retry(RETRY).comment("listening")) });
    let rest = events.map(|event| Ok(encode(&event)));
    let end = async move {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = tokio::time::sleep(LONGEST) => {}
        }
    };
    let all: Messages = Box::pin(first.chain(rest).take_until(end));
    Sse::new(all).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

fn encode(event: &SequencedEvent) -> SseEvent {
    let message = SseEvent::default().id(event.id.to_string());
    let message = if event.event.is_none() { message.event("refetch") } else { message };
    let data = serde_json::to_string(event).unwrap_or_else(|_| "{}".to_owned());
    message.data(data)
}
