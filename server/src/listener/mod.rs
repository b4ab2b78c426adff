//! Letting connections in, and seeing to it that none of them stays for
//! nothing: heads, pauses and answers that are not taken have their time, and
//! connections have a number, in all and for each address. Knows nothing of
//! what is served.
//!
//! When all slots are taken, the connection that has been idle for longest
//! gives its slot to the next. When none is idle, a few more are let in to
//! ask for the server's health; others hear at once that it is full.

mod activity;
mod slots;

use activity::{Activity, Counted, Observed};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Request, StatusCode, header};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use slots::{ConnectionSlot, ConnectionSlots, Kind};
use std::{
    convert::Infallible,
    future::Future,
    io::{self, Write as _},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// Bytes of a head, and of what is read or written ahead for one connection.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long nobody is let in after that failed for want of descriptors or
/// memory: trying at once would only take a processor.
const PAUSE: Duration = Duration::from_millis(50);
/// Requests of one connection of HTTP/2 at one time: as many as clients send
/// before they have heard of a limit.
const STREAMS: u32 = 100;
/// Bytes of a request that are taken in before anybody reads them.
const STREAM_BYTES: u32 = 128 * 1024;
/// Bytes of the heads of a request of HTTP/2.
const HEAD_BYTES: u32 = 16 * 1024;
/// How long a client of HTTP/2 has to hear that its connection ends: what it has
/// sent meanwhile it sends again on another one.
const FAREWELL: Duration = Duration::from_secs(1);
/// Connections that have this time at once: their slots are others' by then,
/// and who floods the server with silent ones must not hold more for it.
const FAREWELLS: usize = 64;
/// What is asked on the connections beyond the number.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at one time.
    pub connections: usize,
    /// Beyond that, for those who ask for the server's health.
    pub for_health: usize,
    /// Connections of one address (of one /64 of IPv6) at one time; `None`
    /// behind a proxy, where all come from one. This machine's own have none.
    pub of_one_address: Option<usize>,
    /// How long a request's head may take.
    pub head: Duration,
    /// How long a connection may wait for its next request.
    pub idle: Duration,
    /// How long a client may take nothing of an answer.
    pub write: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            for_health: 32,
            of_one_address: Some(64),
            head: Duration::from_secs(10),
            // Longer than proxies keep a connection, so that they close first
            // and never send into one that we are closing.
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
        }
    }
}

/// What is spoken on an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1: one request after the other.
    Http1,
    /// HTTP/2 from the first byte, as gRPC has it: several at one time.
    Http2,
}

/// Serves `app` over HTTP/1.1 until `shutdown`, and then what is open to its end.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, shutdown: CancellationToken) {
    serve_as(Protocol::Http1, listener, app, limits, shutdown).await;
}

/// The same in another protocol.
pub async fn serve_as(
    protocol: Protocol,
    listener: TcpListener,
    app: Router,
    limits: Limits,
    shutdown: CancellationToken,
) {
    let (slots, tasks) = (Arc::new(ConnectionSlots::new(limits)), TaskTracker::new());
    let farewells = Arc::new(Semaphore::new(FAREWELLS));
    let sweeping = tokio::spawn(sweep(slots.clone(), limits));
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match slots.take(peer.ip()) {
                Some(slot) => {
                    let (app, farewells, shutdown) = (app.clone(), farewells.clone(), shutdown.clone());
                    tasks.spawn(converse(protocol, stream, peer, app, slot, farewells, shutdown));
                }
                None if protocol == Protocol::Http1 => turn_away(stream),
                None => {}
            },
            Err(error) if is_of_one_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "nobody can be let in for a moment");
                slots.close_oldest_idle();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
    sweeping.abort();
}

/// Closes what is overdue, as long as it runs.
async fn sweep(slots: Arc<ConnectionSlots>, limits: Limits) {
    let shortest = limits.head.min(limits.idle).min(limits.write);
    let often = (shortest / 4).clamp(Duration::from_millis(5), Duration::from_secs(1));
    loop {
        tokio::time::sleep(often).await;
        slots.close_overdue();
    }
}

/// The client went away before we came to it.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// One connection, from request to request.
async fn converse(
    protocol: Protocol,
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    slot: ConnectionSlot,
    farewells: Arc<Semaphore>,
    shutdown: CancellationToken,
) {
    // Events and small answers go out at once.
    let _ = stream.set_nodelay(true);
    let (kind, activity) = (slot.kind(), slot.activity().clone());
    let io = TokioIo::new(Observed::new(stream, activity.clone()));
    if protocol == Protocol::Http2 {
        activity.share();
    }
    let service =
        service_fn(move |request| answer(protocol, app.clone(), request, peer, kind, activity.clone()));
    match protocol {
        Protocol::Http1 => {
            let connection = http1::Builder::new().max_buf_size(BUFFER_BYTES).serve_connection(io, service);
            attend(connection, |one| one.graceful_shutdown(), slot, None, shutdown).await;
        }
        Protocol::Http2 => {
            let connection = http2::Builder::new(TokioExecutor::new())
                .max_concurrent_streams(STREAMS)
                .initial_stream_window_size(STREAM_BYTES)
                // Room for all streams: one that waits holds up no other.
                .initial_connection_window_size(STREAMS * STREAM_BYTES)
                .max_send_buf_size(BUFFER_BYTES)
                .max_header_list_size(HEAD_BYTES)
                .serve_connection(io, service);
            attend(connection, |one| one.graceful_shutdown(), slot, Some(&farewells), shutdown).await;
        }
    }
}

/// Goes on with a connection until it ends, or has to: then `wind_up` tells the
/// client, who has [`FAREWELL`] to hear of it while `farewells` has room.
async fn attend<C: Future>(
    connection: C,
    wind_up: fn(Pin<&mut C>),
    slot: ConnectionSlot,
    farewells: Option<&Semaphore>,
    shutdown: CancellationToken,
) {
    let mut connection = pin!(connection);
    let mut stopping = false;
    loop {
        tokio::select! {
            // What went wrong on the way concerns that client alone.
            _ = connection.as_mut() => return,
            () = slot.closed() => break,
            () = shutdown.cancelled(), if !stopping => {
                stopping = true;
                wind_up(connection.as_mut());
            }
        }
    }
    let Some(Ok(_room)) = farewells.map(Semaphore::try_acquire) else { return };
    wind_up(connection.as_mut());
    // Who does not listen is closed all the same.
    let _ = tokio::time::timeout(FAREWELL, connection).await;
}

async fn answer(
    protocol: Protocol,
    app: Router,
    request: Request<Incoming>,
    peer: SocketAddr,
    kind: Kind,
    activity: Arc<Activity>,
) -> Result<Response, Infallible> {
    let busy = activity.begin();
    if kind == Kind::ForHealth && !HEALTH.contains(&request.uri().path()) {
        return Ok(full(protocol));
    }
    let mut request = request.map(|body| Body::new(Counted::new(body, busy.clone())));
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = app.oneshot(request).await?;
    if kind == Kind::ForHealth && protocol == Protocol::Http1 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(match protocol {
        Protocol::Http1 => response.map(|body| Body::new(Counted::new(body, busy))),
        Protocol::Http2 => response.map(|body| Body::new(Counted::answer(body, busy))),
    })
}

const FULL: &str = r#"{"type":"urn:fovea:problem:unavailable","title":"Not available now","status":503,"detail":"Too many connections are open. Try again in a moment."}"#;

fn full(protocol: Protocol) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
        (header::RETRY_AFTER, HeaderValue::from_static("1")),
    ];
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, headers, FULL).into_response();
    // HTTP/2 has no such header.
    if protocol == Protocol::Http1 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The same without a slot: what does not go out at once does not go out.
fn turn_away(stream: TcpStream) {
    let head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nRetry-After: 1";
    let text = format!("{head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{FULL}", FULL.len());
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{future::pending, net::Ipv4Addr};

    #[tokio::test]
    async fn without_room_for_a_farewell_a_connection_that_is_put_out_ends_at_once() {
        let (slots, farewells) = (Arc::new(ConnectionSlots::new(Limits::default())), Semaphore::new(1));
        let put_out = || {
            let slot = slots.take(Ipv4Addr::LOCALHOST.into()).expect("a slot");
            slots.close_oldest_idle();
            attend(pending::<()>(), |_| {}, slot, Some(&farewells), CancellationToken::new())
        };
        let mut first = pin!(put_out());
        assert!(futures::poll!(first.as_mut()).is_pending());
        let mut second = pin!(put_out());
        assert!(futures::poll!(second.as_mut()).is_ready());
    }
}
