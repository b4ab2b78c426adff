//! The Open Inference Protocol, version 2: what clients of Triton
//! and KServe speak, as they are. A model is a deployment; its version is the
//! champion's number; a picture goes in, boxes come out, and what is predicted
//! is stored and watched as anywhere else.
//!
//! Files: [`health`] and [`models`] say what there is, [`infer`] predicts,
//! [`request`], [`picture`] and [`tensors`] read what is sent, [`answer`] writes the boxes,
//! [`outputs`] is the table of what may come out, [`refusals`] words problems
//! as the protocol has them. That is over HTTP; [`grpc`] does the same on an
//! address of its own.

mod answer;
mod grpc;
mod health;
mod infer;
mod models;
mod outputs;
mod picture;
mod refusals;
mod request;
mod tensors;

pub(super) use grpc::app as grpc_app;
pub(super) use refusals::refuse_in_its_form;

use super::AppState;
use axum::{
    Router,
    routing::{any, get, post},
};

/// Where all of it lies.
const PREFIX: &str = "/v2";

/// What is asked with a token.
pub(super) fn routes() -> Router<AppState> {
    let of_a_model = |rest: &str| format!("{PREFIX}/models/{{deployment}}{rest}");
    let of_a_version = |rest: &str| format!("{PREFIX}/models/{{deployment}}/versions/{{number}}{rest}");
    Router::new()
        .route("/v2/models", get(models::names))
        .route("/v2/repository/index", post(models::index))
        .route(&of_a_model(""), get(models::metadata))
        .route(&of_a_version(""), get(models::metadata))
        .route(&of_a_model("/ready"), get(models::ready))
        .route(&of_a_version("/ready"), get(models::ready))
        .route(&of_a_model("/infer"), post(infer::infer))
        .route(&of_a_version("/infer"), post(infer::infer))
        .route("/v2/{*rest}", any(refusals::unknown_path))
}

/// What watchers of servers ask without one.
pub(super) fn open_routes() -> Router<AppState> {
    Router::new()
        .route(PREFIX, get(health::server))
        .route("/v2/health/live", get(health::live))
        .route("/v2/health/ready", get(health::ready))
}
