//! A form's body, watched while it is taken apart.

use crate::http::{
    body::{self, Share, too_large},
    problem::Problem,
};
use axum::{
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::HeaderMap;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

/// Bytes between two parts, or of a part's head: after these, something must come.
const HEAD_BYTES: usize = 16 * 1024;

/// A body that is watched while it is taken apart: what has gone through is
/// counted and held in the budget, and what goes through without a part or a
/// piece of one coming of it is bounded. The parser keeps all of that, and
/// searches it from its beginning each time.
#[derive(Clone)]
pub(super) struct Watched {
    limit: usize,
    pub(super) share: Arc<Mutex<Option<Share>>>,
    all: Arc<AtomicUsize>,
    idle: Arc<AtomicUsize>,
    fault: Arc<Mutex<Option<Problem>>>,
}

impl Watched {
    /// What goes through it is held in the budget.
    pub(super) fn new(limit: usize, share: Share) -> Self {
        Self { share: Arc::new(Mutex::new(Some(share))), ..Self::uncounted(limit) }
    }

    /// What goes through it is not held in the budget.
    pub(super) fn uncounted(limit: usize) -> Self {
        Self {
            limit,
            share: Arc::default(),
            all: Arc::default(),
            idle: Arc::default(),
            fault: Arc::default(),
        }
    }

    /// The parts of a body that is watched.
    pub(super) async fn parts(&self, headers: HeaderMap, body: Body) -> Result<Multipart, Problem> {
        let mut request = Request::new(Body::from_stream(self.clone().stream(body)));
        *request.headers_mut() = headers;
        // The stream has its own limit.
        DefaultBodyLimit::apply(DefaultBodyLimit::disable(), &mut request);
        Multipart::from_request(request, &())
            .await
            .map_err(|rejection| Problem::invalid("body", rejection.body_text()))
    }

    /// A part or a piece of one came.
    pub(super) fn progressed(&self) {
        self.idle.store(0, Ordering::Relaxed);
    }

    /// What the stream ended with, else what the parser says.
    pub(super) fn fault(&self, error: &dyn std::fmt::Display) -> Problem {
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).take();
        fault.unwrap_or_else(|| {
            tracing::debug!(%error, "a form cannot be taken apart");
            Problem::invalid(
                "body",
                "The form cannot be read: it broke off, or the head of a part is malformed.",
            )
        })
    }

    /// Counts what came, before it is handed on.
    async fn admit(&self, chunk: &Bytes) -> Result<(), Problem> {
        let all = self.all.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
        let idle = self.idle.fetch_add(chunk.len(), Ordering::Relaxed);
        if all > self.limit {
            return Err(too_large(self.limit));
        }
        // The chunk that is handed on may be anything; those before it came to nothing.
        if idle > HEAD_BYTES {
            return Err(Problem::invalid("body", "A part of the form has a head that is too long."));
        }
        // Taken out while waiting: a lock is not held across that.
        let share = self.share.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut share) = share else { return Ok(()) };
        let held = share.hold(all).await;
        *self.share.lock().unwrap_or_else(PoisonError::into_inner) = Some(share);
        held
    }

    fn stream(self, body: Body) -> impl Stream<Item = Result<Bytes, FormFault>> + Send + 'static {
        let mut rest = false;
        let chunks = body.into_data_stream().then(move |chunk| {
            let watched = self.clone();
            async move {
                let chunk = chunk.map_err(body::broken_off);
                let admitted = match chunk {
                    Ok(chunk) => watched.admit(&chunk).await.map(|()| chunk),
                    Err(problem) => Err(problem),
                };
                admitted.map_err(|problem| {
                    *watched.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                    FormFault
                })
            }
        });
        let mut chunks = Box::pin(chunks);
        // The parser takes whatever is ready before it looks at any of it: a
        // pause after each chunk lets it look.
        futures::stream::poll_fn(move |context| {
            if std::mem::take(&mut rest) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let next = chunks.as_mut().poll_next(context);
            rest = matches!(next, Poll::Ready(Some(Ok(_))));
            next
        })
    }
}

/// Stands for the problem that was kept aside.
#[derive(Debug, thiserror::Error)]
#[error("the form was refused")]
struct FormFault;
