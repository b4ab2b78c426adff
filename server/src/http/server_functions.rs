//! What server functions are asked before they begin: they read their form
//! first and look who asks afterwards, so that who asks and how much is sent
//! must be seen to here.

use super::{
    AppState,
    admission::caller_key,
    auth::Caller,
    base_path::at,
    body::{BodyWatch, anything, read_whole},
};
use app::AppError;
use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::fault::{ApiError, ErrorKind};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use leptos::{
    prelude::FromServerFnError,
    server_fn::{
        ContentType,
        axum::server_fn_paths,
        error::{SERVER_FN_ERROR_HEADER, ServerFnUrlError},
    },
};
use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

/// Bytes of a form. The largest are a review of ten thousand boxes and an act
/// on ten thousand predictions.
const FORM_BYTES: usize = 2 << 20;
/// Bytes of an error: a sentence, a place, and some suggestions.
const ERROR_BYTES: usize = 256 * 1024;

static PATHS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| server_fn_paths().map(|(path, _)| path).collect());

/// The middleware: refuses a server function without a caller before anything
/// is read, and reads what it is sent within the limits of all bodies.
pub(super) async fn admit(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().and_then(|caller| caller.0.clone());
    if let (Some(_), Some(watch)) = (&caller, request.extensions().get::<Arc<BodyWatch>>()) {
        watch.caller_is_known();
    }
    let path = request.uri().path();
    let Some(path) = PATHS.get(path).copied().filter(|_| request.method() != Method::GET) else {
        return next.run(request).await;
    };
    let Some(actor) = caller else {
        let error = ApiError::new(ErrorKind::Unauthenticated, "The session has ended. Sign in again.");
        return refused(path, request.headers(), error);
    };
    let share = state.bodies.open(caller_key(&actor));
    let body = std::mem::take(request.body_mut());
    match read_whole(request.headers(), body, FORM_BYTES, anything, share).await {
        Ok(whole) => {
            *request.body_mut() = Body::from(whole.bytes.clone());
            // The whole stays counted until the function has answered.
            let response = next.run(request).await;
            drop(whole);
            with_status_of_error(response).await
        }
        Err(problem) => refused(path, request.headers(), problem.0),
    }
}

/// Server functions answer each error by 500, which a watchdog takes for a
/// fault of the server: the status says what the error is.
async fn with_status_of_error(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR
        || !response.headers().contains_key(SERVER_FN_ERROR_HEADER)
    {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(body) = axum::body::to_bytes(body, ERROR_BYTES).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let kind = serde_json::from_slice::<AppError>(&body).map(|error| error.kind());
    if let Some(status) = kind.ok().and_then(|kind| StatusCode::from_u16(kind.status()).ok()) {
        head.status = status;
    }
    Response::from_parts(head, Body::from(body))
}

/// An error as the client of server functions reads it; or for a form without
/// any script, the way back to its page with the error in the address.
fn refused(path: &str, request: &HeaderMap, error: ApiError) -> Response {
    let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = |name| request.get(name).and_then(|value| value.to_str().ok());
    if text(header::ACCEPT).is_some_and(|accepted| accepted.contains("text/html")) {
        let home = at("/");
        let referer = text(header::REFERER).unwrap_or(&home);
        let back = ServerFnUrlError::new(path, AppError(error)).to_url(referer);
        let back = back.map_or_else(|_| referer.to_owned(), Into::into);
        if let Ok(location) = HeaderValue::from_str(&back) {
            return (StatusCode::FOUND, [(header::LOCATION, location)]).into_response();
        }
        return StatusCode::FOUND.into_response();
    }
    let content = <<AppError as FromServerFnError>::Encoder as ContentType>::CONTENT_TYPE;
    let mut response = (status, AppError(error).ser()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(SERVER_FN_ERROR_HEADER, path);
    }
    response
}
