//! Everything that HTTP is: the router, REST, pages, sign-in, the site's
//! files, health and metrics. Holds no rule of the product: those are in
//! `service`.

pub mod api;
mod auth;
mod body;
mod deployment_gauges;
mod events;
mod headers;
mod health;
mod origin;
mod pages;
mod problem;
mod site;
mod state;
mod telemetry;

pub use site::is_embedded as has_site;
pub use state::{AppState, HttpConfig};

use axum::{Router, middleware};
use tower_http::{CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer};

/// The whole web application, ready for `oneshot` or a listener.
pub fn app(state: AppState) -> Router {
    let client = auth::ClientAddress { trust_proxy: state.config.trust_proxy };
    let (rest, openapi) = api::routes();
    let people = Router::new()
        .merge(rest)
        .merge(auth::form_routes(client))
        .merge(pages::routes(&state))
        .layer(middleware::from_fn_with_state(state.clone(), auth::identify))
        .layer(auth::layer(&state))
        .layer(middleware::from_fn(origin::refuse_foreign_origins))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest));
    let machines =
        Router::new().merge(health::routes()).merge(api::description_routes(openapi)).merge(site::routes());
    people
        .merge(machines)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(body::drain_unread))
        .layer(middleware::from_fn_with_state(state.clone(), headers::add_security_headers))
        .layer(middleware::from_fn_with_state(state.clone(), telemetry::record))
        .with_state(state)
}
