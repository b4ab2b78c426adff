//! Who is asking: sessions of people, bearer tokens of programs.

mod backend;
mod caller;
pub(super) mod cookies;
mod forms;
mod rate;
mod sessions;
mod setup_secret;

pub(super) use caller::{Caller, Door, SignedIn, bearer, identify, of_token};
pub(super) use forms::routes as form_routes;
pub(super) use rate::ClientAddress;
pub(super) use setup_secret::take_from_address as take_setup_secret;

use super::AppState;
use axum_login::{AuthManagerLayer, AuthManagerLayerBuilder};
use backend::Accounts;
use sessions::StoredSessions;
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite, service::PlaintextCookie};

/// The session of a signed-in person.
pub(super) type AuthSession = axum_login::AuthSession<Accounts>;

/// The session's cookie, by its plain name.
const SESSION_COOKIE: &str = "fovea_session";
/// Where a session ends.
pub(super) const SIGN_OUT: &str = "/auth/sign-out";
/// How long a sign-in lasts.
const SIGNED_IN_FOR: time::Duration = time::Duration::days(14);

/// Loads the session of each request, and the person it belongs to.
pub(super) fn layer(state: &AppState) -> AuthManagerLayer<Accounts, StoredSessions, PlaintextCookie> {
    let sessions = SessionManagerLayer::new(StoredSessions::new(state.store.clone()))
        .with_name(SESSION_COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(state.config.secure_cookies)
        .with_path(state.config.base_path().of_cookies().to_owned())
        .with_expiry(Expiry::OnInactivity(SIGNED_IN_FOR));
    AuthManagerLayerBuilder::new(Accounts::new(state.service.clone()), sessions).build()
}
