//! The one error that pages see. Knows what users may know, and no more.

use domain::fault::{ApiError, ErrorKind};
use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};

/// An [`ApiError`] on its way through a server function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub struct AppError(pub ApiError);

/// What server functions answer.
pub type AppResult<T> = Result<T, AppError>;

impl AppError {
    /// Of what kind it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let (kind, message) = match error {
            ServerFnErrorErr::Request(_) => {
                (ErrorKind::Unavailable, "The server cannot be reached. Check the connection and try again.")
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                (ErrorKind::Invalid, "The server did not understand the request. Reload the page.")
            }
            // What the server itself says can always be read.
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Response(_) => (
                ErrorKind::Unavailable,
                "Something between the browser and the server answered instead of it: a proxy that cannot reach \
                 it, or a network's sign-in page. Try again in a moment, then reload the page.",
            ),
            _ => (ErrorKind::Internal, "Something went wrong on the way. Reload the page and try again."),
        };
        Self(ApiError::new(kind, message))
    }
}

#[cfg(feature = "ssr")]
impl From<service::ServiceError> for AppError {
    fn from(error: service::ServiceError) -> Self {
        Self(ApiError::from(error))
    }
}
