//! Refuses unsafe requests that a browser sends on another site's behalf.
//!
//! A request with a bearer token cannot be forged that way and is let through.
//! Otherwise `Sec-Fetch-Site` decides, else `Origin` against `Host` (OWASP,
//! Cross-Site Request Forgery Prevention: Fetch Metadata with Origin as the
//! fallback). A client that sends neither is not a browser.

use super::problem::Problem;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::fault::ErrorKind;
use http::{HeaderMap, Method, header};

/// The middleware.
pub(super) async fn refuse_foreign_origins(request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_own(request.headers(), request.uri().host()) {
        return next.run(request).await;
    }
    let message = "The request comes from another site's page. Use Fovea's own pages, or a bearer token.";
    Problem::new(ErrorKind::Forbidden, message).into_response()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_own(headers: &HeaderMap, uri_host: Option<&str>) -> bool {
    let bearer = text(headers, &header::AUTHORIZATION).is_some_and(|value| value.starts_with("Bearer "));
    if bearer {
        return true;
    }
    let origin = text(headers, &header::ORIGIN);
    if let Some(site) = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok()) {
        return site == "same-origin" || (site == "none" && origin.is_none());
    }
    match origin {
        None => !headers.contains_key(header::ORIGIN),
        Some(origin) => {
            let host = text(headers, &header::HOST).or(uri_host);
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.zip(host).is_some_and(|(ours, theirs)| ours.eq_ignore_ascii_case(theirs))
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn own(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_own(&headers.collect(), None)
    }

    #[test]
    fn only_the_own_origin_a_bearer_token_or_no_browser_may_write() {
        assert!(own(&[("host", "a:3000"), ("origin", "http://a:3000")]));
        assert!(own(&[("host", "a:3000"), ("origin", "http://evil"), ("authorization", "Bearer x")]));
        assert!(own(&[("host", "a:3000")]));
        assert!(own(&[("sec-fetch-site", "same-origin"), ("host", "a"), ("origin", "https://proxy")]));
        assert!(!own(&[("host", "a:3000"), ("origin", "http://evil")]));
        assert!(!own(&[("host", "a:3000"), ("origin", "http://a:3001")]));
        assert!(!own(&[("host", "a:3000"), ("origin", "null")]));
        assert!(!own(&[("sec-fetch-site", "cross-site"), ("host", "a")]));
        assert!(!own(&[("sec-fetch-site", "same-site"), ("host", "a"), ("origin", "http://a")]));
    }
}
