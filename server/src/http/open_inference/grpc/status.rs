//! How a call ended, as gRPC says it.

use super::wire::WireFault;
use crate::http::problem::Problem;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use domain::fault::{ApiError, ErrorKind};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

/// What all answers are.
pub(super) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/grpc");
/// How messages may be packed.
pub(super) const ACCEPT_ENCODING: (HeaderName, HeaderValue) =
    (HeaderName::from_static("grpc-accept-encoding"), HeaderValue::from_static("identity,gzip,deflate"));

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// Characters of a message: clients bound what they take of all headers.
const MESSAGE_CHARS: usize = 1_000;
/// A message is written in printable ASCII; the rest, and the sign itself,
/// behind percent signs.
const ENCODED: AsciiSet = CONTROLS.add(b'%');

/// The codes that are used here, with their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    Ok = 0,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    Unauthenticated = 16,
}

impl Code {
    /// The one table from our kinds of errors to codes.
    fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Invalid | ErrorKind::UnsupportedMedia => Self::InvalidArgument,
            ErrorKind::Unauthenticated => Self::Unauthenticated,
            ErrorKind::Forbidden => Self::PermissionDenied,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Conflict => Self::FailedPrecondition,
            ErrorKind::TooLarge | ErrorKind::Busy | ErrorKind::StorageFull => Self::ResourceExhausted,
            ErrorKind::Internal => Self::Internal,
            ErrorKind::Unavailable => Self::Unavailable,
        }
    }

    /// The class of status under which figures count it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Ok => "2xx",
            Self::Internal | Self::Unavailable => "5xx",
            _ => "4xx",
        }
    }
}

/// Why a call was not answered.
#[derive(Debug, PartialEq)]
pub(super) struct Status {
    pub code: Code,
    pub message: String,
}

impl Status {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        let code = Code::of(problem.0.kind);
        Self {
            code,
            message: super::super::refusals::words_of(problem.0.message, problem.0.place.as_deref()),
        }
    }
}

impl From<service::ServiceError> for Status {
    fn from(error: service::ServiceError) -> Self {
        Problem::from(error).into()
    }
}

impl From<WireFault> for Status {
    fn from(fault: WireFault) -> Self {
        let message = format!("The message is none of this method's: {fault}.");
        Problem(ApiError::new(ErrorKind::Invalid, message)).into()
    }
}

/// What stands behind an answer.
pub(super) fn trailers(code: Code, message: &str) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert(STATUS, HeaderValue::from(code as u16));
    let end = message.char_indices().nth(MESSAGE_CHARS).map_or(message.len(), |(end, _)| end);
    let message = percent_encode(message.get(..end).unwrap_or_default().as_bytes(), &ENCODED).to_string();
    if let Ok(message) = HeaderValue::try_from(message)
        && !message.is_empty()
    {
        trailers.insert(MESSAGE, message);
    }
    trailers
}

impl IntoResponse for Status {
    /// Headers alone, in which the trailers stand.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
        let (name, encodings) = ACCEPT_ENCODING;
        headers.insert(name, encodings);
        headers.extend(trailers(self.code, &self.message));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_printable_ascii_of_a_bounded_length() {
        let written = |message: &str| {
            let trailers = trailers(Code::NotFound, message);
            trailers.get(MESSAGE).map(|value| value.to_str().expect("ASCII").to_owned())
        };
        assert_eq!(
            written("There is no \"ä\": 100 %\n").as_deref(),
            Some("There is no \"%C3%A4\": 100 %25%0A")
        );
        assert_eq!(written(&"ä".repeat(5_000)).map(|text| text.len()), Some(6 * MESSAGE_CHARS));
        assert_eq!(written(""), None);
    }

    #[test]
    fn a_problem_keeps_its_kind_and_says_its_place() {
        let status = Status::from(Problem::invalid("threshold", "From 0 to 1."));
        assert_eq!(status, Status::new(Code::InvalidArgument, "threshold: From 0 to 1."));
        let status = Status::from(Problem::new(ErrorKind::Busy, "Too many."));
        assert_eq!((status.code, status.code.class()), (Code::ResourceExhausted, "4xx"));
    }
}
