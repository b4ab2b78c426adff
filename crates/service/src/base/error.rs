//! Why a use case failed, and what of it a caller may see.

use domain::{
    fault::{ApiError, ErrorKind},
    inference::ModelError,
    training::TrainError,
};
use store::StoreError;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// What the caller did wrong, in words for them.
    #[error(transparent)]
    Caller(#[from] ApiError),
    /// The database or the blobs.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// An image that cannot be used.
    #[error(transparent)]
    Image(#[from] imaging::ImageError),
    /// A model that gave no answer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A training that gave nothing.
    #[error(transparent)]
    Training(#[from] TrainError),
    /// Files that cannot be read or written as a dataset.
    #[error(transparent)]
    Format(#[from] formats::FormatError),
    /// Something of ours broke.
    #[error("{0}")]
    Internal(String),
}

impl ServiceError {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        ApiError::new(ErrorKind::Invalid, message).into()
    }

    pub(crate) fn invalid_at(place: &str, message: impl Into<String>) -> Self {
        ApiError::new(ErrorKind::Invalid, message).at(place).into()
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        ApiError::new(ErrorKind::NotFound, message).into()
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        ApiError::new(ErrorKind::Conflict, message).into()
    }

    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        ApiError::new(ErrorKind::Unauthenticated, message).into()
    }
}

impl ServiceError {
    /// What of it a person may read who only looks: the words for the caller,
    /// or that the log has the details.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Caller(error) => error.message.clone(),
            Self::Store(store::StoreError::NotFound { what }) => format!("There is no {what}."),
            Self::Store(store::StoreError::Conflict { what }) => what.clone(),
            Self::Image(error) => error.to_string(),
            Self::Format(error) => error.to_string(),
            Self::Training(
                error @ (TrainError::Request(_) | TrainError::Diverged { .. } | TrainError::Trainer(_)),
            ) => error.to_string(),
            Self::Store(StoreError::Full(_)) => {
                "The server has no space left. Ask who runs it to make room, then try again.".to_owned()
            }
            Self::Model(ModelError::Busy) => "More images waited for the model than it accepts.".to_owned(),
            Self::Store(_) | Self::Model(_) | Self::Training(_) | Self::Internal(_) => {
                tracing::error!(error = %self, "a use case failed");
                "Something broke on our side; the server's log has the details.".to_owned()
            }
        }
    }
}

impl From<domain::name::InvalidName> for ServiceError {
    fn from(error: domain::name::InvalidName) -> Self {
        Self::invalid_at("name", error.to_string())
    }
}

impl From<domain::training::InvalidParam> for ServiceError {
    fn from(error: domain::training::InvalidParam) -> Self {
        let place = match &error {
            domain::training::InvalidParam::Unknown { .. } => "params".to_owned(),
            domain::training::InvalidParam::Trainer { .. } => "trainer".to_owned(),
            domain::training::InvalidParam::Value { key, .. } => format!("params.{key}"),
        };
        Self::invalid_at(&place, error.to_string())
    }
}

impl From<tokio::task::JoinError> for ServiceError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Internal(format!("a task ended early: {error}"))
    }
}

impl From<std::io::Error> for ServiceError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                store::StoreError::Full(error.to_string()).into()
            }
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl From<ServiceError> for ApiError {
    /// The seam: what is ours to mend goes to the log, not to the caller.
    fn from(error: ServiceError) -> Self {
        use imaging::ImageError;
        match error {
            ServiceError::Caller(error) => error,
            ServiceError::Store(error) => of_store(error),
            ServiceError::Image(error) => {
                let kind = match &error {
                    ImageError::TooManyBytes { .. }
                    | ImageError::TooManyPixels { .. }
                    | ImageError::TooMuchMemory { .. } => ErrorKind::TooLarge,
                    ImageError::NotAnImage | ImageError::Text { .. } | ImageError::Unsupported { .. } => {
                        ErrorKind::UnsupportedMedia
                    }
                    _ => ErrorKind::Invalid,
                };
                Self::new(kind, error.to_string()).at("image")
            }
            ServiceError::Model(ModelError::Busy) => Self::new(
                ErrorKind::Busy,
                "More images wait for the model than it accepts; try again in a moment.",
            ),
            ServiceError::Training(
                error @ (TrainError::Request(_) | TrainError::Diverged { .. } | TrainError::Trainer(_)),
            ) => Self::new(ErrorKind::Invalid, error.to_string()),
            ServiceError::Format(error) => Self::new(ErrorKind::Invalid, error.to_string()),
            error @ (ServiceError::Model(_) | ServiceError::Training(_) | ServiceError::Internal(_)) => {
                broken(&error)
            }
        }
    }
}

/// What a caller may see of an error of the store.
fn of_store(error: StoreError) -> ApiError {
    match error {
        StoreError::NotFound { what } => ApiError::new(ErrorKind::NotFound, format!("There is no {what}.")),
        StoreError::Conflict { what } => ApiError::new(ErrorKind::Conflict, what),
        StoreError::FileRemoved { .. } => ApiError::new(
            ErrorKind::Unavailable,
            "The file was removed while it arrived, since the last thing with the same bytes was deleted; send \
             it again.",
        ),
        StoreError::InvalidCursor => {
            ApiError::new(ErrorKind::Invalid, "The cursor is not one that a page gave out.").at("cursor")
        }
        error @ StoreError::Full(_) => {
            tracing::error!(%error, "there is no space left");
            ApiError::new(
                ErrorKind::StorageFull,
                "The server has no space left to store this. Ask who runs it to make room, then try again.",
            )
        }
        error @ (StoreError::Unavailable(_) | StoreError::Closed) => {
            tracing::error!(%error, "the store cannot be used");
            ApiError::new(
                ErrorKind::Unavailable,
                "The database cannot be used at this moment. Try again shortly: what was not confirmed may not \
                 have been stored.",
            )
        }
        error @ StoreError::Corrupt { .. } => {
            tracing::error!(%error, "a use case failed");
            // Which row it is helps who is to mend it, and is no secret.
            ApiError::new(ErrorKind::Internal, format!("Something broke on our side: {error}."))
        }
        error => broken(&ServiceError::Store(error)),
    }
}

/// What is ours to mend: the log has it, the caller only hears that it is so.
fn broken(error: &ServiceError) -> ApiError {
    tracing::error!(%error, "a use case failed");
    ApiError::new(ErrorKind::Internal, "Something broke on our side; the server's log has the details.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    fn check(error: impl Into<ServiceError>, status: u16) {
        let error: ServiceError = error.into();
        let text = error.to_string();
        assert_eq!(ApiError::from(error).kind.status(), status, "{text}");
    }

    #[test]
    fn a_full_disk_is_507_and_a_database_that_is_away_503() {
        check(StoreError::Full("database or disk is full".to_owned()), 507);
        check(io::Error::from(io::ErrorKind::StorageFull), 507);
        check(io::Error::from(io::ErrorKind::QuotaExceeded), 507);
        check(StoreError::Unavailable("database is locked".to_owned()), 503);
        check(StoreError::Closed, 503);
        check(StoreError::Defect("a panic".to_owned()), 500);
        check(io::Error::from(io::ErrorKind::PermissionDenied), 500);
    }

    #[test]
    fn callers_do_not_hear_what_the_database_said() {
        let error = ApiError::from(ServiceError::from(StoreError::Full("/srv/fovea.db".to_owned())));
        assert!(!error.message.contains("/srv"), "{error}");
    }
}
