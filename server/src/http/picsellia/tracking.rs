//! Trainings that run elsewhere and say here how they go. All of it is kept as
//! records; a model version comes of it when it is published.

use super::{
    answers::{missing, wrong},
    catalogue_shapes::dataset_version,
    dataset_versions::version_of,
    ids,
    pipeline::IdsBody,
    record_kinds::{EXPERIMENT, EXPERIMENT_DATASET},
    sdk_body::SdkBody,
    tracked::{known, shape},
    tracked_logs::put_log,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{foreign_record::ForeignRecord, ids::ModelVersionId};
use http::StatusCode;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use service::{As, NewRecord};
use std::collections::BTreeMap;
use uuid::Uuid;

const STATES: [&str; 6] = ["WAITING", "RUNNING", "SUCCESS", "FAILED", "CANCELED", "TERMINATED"];

/// Says something else of a tracked experiment.
async fn said(
    state: &AppState,
    by: &As<Admin>,
    record: &ForeignRecord,
    (key, value): (&str, Value),
) -> Result<Json<Value>, Problem> {
    let mut body = record.body.clone();
    body[key] = value;
    Ok(Json(shape(&state.service.catalogue().change_record(by, record, &record.name, body).await?)))
}

#[derive(Deserialize)]
pub(super) struct BaseExperimentBody {
    base_experiment_id: Uuid,
}

/// Which experiment it goes on from.
pub(super) async fn set_base_experiment(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, BaseExperimentBody>,
) -> Result<Json<Value>, Problem> {
    let record = known(&state, &actor, id).await?;
    let base = body.base_experiment_id;
    if base == id {
        return Err(wrong("base_experiment_id", "An experiment does not go on from itself."));
    }
    super::experiments::one(&state, &actor, base).await?;
    said(&state, &actor, &record, ("base_experiment_id", json!(base))).await
}

#[derive(Deserialize)]
pub(super) struct BaseModelBody {
    model_version_id: Uuid,
}

/// Which model version its training starts from.
pub(super) async fn set_base_model(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, BaseModelBody>,
) -> Result<Json<Value>, Problem> {
    let record = known(&state, &actor, id).await?;
    let base = body.model_version_id;
    state.service.catalogue().model_version_of_id(&actor, ModelVersionId(base)).await?;
    said(&state, &actor, &record, ("base_model_version_id", json!(base))).await
}

#[derive(Deserialize)]
pub(super) struct NewBody {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    base_experiment_id: Option<Uuid>,
    #[serde(default)]
    base_model_version_id: Option<Uuid>,
    #[serde(default)]
    parameters: Option<BTreeMap<String, Value>>,
}

pub(super) async fn create(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, NewBody>,
) -> Result<Json<Value>, Problem> {
    if let Some(base) = body.base_model_version_id {
        state.service.catalogue().model_version_of_id(&actor, ModelVersionId(base)).await?;
    }
    let said = json!({
        "status": "WAITING", "description": body.description, "base_experiment_id": body.base_experiment_id,
        "base_model_version_id": body.base_model_version_id,
    });
    let new = NewRecord { kind: EXPERIMENT, parent: ids::project(), name: body.name, body: said, file: None };
    let record = state.service.catalogue().keep_record(&actor, new).await?;
    if let Some(parameters) = body.parameters {
        put_log(&state, &actor, record.id, "parameters", "TABLE", json!(parameters)).await?;
    }
    Ok(Json(shape(&record)))
}

#[derive(Deserialize)]
pub(super) struct ChangeBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, ChangeBody>,
) -> Result<Json<Value>, Problem> {
    let record = known(&state, &actor, id).await?;
    let mut said = record.body.clone();
    if let Some(status) = body.status {
        if !STATES.contains(&status.as_str()) {
            return Err(wrong("status", format!("There are {}.", STATES.join(", "))));
        }
        said["status"] = json!(status);
    }
    if let Some(description) = body.description {
        said["description"] = json!(description);
    }
    let name = body.name.unwrap_or_else(|| record.name.clone());
    Ok(Json(shape(&state.service.catalogue().change_record(&actor, &record, &name, said).await?)))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let record = known(&state, &actor, id).await?;
    state.service.catalogue().forget_record(&actor, record.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The state of the job that a script is part of.
pub(super) async fn job_state(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, IgnoredAny, _): SdkBody<Admin, IgnoredAny>,
) -> Result<Json<Value>, Problem> {
    known(&state, &actor, id).await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
pub(super) struct AttachBody {
    name: String,
    dataset_version_id: Uuid,
}

pub(super) async fn attach(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, AttachBody>,
) -> Result<Json<Value>, Problem> {
    known(&state, &actor, id).await?;
    let version = version_of(&state, &actor, body.dataset_version_id).await?;
    let said = json!({ "dataset_version_id": version.id.0 });
    let new =
        NewRecord { kind: EXPERIMENT_DATASET, parent: id, name: body.name.clone(), body: said, file: None };
    state.service.catalogue().keep_record(&actor, new).await?;
    Ok(Json(json!({ "name": body.name, "dataset_version": dataset_version(&version) })))
}

/// Takes dataset versions away, under whatever names they were attached.
pub(super) async fn detach(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, IdsBody>,
) -> Result<StatusCode, Problem> {
    known(&state, &actor, id).await?;
    let catalogue = state.service.catalogue();
    let attached = catalogue.records(&actor, EXPERIMENT_DATASET, id).await?;
    for version in body.ids.0 {
        let meant = attached.iter().filter(|record| record.body["dataset_version_id"] == json!(version));
        let mut was_attached = false;
        for record in meant {
            catalogue.forget_record(&actor, record.id).await?;
            was_attached = true;
        }
        if !was_attached {
            return Err(missing(&format!("dataset version {version} in this experiment")));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
