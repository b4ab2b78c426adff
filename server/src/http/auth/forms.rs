//! The plain HTML forms of signing in, setting up, changing a password and
//! signing out. They work without JavaScript: every answer is a redirect (303).

use super::{
    AuthSession, SIGN_OUT,
    backend::{Account, Credentials},
    rate::{self, ClientAddress, ComesFrom},
    setup_secret,
};
use crate::http::{
    AppState,
    base_path::{self, at},
};
use axum::{
    Extension, Form, Router,
    extract::{DefaultBodyLimit, State},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
    routing::post,
};
use domain::fault::{ApiError, ErrorKind};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::Deserialize;
use service::{Anyone, As, Viewer};
use url::form_urlencoded;

/// Read before anybody is known: a name, two passwords and an address to go on to.
const LONGEST_FORM: usize = 16 * 1024;

/// `POST /auth/sign-in`, `/auth/setup`, `/auth/password`, `/auth/sign-out`.
pub(crate) fn routes(client: ClientAddress) -> Router<AppState> {
    let guarded = Router::new()
        .route("/auth/sign-in", post(sign_in))
        .route("/auth/setup", post(set_up))
        .route("/auth/password", post(change_password));
    rate::limited(guarded, client).route(SIGN_OUT, post(sign_out)).layer(DefaultBodyLimit::max(LONGEST_FORM))
}

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: String,
    #[serde(default)]
    next: Option<String>,
}

async fn sign_in(
    Extension(ComesFrom(from)): Extension<ComesFrom>,
    mut session: AuthSession,
    Form(form): Form<SignIn>,
) -> Redirect {
    let next = form.next.filter(|next| is_local(next));
    let credentials = Credentials { email: form.email, password: form.password, from };
    let error = match session.authenticate(credentials).await {
        Ok(Some(account)) => match enter(&mut session, &account).await {
            Ok(()) => return Redirect::to(&next.unwrap_or_else(|| at("/"))),
            Err(code) => code,
        },
        Ok(None) => "credentials",
        Err(axum_login::Error::Backend(error)) if error.kind == ErrorKind::Busy => "limited",
        Err(error) => {
            tracing::error!(?error, "signing in failed");
            "internal"
        }
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("error", error);
    if let Some(next) = next {
        query.append_pair("next", &next);
    }
    Redirect::to(&at(format!("/sign-in?{}", query.finish())))
}

#[derive(Deserialize)]
struct SetUp {
    /// Empty when the browser has it in a cookie.
    #[serde(default)]
    secret: String,
    email: String,
    password: String,
}

async fn set_up(
    State(state): State<AppState>,
    mut session: AuthSession,
    headers: HeaderMap,
    Form(form): Form<SetUp>,
) -> Response {
    let sent = Some(form.secret).filter(|secret| !secret.is_empty());
    let secret = sent.clone().or_else(|| setup_secret::of_cookie(&headers)).unwrap_or_default();
    let people = state.service.people();
    let redeemed = people.redeem_setup(Anyone, &secret, &form.email, &form.password).await;
    match redeemed.map_err(ApiError::from) {
        Ok(person) => {
            let used = sent
                .is_none()
                .then(setup_secret::forget)
                .flatten()
                .map(|cookie| AppendHeaders([(header::SET_COOKIE, cookie)]));
            let redirect = match enter(&mut session, &Account::new(person)).await {
                Ok(()) => Redirect::to(&at("/")),
                Err(code) => Redirect::to(&at(format!("/sign-in?error={code}"))),
            };
            (used, redirect).into_response()
        }
        Err(error) if error.kind == ErrorKind::Invalid => {
            let code = if error.place.as_deref() == Some("password") { "password" } else { "email" };
            let mut query = form_urlencoded::Serializer::new(String::new());
            if let Some(secret) = &sent {
                query.append_pair("secret", secret);
            }
            query.append_pair("error", code);
            Redirect::to(&at(format!("/setup?{}", query.finish()))).into_response()
        }
        Err(error) => {
            let code = match error.kind {
                ErrorKind::Busy => "limited",
                kind if kind.status() >= 500 => "internal",
                _ => "link",
            };
            Redirect::to(&at(format!("/sign-in?error={code}"))).into_response()
        }
    }
}

#[derive(Deserialize)]
struct NewPassword {
    old: String,
    new: String,
    again: String,
}

/// Ends all sessions of the person but this one.
async fn change_password(
    State(state): State<AppState>,
    mut session: AuthSession,
    Form(form): Form<NewPassword>,
) -> Redirect {
    let Some(actor) = session.user.as_ref().and_then(viewer) else {
        return Redirect::to(&at(format!("/sign-in?next={}", at("/account"))));
    };
    if form.new != form.again {
        return Redirect::to(&at("/account?error=again"));
    }
    match state.service.people().change_password(&actor, &form.old, &form.new).await.map_err(ApiError::from) {
        Ok(person) => match enter(&mut session, &Account::new(person)).await {
            Ok(()) => Redirect::to(&at("/account?done=password")),
            Err(code) => Redirect::to(&at(format!("/sign-in?error={code}"))),
        },
        Err(error) => {
            let code = match (error.kind, error.place.as_deref()) {
                (ErrorKind::Invalid, Some("old")) => "old",
                (ErrorKind::Invalid, _) => "password",
                (ErrorKind::Busy, _) => "limited",
                _ => "internal",
            };
            Redirect::to(&at(format!("/account?error={code}")))
        }
    }
}

/// The person of a session, for what everybody may do.
fn viewer(account: &Account) -> Option<As<Viewer>> {
    As::check(&account.actor()).ok()
}

async fn sign_out(State(state): State<AppState>, mut session: AuthSession) -> Response {
    let actor = session.user.as_ref().and_then(viewer);
    if let Err(error) = session.logout().await {
        tracing::error!(?error, "signing out failed");
        return Redirect::to(&at("/?error=internal")).into_response();
    }
    // The session is over: that it cannot be recorded does not bring it back.
    if let Some(actor) = actor
        && let Err(error) = state.service.people().signed_out(&actor).await
    {
        tracing::warn!(%error, "a sign-out cannot be recorded");
    }
    // The next person at this browser must not find the images of this one.
    let forget = [(HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""))];
    (forget, Redirect::to(&at("/sign-in"))).into_response()
}

/// A fresh session id, whoever was signed in before.
async fn enter(session: &mut AuthSession, account: &Account) -> Result<(), &'static str> {
    let entered = async {
        session.session.cycle_id().await?;
        session.login(account).await.map_err(|error| match error {
            axum_login::Error::Session(error) => error,
            axum_login::Error::Backend(error) => tower_sessions::session::Error::Store(
                tower_sessions::session_store::Error::Backend(error.message),
            ),
        })
    };
    entered.await.map_err(|error: tower_sessions::session::Error| {
        tracing::error!(%error, "the session cannot be stored");
        "internal"
    })
}

/// A path on this site, so that the form never sends anyone elsewhere.
fn is_local(next: &str) -> bool {
    let Some(path) = base_path::strip(next) else { return false };
    let is_path = !path.starts_with("//") && !path.starts_with("/\\");
    is_path && next.len() <= 2048 && !next.chars().any(|c| c.is_control() || c == '\\')
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_a_path_of_this_site_is_a_place_to_go_on() {
        assert!(is_local("/deployments/cells?status=to_review"));
        for elsewhere in ["https://evil", "//evil", "/\\evil", "evil", "", "/a\r\nSet-Cookie: x", "/\t/evil"]
        {
            assert!(!is_local(elsewhere), "{elsewhere:?}");
        }
    }
}
