//! A tracked experiment: finding it, its shape, and what is attached to it.

use super::{
    answers::{items_of_ids, missing},
    catalogue_shapes::dataset_version,
    dataset_versions::version_of,
    ids,
    record_kinds::{EXPERIMENT, EXPERIMENT_DATASET},
};
use crate::http::{AppState, admission::Admin, problem::Problem};
use axum::Json;
use domain::{dataset::DatasetVersion, fault::ErrorKind, foreign_record::ForeignRecord, ids::ExperimentId};
use http::StatusCode;
use serde_json::{Value, json};
use service::{As, Viewer};
use uuid::Uuid;

/// A tracked experiment as the SDK knows it.
pub(super) fn shape(record: &ForeignRecord) -> Value {
    json!({
        "id": record.id,
        "name": record.name,
        "project_id": ids::project(),
        "status": record.body["status"],
        "base_model_version_id": record.body["base_model_version_id"],
        "base_experiment_id": record.body["base_experiment_id"],
        "description": record.body["description"],
        "created_at": record.created,
    })
}

/// The tracked experiment of this id.
///
/// # Errors
/// 409 for a training of Fovea's own, which is as it was; 404 when there is
/// none.
pub(super) async fn known(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<ForeignRecord, Problem> {
    let error = match state.service.catalogue().record(by, EXPERIMENT, id).await {
        Ok(record) => return Ok(record),
        Err(error) => error,
    };
    if state.service.learning().experiment(by, ExperimentId(id)).await.is_ok() {
        let message =
            "This experiment was trained by Fovea: it stays as it was. Create one to track your own.";
        return Err(Problem::new(ErrorKind::Conflict, message));
    }
    Err(error.into())
}

/// The dataset versions of a tracked experiment.
pub(super) async fn datasets(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Vec<Value>, Problem> {
    let mut datasets = Vec::new();
    for (name, version) in attached(state, by, id).await? {
        datasets.push(json!({ "name": name, "dataset_version": dataset_version(&version) }));
    }
    Ok(datasets)
}

/// The dataset versions that were attached, each with the name it has there.
pub(super) async fn attached(
    state: &AppState,
    by: &As<Viewer>,
    id: Uuid,
) -> Result<Vec<(String, DatasetVersion)>, Problem> {
    let mut attached = Vec::new();
    for record in state.service.catalogue().records(by, EXPERIMENT_DATASET, id).await? {
        let version = record.body["dataset_version_id"].as_str().and_then(|id| Uuid::parse_str(id).ok());
        let version = version.ok_or_else(|| missing("dataset version"))?;
        attached.push((record.name, version_of(state, by, version).await?));
    }
    Ok(attached)
}

/// The ids of what a tracked experiment has of a kind of records.
pub(super) async fn record_ids(
    state: &AppState,
    by: &As<Viewer>,
    (id, kind): (Uuid, &str),
) -> Result<Json<Value>, Problem> {
    known(state, by, id).await?;
    Ok(items_of_ids(&state.service.catalogue().records(by, kind, id).await?))
}

/// Deletes records of a kind that are this tracked experiment's.
///
/// # Errors
/// 404 at the first that is not, with those before it deleted.
pub(super) async fn forget_records(
    state: &AppState,
    by: &As<Admin>,
    (id, kind): (Uuid, &str),
    records: Vec<Uuid>,
) -> Result<StatusCode, Problem> {
    known(state, by, id).await?;
    let catalogue = state.service.catalogue();
    for record_id in records {
        let record = catalogue.record(by, kind, record_id).await?;
        if record.parent != id {
            return Err(missing(&format!("{kind} {record_id} of this experiment")));
        }
        catalogue.forget_record(by, record.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes one record of a kind.
pub(super) async fn forget_record(
    state: &AppState,
    by: &As<Admin>,
    (id, kind): (Uuid, &str),
) -> Result<StatusCode, Problem> {
    let catalogue = state.service.catalogue();
    let record = catalogue.record(by, kind, id).await?;
    catalogue.forget_record(by, record.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
