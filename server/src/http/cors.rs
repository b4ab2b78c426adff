//! Which other sites' pages may use the API (the Fetch standard's CORS
//! protocol). Only with a token: no cookie of ours is ever sent along.

use http::{HeaderName, HeaderValue, Method, header};
use std::{str::FromStr, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

/// How long a browser may remember that it may ask.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Only what is below it is for other sites' pages.
const API: &str = "/api/";

/// The origins whose pages may use the API; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsOrigins(Vec<CorsOrigin>);

/// One origin, or any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsOrigin {
    /// Whoever has a token.
    Any,
    /// As browsers write it: scheme, host and port.
    One(HeaderValue),
}

impl FromStr for CorsOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let advice = "write it as browsers do, like https://app.example.org, or * for all";
        let url = Url::parse(text).map_err(|_| format!("{text:?} is no origin: {advice}"))?;
        let origin = url.origin();
        if !origin.is_tuple() || url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(format!("{text:?} is no origin: {advice}"));
        }
        HeaderValue::from_str(&origin.ascii_serialization()).map(Self::One).map_err(|error| error.to_string())
    }
}

impl FromIterator<CorsOrigin> for CorsOrigins {
    fn from_iter<I: IntoIterator<Item = CorsOrigin>>(origins: I) -> Self {
        Self(origins.into_iter().collect())
    }
}

impl CorsOrigins {
    /// The layer that answers for them; `None` without any.
    pub(super) fn layer(&self) -> Option<CorsLayer> {
        if self.0.is_empty() {
            return None;
        }
        let named = self.0.clone();
        let allowed = AllowOrigin::predicate(move |origin, parts| {
            let is_named = |one: &CorsOrigin| match one {
                CorsOrigin::Any => true,
                CorsOrigin::One(one) => one == origin,
            };
            parts.uri.path().starts_with(API) && named.iter().any(is_named)
        });
        let sent = ["idempotency-key", "last-event-id"].map(HeaderName::from_static);
        let told = ["idempotency-replayed", "x-request-id"].map(HeaderName::from_static);
        let layer = CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers(
                [header::AUTHORIZATION, header::CONTENT_TYPE, header::CONTENT_ENCODING]
                    .into_iter()
                    .chain(sent)
                    .collect::<Vec<_>>(),
            )
            .expose_headers([header::RETRY_AFTER].into_iter().chain(told).collect::<Vec<_>>())
            .max_age(REMEMBERED);
        Some(layer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_scheme_a_host_and_nothing_behind() {
        let origin = "https://App.example:443".parse::<CorsOrigin>();
        assert_eq!(origin, Ok(CorsOrigin::One(HeaderValue::from_static("https://app.example"))));
        assert_eq!("*".parse(), Ok(CorsOrigin::Any));
        for text in ["app.example", "https://a/b", "https://u@a", "file:///a", "https://a?b", ""] {
            assert!(text.parse::<CorsOrigin>().is_err(), "{text}");
        }
        assert!(CorsOrigins::default().layer().is_none());
    }
}
