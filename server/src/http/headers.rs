//! The security headers of every answer.
//!
//! Pages set their own Content-Security-Policy, with the nonce of their
//! scripts; everything else gets one that allows nothing.

use super::{
    AppState,
    auth::{self, cookies},
    forwarded,
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header};

const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];
/// A year, as RFC 6797 wants it in seconds.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The middleware.
pub(super) async fn add_security_headers(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let config = &state.config;
    let public_tls = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    // Whoever is believed or not: a cookie that travels over TLS only is safer,
    // and lost to nobody but who pretends to have come over TLS.
    let over_tls = config.secure_cookies || public_tls || forwarded::over_tls(request.headers());
    let base = config.base_path();
    cookies::accept_prefixed(request.headers_mut(), &base, over_tls);
    let signs_out = request.uri().path().ends_with(auth::SIGN_OUT);
    let mut response = next.run(request).await;
    if !signs_out {
        cookies::keep_session(response.headers_mut());
    }
    if over_tls {
        cookies::prefix(response.headers_mut(), &base);
    }
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // Not on a stranger's word: it would bind a whole host for a year.
    if config.secure_cookies || public_tls || (config.trust_proxy && over_tls) {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
    response
}

/// The policy of a page whose scripts carry `nonce`. Styles may be inline:
/// boxes over thumbnails and bars of charts are placed by style attributes.
#[must_use]
pub(super) fn page_policy(nonce: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; \
         font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}
