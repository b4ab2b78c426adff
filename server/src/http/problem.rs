//! Errors as RFC 9457 `application/problem+json`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::fault::{ApiError, ErrorKind};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use service::ServiceError;
use std::any::Any;
use utoipa::ToSchema;

/// An error on its way to an HTTP client.
#[derive(Clone, Debug)]
pub struct Problem(pub ApiError);

/// What every refused or failed request answers (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) struct ProblemBody {
    /// A stable name of the kind of problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:fovea:problem:not_found")]
    pub kind: String,
    /// The kind, for people.
    #[schema(example = "Not found")]
    pub title: String,
    /// The HTTP status code.
    #[schema(example = 404)]
    pub status: u16,
    /// What was wrong here, and what to do about it.
    #[schema(example = "There is no deployment \"cells\".")]
    pub detail: String,
    /// The field, parameter or file it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
}

impl From<&ApiError> for ProblemBody {
    fn from(error: &ApiError) -> Self {
        let word = serde_json::to_value(error.kind).ok();
        let word = word.as_ref().and_then(|value| value.as_str()).unwrap_or("internal");
        Self {
            kind: format!("urn:fovea:problem:{word}"),
            title: error.kind.title().to_owned(),
            status: error.kind.status(),
            detail: error.message.clone(),
            place: error.place.clone(),
        }
    }
}

impl Problem {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(ApiError::new(kind, message))
    }

    /// The request has a mistake at `place`.
    pub fn invalid(place: &str, message: impl Into<String>) -> Self {
        Self(ApiError::new(ErrorKind::Invalid, message).at(place))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(ProblemBody::from(&self.0))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.0.kind {
            ErrorKind::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"fovea\""));
            }
            ErrorKind::Busy | ErrorKind::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            // Somebody has to make room first.
            ErrorKind::StorageFull => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
            }
            _ => {}
        }
        response
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        Self(error.into())
    }
}

/// Characters of what a parser says: it quotes what was sent, however long.
const QUOTED_CHARS: usize = 200;

/// A parser's words, cut where they get long.
#[must_use]
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((end, _)) => text.get(..end).map_or_else(String::new, |start| format!("{start}…")),
        None => text.to_owned(),
    }
}

/// A path that is there, asked with a method that is not (405).
pub(super) async fn wrong_method(method: http::Method, uri: http::Uri) -> Response {
    let body = ProblemBody {
        kind: "urn:fovea:problem:wrong_method".to_owned(),
        title: "Method not allowed".to_owned(),
        status: 405,
        detail: format!("{} does not take {method}. The routes are listed at /api/docs.", uri.path()),
        place: None,
    };
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::METHOD_NOT_ALLOWED, kind, Json(body)).into_response()
}

/// What a panicking handler answers; the panic itself is in the log.
#[must_use]
#[allow(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    tracing::error!(panic = said, "a request handler panicked");
    Problem::new(ErrorKind::Internal, "Something broke on our side; the server's log has the details.")
        .into_response()
}

/// Query parameters whose faults become problems.
#[derive(axum::extract::FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub(super) struct QueryParams<T>(pub T);

/// Path parameters whose faults become problems.
#[derive(axum::extract::FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub(super) struct PathParams<T>(pub T);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_quotations_are_cut_between_characters() {
        assert_eq!(shortened("ä"), "ä");
        let cut = shortened(&"ä".repeat(1 << 20));
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (QUOTED_CHARS + 1, true));
    }

    #[test]
    fn a_problem_names_its_kind_status_and_place() {
        let error = ApiError::new(ErrorKind::TooLarge, "30 MB are more than 25 MB.").at("image");
        let body = ProblemBody::from(&error);
        assert_eq!(body.kind, "urn:fovea:problem:too_large");
        assert_eq!((body.status, body.place.as_deref()), (413, Some("image")));
        let response = Problem(error).into_response();
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }
}
