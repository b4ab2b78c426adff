//! From a request to the actor that the use cases check.

use super::AuthSession;
use crate::http::{AppState, problem::Problem, signed};
use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_login::{AuthUser, AuthnBackend};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
};
use http::{HeaderMap, header, request::Parts};
use service::{Anyone, As, RoleType, Viewer};

/// A password that is none of these is a proxy's, or out of a `.netrc`, and not
/// for Fovea.
const TOKENS_BEGIN: &str = "fovea_";

/// Who asks; `None` when nobody is signed in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller(pub Option<Actor>);

/// Puts the [`Caller`] into each request. A signed link wins over a bearer
/// token, and that over a session; a wrong one is refused rather than ignored.
pub(crate) async fn identify(
    State(state): State<AppState>,
    session: AuthSession,
    mut request: Request,
    next: Next,
) -> Response {
    match signed::open(&state, &mut request).await {
        Some(Ok(actor)) => {
            request.extensions_mut().insert(Caller(Some(actor)));
            return next.run(request).await;
        }
        Some(Err(problem)) => return problem.into_response(),
        None => {}
    }
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

/// The secret of a token, if one was sent: as a bearer, or by programs that
/// only know Basic (RFC 7617) as the password of whatever name.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = STANDARD.decode(secret.trim()).ok()?;
        let (_, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        return password.starts_with(TOKENS_BEGIN).then(|| password.to_owned());
    }
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
        Ok(Self(As::check(&caller.ok_or_else(nobody)?)?))
    }
}

fn nobody() -> Problem {
    Problem::new(ErrorKind::Unauthenticated, "Sign in, or send a token: Authorization: Bearer ….")
}

/// Who asks by a token, and by nothing else, where the role must reach `R`.
///
/// # Errors
/// 401 without one and for one that is not known, 403 for too small a role.
pub(crate) async fn of_token<R: RoleType>(state: &AppState, headers: &HeaderMap) -> Result<As<R>, Problem> {
    let secret = bearer(headers).ok_or_else(nobody)?;
    let actor = state.service.people().authenticate_token(Anyone, &secret).await?;
    Ok(As::check(&actor)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_token_comes_as_a_bearer_or_as_the_password_of_basic() {
        let secret = |value: &str| {
            let value = HeaderValue::from_str(value).expect("a header");
            bearer(&[(header::AUTHORIZATION, value)].into_iter().collect())
        };
        let basic = |text: &str| secret(&format!("Basic {}", STANDARD.encode(text)));
        assert_eq!(secret("bearer fovea_ab").as_deref(), Some("fovea_ab"));
        assert_eq!(basic("anybody:fovea_ab").as_deref(), Some("fovea_ab"));
        assert_eq!(basic(":fovea_ab").as_deref(), Some("fovea_ab"));
        for none in
            [basic("ada:correct horse"), basic("fovea_ab"), secret("Basic ?"), secret("Basic"), secret("")]
        {
            assert_eq!(none, None);
        }
    }
}
