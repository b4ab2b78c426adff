//! Everything that HTTP is: the router, REST, pages, sign-in, the site's
//! files, health and metrics. Holds no rule of the product: those are in
//! `service`.

mod admission;
pub mod api;
mod api_page;
mod auth;
mod base_path;
mod body;
mod cors;
mod deployment_gauges;
mod docs;
mod encodings;
mod events;
mod forwarded;
mod headers;
mod health;
mod hosts;
mod json_faults;
mod label_ids;
mod label_studio;
mod listeners;
mod listening_rights;
mod notice_page;
mod open_inference;
mod origin;
mod pages;
mod picsellia;
mod problem;
mod reading;
mod rejections;
mod rendering;
mod server_functions;
mod signed;
mod site;
mod state;
mod telemetry;

pub use body::{Drain, Pace};
pub use cors::{CorsOrigin, CorsOrigins};
pub use health::metrics_app;
pub use hosts::KnownHosts;
pub use pages::page_patterns;
pub use site::is_embedded as has_site;
pub use state::{AppState, HttpConfig};

use app::BasePath;
use axum::{Router, middleware};
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
};
use utoipa::openapi::OpenApi;

/// The whole web application, ready for `oneshot` or a listener.
pub fn app(state: AppState) -> Router {
    base_path::below(state.config.base_path(), at_the_root(state))
}

/// What the address for gRPC serves: the Open Inference Protocol.
pub fn grpc_app(state: AppState) -> Router {
    open_inference::grpc_app(state)
}

fn at_the_root(state: AppState) -> Router {
    let client = auth::ClientAddress { trust_proxy: state.config.trust_proxy };
    let (rest, openapi) = api::routes();
    let people = Router::new()
        .merge(
            rest.merge(open_inference::routes())
                .merge(label_studio::routes())
                .layer(middleware::from_fn(encodings::unpack_bodies)),
        )
        .merge(picsellia::routes())
        .merge(auth::form_routes(client))
        .merge(pages::routes(&state))
        .layer(middleware::from_fn_with_state(state.clone(), server_functions::admit))
        .layer(middleware::from_fn_with_state(state.clone(), auth::identify))
        .layer(auth::layer(&state))
        .layer(middleware::from_fn_with_state(state.clone(), origin::refuse_foreign_origins))
        .layer(middleware::from_fn(auth::take_setup_secret))
        .layer(middleware::from_fn(open_inference::refuse_in_its_form))
        // Before anything is compressed: it reads what is refused.
        .layer(middleware::from_fn(picsellia::speak_plainly))
        .layer(compression());
    let machines = Router::new()
        .merge(health::routes())
        .merge(open_inference::open_routes())
        .merge(label_studio::open_routes())
        .merge(to_read(openapi, &state.config.base_path()).layer(compression()))
        .merge(site::routes());
    with_cors(people.merge(machines).method_not_allowed_fallback(problem::wrong_method), &state)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(state.clone(), body::pace_bodies))
        .layer(middleware::from_fn_with_state(state.clone(), hosts::refuse_unknown_hosts))
        .layer(middleware::from_fn(open_inference::refuse_in_its_form))
        .layer(middleware::from_fn_with_state(state.clone(), headers::add_security_headers))
        .layer(middleware::from_fn_with_state(state.clone(), telemetry::record))
        .with_state(state)
}

/// What is only read, by people and programs: the description of the API, the
/// page that is made of it, and the book.
fn to_read(openapi: OpenApi, base: &BasePath) -> Router<AppState> {
    let description = api::described(openapi, base);
    // A description is plain data: it can be JSON.
    let json = serde_json::to_value(&description).unwrap_or_default();
    Router::new()
        .merge(api_page::routes(&json, base))
        .merge(api::description_routes(description))
        .merge(docs::routes(base))
}

/// Lets pages of other sites use the API, if the settings name some. Around the
/// routes: a browser asks first with a method that none of them has.
fn with_cors(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    match state.config.cors.layer() {
        Some(layer) => routes.layer(layer),
        None => routes,
    }
}

/// Text is compressed; weights and archives of images are what they are, and
/// would cost a processor for nothing.
fn compression() -> CompressionLayer<impl Predicate> {
    let kinds = DefaultPredicate::new()
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/x-tar"));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(kinds)
}
