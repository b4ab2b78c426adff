//! Routes of models, of datasets, and of the images in these.

use super::{
    annotations, asset_lists, assets, bulk_annotations, dataset_labels, dataset_versions,
    datasets::{self, Datasets},
    deployments, exports, files, model_versions,
    models::Models,
    rectangles,
    versioned::{self, Versioned},
};
use crate::http::AppState;
use axum::{
    Router,
    routing::{any, get, post},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .merge(of_lines::<Models>())
        .merge(of_lines::<Datasets>())
        .merge(of_model_versions())
        .merge(of_dataset_versions())
        .merge(of_images())
        .merge(of_annotations())
}

/// What models and datasets have in common.
fn of_lines<K: Versioned>() -> Router<AppState> {
    let kind = K::KIND;
    Router::new()
        .route(
            &format!("/api/organization/{{id}}/{kind}s"),
            get(versioned::list::<K>).post(versioned::create::<K>),
        )
        .route(&format!("/api/organization/{{id}}/{kind}s/find"), get(versioned::find::<K>))
        .route(
            &format!("/api/{kind}/{{id}}"),
            get(versioned::get::<K>).patch(versioned::change::<K>).delete(versioned::delete::<K>),
        )
        .route(&format!("/api/{kind}/{{id}}/tags"), get(datasets::none))
        .route(&format!("/api/{kind}/version/{{id}}/tags"), get(datasets::none))
}

/// Versions of models and their files.
fn of_model_versions() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/modelversions/find", get(model_versions::find_version_anywhere))
        .route(
            "/api/model/{id}/versions",
            get(versioned::list_versions::<Models>).post(model_versions::create_version),
        )
        .route("/api/model/{id}/versions/find", get(model_versions::find_version))
        .route(
            "/api/model/version/{id}",
            get(model_versions::version)
                .patch(model_versions::change_version)
                .delete(model_versions::delete_version),
        )
        .route("/api/model/version/{id}/context", get(model_versions::context))
        .route("/api/model/context/{id}", get(model_versions::context))
        .route("/api/model/version/{id}/deploy", post(deployments::deploy_version))
        .route("/api/model/version/{id}/modelfiles", get(files::model_files).post(files::add_model_file))
        .route("/api/model/version/{id}/modelfiles/find", get(files::find_model_file))
        .route("/api/model/file/{id}", get(files::model_file).delete(files::delete_model_file))
}

/// Versions of datasets and their labels.
fn of_dataset_versions() -> Router<AppState> {
    Router::new()
        .route("/api/organization/{id}/datasetversions/find", get(dataset_versions::find_version_anywhere))
        .route(
            "/api/dataset/{id}/versions",
            get(versioned::list_versions::<Datasets>).post(dataset_versions::create_version),
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
        .route("/api/dataset/version/{id}/unlock", post(dataset_versions::unlock))
        .route(
            "/api/dataset/version/{id}/labels",
            get(dataset_labels::list_labels).post(dataset_labels::create_label),
        )
        .route("/api/dataset/version/{id}/labels/find", get(dataset_labels::find_label))
        // A read with a body: a method of its own.
        .route("/api/dataset/version/{id}/bulk-labels", any(dataset_labels::bulk_labels))
        .route("/api/dataset/version/{id}/labelgroups", get(datasets::none))
        .route("/api/dataset/version/{id}/stats", get(dataset_versions::stats))
        .route("/api/dataset/version/{id}/tags", post(assets::make_tag))
        .route("/api/dataset/version/{id}/tags/find", get(assets::find_tag))
        .route("/api/job/{id}", get(datasets::job))
}

/// Images of datasets.
fn of_images() -> Router<AppState> {
    Router::new()
        .route(
            "/api/dataset/version/{id}/assets",
            get(asset_lists::list)
                .post(assets::add)
                .delete(assets::delete_many)
                .fallback(asset_lists::list_these),
        )
        .route("/api/dataset/version/{id}/assets/copy", post(assets::copy))
        .route("/api/dataset/version/{id}/assets/find", get(asset_lists::find))
        .route("/api/dataset/version/{id}/assets/extended", get(asset_lists::extended))
        .route("/api/asset/{id}", get(assets::get).delete(assets::delete))
        .route("/api/asset/{id}/tags", get(datasets::none))
}

/// The boxes of these images.
fn of_annotations() -> Router<AppState> {
    let shapes = ["polygons", "masks", "lines", "points", "classifications", "keypoints"];
    let routes = shapes.into_iter().fold(Router::new(), |routes, shape| {
        routes.route(&format!("/api/annotation/{{id}}/{shape}"), get(annotations::no_shapes))
    });
    routes
        .route(
            "/api/dataset/version/{id}/annotations",
            get(annotations::of_version).delete(bulk_annotations::delete_many).fallback(annotations::load),
        )
        .route("/api/dataset/version/{id}/annotations/ids", get(annotations::ids))
        .route("/api/dataset/version/{id}/annotations/export", post(exports::export))
        .route("/api/dataset/version/{id}/annotations/file", get(exports::file))
        .route("/api/dataset/version/{id}/bulk-annotations", post(bulk_annotations::bulk))
        .route("/api/asset/{id}/annotations", get(annotations::of_asset).post(annotations::create))
        .route("/api/asset/{id}/annotations/find", get(annotations::find))
        .route(
            "/api/annotation/{id}",
            get(annotations::find).patch(annotations::change).delete(annotations::delete),
        )
        .route("/api/annotation/{id}/save", post(annotations::save))
        .route("/api/annotation/{id}/bulk-rectangles", post(annotations::add_rectangles))
        .route("/api/annotation/{id}/rectangles", get(annotations::rectangles))
        .route(
            "/api/rectangle/{id}",
            get(rectangles::get).patch(rectangles::change).delete(rectangles::delete),
        )
}
