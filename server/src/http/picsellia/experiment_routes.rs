//! Routes of projects and experiments, trained here or tracked.

use super::{artifacts, evaluations, experiments, files, jobs, projects, publishing, tracked_logs, tracking};
use crate::http::AppState;
use axum::{
    Router,
    routing::{any, get, post},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .merge(of_projects())
        .merge(of_experiments())
        .merge(of_logs())
        .merge(of_artifacts())
        .merge(of_what_follows())
}

fn of_projects() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/projects", get(projects::list).post(projects::name))
        .route("/api/organization/{id}/projects/find", get(projects::find))
        .route("/api/project/{id}", get(projects::get).patch(projects::name))
        .route(
            "/api/project/{id}/datasets",
            get(projects::datasets).post(projects::attach).delete(projects::detach),
        )
        .route(
            "/api/project/{id}/experiments",
            get(experiments::list).post(tracking::create).delete(projects::delete_experiments),
        )
        .route("/api/project/{id}/experiments/ids", get(projects::experiment_ids))
        .route("/api/project/{id}/experiments/find", get(experiments::find))
}

fn of_experiments() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/experiments/find", get(experiments::find))
        .route("/api/experiment/{id}", get(experiments::get).patch(tracking::change).delete(tracking::delete))
        .route("/api/experiment/{id}/experiment", post(tracking::set_base_experiment))
        .route("/api/experiment/{id}/model", post(tracking::set_base_model))
        .route("/api/experiment/{id}/job/status", any(tracking::job_state))
        .route(
            "/api/experiment/{id}/datasets",
            get(experiments::datasets).post(tracking::attach).delete(tracking::detach),
        )
        .route("/api/experiment/{id}/datasets/find", get(experiments::find_dataset))
}

fn of_logs() -> Router<AppState> {
    Router::new()
        .route("/api/experiment/{id}/logs", post(tracked_logs::add_log).delete(tracked_logs::delete_many))
        .route("/api/experiment/{id}/logs/ids", get(tracked_logs::ids))
        .route("/api/experiment/{id}/logs/extended", get(experiments::logs))
        .route("/api/experiment/{id}/logs/find", get(experiments::find_log))
        .route(
            "/api/log/{id}",
            get(experiments::log).patch(tracked_logs::change).delete(tracked_logs::delete),
        )
        .route("/api/log/{id}/append", post(tracked_logs::append))
        .route("/api/experiment/{id}/logging", get(artifacts::logging).post(tracked_logs::add_lines))
        .route("/api/experiment/{id}/logging/save", post(artifacts::store_logging))
}

fn of_artifacts() -> Router<AppState> {
    Router::new()
        .route(
            "/api/experiment/{id}/artifacts",
            get(experiments::artifacts).post(files::add_artifact).delete(artifacts::delete_many),
        )
        .route("/api/experiment/{id}/artifacts/ids", get(artifacts::ids))
        .route("/api/experiment/{id}/artifacts/find", get(experiments::find_artifact))
        .route("/api/artifact/{id}", get(artifacts::get).patch(artifacts::change).delete(artifacts::delete))
}

/// What becomes of experiments.
fn of_what_follows() -> Router<AppState> {
    Router::new()
        .route(
            "/api/experiment/{id}/evaluations",
            get(evaluations::evaluations).post(evaluations::evaluate_images),
        )
        .route("/api/evaluation/{id}", get(evaluations::evaluation).delete(evaluations::delete))
        .route("/api/experiment/{id}/evaluate", post(evaluations::measure))
        .route("/api/experiment/{id}/publish", post(publishing::publish))
        .route("/api/experiment/{id}/publish/version", post(publishing::publish_version))
        .route("/api/experiment/{id}/launch", post(publishing::launch))
        .route("/api/v2/job/{id}", get(jobs::job))
        .route("/api/organization/{id}/jobv2s/find", get(jobs::find))
}
