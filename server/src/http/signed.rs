//! Links with a signature: made for programs that fetch a file by its address
//! alone, and opened before anybody is asked who they are. What a link is
//! good for is the service's to say; here its parts are taken from an address
//! and put into one.

use super::{AppState, base_path::at, forwarded, problem::Problem};
use axum::extract::{FromRequestParts, Request};
use domain::access::Actor;
use http::{HeaderMap, Method, Uri, header, request::Parts, uri::PathAndQuery};
use service::{Admin, Anyone, As, LinkAct, LinkQuery, Viewer};
use std::convert::Infallible;

const EXPIRES: &str = "expires";
const SIGNATURE: &str = "signature";
/// Seconds for which the links are good that answers carry.
pub(super) const USUAL_S: u32 = 3_600;

/// Whether an address has the form of a link. Whoever has one needs nothing
/// else, so a browser lends it no rights.
#[must_use]
pub(super) fn is_link(uri: &Uri) -> bool {
    uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("signature=")))
}

/// Who a link lets in, and the address without what makes it a link, which
/// takes its place in the request. `None` for an address that is no link.
///
/// # Errors
/// 403 for a link that is over or was changed, and for an act it is not for.
pub(super) async fn open(state: &AppState, request: &mut Request) -> Option<Result<Actor, Problem>> {
    let (bare, link) = parts_of(request.uri())?;
    let act = match *request.method() {
        Method::GET | Method::HEAD => LinkAct::Read,
        _ => LinkAct::Write,
    };
    let opened = state.service.people().open_link(Anyone, act, &bare, &link).await;
    if opened.is_ok()
        && let Ok(path_and_query) = bare.parse::<PathAndQuery>()
    {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(path_and_query);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    Some(opened.map_err(Problem::from))
}

/// The address that was signed, and what was added to it.
fn parts_of(uri: &Uri) -> Option<(String, LinkQuery)> {
    if !is_link(uri) {
        return None;
    }
    let (mut expires, mut signature, mut rest) = (None, None, Vec::new());
    for pair in uri.query()?.split('&') {
        match pair.split_once('=') {
            Some((EXPIRES, value)) if expires.is_none() => expires = Some(value.to_owned()),
            Some((SIGNATURE, value)) if signature.is_none() => signature = Some(value.to_owned()),
            _ => rest.push(pair),
        }
    }
    let bare =
        if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) };
    Some((bare, LinkQuery { expires: expires.unwrap_or_default(), signature: signature.unwrap_or_default() }))
}

/// The address that a client reached this server by, without a slash at its
/// end: the public one, else the one of the request, as far as it may be
/// believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicAddress(String);

impl PublicAddress {
    fn of(state: &AppState, headers: &HeaderMap, uri: &Uri) -> Self {
        if let Some(url) = &state.config.public_url {
            return Self(url.origin().ascii_serialization());
        }
        let named = headers.get(header::HOST).and_then(|value| value.to_str().ok()).or(uri.host());
        let named = named.unwrap_or("localhost").to_owned();
        if !state.config.trust_proxy {
            return Self(format!("http://{named}"));
        }
        let scheme = if forwarded::over_tls(headers) { "https" } else { "http" };
        Self(format!("{scheme}://{}", forwarded::host(headers).unwrap_or(named)))
    }

    /// Where routes are that lie at the root of the host.
    pub(super) fn root(&self) -> &str {
        &self.0
    }

    /// What stands before the path of a route, below the base path.
    pub(super) fn below_base(&self) -> String {
        format!("{}{}", self.0, at(""))
    }

    /// A link to read what lies at `address`, a path with its query.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn to_read(
        &self,
        state: &AppState,
        by: &As<Viewer>,
        address: &str,
        seconds: u32,
    ) -> Result<String, Problem> {
        let link = state.service.people().link_to_read(by, address, seconds).await?;
        Ok(self.with(address, &link))
    }

    /// A link to write there.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn to_write(
        &self,
        state: &AppState,
        by: &As<Admin>,
        address: &str,
    ) -> Result<String, Problem> {
        let link = state.service.people().link_to_write(by, address, USUAL_S).await?;
        Ok(self.with(address, &link))
    }

    fn with(&self, address: &str, LinkQuery { expires, signature }: &LinkQuery) -> String {
        let sign = if address.contains('?') { '&' } else { '?' };
        format!("{}{}{sign}{EXPIRES}={expires}&{SIGNATURE}={signature}", self.0, at(address))
    }
}

impl FromRequestParts<AppState> for PublicAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(state, &parts.headers, &parts.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_a_link_is_taken_from_the_address_and_the_rest_stays() {
        let check = |uri: &str, expected: Option<(&str, &str, &str)>| {
            let parts = parts_of(&uri.parse().expect("an address"));
            let parts = parts.as_ref().map(|(bare, link)| (bare.as_str(), &*link.expires, &*link.signature));
            assert_eq!(parts, expected, "{uri}");
        };
        check("/a?expires=5&signature=ab", Some(("/a", "5", "ab")));
        check("/a?size=thumb&signature=ab&expires=5", Some(("/a?size=thumb", "5", "ab")));
        check("/a?signature=ab", Some(("/a", "", "ab")));
        // Twice is not the same as once: the second stays, and nobody signed it.
        check("/a?expires=5&signature=ab&expires=6", Some(("/a?expires=6", "5", "ab")));
        check("/a?size=thumb&expires=5", None);
        check("/a", None);
    }
}
