//! Projects: there is one, whatever a script calls it. Dataset versions may be
//! attached to it, which means nothing but that they are listed.

use super::{
    answers::{items, items_of_ids, missing},
    catalogue_shapes::dataset_version,
    dataset_versions::version_of,
    ids,
    params::Params,
    pipeline::IdsBody,
    record_kinds::{EXPERIMENT, PROJECT_DATASET},
    sdk_body::SdkBody,
    tracked::known,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::NewRecord;
use uuid::Uuid;

fn project(name: &str) -> Value {
    json!({ "id": ids::project(), "name": name })
}

pub(super) async fn list(_: SignedIn, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    items(vec![project(ids::NAME)])
}

pub(super) async fn find(_: SignedIn, PathParams(_): PathParams<Uuid>, params: Params) -> Json<Value> {
    Json(project(params.one("name").unwrap_or(ids::NAME)))
}

pub(super) async fn get(_: SignedIn, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    Json(project(ids::NAME))
}

#[derive(Deserialize)]
pub(super) struct NameBody {
    #[serde(default)]
    name: Option<String>,
}

/// Whatever a script makes or calls otherwise is the one that is there.
pub(super) async fn name(
    PathParams(_): PathParams<Uuid>,
    SdkBody(_, body, _): SdkBody<Admin, NameBody>,
) -> Json<Value> {
    Json(project(body.name.as_deref().unwrap_or(ids::NAME)))
}

pub(super) async fn datasets(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let mut versions = Vec::new();
    for record in state.service.catalogue().records(&actor, PROJECT_DATASET, ids::project()).await? {
        let id = Uuid::parse_str(&record.name).map_err(|_| missing("dataset version"))?;
        // One that was deleted since is attached to nothing.
        if let Ok(version) = version_of(&state, &actor, id).await {
            versions.push(dataset_version(&version));
        }
    }
    Ok(items(versions))
}

#[derive(Deserialize)]
pub(super) struct AttachBody {
    dataset_version_id: Uuid,
}

pub(super) async fn attach(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, AttachBody>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, body.dataset_version_id).await?;
    let (catalogue, name) = (state.service.catalogue(), version.id.to_string());
    if catalogue.record_named(&actor, PROJECT_DATASET, ids::project(), &name).await?.is_none() {
        let new =
            NewRecord { kind: PROJECT_DATASET, parent: ids::project(), name, body: json!({}), file: None };
        catalogue.keep_record(&actor, new).await?;
    }
    Ok(Json(dataset_version(&version)))
}

pub(super) async fn detach(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, IdsBody>,
) -> Result<StatusCode, Problem> {
    let catalogue = state.service.catalogue();
    for id in body.ids.0 {
        let record = catalogue.record_named(&actor, PROJECT_DATASET, ids::project(), &id.to_string()).await?;
        let record = record.ok_or_else(|| missing(&format!("dataset version {id} in this project")))?;
        catalogue.forget_record(&actor, record.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The ids of what scripts track: trainings of Fovea's own stay.
pub(super) async fn experiment_ids(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let records = state.service.catalogue().records(&actor, EXPERIMENT, ids::project()).await?;
    Ok(items_of_ids(&records))
}

pub(super) async fn delete_experiments(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, IdsBody>,
) -> Result<StatusCode, Problem> {
    for id in body.ids.0 {
        let record = known(&state, &actor, id).await?;
        state.service.catalogue().forget_record(&actor, record.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
