//! From a request to the actor that the use cases check.

use super::AuthSession;
use crate::http::{AppState, problem::Problem};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
};
use http::{HeaderMap, header, request::Parts};

/// Who asks; `None` when nobody is signed in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller(pub Option<Actor>);

/// Puts the [`Caller`] into each request. A bearer token wins over a session,
/// and a wrong one is refused rather than ignored.
pub(crate) async fn identify(
    State(state): State<AppState>,
    session: AuthSession,
    mut request: Request,
    next: Next,
) -> Response {
    let actor = match bearer(request.headers()) {
        Some(secret) => match state.service.authenticate_token(&secret).await {
            Ok(actor) => Some(actor),
            Err(error) => return Problem::from(error).into_response(),
        },
        None => session.user.as_ref().map(super::backend::Account::actor),
    };
    request.extensions_mut().insert(Caller(actor));
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim().to_owned())
}

/// The actor of a request that needs one.
pub(crate) struct SignedIn(pub Actor);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().and_then(|caller| caller.0.clone());
        caller.map(Self).ok_or_else(|| {
            let message = "Sign in, or send a token: Authorization: Bearer ….";
            Problem(ApiError::new(ErrorKind::Unauthenticated, message))
        })
    }
}
