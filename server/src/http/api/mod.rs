//! REST under `/api/v1`, one file to a resource, described by OpenAPI.

mod accounts;
mod alerts;
mod assets;
mod bounded;
mod bulk;
mod completed;
mod continuous_deployment;
mod continuous_training;
mod datasets;
mod deployments;
mod description;
mod drift_shapes;
mod experiments;
mod facets;
mod feedback;
mod figure_shapes;
mod form;
#[doc(hidden)]
pub mod fuzzing;
mod images;
mod leases;
mod listed;
mod listed_numbers;
mod model_files;
mod models;
mod monitoring;
mod monitoring_shapes;
mod ndjson;
mod predict;
mod predictions;
mod records;
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
mod supervised;
mod supervised_shapes;
mod tokens;
mod training_data;
mod views;
mod webhooks;

pub(crate) use accounts::{InvitedBody, NewUserBody, ResetLinkBody, UserList};
pub(crate) use assets::AssetBody;
pub(crate) use bounded::AtMost;
pub use datasets::DatasetVersionBody;
pub(crate) use datasets::NewDatasetVersionBody;
pub use deployments::DeploymentBody;
pub(crate) use deployments::{DeploymentList, NewDeploymentBody};
pub use description::routes as description_routes;
pub(crate) use experiments::{ExperimentBody, LaunchBody};
pub use listed::{ListedBody, ListingBody};
pub use models::{EvaluationBody, ModelVersionBody};
pub(crate) use models::{MeasureBody, NewModelBody};
pub(crate) use predictions::CountBody;
pub use predictions::PredictionBody;
pub(crate) use shapes::{BoxShape, PageOf};
pub use supervised_shapes::LeftOutBody;
pub(crate) use tokens::{NewTokenAnswer, NewTokenBody};

use super::{AppState, events};
use axum::Router;
use description::ApiDescription;
use utoipa::{OpenApi as _, openapi::OpenApi};
use utoipa_axum::{router::OpenApiRouter, routes};

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
        .routes(routes!(shadows::report))
        .routes(routes!(shadows::get))
        .routes(routes!(shadows::replay))
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
        .routes(routes!(deployments::get, deployments::change))
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
        .routes(routes!(models::list, models::register))
        .routes(routes!(models::get, model_files::delete))
        .routes(routes!(model_files::weights))
        .routes(routes!(model_files::card))
        .routes(routes!(model_files::import))
        .routes(routes!(models::measure))
        .routes(routes!(experiments::list, experiments::launch))
        .routes(routes!(experiments::get))
        .routes(routes!(experiments::cancel))
        .routes(routes!(experiments::retry))
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
