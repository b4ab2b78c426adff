//! What the server gives the pages with each request: the use cases, who
//! asks, the chosen theme. Knows no use case itself.

use crate::{error::AppError, theme::Theme};
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use service::Service;

/// The use cases and who asks for them.
///
/// # Errors
/// When nobody is signed in.
pub fn asked() -> Result<(Service, Actor), AppError> {
    let service = use_context::<Service>()
        .ok_or_else(|| AppError(ApiError::new(ErrorKind::Internal, "The page has no service behind it.")))?;
    let actor = actor().ok_or_else(|| {
        AppError(ApiError::new(ErrorKind::Unauthenticated, "The session has ended. Sign in again."))
    })?;
    Ok((service, actor))
}

/// Who asks, if anybody is signed in.
#[must_use]
pub fn actor() -> Option<Actor> {
    use_context::<Option<Actor>>().flatten()
}

/// Path and query of the request, if there is one.
#[must_use]
pub fn path_and_query() -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    parts.uri.path_and_query().map(ToString::to_string)
}

/// The theme that this browser remembers.
#[must_use]
pub fn theme() -> Theme {
    use_context::<http::request::Parts>()
        .and_then(|parts| parts.headers.get(http::header::COOKIE)?.to_str().ok().map(Theme::in_cookies))
        .unwrap_or_default()
}

/// Where the events stand, for a page that is drawn now.
#[must_use]
pub fn event_position() -> Option<String> {
    use_context::<Service>().map(|service| service.event_position().to_string())
}

/// Answers with the HTTP status of an error that the page shows.
pub fn set_status(kind: ErrorKind) {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(kind.status())
    {
        response.set_status(status);
    }
}
