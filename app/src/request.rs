//! What the server gives the pages with each request: the use cases, who
//! asks, the chosen theme. Knows no use case itself.

use crate::{
    addresses::{BasePath, at},
    error::AppError,
    theme::Theme,
    wire::CommandWords,
};
use domain::{
    access::{Actor, Role},
    fault::{ApiError, ErrorKind},
};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use leptos_router::location::RequestUrl;
use service::{Admin, As, Reviewer, RoleType, Service, Viewer};

/// The use cases, and who asks for what any signed-in person may do.
///
/// # Errors
/// When nobody is signed in.
pub fn viewer() -> Result<(Service, As<Viewer>), AppError> {
    caller()
}

/// The use cases, and who asks for what reviewers and above may do.
///
/// # Errors
/// When nobody is signed in, or the role does not reach.
pub fn reviewer() -> Result<(Service, As<Reviewer>), AppError> {
    caller()
}

/// The use cases, and who asks for what only admins may do.
///
/// # Errors
/// When nobody is signed in, or the role does not reach.
pub fn admin() -> Result<(Service, As<Admin>), AppError> {
    caller()
}

fn caller<R: RoleType>() -> Result<(Service, As<R>), AppError> {
    let service = use_context::<Service>()
        .ok_or_else(|| AppError(ApiError::new(ErrorKind::Internal, "The page has no service behind it.")))?;
    let actor = actor().ok_or_else(|| {
        AppError(ApiError::new(ErrorKind::Unauthenticated, "The session has ended. Sign in again."))
    })?;
    let role = As::check(&actor)?;
    Ok((service, role))
}

/// Who asks, if anybody is signed in.
#[must_use]
pub fn actor() -> Option<Actor> {
    use_context::<Option<Actor>>().flatten()
}

/// Tells the pages below which path they are, and the router which page is
/// asked for: as the browser shows it, and not as it came through the proxy.
pub fn provide_addresses(base: &BasePath, request: Option<&http::request::Parts>) {
    if let Some(path) = request.and_then(|request| request.uri.path_and_query()) {
        // The router reads a whole address; its host means nothing.
        provide_context(RequestUrl::new(&format!("http://localhost{base}{path}")));
    }
    provide_context(base.clone());
}

/// Path and query of the request as the browser shows them, if there is one.
#[must_use]
pub fn address() -> Option<String> {
    let parts = use_context::<http::request::Parts>()?;
    parts.uri.path_and_query().map(|below| at(below.as_str()))
}

/// What commands to copy are given, so that they work as they stand; where
/// the data lies is told to administrators alone.
#[must_use]
pub fn command_words() -> CommandWords {
    let administers = actor().is_some_and(|actor| actor.role == Role::Admin);
    let words: CommandWords = use_context().unwrap_or_default();
    CommandWords { local: words.local.filter(|_| administers), ..words }
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
    use_context::<Service>().map(|service| service.browsing().event_position(service::Anyone).to_string())
}

/// Answers with the HTTP status of an error that the page shows.
pub fn set_status(kind: ErrorKind) {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(status) = http::StatusCode::from_u16(kind.status())
    {
        response.set_status(status);
    }
}
