//! The key that makes sending again harmless: in a header, or in a line.

use crate::http::problem::Problem;
use http::{HeaderMap, HeaderName};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(in crate::http) const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key in the headers, if there is one.
///
/// # Errors
/// As [`check_key`].
pub(in crate::http) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default();
    check_key(key)?;
    Ok(Some(key.to_owned()))
}

/// A key is 1 to 255 visible characters.
///
/// # Errors
/// When it is not.
pub(in crate::http) fn check_key(key: &str) -> Result<(), Problem> {
    if (1..=255).contains(&key.len()) && key.chars().all(|c| !c.is_control()) {
        return Ok(());
    }
    Err(Problem::invalid(
        "Idempotency-Key",
        "The key must have 1 to 255 characters, none of them a control character.",
    ))
}
