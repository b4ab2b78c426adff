//! How slowly a body may come, and what becomes of one that nobody reads.
//!
//! Every body is a [`PacedBody`]. One that stalls or trickles ends with an
//! error, and the request with 408, whoever was reading it. One that is
//! dropped before its end, because the request was refused, is read on and
//! thrown away for a while: closing early would reset the connection, and the
//! client would see that instead of the answer. What is thrown away costs no
//! memory; how much, for how long and how often is bounded all the same, and
//! tighter for those who are not signed in.

use super::super::{AppState, problem::ProblemBody};
use axum::{
    Json,
    body::{Body, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderValue, StatusCode, header};
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, Sleep},
};

/// How fast a body must come. Only time in which we wait for the client
/// counts.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The longest pause.
    pub pause: Duration,
    /// From then on the average counts.
    pub grace: Duration,
    /// The least average, in bytes per second.
    pub bytes_per_s: u32,
}

impl Default for Pace {
    fn default() -> Self {
        let ten_seconds = Duration::from_secs(10);
        Self { pause: ten_seconds, grace: ten_seconds, bytes_per_s: 8 * 1024 }
    }
}

/// How a body has come so far.
struct Progress {
    pace: Pace,
    bytes: u64,
    /// Time spent waiting for bytes so far, and since when we wait now.
    waited: Duration,
    waiting_since: Option<Instant>,
}

impl Progress {
    fn new(pace: Pace) -> Self {
        Self { pace, bytes: 0, waited: Duration::ZERO, waiting_since: None }
    }

    fn came(&mut self, bytes: usize, now: Instant) {
        if let Some(since) = self.waiting_since.take() {
            self.waited += now.saturating_duration_since(since);
        }
        self.bytes += bytes as u64;
    }

    /// Nothing is there now: until when it may take.
    fn until(&mut self, now: Instant) -> Instant {
        let since = *self.waiting_since.get_or_insert(now);
        let earned = Duration::from_secs(self.bytes / u64::from(self.pace.bytes_per_s.max(1)));
        let left = (self.pace.grace + earned).saturating_sub(self.waited);
        since + left.min(self.pace.pause)
    }
}

/// What is read and thrown away of a body that nobody wants.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    /// Bytes of a caller who is known: as much as the largest upload.
    pub bytes: usize,
    /// Bytes of anybody else: a page whose session has ended sends a form.
    pub stranger_bytes: usize,
    /// How long.
    pub time: Duration,
    /// How long of a stranger.
    pub stranger_time: Duration,
    /// How many bodies at one time; of more the connection is closed. The same
    /// number again for strangers.
    pub at_once: usize,
}

impl Default for Drain {
    fn default() -> Self {
        Self {
            bytes: 520 << 20,
            stranger_bytes: 4 << 20,
            time: Duration::from_secs(30),
            stranger_time: Duration::from_secs(10),
            at_once: 64,
        }
    }
}

/// What the layers of a request tell its body.
#[derive(Debug, Default)]
pub(in crate::http) struct BodyWatch {
    too_slow: AtomicBool,
    known: AtomicBool,
}

impl BodyWatch {
    /// Says that the caller is signed in.
    pub(in crate::http) fn caller_is_known(&self) {
        self.known.store(true, Ordering::Relaxed);
    }

    /// Whether the body ended because it came too slowly.
    pub(in crate::http) fn is_too_slow(&self) -> bool {
        self.too_slow.load(Ordering::Relaxed)
    }
}

/// The drains that are under way.
#[derive(Clone, Debug)]
pub(in crate::http) struct Drains {
    limits: Drain,
    free: Arc<Semaphore>,
    for_strangers: Arc<Semaphore>,
}

impl Drains {
    pub(in crate::http) fn new(limits: Drain) -> Self {
        let turns = || Arc::new(Semaphore::new(limits.at_once));
        Self { limits, free: turns(), for_strangers: turns() }
    }
}

/// The middleware that makes every body a [`PacedBody`], and answers 408 where
/// one came too slowly.
pub(in crate::http) async fn pace_bodies(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let watch = Arc::new(BodyWatch::default());
    request.extensions_mut().insert(watch.clone());
    // A client that waits for our word before it sends anything needs no drain.
    let waits = request.headers().contains_key(header::EXPECT);
    let (pace, drains) = (state.config.pace, (!waits).then(|| state.drains.clone()));
    let paced = |body| Body::new(PacedBody::new(body, pace, watch.clone(), drains));
    let response = next.run(request.map(paced)).await;
    if watch.is_too_slow() { too_slow(&pace) } else { response }
}

/// A body that must keep its pace. What is left of it when it is dropped is the
/// connection's to take care of: HTTP/2 tells the client to stop.
pub(in crate::http) fn paced(body: Body, pace: Pace) -> (Body, Arc<BodyWatch>) {
    let watch = Arc::new(BodyWatch::default());
    (Body::new(PacedBody::new(body, pace, watch.clone(), None)), watch)
}

/// What who sends too slowly hears.
pub(in crate::http) fn too_slow_words(pace: &Pace) -> String {
    format!(
        "The body came too slowly: nothing for {} s, or less than {} KiB a second. Send it again.",
        pace.pause.as_secs(),
        pace.bytes_per_s / 1024,
    )
}

fn too_slow(pace: &Pace) -> Response {
    let body = ProblemBody {
        kind: "urn:fovea:problem:too_slow".to_owned(),
        title: "Request timeout".to_owned(),
        status: 408,
        detail: too_slow_words(pace),
        place: Some("body".to_owned()),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
        (header::CONNECTION, HeaderValue::from_static("close")),
    ];
    (StatusCode::REQUEST_TIMEOUT, headers, Json(body)).into_response()
}

/// A body that must keep its pace, and that is drained when dropped half-read.
struct PacedBody {
    body: Option<Body>,
    progress: Progress,
    watch: Arc<BodyWatch>,
    drains: Option<Drains>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl PacedBody {
    fn new(body: Body, pace: Pace, watch: Arc<BodyWatch>, drains: Option<Drains>) -> Self {
        Self { body: Some(body), progress: Progress::new(pace), watch, drains, timer: None }
    }

    /// Ready once the client has let us wait for too long.
    fn poll_patience(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let until = self.progress.until(Instant::now());
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(context)
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(context) {
            let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref);
            let bytes = data.map_or(0, Bytes::len);
            self.progress.came(bytes, Instant::now());
            return Poll::Ready(frame);
        }
        ready!(self.poll_patience(context));
        self.watch.too_slow.store(true, Ordering::Relaxed);
        // Dropped unread, so that the connection ends with the answer.
        self.body = None;
        Poll::Ready(Some(Err(axum::Error::new(TooSlow))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it came too slowly")]
struct TooSlow;

impl Drop for PacedBody {
    fn drop(&mut self) {
        let unread = self.body.take().filter(|body| !body.is_end_stream());
        let (Some(body), Some(drains)) = (unread, self.drains.take()) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let Drains { limits, free, for_strangers } = drains;
        let (turns, bytes, time) = match self.watch.known.load(Ordering::Relaxed) {
            true => (free, limits.bytes, limits.time),
            false => (for_strangers, limits.stranger_bytes, limits.stranger_time),
        };
        let (Ok(turn), pause) = (turns.try_acquire_owned(), self.progress.pace.pause) else { return };
        runtime.spawn(async move {
            // Reaching the time limit is as good an end as any other.
            let _ = tokio::time::timeout(time, drain(body, bytes, pause)).await;
            drop(turn);
        });
    }
}

async fn drain(body: Body, mut left: usize, pause: Duration) {
    let mut stream = body.into_data_stream();
    while let Ok(Some(Ok(chunk))) = tokio::time::timeout(pause, stream.next()).await {
        let Some(rest) = left.checked_sub(chunk.len()).filter(|rest| *rest > 0) else { return };
        left = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use http_body_util::BodyExt;
    use std::convert::Infallible;

    const S: Duration = Duration::from_secs(1);

    /// Whether `bytes` every so often come to an end before `times` of them.
    fn ends(bytes: usize, every: Duration, times: u32) -> bool {
        let (mut progress, mut now) = (Progress::new(Pace::default()), Instant::now());
        (0..times).any(|_| {
            let until = progress.until(now);
            now += every;
            progress.came(bytes, now);
            until < now
        })
    }

    #[test]
    fn a_body_that_pauses_or_trickles_ends_and_a_steady_one_does_not() {
        assert!(ends(1 << 20, 11 * S, 2), "a long pause");
        assert!(ends(1, 5 * S, 1_000), "a byte every five seconds");
        assert!(ends(4096, S, 1_000), "4 KiB a second");
        assert!(!ends(9 * 1024, S, 10_000), "9 KiB a second");
        assert!(!ends(10, 3 * S, 3), "a few bytes within the first seconds");
    }

    #[test]
    fn time_in_which_nobody_reads_is_not_the_clients_fault() {
        let (mut progress, mut now) = (Progress::new(Pace::default()), Instant::now());
        for _ in 0..100 {
            // Was there at once, and then nobody asked for an hour.
            progress.came(1, now);
            now += 3_600 * S;
        }
        assert_eq!(progress.until(now), now + 10 * S);
    }

    #[tokio::test]
    async fn a_silent_body_fails_and_says_so_to_its_request() {
        let watch = Arc::new(BodyWatch::default());
        let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let pace = Pace { pause: Duration::from_millis(5), ..Pace::default() };
        let body = Body::new(PacedBody::new(silent, pace, watch.clone(), None));
        assert!(body.collect().await.is_err());
        assert!(watch.too_slow.load(Ordering::Relaxed));
    }

    #[tokio::test]
    async fn a_drain_ends_at_its_bytes_and_at_a_pause() {
        let chunk = || Ok::<_, Infallible>(Bytes::from(vec![7; 1 << 16]));
        drain(Body::from_stream(stream::repeat_with(chunk)), 1 << 20, 3_600 * S).await;
        let silent = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        drain(silent, 1 << 20, Duration::from_millis(5)).await;
    }
}
