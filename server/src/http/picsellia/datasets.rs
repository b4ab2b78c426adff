//! Datasets: lines of [`super::dataset_versions`].

use super::{answers::items, catalogue_shapes, record_kinds::RECTANGLE, versioned::Versioned};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::Json;
use domain::{
    dataset::DatasetVersion,
    ids::{DatasetId, DatasetVersionId},
};
use serde_json::{Value, json};
use service::{As, Viewer};
use store::Line;
use uuid::Uuid;

/// Datasets.
pub(super) struct Datasets;

impl Versioned for Datasets {
    const KIND: &'static str = "dataset";

    type Version = DatasetVersion;

    async fn lines(state: &AppState, by: &As<Viewer>) -> Result<Vec<Line>, Problem> {
        Ok(state.service.catalogue().dataset_lines(by).await?)
    }

    async fn versions(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Vec<DatasetVersion>, Problem> {
        Ok(state.service.catalogue().versions_of_dataset(by, DatasetId(id)).await?)
    }

    async fn remove(state: &AppState, by: &As<Admin>, version: &DatasetVersion) -> Result<(), Problem> {
        remove_version(state, by, version.id).await
    }

    fn shape(id: Uuid, name: &str, description: &str) -> Value {
        catalogue_shapes::dataset(id, name, description)
    }

    fn version_shape(version: &DatasetVersion) -> Value {
        catalogue_shapes::dataset_version(version)
    }
}

/// Deletes a version with what was remembered of its boxes.
pub(super) async fn remove_version(
    state: &AppState,
    by: &As<Admin>,
    id: DatasetVersionId,
) -> Result<(), Problem> {
    let catalogue = state.service.catalogue();
    catalogue.delete_version(by, id).await?;
    for record in catalogue.records(by, RECTANGLE, id.0).await? {
        catalogue.forget_record(by, record.id).await?;
    }
    Ok(())
}

/// A job that is over: what it was for was done in the request.
pub(super) fn done() -> Value {
    json!({ "id": Uuid::now_v7(), "status": "SUCCESS" })
}

pub(super) async fn job(_: SignedIn, PathParams(id): PathParams<Uuid>) -> Json<Value> {
    Json(json!({ "id": id, "status": "SUCCESS" }))
}

/// Nothing of this kind is kept with it.
pub(super) async fn none(_: SignedIn, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    items(Vec::new())
}
