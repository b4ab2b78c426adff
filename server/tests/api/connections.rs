//! Connections, by real sockets of this machine: those that come to nothing
//! end, and others are served meanwhile.

use crate::bed::{Bed, DEPLOYMENT};
use axum::{Router, body::Body, extract::ConnectInfo, http::Request, routing::get};
use bytes::Bytes;
use futures::{StreamExt, stream};
use server::{
    http::{HttpConfig, Pace},
    listener::{Limits, serve},
};
use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// Far beyond what anything here takes; only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(60);
/// As good as never.
const NEVER: Duration = Duration::from_secs(3600);
/// Over before anybody waits for it.
const SOON: Duration = Duration::from_millis(50);

fn unlimited() -> Limits {
    Limits { head: NEVER, idle: NEVER, write: NEVER, ..Limits::default() }
}

struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
}

impl Server {
    async fn of(app: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(serve(listener, app, limits, shutdown.clone()));
        Self { address, shutdown, running }
    }

    async fn send(&self, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(text.as_bytes()).await.expect("sent");
        stream
    }

    /// The whole answer to a GET on a connection of its own.
    async fn get(&self, path: &str, token: &str) -> String {
        let close = "Connection: close\r\n\r\n";
        rest(self.send(&(head(path, token) + close)).await).await
    }

    async fn stop(self) {
        self.shutdown.cancel();
        in_time(self.running).await.expect("ends");
    }
}

/// A GET but for the empty line.
fn head(path: &str, token: &str) -> String {
    let authorization =
        if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    format!("GET {path} HTTP/1.1\r\nHost: fovea.localhost\r\n{authorization}")
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("in time")
}

/// What comes until the server closes; a reset is an end, too.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = in_time(stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes until `text` was in it.
async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = String::new();
    let mut buffer = [0; 4096];
    while !all.contains(text) {
        let read = in_time(stream.read(&mut buffer)).await.expect("read");
        assert!(read > 0, "closed after {all:?}");
        all.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    all
}

#[tokio::test]
async fn a_head_that_does_not_end_is_cut_off() {
    let bed = Bed::new().await;
    let server = Server::of(bed.router.clone(), Limits { head: SOON, ..unlimited() }).await;
    let silent = TcpStream::connect(server.address).await.expect("connected");
    let begun = server.send("GET / HTTP/1.1\r\nHost: x\r\nX-A: ").await;
    assert_eq!((rest(silent).await, rest(begun).await), (String::new(), String::new()));
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_asks_nothing_more_is_closed() {
    let bed = Bed::new().await;
    let server = Server::of(bed.router.clone(), Limits { idle: SOON, ..unlimited() }).await;
    let answer = rest(server.send(&(head("/healthz", "") + "\r\n")).await).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn one_connection_serves_several_requests() {
    let bed = Bed::new().await;
    let server = Server::of(bed.router.clone(), Limits::default()).await;
    let mut stream = server.send("").await;
    for _ in 0..3 {
        stream.write_all((head("/healthz", "") + "\r\n").as_bytes()).await.expect("sent");
        until(&mut stream, "ok\n").await;
    }
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn unfinished_heads_give_their_places_to_those_who_ask() {
    let bed = Bed::new().await;
    let server = Server::of(bed.router.clone(), Limits { connections: 4, ..unlimited() }).await;
    let mut held = Vec::new();
    for _ in 0..40 {
        held.push(server.send("GET / HTTP/1.1\r\nHost: x\r\nX-A: ").await);
    }
    for _ in 0..3 {
        assert!(server.get("/healthz", "").await.ends_with("ok\n"));
    }
    let closed = held.into_iter().take(36).map(rest);
    assert!(futures::future::join_all(closed).await.iter().all(String::is_empty), "the oldest went");
    server.stop().await;
}

#[tokio::test]
async fn a_full_server_still_says_how_it_is_and_tells_others_that_it_is_full() {
    let bed = Bed::new().await;
    let limits = Limits { connections: 2, for_health: 2, ..unlimited() };
    let server = Server::of(bed.router.clone(), limits).await;
    let mut listening = Vec::new();
    for _ in 0..2 {
        let mut stream = server.send(&(head("/api/v1/events", &bed.viewer) + "\r\n")).await;
        until(&mut stream, "listening").await;
        listening.push(stream);
    }
    assert!(server.get("/healthz", "").await.ends_with("ok\n"));
    let refused = server.get("/api/v1/deployments", &bed.viewer).await;
    assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("application/problem+json"), "{refused}");
    assert!(refused.to_lowercase().contains("connection: close"), "{refused}");
    drop(listening);
    bed.shutdown.cancel();
    server.stop().await;
}

#[tokio::test]
async fn who_takes_nothing_of_an_answer_is_let_go() {
    struct Gone(Arc<Notify>);
    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }
    let gone = Arc::new(Notify::new());
    let told = gone.clone();
    let endless = move || {
        let gone = Gone(told.clone());
        let chunks = stream::repeat_with(move || {
            let _held = &gone;
            Ok::<_, Infallible>(Bytes::from(vec![7; 1 << 16]))
        });
        std::future::ready(Body::from_stream(chunks))
    };
    let app = Router::new().route("/endless", get(endless));
    let server = Server::of(app, Limits { write: SOON, ..unlimited() }).await;
    let unread = server.send(&(head("/endless", "") + "\r\n")).await;
    in_time(gone.notified()).await;
    drop(unread);
    server.stop().await;
}

#[tokio::test]
async fn handlers_know_where_a_request_comes_from() {
    let whence = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    let server = Server::of(Router::new().route("/whence", get(whence)), Limits::default()).await;
    let mut stream = server.send(&(head("/whence", "") + "\r\n")).await;
    let own = stream.local_addr().expect("an address").to_string();
    until(&mut stream, &own).await;
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_stops_ends_what_is_under_way_and_lets_nobody_in() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (said, wait) = (begun.clone(), go.clone());
    let slow = move || {
        let (said, wait) = (said.clone(), wait.clone());
        async move {
            said.notify_one();
            wait.notified().await;
            "done"
        }
    };
    let server = Server::of(Router::new().route("/slow", get(slow)), Limits::default()).await;
    let (mut stream, idle) = (server.send(&(head("/slow", "") + "\r\n")).await, server.send("").await);
    in_time(begun.notified()).await;
    server.shutdown.cancel();
    assert_eq!(rest(idle).await, "");
    go.notify_one();
    until(&mut stream, "done").await;
    let address = server.address;
    server.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_and_its_connection_closed() {
    let pace = Pace { pause: SOON, ..Pace::default() };
    let bed = Bed::with(HttpConfig { pace, ..HttpConfig::default() }).await;
    let server = Server::of(bed.router.clone(), unlimited()).await;
    let path = format!("/api/v1/deployments/{DEPLOYMENT}");
    let json = "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"latency";
    let lines = "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"l\r\n";
    let form = "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\nContent-";
    for (to, rest_of_it) in [("predictions", json), ("predictions", lines), ("predict", form)] {
        let request = head(&format!("{path}/{to}"), &bed.reviewer).replace("GET ", "POST ") + rest_of_it;
        let answer = rest(server.send(&request).await).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{rest_of_it}: {answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("too slowly"), "{answer}");
    }
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=";
    let request = head("/auth/sign-in", "").replace("GET ", "POST ") + form;
    assert!(rest(server.send(&request).await).await.starts_with("HTTP/1.1 408"));
    server.stop().await;
}

#[tokio::test]
async fn a_refused_upload_is_taken_to_its_end_so_that_the_answer_arrives() {
    let bed = Bed::new().await;
    let server = Server::of(bed.router.clone(), Limits::default()).await;
    let bytes = 8 << 20;
    let upload = format!("Content-Type: application/octet-stream\r\nContent-Length: {bytes}\r\n\r\n");
    let request = head("/api/v1/models/import?name=x", &bed.viewer).replace("GET ", "POST ") + &upload;
    let mut stream = server.send(&request).await;
    let mut pieces = stream::iter(std::iter::repeat_n(vec![0_u8; 1 << 16], bytes >> 16));
    while let Some(piece) = pieces.next().await {
        in_time(stream.write_all(&piece)).await.expect("taken");
    }
    assert!(until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 403"));
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn connections_from_elsewhere_are_not_what_this_machine_counts_by() {
    // Hundreds from here at once: the number for one address is for others.
    let bed = Bed::new().await;
    let limits = Limits { of_one_address: Some(1), ..unlimited() };
    let server = Server::of(bed.router.clone(), limits).await;
    let all = (0..50).map(|_| server.get("/healthz", ""));
    let answers = futures::future::join_all(all).await;
    assert!(answers.iter().all(|answer| answer.ends_with("ok\n")));
    let request = Request::get("/healthz").body(Body::empty()).expect("a request");
    assert_eq!(bed.send(request).await.status, 200);
    server.stop().await;
}
