//! No page is waited for without end. What renders pages keeps a graph of tasks
//! that wake each other; if one of them is never woken, the page would never
//! come, and one that reads what another has let go of panics. A page that is
//! late is therefore rendered again, beside the rendering that is late, and the
//! reader gets the one that is done first; one that panicked is rendered again
//! at once.

use super::notice_page;
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use http::{HeaderValue, Method, StatusCode, header};
use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    time::Duration,
};
use tokio::time::timeout;

/// When a page that has not come is rendered again, each counted from the
/// beginning of the last rendering; after the last one it is given up.
#[derive(Clone, Debug)]
pub(super) struct Patience(pub Vec<Duration>);

impl Default for Patience {
    /// A page takes milliseconds, and seconds on a machine that is overloaded:
    /// then a second rendering costs more, and comes later.
    fn default() -> Self {
        Self([3, 7, 20].map(Duration::from_secs).to_vec())
    }
}

/// Answers a request for a page as whatever comes after this does, whole; all
/// other requests pass.
pub(super) async fn render_in_time(
    State(patience): State<Patience>,
    request: Request<Body>,
    next: Next,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || request.uri().path().starts_with("/api/") {
        return next.run(request).await;
    }
    let (head, _) = request.into_parts();
    // All in one task: a page finds in it below which path it is.
    let mut renderings = FuturesUnordered::new();
    let mut panic = None;
    for wait in &patience.0 {
        let rendering = whole(next.clone().run(Request::from_parts(head.clone(), Body::empty())));
        // Each rendering has a graph of its own: a panic leaves nothing that
        // the others read.
        renderings.push(AssertUnwindSafe(rendering).catch_unwind());
        match timeout(*wait, renderings.next()).await {
            Ok(Some(Ok(page))) => return page,
            Ok(Some(Err(payload))) => panic = Some(payload),
            Ok(None) | Err(_) => {}
        }
        tracing::warn!(path = head.uri.path(), renderings = renderings.len(), "a page does not come");
    }
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
    let sentences = ["The server could not put this page together in time.", "Load it again in a moment."];
    let mut page =
        notice_page::answer(StatusCode::SERVICE_UNAVAILABLE, "This page is not there yet", &sentences, &[]);
    page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    page
}

/// The answer, once all of it is there: a rendering may stop in the middle.
async fn whole(answer: impl Future<Output = Response>) -> Response {
    let (head, body) = answer.await.into_parts();
    // What renders it is ours, and ends.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a page broke off");
        Default::default()
    });
    Response::from_parts(head, Body::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware, response::IntoResponse, routing};
    use futures::stream;
    use std::{
        convert::Infallible,
        future::pending,
        sync::{
            Arc,
            atomic::{AtomicU32, Ordering},
        },
    };
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    /// How a rendering goes wrong.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Failure {
        HangsAtOnce,
        HangsInTheMiddle,
        Panics,
    }

    /// A site whose pages come at the rendering of this number; those before it
    /// fail.
    fn site(comes_at: u32, failure: Failure, rendered: &Arc<AtomicU32>) -> Router {
        let rendered = Arc::clone(rendered);
        let page = move || {
            let number = rendered.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                if number >= comes_at {
                    return format!("rendering {number}").into_response();
                }
                match failure {
                    Failure::HangsAtOnce => pending::<()>().await,
                    Failure::HangsInTheMiddle => {}
                    Failure::Panics => panic!("a rendering panics"),
                }
                let half = stream::once(async { Ok::<_, Infallible>("half") });
                Body::from_stream(half.chain(stream::pending())).into_response()
            }
        };
        let patience = Patience([20, 30, 50].map(Duration::from_millis).to_vec());
        Router::new()
            .route("/page", routing::get(page))
            .layer(middleware::from_fn_with_state(patience, render_in_time))
            .layer(CatchPanicLayer::new())
    }

    async fn asked(site: Router) -> (StatusCode, String) {
        let request = Request::get("/page").body(Body::empty()).expect("a request");
        let answer = timeout(Duration::from_secs(10), site.oneshot(request)).await.expect("in time");
        let (head, body) = answer.expect("infallible").into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("whole");
        (head.status, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn a_page_that_is_there_is_rendered_once() {
        let rendered = Arc::default();
        assert_eq!(
            asked(site(1, Failure::Panics, &rendered)).await,
            (StatusCode::OK, "rendering 1".to_owned())
        );
        assert_eq!(rendered.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_page_that_hangs_or_panics_is_rendered_again() {
        for failure in [Failure::HangsAtOnce, Failure::HangsInTheMiddle, Failure::Panics] {
            for comes_at in [2, 3] {
                let rendered = Arc::default();
                let page = asked(site(comes_at, failure, &rendered)).await;
                assert_eq!(page, (StatusCode::OK, format!("rendering {comes_at}")), "{failure:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_page_that_never_comes_is_given_up_with_words() {
        let rendered = Arc::default();
        let (status, text) = asked(site(9, Failure::HangsInTheMiddle, &rendered)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(text.contains("Load it again"), "{text}");
        assert_eq!(rendered.load(Ordering::SeqCst), 3);
    }
    #[tokio::test]
    async fn a_page_that_panics_each_time_is_a_failure_of_the_server() {
        let rendered = Arc::default();
        let (status, _) = asked(site(9, Failure::Panics, &rendered)).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(rendered.load(Ordering::SeqCst), 3);
    }
}
