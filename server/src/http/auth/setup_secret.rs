//! The secret of a one-time link, on its way from the address into the form.
//!
//! The link that people are given has it in its query. An address stays: in the
//! browser's history, in the logs of proxies, in a `Referer`. So the first answer
//! puts the secret into a cookie that no script can read and leads on to the page
//! without it. Nothing is used up by that: programs that look at links ahead of
//! people do no harm.

use crate::http::base_path::at;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, Method, header};
use url::form_urlencoded;

const PAGE: &str = "/setup";
const COOKIE: &str = "fovea_setup";
/// Enough to choose a password; the link can be opened again.
const LASTS_S: u32 = 3_600;
const LONGEST: usize = 128;

/// The middleware.
pub(in crate::http) async fn take_from_address(request: Request, next: Next) -> Response {
    if request.method() != Method::GET || request.uri().path() != PAGE {
        return next.run(request).await;
    }
    let query = request.uri().query().unwrap_or_default();
    let (secrets, rest): (Vec<_>, Vec<_>) =
        form_urlencoded::parse(query.as_bytes()).partition(|(key, _)| key == "secret");
    let Some(cookie) = secrets.first().and_then(|(_, secret)| put(secret)) else {
        return next.run(request).await;
    };
    let rest = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    let rest = if rest.is_empty() { rest } else { format!("?{rest}") };
    let no_store = HeaderValue::from_static("no-store");
    let headers = [(header::SET_COOKIE, cookie), (header::CACHE_CONTROL, no_store)];
    (headers, Redirect::to(&at(format!("{PAGE}{rest}")))).into_response()
}

/// The cookie with this secret; `None` for what is none of ours.
fn put(secret: &str) -> Option<HeaderValue> {
    let ours = (1..=LONGEST).contains(&secret.len()) && secret.chars().all(|c| c.is_ascii_alphanumeric());
    let path = at("/");
    let text = format!("{COOKIE}={secret}; Path={path}; Max-Age={LASTS_S}; HttpOnly; SameSite=Strict");
    ours.then(|| HeaderValue::from_str(&text).ok()).flatten()
}

/// Takes the cookie away again.
pub(super) fn forget() -> Option<HeaderValue> {
    let path = at("/");
    HeaderValue::from_str(&format!("{COOKIE}=; Path={path}; Max-Age=0; HttpOnly; SameSite=Strict")).ok()
}

/// The secret of the link that was followed last.
pub(super) fn of_cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, secret)| secret.to_owned())
}
