//! Reading request bodies without ever holding more than allowed.
//!
//! A body over its limit is refused at once. What the client still sends is
//! then read and thrown away for a while (see [`Unhurried`]): closing early
//! would reset the connection, and the client would see that instead of the
//! answer.

use super::problem::Problem;
use axum::{
    body::{Body, HttpBody},
    extract::Request,
    middleware::Next,
    response::Response,
};
use bytes::{Bytes, BytesMut};
use domain::fault::{ApiError, ErrorKind};
use futures::StreamExt;
use http::{HeaderMap, header};
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes of a refused body that are read and thrown away.
const DRAINED_BYTES: usize = 256 * 1024 * 1024;
/// How long a refused body is read.
const DRAINED_FOR: Duration = Duration::from_secs(30);
const KIB: usize = 1024;
/// Bytes that tell what a body is.
const BEGINNING: usize = 16;

/// How much memory all bodies in flight may take together.
#[derive(Clone, Debug)]
pub(super) struct BodyBudget {
    kibibytes: Arc<Semaphore>,
    total_kib: usize,
}

impl BodyBudget {
    /// A budget of `bytes`.
    #[must_use]
    pub(super) fn new(bytes: usize) -> Self {
        let total_kib = (bytes / KIB).clamp(1, Semaphore::MAX_PERMITS);
        Self { kibibytes: Arc::new(Semaphore::new(total_kib)), total_kib }
    }

    /// Waits until `bytes` fit.
    ///
    /// # Errors
    /// When the server stops.
    pub(super) async fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let kib = bytes.div_ceil(KIB).clamp(1, self.total_kib);
        let kib = u32::try_from(kib).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.kibibytes).acquire_many_owned(kib).await;
        permit.map_err(|_| Problem::new(ErrorKind::Unavailable, "The server is stopping."))
    }
}

/// A body within its limit, and its share of the budget.
pub(super) struct WholeBody {
    /// What was sent.
    pub bytes: Bytes,
    _share: OwnedSemaphorePermit,
}

/// The announced length of a body, if there is one.
#[must_use]
pub(super) fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Refuses at once when the announced length is over `limit`.
///
/// # Errors
/// 413.
pub(super) fn check_announced(headers: &HeaderMap, limit: usize) -> Result<(), Problem> {
    match announced_length(headers) {
        Some(length) if length > limit => Err(too_large(limit)),
        _ => Ok(()),
    }
}

/// What the first bytes of a body must be like.
pub(super) type Beginning = fn(&[u8]) -> Result<(), Problem>;

/// Any bytes at all.
///
/// # Errors
/// None.
pub(super) fn anything(_: &[u8]) -> Result<(), Problem> {
    Ok(())
}

/// Reads a body of at most `limit` bytes whose first ones please `beginning`.
///
/// # Errors
/// 413 when it is longer, 400 when it breaks off, and what `beginning` says,
/// as soon as enough bytes are there to say it.
pub(super) async fn read_whole(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    beginning: Beginning,
    budget: &BodyBudget,
) -> Result<WholeBody, Problem> {
    check_announced(headers, limit)?;
    let expected = announced_length(headers).unwrap_or(limit);
    let share = budget.reserve(expected).await?;
    let mut bytes = BytesMut::with_capacity(expected.min(4 * KIB * KIB));
    let mut stream = body.into_data_stream();
    let mut begun = false;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(broken_off)?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
        if !begun && bytes.len() >= BEGINNING {
            beginning(&bytes)?;
            begun = true;
        }
    }
    Ok(WholeBody { bytes: bytes.freeze(), _share: share })
}

/// The middleware that makes every body an [`Unhurried`] one, except where the
/// client waits for our word before it sends anything.
pub(super) async fn drain_unread(request: Request, next: Next) -> Response {
    let waits = request.headers().contains_key(header::EXPECT);
    let as_it_is = waits || request.body().is_end_stream();
    next.run(request.map(|body| if as_it_is { body } else { Body::new(Unhurried(Some(body))) })).await
}

/// A body that, dropped half-read, is read to its end and forgotten, within
/// bounds of size and time.
struct Unhurried(Option<Body>);

impl HttpBody for Unhurried {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.0.as_mut() {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Unhurried {
    fn drop(&mut self) {
        let unread = self.0.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Ok(runtime)) = (unread, tokio::runtime::Handle::try_current()) {
            runtime.spawn(drain(body));
        }
    }
}

async fn drain(body: Body) {
    let mut stream = body.into_data_stream();
    let mut left = DRAINED_BYTES;
    let reading = async {
        while let Some(Ok(chunk)) = stream.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // Reaching the time limit is as good an end as any other.
    let _ = tokio::time::timeout(DRAINED_FOR, reading).await;
}

/// 413 with the limit in words.
#[must_use]
pub(super) fn too_large(limit: usize) -> Problem {
    let message = format!("The body is larger than {}, the most that is accepted here.", in_words(limit));
    Problem(ApiError::new(ErrorKind::TooLarge, message).at("body"))
}

pub(super) fn broken_off(error: impl std::fmt::Display) -> Problem {
    Problem::invalid("body", format!("The body broke off or is malformed: {error}."))
}

fn in_words(bytes: usize) -> String {
    if bytes >= KIB * KIB { format!("{} MiB", bytes / (KIB * KIB)) } else { format!("{} KiB", bytes / KIB) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use std::convert::Infallible;

    fn endless() -> Body {
        let chunk = Bytes::from(vec![7_u8; 64 * KIB]);
        Body::from_stream(stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone())).take(64))
    }

    #[tokio::test]
    async fn a_body_without_length_is_refused_once_it_passes_the_limit() {
        let budget = BodyBudget::new(1 << 20);
        let answer = read_whole(&HeaderMap::new(), endless(), 100 * KIB, anything, &budget).await;
        assert_eq!(answer.err().map(|problem| problem.0.kind), Some(ErrorKind::TooLarge));
    }

    #[tokio::test]
    async fn an_announced_length_over_the_limit_is_refused_without_reading() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, http::HeaderValue::from_static("104857600"));
        let budget = BodyBudget::new(1 << 20);
        let answer = read_whole(&headers, Body::empty(), 100 * KIB, anything, &budget).await;
        assert_eq!(answer.err().map(|problem| problem.0.kind), Some(ErrorKind::TooLarge));
    }

    #[tokio::test]
    async fn a_wrong_beginning_is_refused_before_the_end() {
        let refuse = |_: &[u8]| Err(Problem::new(ErrorKind::UnsupportedMedia, "sevens"));
        let budget = BodyBudget::new(1 << 20);
        let answer = read_whole(&HeaderMap::new(), endless(), 100 << 20, refuse, &budget).await;
        assert_eq!(answer.err().map(|problem| problem.0.kind), Some(ErrorKind::UnsupportedMedia));
    }

    #[tokio::test]
    async fn the_budget_comes_back_when_the_body_is_dropped() {
        let budget = BodyBudget::new(64 * KIB);
        for _ in 0..3 {
            let body = read_whole(&HeaderMap::new(), Body::from("hello"), 64 * KIB, anything, &budget).await;
            assert_eq!(body.map(|body| body.bytes).ok(), Some(Bytes::from_static(b"hello")));
        }
    }
}
