//! The pages: leptos renders them here and wakes them up in the browser.

use super::{AppState, auth::Caller, base_path::at, headers, problem::Problem, site};
use app::{App, provide_addresses, shell};
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
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};

/// All pages and server functions, and what is served for any other path.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let pages = generate_route_list(App);
    let options = state.leptos.clone();
    Router::new()
        .leptos_routes_with_context(state, pages, context(state.clone()), move || shell(options.clone()))
        .fallback(anything_else)
        .layer(middleware::from_fn(redirect_every_client))
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
