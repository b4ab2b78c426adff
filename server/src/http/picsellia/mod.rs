//! The routes that the Picsellia SDK (the PyPI package `picsellia`, tried with
//! 6.37.0) asks for, over the same use cases as the API: a script that was
//! written for it runs against Fovea with another address and another token.
//!
//! It is a translation and holds no rule: words, ids and shapes of that wire on
//! one side, a use case on the other. They lie at the root of the host, as the
//! package takes every path off an address. What it asks for and Fovea does not
//! have is answered 501, with a sentence.

mod annotations;
mod answers;
mod artifacts;
mod asset_lists;
mod asset_query;
mod assets;
mod bulk_annotations;
mod catalogue_routes;
mod catalogue_shapes;
mod continuous;
mod data;
mod datalake;
mod dataset_labels;
mod dataset_versions;
mod datasets;
mod deployments;
mod detections;
mod evaluations;
mod experiment_routes;
mod experiments;
mod exports;
mod files;
mod ids;
mod jobs;
mod labels;
mod model_versions;
mod models;
mod monitor;
mod page_links;
mod params;
mod pipeline;
mod predict;
mod predicted;
mod projects;
mod publishing;
mod query;
mod record_kinds;
mod rectangle_shapes;
mod rectangles;
mod review;
mod sdk_body;
mod selection;
mod serving_shadow;
mod stats;
mod tracked;
mod tracked_logs;
mod tracking;
mod uploads;
mod versioned;
mod who;

pub(super) use answers::speak_plainly;
pub(super) use who::is_login;

use super::AppState;
use axum::{
    Router,
    routing::{any, get, post, put},
};

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .merge(of_people())
        .merge(of_deployments())
        .merge(of_predictions())
        .merge(of_the_pipeline())
        .merge(catalogue_routes::routes())
        .merge(experiment_routes::routes())
        .merge(of_storage())
        .merge(without_counterpart())
        // Before any other answers for methods that a path does not take.
        .method_not_allowed_fallback(answers::no_counterpart)
        .merge(page_links::routes())
}

/// Who asks, and where.
fn of_people() -> Router<AppState> {
    Router::new()
        .route("/api/home/ping", get(who::ping))
        .route("/api/organizations/find", get(who::find_organization))
        .route("/api/organization/{id}", get(who::organization))
        .route("/api/access/{kind}/{id}/users", get(who::users))
        .route("/api/auth/login", post(who::log_in))
        .route("/api/login", post(who::log_in))
        .route("/api/label/{id}", get(labels::label))
}

/// Deployments themselves.
fn of_deployments() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/deployments", get(deployments::list).post(deployments::create))
        .route("/api/organization/{id}/deployments/find", get(deployments::find))
        .route(
            "/api/deployment/{deployment}",
            get(deployments::get).patch(deployments::change).delete(deployments::delete),
        )
        .route("/api/deployment/{deployment}/labels", get(labels::of_deployment))
        .route("/api/deployment/{deployment}/model", post(deployments::promote))
        .route("/api/deployment/{deployment}/shadow", post(deployments::set_shadow))
        .route("/api/deployment/{deployment}/datalake/connector", get(who::connector))
        .route("/api/deployment/{deployment}/predictions/stats", get(stats::of_predictions))
        .route("/api/deployment/{deployment}/stats", get(stats::aggregated))
}

/// What deployments have seen, and what people say of it.
fn of_predictions() -> Router<AppState> {
    Router::new()
        .route("/api/deployment/{deployment}/predictions", post(monitor::report))
        .route("/api/prediction/{id}/shadow", post(monitor::report_shadow))
        .route("/api/deployments/{deployment}/predict", post(predict::form))
        .route("/api/v2/deployments/{deployment}/predict", post(predict::stored))
        .route("/api/v2/deployments/{deployment}/predict/shadow", post(serving_shadow::predict))
        .route("/api/deployment/{deployment}/predictedassets", get(predicted::list))
        .route("/api/deployment/{deployment}/predictedassets/find", get(predicted::find))
        .route("/api/predicted/asset/{id}", get(predicted::get).delete(predicted::delete))
        .route("/api/predicted/asset/{id}/reviews", post(review::add))
        .route("/api/data/{id}", get(predicted::data))
        .route("/api/data/{id}/presigned-url", get(predicted::data_link))
}

/// What becomes of predictions.
fn of_the_pipeline() -> Router<AppState> {
    let at = |rest: &str| format!("/api/deployment/{{deployment}}/pipeline/{rest}");
    Router::new()
        .route(&at("td/setup"), post(pipeline::set_training_data))
        .route(&at("td/check"), get(pipeline::training_data))
        .route(&at("td/disable"), put(pipeline::clear_training_data))
        .route(&at("fl/setup"), post(pipeline::set_up_feedback))
        .route(
            "/api/deployment/{deployment}/fl/datasets",
            get(pipeline::feedback_datasets)
                .post(pipeline::attach_feedback_dataset)
                .delete(pipeline::detach_feedback_dataset),
        )
        .route(&at("fl"), put(pipeline::switch_feedback))
        .route(&at("ct"), post(continuous::set_up_training).put(continuous::switch_training))
        .route(
            "/api/deployment/{deployment}/ct/datasets",
            post(continuous::attach_training_dataset).delete(continuous::detach_training_dataset),
        )
        .route(&at("cd"), post(continuous::set_up_deploying).put(continuous::switch_deploying))
}

/// Files and pictures: where they are sent and fetched.
fn of_storage() -> Router<AppState> {
    Router::new()
        .route(
            "/api/organization/{id}/connector/{connector}/generate_object_name",
            post(uploads::object_name),
        )
        .route("/api/object-storage/{id}/generate_presigned_url", post(uploads::link_to_write))
        .route("/api/object-storage/{id}/retrieve_presigned_url", post(files::link_to_read))
        .route("/api/object-storage/{id}/init_multipart_upload", post(uploads::no_parts))
        .route("/api/object-storage/uploads/{id}", put(uploads::take))
        .route("/api/object-storage/files/{kind}/{id}", get(files::bytes))
        .route("/api/organization/{id}/datalake", get(datalake::datalake))
        .route("/api/organization/{id}/datalakes", get(datalake::datalakes))
        .route("/api/datalake/{id}", get(datalake::datalake))
        .route("/api/datalake/{id}/datas", get(datalake::list_data).fallback(datalake::list_these))
        .route("/api/datalake/{id}/datas/find", get(datalake::find_data))
        .route("/api/datalake/{id}/tags", get(datasets::none).post(datalake::make_tag))
        .route("/api/datalake/{id}/tags/find", get(datalake::find_tag))
        .route("/api/organization/{id}/datasources", get(datasets::none).post(datalake::make_source))
        .route("/api/organization/{id}/datasources/find", get(datalake::find_source))
}

/// What there is nothing for.
fn without_counterpart() -> Router<AppState> {
    let mut routes = Router::new();
    for path in [
        "/api/deployment/{deployment}/{*rest}",
        "/api/campaigns/{*rest}",
        "/api/v2/{*rest}",
        "/api/organization/{id}/{*rest}",
        "/api/project/{id}/{*rest}",
        "/api/data/{id}/{*rest}",
        "/api/predicted/{*rest}",
        "/api/prediction/{id}/{*rest}",
        "/api/tag/{*rest}",
        "/api/model/{id}/{*rest}",
        "/api/model/version/{id}/{*rest}",
        "/api/dataset/{id}/{*rest}",
        "/api/dataset/version/{id}/{*rest}",
        "/api/experiment/{id}/{*rest}",
        "/api/datalake/{id}/{*rest}",
        "/api/asset/{id}/{*rest}",
        "/api/annotation/{id}/{*rest}",
        "/api/label/{id}/{*rest}",
        "/api/polygon/{*rest}",
        "/api/line/{*rest}",
        "/api/point/{*rest}",
        "/api/mask/{*rest}",
        "/api/classification/{*rest}",
        "/api/processing/{*rest}",
        "/api/logging/{*rest}",
        "/api/visual-search/{*rest}",
    ] {
        routes = routes.route(path, any(answers::no_counterpart));
    }
    routes
}
