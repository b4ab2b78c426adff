//! The pages: leptos renders them here and wakes them up in the browser.

use super::{
    AppState, HttpConfig,
    auth::Caller,
    base_path::at,
    forwarded, headers,
    problem::Problem,
    rendering::{Patience, render_in_time},
    site,
};
use app::{App, CommandWords, provide_addresses, shell};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use domain::{access::Actor, fault::ErrorKind};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use leptos::{
    context::{provide_context, use_context},
    nonce::use_nonce,
};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions};
use std::sync::LazyLock;

/// The addresses of all pages.
///
/// While leptos lists them, no resource of the process loads, and one that
/// begins then never will: the page that waits for it never comes. So they are
/// listed once, before the first server of a process answers.
#[allow(clippy::disallowed_methods, reason = "this is the one place")]
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| leptos_axum::generate_route_list(App));

/// The patterns of all pages' paths, `/deployments/{name}` and the like.
pub fn page_patterns() -> Vec<String> {
    PAGES.iter().map(|page| page.path().to_owned()).collect()
}

/// All pages and server functions, and what is served for any other path.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let options = state.leptos.clone();
    Router::new()
        .leptos_routes_with_context(state, PAGES.clone(), context(state.clone()), move || {
            shell(options.clone())
        })
        .fallback(anything_else)
        .layer(middleware::from_fn(redirect_every_client))
        .layer(middleware::from_fn_with_state(Patience::default(), render_in_time))
}

/// leptos redirects only who asks for HTML by name; a page that sends its
/// reader elsewhere does so for every client.
async fn redirect_every_client(request: Request<Body>, next: Next) -> Response {
    let is_page = request.method() == Method::GET && !request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    if is_page && response.status() == StatusCode::OK && response.headers().contains_key(header::LOCATION) {
        *response.status_mut() = StatusCode::FOUND;
        response.headers_mut().remove("serverfnredirect");
    }
    response
}

/// What pages and server functions find in their context: the use cases and
/// who asks.
fn context(state: AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let base = state.config.base_path();
    move || {
        let parts = use_context::<Parts>();
        provide_addresses(&base, parts.as_ref());
        provide_context(command_words(&state.config, parts.as_ref()));
        let caller = parts.and_then(|parts| parts.extensions.get::<Caller>().cloned()).unwrap_or_default();
        provide_context(state.service.clone());
        provide_context::<Option<Actor>>(caller.0);
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
            if let Ok(policy) = HeaderValue::from_str(&headers::page_policy(&nonce)) {
                response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
            }
            response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}

/// What pages say in commands to copy: this server by the address that the
/// browser knows it by.
fn command_words(config: &HttpConfig, request: Option<&Parts>) -> CommandWords {
    let url = match (&config.public_url, request) {
        (Some(url), _) => url.as_str().trim_end_matches('/').to_owned(),
        (None, Some(request)) => address_asked(config, request),
        (None, None) => String::new(),
    };
    CommandWords { url, local: Some(config.local_commands.clone()) }
}

/// Scheme and host that a request was made to, as a proxy of ours tells them or
/// as it came.
fn address_asked(config: &HttpConfig, request: &Parts) -> String {
    let said_by_proxy = if config.trust_proxy { forwarded::host(&request.headers) } else { None };
    let named = || request.headers.get(header::HOST)?.to_str().ok().map(str::to_owned);
    let host = said_by_proxy.or_else(named).or_else(|| request.uri.host().map(str::to_owned));
    // What is no host would end the quotes of a command.
    let host = host.filter(|host| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c)));
    let scheme = if config.trust_proxy && forwarded::over_tls(&request.headers) { "https" } else { "http" };
    host.map_or_else(String::new, |host| format!("{scheme}://{host}"))
}

async fn anything_else(State(state): State<AppState>, request: Request<Body>) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path == "/api" {
        let message =
            format!("There is no {} {path}. The routes are listed at {}.", request.method(), at("/api/docs"));
        return Problem::new(ErrorKind::NotFound, message).into_response();
    }
    if let Some(file) = site::file(path.trim_start_matches('/'), request.headers()) {
        return file;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(ErrorKind::NotFound, format!("There is nothing to send to at {path}."))
            .into_response();
    }
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context(state), move || shell(options.clone()));
    let mut page = render(request).await;
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(config: &HttpConfig, headers: &[(&'static str, &'static str)]) -> String {
        let mut request = Request::new(());
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        command_words(config, Some(&request.into_parts().0)).url
    }

    #[test]
    fn commands_name_the_server_as_the_browser_does() {
        let plain = HttpConfig::default();
        let proxied = HttpConfig { trust_proxy: true, ..HttpConfig::default() };
        let public = HttpConfig {
            public_url: url::Url::parse("https://vision.example/fovea/").ok(),
            ..HttpConfig::default()
        };
        let forwarded =
            [("host", "10.0.0.1:3000"), ("x-forwarded-host", "a.example"), ("x-forwarded-proto", "https")];
        assert_eq!(asked(&plain, &[("host", "127.0.0.1:3000")]), "http://127.0.0.1:3000");
        assert_eq!(asked(&plain, &forwarded), "http://10.0.0.1:3000");
        assert_eq!(asked(&proxied, &forwarded), "https://a.example");
        assert_eq!(asked(&public, &forwarded), "https://vision.example/fovea");
        assert_eq!(asked(&plain, &[("host", "a\"; rm -r x")]), "");
    }
}
