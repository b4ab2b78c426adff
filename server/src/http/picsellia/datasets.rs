//! Datasets. One that has no version yet is a record.

use super::{
    answers::{items, missing, wrong},
    catalogue_shapes::dataset,
    deployments::name,
    params::{Params, Slice},
    sent::Sent,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{dataset::DatasetVersion, fault::ErrorKind, page::PageRequest};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, NewRecord, Viewer};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The kind of record that a dataset without versions is.
const DATASET: &str = "dataset";

/// A dataset, with or without versions.
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) name: String,
    description: String,
    pub(super) versions: Vec<DatasetVersion>,
}

impl Known {
    fn shape(&self) -> Value {
        dataset(self.id, &self.name, &self.description)
    }
}

async fn all(state: &AppState, by: &As<Viewer>) -> Result<Vec<Known>, Problem> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for record in state.service.catalogue().records(by, DATASET, Uuid::nil()).await? {
        let description = record.body["description"].as_str().unwrap_or_default().to_owned();
        let name = record.name;
        known.insert(name.clone(), Known { id: record.id, name, description, versions: Vec::new() });
    }
    let mut request = PageRequest { limit: Some(200), cursor: None };
    loop {
        let page = state.service.catalogue().datasets(by, request).await?;
        for version in page.items {
            let name = version.dataset.to_string();
            let one = known.entry(name.clone()).or_insert_with(|| Known {
                id: version.dataset_id.0,
                name,
                description: String::new(),
                versions: Vec::new(),
            });
            one.id = version.dataset_id.0;
            one.versions.push(version);
        }
        let Some(cursor) = page.next_cursor else { break };
        request = PageRequest { limit: Some(200), cursor: Some(cursor) };
    }
    Ok(known.into_values().collect())
}

/// The dataset of this id.
pub(super) async fn known(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Known, Problem> {
    let found = all(state, by).await?.into_iter().find(|one| one.id == id);
    found.ok_or_else(|| missing(&format!("dataset {id}")))
}

pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let found = all(&state, &actor).await?;
    Ok(items(Slice::of(&params, 1_000)?.cut(found).iter().map(Known::shape).collect()))
}

pub(super) async fn find(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    if let Some(id) = params.id("id")? {
        return Ok(Json(known(&state, &actor, id).await?.shape()));
    }
    let name = params.one("name").ok_or_else(|| wrong("name", "Give a name or an id."))?;
    let found = all(&state, &actor).await?.into_iter().find(|one| one.name == name);
    Ok(Json(found.ok_or_else(|| missing(&format!("dataset called {name:?}")))?.shape()))
}

pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(known(&state, &actor, id).await?.shape()))
}

#[derive(Deserialize)]
pub(super) struct NameBody {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

pub(super) async fn create(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    Sent(actor, body, _): Sent<Admin, NameBody>,
) -> Result<Json<Value>, Problem> {
    let name = name(&body.name.unwrap_or_default())?.to_string();
    if all(&state, &actor).await?.iter().any(|one| one.name == name) {
        return Err(Problem::new(ErrorKind::Conflict, format!("There is already a dataset called {name}.")));
    }
    let description = body.description.unwrap_or_default();
    let said = json!({ "description": description });
    let new = NewRecord { kind: DATASET, parent: Uuid::nil(), name, body: said, file: None };
    let record = state.service.catalogue().keep_record(&actor, new).await?;
    Ok(Json(dataset(record.id, &record.name, &description)))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let known = known(&state, &actor, id).await?;
    for version in &known.versions {
        state.service.catalogue().delete_version(&actor, version.id).await?;
    }
    let catalogue = state.service.catalogue();
    if let Some(record) = catalogue.record_named(&actor, DATASET, Uuid::nil(), &known.name).await? {
        catalogue.forget_record(&actor, record.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
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
