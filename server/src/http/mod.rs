//! Everything that HTTP is: the router, REST, pages, sign-in, the site's
//! files, health and metrics. Holds no rule of the product: those are in
//! `service`.

mod admission;
pub mod api;
mod auth;
mod base_path;
mod body;
mod deployment_gauges;
mod events;
mod forwarded;
mod headers;
mod health;
mod hosts;
mod listeners;
mod listening_rights;
mod notice_page;
mod origin;
mod pages;
mod problem;
mod server_functions;
mod site;
mod state;
mod telemetry;

pub use body::{Drain, Pace};
pub use health::metrics_app;
pub use hosts::KnownHosts;
pub use site::is_embedded as has_site;
pub use state::{AppState, HttpConfig};

use axum::{Router, middleware};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
};

/// The whole web application, ready for `oneshot` or a listener.
pub fn app(state: AppState) -> Router {
    base_path::below(state.config.base_path(), at_the_root(state))
}

fn at_the_root(state: AppState) -> Router {
    let client = auth::ClientAddress { trust_proxy: state.config.trust_proxy };
    let (rest, openapi) = api::routes();
    let people = Router::new()
        .merge(rest)
        .merge(auth::form_routes(client))
        .merge(pages::routes(&state))
        .layer(middleware::from_fn_with_state(state.clone(), server_functions::admit))
        .layer(middleware::from_fn_with_state(state.clone(), auth::identify))
        .layer(auth::layer(&state))
        .layer(middleware::from_fn_with_state(state.clone(), origin::refuse_foreign_origins))
        .layer(middleware::from_fn(auth::take_setup_secret))
        .layer(compression());
    let machines = Router::new()
        .merge(health::routes())
        .merge(api::description_routes(openapi, &state.config.base_path()))
        .merge(site::routes());
    people
        .merge(machines)
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(state.clone(), body::pace_bodies))
        .layer(middleware::from_fn_with_state(state.clone(), hosts::refuse_unknown_hosts))
        .layer(middleware::from_fn_with_state(state.clone(), headers::add_security_headers))
        .layer(middleware::from_fn_with_state(state.clone(), telemetry::record))
        .with_state(state)
}

/// Text is compressed; weights and archives of images are what they are, and
/// would cost a processor for nothing.
fn compression() -> CompressionLayer<impl Predicate> {
    let kinds = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/x-tar"));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(kinds)
}
