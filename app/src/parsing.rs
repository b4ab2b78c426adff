//! Reads the words of forms and addresses into the domain's types.

use crate::error::AppError;
use domain::{
    fault::{ApiError, ErrorKind},
    name::VersionRef,
};

/// `NAME/VERSION`.
///
/// # Errors
/// When it is not of that form.
pub fn version(text: &str) -> Result<VersionRef, AppError> {
    let invalid = |_| ApiError::new(ErrorKind::Invalid, format!("{text:?} is not of the form NAME/VERSION."));
    text.parse().map_err(|e| AppError(invalid(e)))
}

/// An identifier of the type wanted.
///
/// # Errors
/// [`ErrorKind::NotFound`]: nothing has an id of another form.
pub fn id<T: std::str::FromStr>(text: &str) -> Result<T, AppError> {
    let missing = || ApiError::new(ErrorKind::NotFound, "There is no such thing, or it was deleted.");
    text.parse().map_err(|_| AppError(missing()))
}
