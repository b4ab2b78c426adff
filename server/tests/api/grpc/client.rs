//! Calls of gRPC, at the router and over a connection.

use crate::bed::{Bed, with_token};
use axum::{
    body::Body,
    http::{HeaderMap, Request, Response},
};
use http_body_util::BodyExt;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use server::listener::{Limits, Protocol, serve_as};
use std::net::SocketAddr;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Called {
    /// The number of the code.
    pub(crate) code: i32,
    /// What is said of it, as it was written.
    pub(crate) message: String,
    pub(crate) headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Called {
    pub(crate) async fn of<B>(response: Response<B>) -> Self
    where
        B: axum::body::HttpBody,
        B::Error: std::fmt::Debug,
    {
        let (parts, body) = response.into_parts();
        assert_eq!(
            (parts.status.as_u16(), &parts.headers["content-type"]),
            (200, &"application/grpc".parse().expect("a value"))
        );
        let collected = body.collect().await.expect("a whole body");
        // An answer has them behind its message, a refusal in its headers.
        let ended = collected.trailers().unwrap_or(&parts.headers).clone();
        let text = |name: &str| ended.get(name).map_or("", |value| value.to_str().expect("ASCII")).to_owned();
        let code = text("grpc-status").parse().expect("a code");
        Self {
            code,
            message: text("grpc-message"),
            headers: parts.headers,
            bytes: collected.to_bytes().to_vec(),
        }
    }

    /// The message of a call that ended well.
    #[track_caller]
    pub(crate) fn answer<M: Message + Default>(&self) -> M {
        assert_eq!((self.code, self.message.as_str()), (0, ""));
        let (head, message) = self.bytes.split_at(5);
        let length = u32::try_from(message.len()).expect("short").to_be_bytes();
        assert_eq!(head, [&[0][..], &length].concat());
        M::decode(message).expect("the message")
    }

    #[track_caller]
    pub(crate) fn refused(&self, code: i32, says: &str) {
        assert!(self.code == code && self.message.contains(says), "{self:?}");
        assert!(self.bytes.is_empty(), "{self:?}");
    }
}

/// A message behind its five bytes.
pub(crate) fn framed(packed: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("short").to_be_bytes();
    [&[packed][..], &length, message].concat()
}

pub(crate) fn request(method: &str, token: &str, body: Body) -> Request<Body> {
    let path = format!("http://127.0.0.1/inference.GRPCInferenceService/{method}");
    let builder = with_token(Request::post(path), token).header("content-type", "application/grpc");
    builder.header("te", "trailers").body(body).expect("a request")
}

/// A call at the router.
pub(crate) async fn send(bed: &Bed, request: Request<Body>) -> Called {
    Called::of(bed.grpc.clone().oneshot(request).await.expect("infallible")).await
}

pub(crate) async fn call(bed: &Bed, method: &str, token: &str, message: &impl Message) -> Called {
    let body = Body::from(framed(0, &message.encode_to_vec()));
    send(bed, request(method, token, body)).await
}

/// A server of gRPC on a free port.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) running: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn of(bed: &Bed, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shutdown = bed.shutdown.clone();
        let serving = serve_as(Protocol::Http2, listener, bed.grpc.clone(), limits, shutdown.clone());
        Self { address, shutdown, running: tokio::spawn(serving) }
    }

    /// A connection, and what goes on with it until it ends.
    pub(crate) async fn connect(&self) -> (SendRequest<Body>, JoinHandle<()>) {
        self.connect_taking(1 << 20).await
    }

    /// The same of a client that takes so many bytes of an answer, and no more
    /// before it has read them.
    pub(crate) async fn connect_taking(&self, bytes: u32) -> (SendRequest<Body>, JoinHandle<()>) {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        let mut builder = http2::Builder::new(TokioExecutor::new());
        let connecting = builder.initial_stream_window_size(bytes).handshake(TokioIo::new(stream));
        let (sender, connection) = connecting.await.expect("HTTP/2");
        let running = tokio::spawn(async move {
            // However it ends: the tests look at the calls.
            let _ = connection.await;
        });
        (sender, running)
    }
}
