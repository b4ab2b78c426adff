//! Faults in the SDK's way: it shows `message` of a JSON object, tells
//! exceptions by the status, and tries again what is above 500.

use crate::http::{
    auth::SignedIn,
    problem::{Problem, ProblemBody},
};
use axum::{
    Json,
    body::to_bytes,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{
    fault::{ApiError, ErrorKind},
    foreign_record::ForeignRecord,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde::Serialize;

/// Bytes of a problem: its sentences are short.
const PROBLEM_BYTES: usize = 64 * 1024;

/// A problem with its words under the name that the SDK reads. It prints
/// `detail` behind them, so that a sentence in both would be said twice.
#[derive(Serialize)]
struct SpokenProblem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

/// The middleware: problems of these routes say their sentence as `message`,
/// and "busy" is 503, which is tried again.
pub(in crate::http) async fn speak_plainly(request: Request, next: Next) -> Response {
    let is_ours = is_asked_by_the_sdk(request.uri().path());
    let basic = sent_basic(request.headers());
    let response = next.run(request).await;
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes() == b"application/problem+json");
    if !is_ours || !is_problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, PROBLEM_BYTES).await.unwrap_or_default();
    let Ok(mut problem) = serde_json::from_slice::<ProblemBody>(&bytes) else {
        return (parts, bytes).into_response();
    };
    if parts.status == StatusCode::TOO_MANY_REQUESTS {
        (parts.status, problem.status) = (StatusCode::SERVICE_UNAVAILABLE, 503);
    }
    if parts.status == StatusCode::UNAUTHORIZED && basic {
        problem.detail.push_str(" A Basic header came: is there an entry for this host in ~/.netrc?");
    }
    let ProblemBody { kind, title, status, detail: message, place } = problem;
    let spoken = SpokenProblem { kind, title, status, message, place };
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = serde_json::to_vec(&spoken).unwrap_or_else(|_| bytes.to_vec());
    (parts, body).into_response()
}

/// What the SDK's paths begin with, below `/api`.
const FIRST_WORDS: &[&str] = &[
    "access",
    "annotation",
    "artifact",
    "asset",
    "auth",
    "campaigns",
    "classification",
    "data",
    "datalake",
    "dataset",
    "deployment",
    "deployments",
    "evaluation",
    "experiment",
    "home",
    "job",
    "label",
    "line",
    "log",
    "logging",
    "mask",
    "model",
    "object-storage",
    "organization",
    "organizations",
    "point",
    "polygon",
    "predicted",
    "prediction",
    "processing",
    "project",
    "rectangle",
    "tag",
    "v2",
    "visual-search",
    "compute",
];

/// Whether a path is the SDK's: server functions lie below `/api` as well, with
/// one word each.
fn is_asked_by_the_sdk(path: &str) -> bool {
    let first = path.strip_prefix("/api/").and_then(|rest| rest.split_once('/'));
    path == "/api/login" || first.is_some_and(|(first, _)| FIRST_WORDS.contains(&first))
}

fn sent_basic(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
}

/// What Fovea does not have (501).
pub(super) async fn no_counterpart(_: SignedIn, method: Method, uri: Uri) -> Response {
    not_here(&format!(
        "Fovea has nothing that {method} {} could mean; docs/clients.md lists what it has.",
        uri.path()
    ))
}

/// 501 with this sentence.
pub(super) fn not_here(message: &str) -> Response {
    let body = ProblemBody {
        kind: "urn:fovea:problem:no_counterpart".to_owned(),
        title: "Nothing like it here".to_owned(),
        status: 501,
        detail: message.to_owned(),
        place: None,
    };
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::NOT_IMPLEMENTED, kind, Json(body)).into_response()
}

/// 404 for what is named by `what`.
pub(super) fn missing(what: &str) -> Problem {
    Problem::new(ErrorKind::NotFound, format!("There is no {what}."))
}

/// 400 about `place`.
pub(super) fn wrong(place: &str, message: impl Into<String>) -> Problem {
    Problem(ApiError::new(ErrorKind::Invalid, message).at(place))
}

/// The ids of records, which the SDK wants bare.
pub(super) fn items_of_ids(records: &[ForeignRecord]) -> Json<serde_json::Value> {
    Json(records.iter().map(|record| serde_json::json!(record.id)).collect())
}

/// All items of a list that has one page.
pub(super) fn items(items: Vec<serde_json::Value>) -> Json<serde_json::Value> {
    let mut page = serde_json::Map::new();
    page.insert("count".to_owned(), items.len().into());
    page.insert("items".to_owned(), items.into());
    page.insert("next_cursor".to_owned(), serde_json::Value::Null);
    Json(page.into())
}
