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
mod asset_lists;
mod assets;
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
mod experiments;
mod exports;
mod files;
mod ids;
mod labels;
mod model_versions;
mod models;
mod monitor;
mod params;
mod pipeline;
mod predict;
mod predicted;
mod publishing;
mod query;
mod review;
mod sent;
mod serving_shadow;
mod stats;
mod tracked_logs;
mod tracking;
mod uploads;
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
        .merge(of_models())
        .merge(of_datasets())
        .merge(of_images_in_datasets())
        .merge(of_experiments())
        .merge(of_storage())
        .merge(without_counterpart())
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

/// Models, their versions and files.
fn of_models() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/models", get(models::list).post(models::create))
        .route("/api/organization/{id}/models/find", get(models::find))
        .route("/api/organization/{id}/modelversions/find", get(model_versions::find_version_anywhere))
        .route("/api/model/{id}", get(models::get).patch(models::change).delete(models::delete))
        .route("/api/model/{id}/versions", get(model_versions::versions).post(model_versions::create_version))
        .route("/api/model/{id}/versions/find", get(model_versions::find_version))
        .route(
            "/api/model/version/{id}",
            get(model_versions::version)
                .patch(model_versions::change_version)
                .delete(model_versions::delete_version),
        )
        .route("/api/model/version/{id}/context", get(model_versions::context))
        .route("/api/model/version/{id}/deploy", post(deployments::deploy_version))
        .route("/api/model/version/{id}/modelfiles", get(files::model_files).post(files::add_model_file))
        .route("/api/model/version/{id}/modelfiles/find", get(files::find_model_file))
        .route("/api/model/file/{id}", get(files::model_file).delete(files::delete_model_file))
        .route("/api/model/{id}/tags", get(datasets::none))
        .route("/api/model/version/{id}/tags", get(datasets::none))
}

/// Datasets and their versions.
fn of_datasets() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/datasets", get(datasets::list).post(datasets::create))
        .route("/api/organization/{id}/datasets/find", get(datasets::find))
        .route("/api/organization/{id}/datasetversions/find", get(dataset_versions::find_version_anywhere))
        .route("/api/dataset/{id}", get(datasets::get).delete(datasets::delete))
        .route(
            "/api/dataset/{id}/versions",
            get(dataset_versions::versions).post(dataset_versions::create_version),
        )
        .route("/api/dataset/{id}/versions/find", get(dataset_versions::find_version))
        .route("/api/dataset/{id}/fork", post(dataset_versions::fork))
        .route(
            "/api/dataset/version/{id}",
            get(dataset_versions::version)
                .patch(dataset_versions::change_version)
                .delete(dataset_versions::delete_version),
        )
        .route("/api/dataset/version/{id}/lock", post(dataset_versions::lock))
        .route(
            "/api/dataset/version/{id}/labels",
            get(dataset_labels::list_labels).post(dataset_labels::create_label),
        )
        .route("/api/dataset/version/{id}/labels/find", get(dataset_labels::find_label))
        // A read with a body: a method of its own.
        .route("/api/dataset/version/{id}/bulk-labels", any(dataset_labels::bulk_labels))
        .route("/api/dataset/version/{id}/labelgroups", get(datasets::none))
        .route("/api/dataset/version/{id}/stats", get(dataset_versions::stats))
        .route("/api/dataset/{id}/tags", get(datasets::none))
        .route("/api/dataset/version/{id}/tags", get(datasets::none).post(assets::make_tag))
        .route("/api/dataset/version/{id}/tags/find", get(assets::find_tag))
        .route("/api/job/{id}", get(datasets::job))
}

/// The images of datasets and their boxes.
fn of_images_in_datasets() -> Router<AppState> {
    Router::new()
        .route(
            "/api/dataset/version/{id}/assets",
            get(asset_lists::list).post(assets::add).fallback(asset_lists::list_these),
        )
        .route("/api/dataset/version/{id}/assets/find", get(asset_lists::find))
        .route("/api/dataset/version/{id}/assets/extended", get(asset_lists::extended))
        .route(
            "/api/dataset/version/{id}/annotations",
            get(annotations::of_version).delete(annotations::delete_many).fallback(annotations::load),
        )
        .route("/api/dataset/version/{id}/annotations/ids", get(annotations::ids))
        .route("/api/dataset/version/{id}/annotations/export", post(exports::export))
        .route("/api/dataset/version/{id}/annotations/file", get(exports::file))
        .route("/api/dataset/version/{id}/bulk-annotations", post(annotations::bulk))
        .route("/api/asset/{id}", get(assets::get).delete(assets::delete))
        .route("/api/asset/{id}/annotations", get(annotations::of_asset).post(annotations::create))
        .route("/api/asset/{id}/annotations/find", get(annotations::find))
        .route("/api/asset/{id}/tags", get(datasets::none))
        .route(
            "/api/annotation/{id}",
            get(annotations::find).patch(annotations::change).delete(annotations::delete),
        )
        .route("/api/annotation/{id}/save", post(annotations::save))
        .route("/api/annotation/{id}/bulk-rectangles", post(annotations::add_rectangles))
        .route("/api/annotation/{id}/rectangles", get(annotations::rectangles))
}

/// Experiments, trained here or tracked.
fn of_experiments() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/projects", get(experiments::projects))
        .route("/api/organization/{id}/projects/find", get(experiments::find_project))
        .route("/api/organization/{id}/experiments/find", get(experiments::find))
        .route("/api/project/{id}", get(experiments::get_project))
        .route("/api/project/{id}/experiments", get(experiments::list).post(tracking::create))
        .route("/api/project/{id}/experiments/find", get(experiments::find))
        .route("/api/experiment/{id}", get(experiments::get).patch(tracking::change).delete(tracking::delete))
        .route("/api/experiment/{id}/logs", post(tracked_logs::add_log))
        .route("/api/experiment/{id}/logs/extended", get(experiments::logs))
        .route("/api/experiment/{id}/logs/find", get(experiments::find_log))
        .route("/api/log/{id}", get(tracked_logs::log))
        .route("/api/log/{id}/append", post(tracked_logs::append))
        .route("/api/experiment/{id}/logging", post(tracked_logs::add_lines))
        .route("/api/experiment/{id}/job/status", any(tracking::job_state))
        .route("/api/experiment/{id}/artifacts", get(experiments::artifacts).post(files::add_artifact))
        .route("/api/experiment/{id}/artifacts/find", get(experiments::find_artifact))
        .route("/api/experiment/{id}/datasets", get(experiments::datasets).post(tracking::attach))
        .route("/api/experiment/{id}/datasets/find", get(experiments::find_dataset))
        .route(
            "/api/experiment/{id}/evaluations",
            get(evaluations::evaluations).post(evaluations::evaluate_images),
        )
        .route("/api/experiment/{id}/evaluate", post(evaluations::measure))
        .route("/api/experiment/{id}/publish", post(publishing::publish))
        .route("/api/experiment/{id}/publish/version", post(publishing::publish_version))
        .route("/api/experiment/{id}/launch", post(publishing::launch))
        .route("/api/v2/job/{id}", get(experiments::job))
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
        .route("/api/datalake/{id}/datas", get(datalake::list_data))
}

/// What there is nothing for.
fn without_counterpart() -> Router<AppState> {
    let mut routes = Router::new();
    for path in [
        "/api/deployment/{deployment}/{*rest}",
        "/api/campaigns/{*rest}",
        "/api/v2/{*rest}",
        "/api/organization/{id}/{*rest}",
        "/api/data/{id}/{*rest}",
        "/api/predicted/{*rest}",
        "/api/prediction/{id}/{*rest}",
        "/api/tag/{*rest}",
        "/api/model/version/{id}/{*rest}",
        "/api/dataset/version/{id}/{*rest}",
        "/api/experiment/{id}/{*rest}",
        "/api/datalake/{id}/{*rest}",
        "/api/asset/{id}/{*rest}",
        "/api/annotation/{id}/{*rest}",
        "/api/label/{id}/{*rest}",
    ] {
        routes = routes.route(path, any(answers::no_counterpart));
    }
    routes
}
