//! Problems as the protocol has them: `{"error": "…"}` of the type
//! `application/json`, which clients compare to the letter.

use super::PREFIX;
use crate::http::problem::{Problem, ProblemBody};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::fault::ErrorKind;
use http::{HeaderValue, Uri, header};
use serde_json::json;

/// Longer than any problem.
const PROBLEM_BYTES: usize = 1 << 20;

/// The middleware: what any part of the server refuses of this protocol is
/// worded in its form. Twice around a route where something between compresses
/// what it refuses.
pub(in crate::http) async fn refuse_in_its_form(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_ours = path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let response = next.run(request).await;
    let headers = response.headers();
    let is_problem = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/problem+json");
    if is_ours && is_problem && !headers.contains_key(header::CONTENT_ENCODING) {
        reworded(response).await
    } else {
        response
    }
}

async fn reworded(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, PROBLEM_BYTES).await.unwrap_or_default();
    let words = match serde_json::from_slice::<ProblemBody>(&bytes) {
        Ok(problem) => words_of(problem.detail, problem.place.as_deref()),
        Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let text = json!({ "error": words }).to_string();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    Response::from_parts(parts, Body::from(text))
}

/// What is wrong, with the place where the words do not name it.
pub(super) fn words_of(detail: String, place: Option<&str>) -> String {
    match place {
        Some(place) if !detail.contains(place) => format!("{place}: {detail}"),
        _ => detail,
    }
}

/// What other servers of the protocol have and this one has not.
pub(super) async fn unknown_path(uri: Uri) -> Response {
    let what = match uri.path().rsplit('/').next() {
        Some("config" | "stats" | "statistics") => {
            "Fovea has neither a configuration nor statistics of models in Triton's form. \
             GET /v2/models/<deployment> tells inputs and outputs; the figures are on the deployment's pages."
        }
        Some("load" | "unload") => "Models are loaded when they are asked: nothing is to be loaded by hand.",
        _ => {
            "There is no such path. The protocol's are /v2, /v2/health/live, /v2/health/ready, \
             /v2/models/<deployment>, and below that /ready and /infer."
        }
    };
    Problem::new(ErrorKind::NotFound, what).into_response()
}
