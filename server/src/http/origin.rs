//! Refuses unsafe requests that a browser sends on another site's behalf.
//!
//! A request with a bearer token cannot be forged that way and is let through.
//! Otherwise `Sec-Fetch-Site` decides, else `Origin` against `Host` (OWASP,
//! Cross-Site Request Forgery Prevention: Fetch Metadata with Origin as the
//! fallback). A client that sends neither is not a browser.

use super::{AppState, base_path::at, forwarded, notice_page, problem::Problem};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::fault::ErrorKind;
use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

/// The middleware.
pub(super) async fn refuse_foreign_origins(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let public = state.config.public_url.as_ref();
    let named = if state.config.trust_proxy { forwarded::host(request.headers()) } else { None };
    let host =
        named.or_else(|| text(request.headers(), &header::HOST).or(request.uri().host()).map(str::to_owned));
    if is_safe(request.method()) || is_own(request.headers(), host.as_deref(), public) {
        return next.run(request).await;
    }
    match (text(request.headers(), &header::ORIGIN), host.as_deref()) {
        (Some(origin), Some(host)) if notice_page::is_wanted(request.headers()) => {
            explanation(&state, &readable(origin), &readable(host))
        }
        _ => {
            let message =
                "The request comes from another site's page. Use Fovea's own pages, or a bearer token.";
            Problem::new(ErrorKind::Forbidden, message).into_response()
        }
    }
}

/// What a person sees whose form came with another host than their browser
/// shows: mostly a proxy that was not told to hand the name on.
fn explanation(state: &AppState, origin: &str, host: &str) -> Response {
    let what = format!(
        "Your browser is at {origin}, but the form arrived here as one for {host}, and was not taken: another \
         site's page may have sent it. If a proxy stands between, it has to hand on the name that the browser asked \
         for, or this server has to be told its public address."
    );
    let name = Url::parse(origin).ok().and_then(|url| url.host_str().map(str::to_owned));
    let unknown = name.filter(|name| !state.config.hosts.contain(name));
    let (needed, allowed) = match unknown {
        None => ("Any one of these lines is enough (nginx; Apache; this server):".to_owned(), String::new()),
        Some(name) => (
            format!(
                "Either one of the first two lines (nginx; Apache) together with the third, because this server does \
                 not know the name {name} yet; or the last line alone:"
            ),
            format!("fovea serve --allowed-host {name}"),
        ),
    };
    let lines = [
        "proxy_set_header Host $http_host;".to_owned(),
        "ProxyPreserveHost On".to_owned(),
        allowed,
        format!("fovea serve --public-url {origin}{}", at("")),
    ];
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    notice_page::answer(StatusCode::FORBIDDEN, "The form was not taken", &[&what, &needed], &lines)
}

fn readable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(100).collect()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_own(headers: &HeaderMap, host: Option<&str>, public: Option<&Url>) -> bool {
    let bearer = text(headers, &header::AUTHORIZATION).is_some_and(|value| value.starts_with("Bearer "));
    if bearer {
        return true;
    }
    let origin = text(headers, &header::ORIGIN);
    let is_public = |public: &Url| origin == Some(public.origin().ascii_serialization().as_str());
    if public.is_some_and(is_public) {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok()) {
        return site == "same-origin" || (site == "none" && origin.is_none());
    }
    match origin {
        None => !headers.contains_key(header::ORIGIN),
        Some(origin) => host.is_some_and(|host| is_origin_of(origin, host)),
    }
}

/// Whether `origin` is `host`'s. Some proxies write the port that browsers leave
/// out, 80 or 443.
fn is_origin_of(origin: &str, host: &str) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    let Ok(named) = Url::parse(&format!("{}://{host}", origin.scheme())) else { return false };
    origin.origin().is_tuple() && origin.origin() == named.origin()
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
        let public = Url::parse("https://fovea.example:8443").expect("a URL");
        let headers = headers.collect();
        is_own(&headers, text(&headers, &header::HOST), Some(&public))
    }

    #[test]
    fn only_the_own_origin_a_bearer_token_or_no_browser_may_write() {
        assert!(own(&[("host", "a:3000"), ("origin", "http://a:3000")]));
        assert!(own(&[("host", "a:3000"), ("origin", "http://evil"), ("authorization", "Bearer x")]));
        assert!(own(&[("host", "a:3000")]));
        assert!(own(&[("host", "127.0.0.1:3000"), ("origin", "https://fovea.example:8443")]));
        assert!(!own(&[("host", "127.0.0.1:3000"), ("origin", "https://fovea.example")]));
        assert!(!own(&[("host", "127.0.0.1:3000"), ("origin", "http://fovea.example:8443")]));
        assert!(own(&[("sec-fetch-site", "same-origin"), ("host", "a"), ("origin", "https://proxy")]));
        assert!(!own(&[("host", "a:3000"), ("origin", "http://evil")]));
        assert!(!own(&[("host", "a:3000"), ("origin", "http://a:3001")]));
        assert!(!own(&[("host", "a:3000"), ("origin", "null")]));
        assert!(own(&[("host", "A:80"), ("origin", "http://a")]));
        assert!(own(&[("host", "a:443"), ("origin", "https://a")]));
        assert!(!own(&[("host", "a:443"), ("origin", "http://a")]));
        assert!(!own(&[("host", "a"), ("origin", "http://evil#://a")]));
        assert!(!own(&[("host", "a"), ("origin", "http://a@evil")]));
        assert!(!own(&[("host", "a"), ("origin", "http://a.evil")]));
        assert!(!own(&[("host", "a"), ("origin", "extension://a")]));
        assert!(!own(&[("sec-fetch-site", "cross-site"), ("host", "a")]));
        assert!(!own(&[("sec-fetch-site", "same-site"), ("host", "a"), ("origin", "http://a")]));
    }
}
