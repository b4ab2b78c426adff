//! What a user may see of a failure: what was wrong, where, what to do.

use query::QueryErrors;
use serde::{Deserialize, Serialize};

/// The seam's one error: REST makes a problem+json of it, pages a message,
/// the command line a line and an exit code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// Of what kind; decides the HTTP status.
    pub kind: ErrorKind,
    /// What was wrong, in a sentence, with what to do about it.
    pub message: String,
    /// The field, parameter or file it is about.
    pub place: Option<String>,
}

/// The kinds of failure a caller can tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request is malformed or a value is not allowed (400).
    Invalid,
    /// Nobody is signed in (401).
    Unauthenticated,
    /// Signed in, but the role does not reach (403).
    Forbidden,
    /// There is no such thing, or none the caller may see (404).
    NotFound,
    /// It clashes with what is there (409).
    Conflict,
    /// More bytes or pixels than the limit (413).
    TooLarge,
    /// The bytes are of a type that is not served (415).
    UnsupportedMedia,
    /// Too many requests (429).
    Busy,
    /// Our fault; the log has the details (500).
    Internal,
    /// Not now: starting, stopping, or a part is away (503).
    Unavailable,
    /// There is no space left to store it (507).
    StorageFull,
}

impl ErrorKind {
    /// The HTTP status code for this kind: RFC 9110, and RFC 4918 for 507.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMedia => 415,
            Self::Busy => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::StorageFull => 507,
        }
    }

    /// A short title for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Invalid => "Invalid request",
            Self::Unauthenticated => "Sign in first",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::Conflict => "Conflict",
            Self::TooLarge => "Too large",
            Self::UnsupportedMedia => "Unsupported media type",
            Self::Busy => "Too many requests",
            Self::Internal => "Internal error",
            Self::Unavailable => "Not available now",
            Self::StorageFull => "No space left",
        }
    }
}

impl ApiError {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None }
    }

    /// The same, pointing at `place`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}

impl From<QueryErrors> for ApiError {
    fn from(errors: QueryErrors) -> Self {
        Self::new(ErrorKind::Invalid, errors.to_string()).at("q")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_query_is_a_bad_request() {
        let error: ApiError = query::parse("statsu = x").expect_err("refused").into();
        assert_eq!((error.kind.status(), error.place.as_deref()), (400, Some("q")));
        assert!(error.message.contains("did you mean `status`?"), "{}", error.message);
    }
}
