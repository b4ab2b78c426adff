//! REST under `/api/v1`, one file to a resource, described by OpenAPI.

mod accounts;
mod alerts;
mod assets;
mod bounded;
mod bulk;
mod completed;
mod continuous_deployment;
mod continuous_training;
mod dataset_import_shapes;
mod dataset_imports;
mod datasets;
mod deployment_shapes;
mod deployments;
mod description;
mod drift_shapes;
mod experiments;
mod facets;
mod feedback;
mod figure_shapes;
mod filename;
mod form;
mod form_file;
#[doc(hidden)]
pub mod fuzzing;
mod idempotency;
mod images;
mod label_studio;
mod launches;
mod leases;
mod links;
mod listed;
mod listed_numbers;
mod model_files;
mod model_upload;
mod models;
mod monitoring;
mod monitoring_shapes;
mod ndjson;
mod predict;
mod predict_json;
mod prediction_shapes;
mod predictions;
mod provenance;
mod records;
mod report_body;
mod reports;
mod retention;
mod review_boxes;
mod review_shapes;
mod reviews;
mod search;
mod settings;
mod shadows;
mod shapes;
mod spool;
mod staged_models;
mod staged_shapes;
mod supervised;
mod supervised_shapes;
mod tokens;
mod trainers;
mod training_data;
mod training_plan;
mod uploads;
mod views;
mod watched_form;
mod webhooks;

pub(crate) use accounts::{InvitedBody, NewUserBody, ResetLinkBody, UserList};
pub(crate) use assets::AssetBody;
pub(crate) use bounded::AtMost;
pub(super) use bounded::Pairs;
pub use datasets::DatasetVersionBody;
pub(crate) use datasets::NewDatasetVersionBody;
pub use deployment_shapes::DeploymentBody;
pub(crate) use deployment_shapes::{DeploymentList, NewDeploymentBody};
pub use description::{described, routes as description_routes};
pub(crate) use experiments::ExperimentBody;
pub(super) use form::{Form, read as read_form};
pub(super) use form::{flag, moment, pairs, words};
pub(super) use idempotency::{REPEATED, check_key, idempotency_key};
pub(crate) use launches::{LaunchBody, LaunchedBody};
pub use listed::{ListedBody, ListingBody};
pub(crate) use model_files::ImportedBody;
pub use models::{EvaluationBody, ModelVersionBody};
pub(crate) use models::{MeasureBody, NewModelBody};
pub(crate) use ndjson::report_of_line;
pub(super) use predict_json::{decoded as decoded_image, json_bytes as image_json_bytes};
pub(crate) use prediction_shapes::CountBody;
pub use prediction_shapes::PredictionBody;
pub(crate) use shapes::{BoxShape, PageOf};
pub use staged_shapes::InspectedBody;
pub use supervised_shapes::{EstimateBody, LeftOutBody};
pub(crate) use tokens::{NewTokenAnswer, NewTokenBody};
pub(crate) use trainers::{TrainerBody, TrainerList};

use super::{AppState, events};
use axum::Router;
use description::ApiDescription;
use utoipa::{OpenApi as _, openapi::OpenApi};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The figures of a range, in the shape of `GET …/metrics`.
pub(super) fn metrics_json(page: service::MonitoringPage) -> serde_json::Value {
    serde_json::json!(monitoring_shapes::MetricsBody::from(page))
}

/// The figures of a model from reviews, in the shape of `GET …/supervised`.
pub(super) fn figures_json(figures: domain::monitor::supervised::SupervisedFigures) -> serde_json::Value {
    serde_json::json!(supervised::FiguresBody::from(figures))
}

/// The routes and their description.
pub fn routes() -> (Router<AppState>, OpenApi) {
    let rest = OpenApiRouter::new()
        .merge(of_predictions())
        .merge(of_reviews())
        .merge(of_deployments())
        .merge(of_the_catalogue())
        .merge(of_people());
    let all = OpenApiRouter::with_openapi(ApiDescription::openapi()).nest("/api/v1", rest);
    let (router, mut openapi) = all.split_for_parts();
    completed::complete(&mut openapi);
    (router, openapi)
}

/// Predictions: made, reported, found, looked at.
fn of_predictions() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(predict::predict))
        .routes(routes!(predictions::list, reports::report))
        .routes(routes!(predictions::count))
        .routes(routes!(facets::facets))
        .routes(routes!(search::known_values))
        .routes(routes!(search::explain))
        .routes(routes!(search::export))
        .routes(routes!(search::neighbours))
        .routes(routes!(bulk::bulk))
        .routes(routes!(bulk::undo))
        .routes(routes!(views::list, views::save))
        .routes(routes!(views::change, views::delete))
        .routes(routes!(views::history, views::remember, views::forget))
        .routes(routes!(predictions::get, predictions::delete))
        .routes(routes!(images::of_prediction))
        .routes(routes!(links::make))
        .routes(routes!(shadows::report))
        .routes(routes!(shadows::get))
        .routes(routes!(shadows::replay))
        .routes(routes!(label_studio::get, label_studio::set, label_studio::clear))
}

/// Reviews, and what they feed.
fn of_reviews() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(reviews::get, reviews::save))
        .routes(routes!(reviews::revisions))
        .routes(routes!(reviews::revision))
        .routes(routes!(reviews::restore))
        .routes(routes!(reviews::skip))
        .routes(routes!(reviews::reopen))
        .routes(routes!(leases::take))
        .routes(routes!(leases::next))
        .routes(routes!(leases::renew))
        .routes(routes!(leases::release))
        .routes(routes!(leases::settings, leases::set_settings))
        .routes(routes!(feedback::submit))
        .routes(routes!(feedback::unsubmit))
        .routes(routes!(feedback::get, feedback::set))
        .routes(routes!(feedback::submissions))
}

/// Deployments, what they are set to, and the watch over them.
fn of_deployments() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(deployments::list, deployments::create))
        .routes(routes!(deployments::get, deployments::change, deployments::delete))
        .routes(routes!(deployments::restore))
        .routes(routes!(deployments::promote))
        .routes(routes!(continuous_deployment::roll_back))
        .routes(routes!(continuous_deployment::get, continuous_deployment::set))
        .routes(routes!(continuous_deployment::comparison, continuous_deployment::compare))
        .routes(routes!(continuous_training::get, continuous_training::set))
        .routes(routes!(continuous_training::launch))
        .routes(routes!(monitoring::metrics))
        .routes(routes!(supervised::supervised))
        .routes(routes!(alerts::list, alerts::add))
        .routes(routes!(alerts::read))
        .routes(routes!(alerts::change, alerts::delete))
        .routes(routes!(webhooks::list, webhooks::add))
        .routes(routes!(webhooks::delete))
        .routes(routes!(webhooks::deliveries))
        .routes(routes!(retention::get, retention::set))
        .routes(routes!(training_data::get, training_data::set, training_data::clear))
        .routes(routes!(events::of_deployment))
        .routes(routes!(events::all))
}

/// Datasets, models and how these are made.
fn of_the_catalogue() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(datasets::list, datasets::create))
        .routes(routes!(datasets::get))
        .routes(routes!(datasets::freeze))
        .routes(routes!(datasets::discard))
        .routes(routes!(assets::list, assets::add))
        .routes(routes!(dataset_imports::start))
        .routes(routes!(dataset_imports::list))
        .routes(routes!(dataset_imports::get))
        .routes(routes!(dataset_imports::cancel))
        .routes(routes!(dataset_imports::undo))
        .routes(routes!(uploads::begin))
        .routes(routes!(uploads::get, uploads::write, uploads::discard))
        .routes(routes!(models::list, models::register))
        .routes(routes!(models::get, model_files::delete))
        .routes(routes!(model_files::weights))
        .routes(routes!(model_files::card))
        .routes(routes!(model_files::import))
        .routes(routes!(staged_models::list, staged_models::stage))
        .routes(routes!(staged_models::get, staged_models::describe, staged_models::discard))
        .routes(routes!(staged_models::attempt))
        .routes(routes!(staged_models::import))
        .routes(routes!(models::measure))
        .routes(routes!(experiments::list, launches::launch))
        .routes(routes!(experiments::get))
        .routes(routes!(experiments::cancel))
        .routes(routes!(experiments::retry))
        .routes(routes!(trainers::list))
        .routes(routes!(images::of_asset))
}

/// People, tokens, the log of acts and work.
fn of_people() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(accounts::users, accounts::add_user))
        .routes(routes!(accounts::change_user))
        .routes(routes!(accounts::reset_link))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(records::audit))
        .routes(routes!(records::work))
        .routes(routes!(records::cancel_work))
}
