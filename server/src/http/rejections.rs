//! What extractors refuse in an address, as problems.

use super::{
    json_faults,
    problem::{Problem, shortened},
};
use axum::extract::rejection::{PathRejection, QueryRejection};
use domain::fault::{ApiError, ErrorKind};

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        let text = rejection.body_text();
        let text = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
        // `from: invalid digit found in string`, where the parameter is known.
        match text.split_once(": ").filter(|(name, _)| !name.contains([' ', '`'])) {
            Some((name, why)) => json_faults::of_field(name, "query", why),
            None => json_faults::of_field("query", "query", text),
        }
    }
}

impl From<PathRejection> for Problem {
    /// An id that does not parse names nothing.
    fn from(rejection: PathRejection) -> Self {
        let text = rejection.body_text();
        let value = text.split('`').nth(3).map(|value| format!(" {:?} is none.", shortened(value)));
        let message = format!("The address wants an id (UUID) or a number.{}", value.unwrap_or_default());
        Self(ApiError::new(ErrorKind::NotFound, message).at("path"))
    }
}
