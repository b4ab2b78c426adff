//! From a request to the actor that the use cases check.

use super::AuthSession;
use crate::http::{AppState, problem::Problem};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_login::{AuthUser, AuthnBackend};
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
};
use http::{HeaderMap, header, request::Parts};
use service::{Anyone, As, RoleType, Viewer};

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
        Some(secret) => match state.service.people().authenticate_token(Anyone, &secret).await {
            Ok(actor) => Some(actor),
            Err(error) => return Problem::from(error).into_response(),
        },
        None => session.user.as_ref().map(super::backend::Account::actor),
    };
    request.extensions_mut().insert(Caller(actor));
    next.run(request).await
}

/// The secret of a bearer token, if one was sent.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim().to_owned())
}

/// Tells, long after a request came in, whether it would still be let in.
pub(crate) struct Door {
    state: AppState,
    bearer: Option<String>,
    session: AuthSession,
}

impl Door {
    /// What else than who it is let the request in: it changes with the password.
    pub(crate) fn proof(&self) -> Vec<u8> {
        match (&self.bearer, &self.session.user) {
            (None, Some(user)) => user.session_auth_hash().to_vec(),
            _ => Vec::new(),
        }
    }

    /// Whether the token is still known, or the session has not ended. A
    /// database that fails now says nothing about that.
    pub(crate) async fn is_open(&self) -> bool {
        if let Some(secret) = &self.bearer {
            let refused = self
                .state
                .service
                .people()
                .authenticate_token(Anyone, secret)
                .await
                .map_err(ApiError::from)
                .err();
            return refused.is_none_or(|error| error.kind != ErrorKind::Unauthenticated);
        }
        let Some(then) = &self.session.user else { return false };
        match self.session.backend.get_user(&then.id()).await {
            Ok(now) => now.is_some_and(|now| now.session_auth_hash() == then.session_auth_hash()),
            Err(_) => true,
        }
    }
}

impl FromRequestParts<AppState> for Door {
    type Rejection = (http::StatusCode, &'static str);

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let session = AuthSession::from_request_parts(parts, state).await?;
        Ok(Self { state: state.clone(), bearer: bearer(&parts.headers), session })
    }
}

/// Who asks, where that must be somebody whose role reaches `R`.
pub(crate) struct SignedIn<R: RoleType = Viewer>(pub As<R>);

impl<S: Sync, R: RoleType> FromRequestParts<S> for SignedIn<R> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Caller>().and_then(|caller| caller.0.clone());
        let actor = caller.ok_or_else(|| {
            let message = "Sign in, or send a token: Authorization: Bearer ….";
            Problem(ApiError::new(ErrorKind::Unauthenticated, message))
        })?;
        Ok(Self(As::check(&actor)?))
    }
}
