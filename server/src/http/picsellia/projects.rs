//! Projects: there is one, whatever a script calls it. Dataset versions may be
//! attached to it, which means nothing but that they are listed.

use super::{
    answers::{items, items_of_ids, missing},
    catalogue_shapes::dataset_version,
    dataset_versions::version_of,
    ids,
    params::Params,
    pipeline::IdsBody,
    sent::Sent,
    tracking::EXPERIMENT,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    label_ids::named,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::NewRecord;
use uuid::Uuid;

/// A dataset version that was attached.
const DATASET: &str = "project_dataset";

/// The one project.
pub(super) fn project_id() -> Uuid {
    named("project", ids::NAME)
}

fn project(name: &str) -> Value {
    json!({ "id": project_id(), "name": name })
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
    Sent(_, body, _): Sent<Admin, NameBody>,
) -> Json<Value> {
    Json(project(body.name.as_deref().unwrap_or(ids::NAME)))
}

pub(super) async fn datasets(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let mut found = Vec::new();
    for record in state.service.catalogue().records(&actor, DATASET, project_id()).await? {
        let id = Uuid::parse_str(&record.name).map_err(|_| missing("dataset version"))?;
        // One that was deleted since is attached to nothing.
        if let Ok(version) = version_of(&state, &actor, id).await {
            found.push(dataset_version(&version));
        }
    }
    Ok(items(found))
}

#[derive(Deserialize)]
pub(super) struct AttachBody {
    dataset_version_id: Uuid,
}

pub(super) async fn attach(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    Sent(actor, body, _): Sent<Admin, AttachBody>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, body.dataset_version_id).await?;
    let (catalogue, name) = (state.service.catalogue(), version.id.to_string());
    if catalogue.record_named(&actor, DATASET, project_id(), &name).await?.is_none() {
        let new = NewRecord { kind: DATASET, parent: project_id(), name, body: json!({}), file: None };
        catalogue.keep_record(&actor, new).await?;
    }
    Ok(Json(dataset_version(&version)))
}

pub(super) async fn detach(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    Sent(actor, body, _): Sent<Admin, IdsBody>,
) -> Result<StatusCode, Problem> {
    let catalogue = state.service.catalogue();
    for id in body.ids.0 {
        let found = catalogue.record_named(&actor, DATASET, project_id(), &id.to_string()).await?;
        let found = found.ok_or_else(|| missing(&format!("dataset version {id} in this project")))?;
        catalogue.forget_record(&actor, found.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The ids of what scripts track: trainings of Fovea's own stay.
pub(super) async fn experiment_ids(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let found = state.service.catalogue().records(&actor, EXPERIMENT, project_id()).await?;
    Ok(items_of_ids(&found))
}

pub(super) async fn delete_experiments(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    Sent(actor, body, _): Sent<Admin, IdsBody>,
) -> Result<StatusCode, Problem> {
    for id in body.ids.0 {
        let record = super::tracking::known(&state, &actor, id).await?;
        state.service.catalogue().forget_record(&actor, record.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
