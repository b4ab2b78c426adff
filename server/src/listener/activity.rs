//! What a connection is doing, as those see it who decide whether it may stay.

use super::Limits;
use axum::body::HttpBody;
use http_body::{Frame, SizeHint};
use std::{
    collections::BTreeMap,
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

/// The state of a connection.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Requests whose answer, or whose body, is not at its end.
    requests: usize,
    /// Since when the head of the next request is on its way: from the first
    /// byte, and for the first request from the beginning.
    head_since: Option<Instant>,
    /// Since when nothing is asked.
    idle_since: Instant,
    /// Since when the client takes nothing of what is written.
    blocked_since: Option<Instant>,
    /// Where several requests share the connection, its bytes say nothing of
    /// one of them: heads have no time of their own, and answers have.
    shared: bool,
    /// Of such answers those that are not taken, and since when, the oldest first.
    answers: BTreeMap<u64, Instant>,
    next_answer: u64,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        let now = Instant::now();
        let state = State {
            requests: 0,
            head_since: Some(now),
            idle_since: now,
            blocked_since: None,
            shared: false,
            answers: BTreeMap::new(),
            next_answer: 0,
        };
        Arc::new(Self { state: Mutex::new(state) })
    }

    /// From now on several requests may be on their way at one time.
    pub(super) fn share(&self) {
        let mut state = self.lock();
        state.shared = true;
        state.head_since = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has begun; it lasts as long as what comes back.
    pub(super) fn begin(self: &Arc<Self>) -> Arc<Busy> {
        let mut state = self.lock();
        state.requests += 1;
        state.head_since = None;
        drop(state);
        Arc::new(Busy(self.clone()))
    }

    /// An answer of a shared connection begins; it lasts until it is taken.
    pub(super) fn answer(self: &Arc<Self>) -> Untaken {
        let mut state = self.lock();
        let number = state.next_answer;
        state.next_answer += 1;
        state.answers.insert(number, Instant::now());
        drop(state);
        Untaken { activity: self.clone(), number }
    }

    /// Since when it is idle; a head that is on its way makes it no busier.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        let state = self.lock();
        (state.requests == 0).then_some(state.idle_since)
    }

    /// Whether it has taken longer over something than it may.
    pub(super) fn is_overdue(&self, now: Instant, limits: &Limits) -> bool {
        let Limits { head, idle, write, .. } = *limits;
        let state = self.lock();
        let over = |since: Instant, limit: Duration| now.saturating_duration_since(since) >= limit;
        let untaken = state.answers.first_key_value().map(|(_, since)| *since);
        let blocked = [state.blocked_since, untaken].into_iter().flatten().any(|since| over(since, write));
        let waits = state.requests == 0 && state.blocked_since.is_none();
        let late = match state.head_since {
            Some(since) => over(since, head),
            None => over(state.idle_since, idle),
        };
        blocked || (waits && late)
    }

    fn has_read(&self, now: Instant) {
        let mut state = self.lock();
        if state.requests == 0 && !state.shared {
            state.head_since.get_or_insert(now);
        }
    }

    fn has_written(&self, blocked: bool, now: Instant) {
        let mut state = self.lock();
        state.blocked_since = if blocked { state.blocked_since.or(Some(now)) } else { None };
    }
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.requests = state.requests.saturating_sub(1);
        state.idle_since = Instant::now();
    }
}

/// An answer under way.
#[derive(Debug)]
pub(super) struct Untaken {
    activity: Arc<Activity>,
    number: u64,
}

impl Drop for Untaken {
    fn drop(&mut self) {
        self.activity.lock().answers.remove(&self.number);
    }
}

/// A body that keeps its request under way.
pub(super) struct Counted<B> {
    body: B,
    _busy: Arc<Busy>,
    _untaken: Option<Untaken>,
}

impl<B> Counted<B> {
    pub(super) fn new(body: B, busy: Arc<Busy>) -> Self {
        Self { body, _busy: busy, _untaken: None }
    }

    /// The body of an answer of a shared connection.
    pub(super) fn answer(body: B, busy: Arc<Busy>) -> Self {
        let untaken = busy.0.answer();
        Self { body, _busy: busy, _untaken: Some(untaken) }
    }
}

impl<B: HttpBody + Unpin> HttpBody for Counted<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket whose reading and writing are noted.
pub(super) struct Observed {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl Observed {
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn written(&self, poll: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.activity.has_written(poll.is_pending(), Instant::now());
        poll
    }
}

impl AsyncRead for Observed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(context, buffer);
        if poll.is_ready() && buffer.filled().len() > before {
            self.activity.has_read(Instant::now());
        }
        poll
    }
}

impl AsyncWrite for Observed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);

    fn overdue(activity: &Activity, now: Instant) -> bool {
        let limits = Limits { head: 10 * S, idle: 75 * S, write: 30 * S, ..Limits::default() };
        activity.is_overdue(now, &limits)
    }

    #[test]
    fn a_head_has_its_time_from_the_first_byte_and_the_first_one_from_the_beginning() {
        let activity = Activity::new();
        let began = Instant::now();
        assert!(!overdue(&activity, began + 9 * S));
        activity.has_read(began + 9 * S);
        assert!(overdue(&activity, began + 10 * S), "a byte now and then does not help");
        drop(activity.begin());
        let asked = Instant::now();
        assert!(!overdue(&activity, asked + 60 * S), "idle between two requests");
        assert!(overdue(&activity, asked + 75 * S), "idle for too long");
        activity.has_read(asked + 60 * S);
        activity.has_read(asked + 69 * S);
        assert!(!overdue(&activity, asked + 69 * S) && overdue(&activity, asked + 70 * S));
    }

    #[test]
    fn a_request_takes_as_long_as_it_takes_unless_nobody_takes_the_answer() {
        let activity = Activity::new();
        let (busy, now) = (activity.begin(), Instant::now());
        activity.has_read(now + 100 * S);
        assert!(!overdue(&activity, now + 1_000 * S) && activity.idle_since().is_none());
        activity.has_written(true, now);
        activity.has_written(true, now + 29 * S);
        assert!(!overdue(&activity, now + 29 * S) && overdue(&activity, now + 30 * S));
        activity.has_written(false, now + 29 * S);
        activity.has_written(true, now + 29 * S);
        assert!(!overdue(&activity, now + 58 * S), "some of it was taken in between");
        drop(busy);
        assert!(overdue(&activity, now + 59 * S), "what is written last must be taken, too");
    }

    #[test]
    fn on_a_shared_connection_each_answer_has_its_time_and_heads_have_none() {
        let activity = Activity::new();
        activity.share();
        let began = Instant::now();
        activity.has_read(began);
        assert!(!overdue(&activity, began + 60 * S), "a ping between two requests");
        let (_first, _second) = (activity.begin(), activity.begin());
        let answer = activity.answer();
        let now = Instant::now();
        assert!(!overdue(&activity, now + 29 * S) && overdue(&activity, now + 30 * S));
        drop(answer);
        assert!(!overdue(&activity, now + 1_000 * S), "the other request takes as long as it takes");
    }
}
