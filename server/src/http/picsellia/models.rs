//! Models. One that has no version yet is a record.

use super::{
    answers::{items, missing, wrong},
    catalogue_shapes::model,
    deployments::name,
    model_versions::remove_version,
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
use domain::{model::ModelVersion, page::PageRequest};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, NewRecord, Viewer};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The kind of record that a model without versions is.
const MODEL: &str = "model";

/// Versions of one walk.
const PAGE: u32 = 200;

/// A model, with or without versions.
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) name: String,
    description: String,
    pub(super) versions: Vec<ModelVersion>,
}

impl Known {
    fn shape(&self) -> Value {
        model(self.id, &self.name, &self.description)
    }
}

/// All of them, by name.
async fn all(state: &AppState, by: &As<Viewer>) -> Result<Vec<Known>, Problem> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for record in state.service.catalogue().records(by, MODEL, Uuid::nil()).await? {
        let description = record.body["description"].as_str().unwrap_or_default().to_owned();
        let name = record.name;
        known.insert(name.clone(), Known { id: record.id, name, description, versions: Vec::new() });
    }
    let mut request = PageRequest { limit: Some(PAGE), cursor: None };
    loop {
        let page = state.service.catalogue().models(by, request).await?;
        for version in page.items {
            let name = version.model.to_string();
            let one = known.entry(name.clone()).or_insert_with(|| Known {
                id: version.model_id.0,
                name,
                description: String::new(),
                versions: Vec::new(),
            });
            one.id = version.model_id.0;
            one.versions.push(version);
        }
        let Some(cursor) = page.next_cursor else { break };
        request = PageRequest { limit: Some(PAGE), cursor: Some(cursor) };
    }
    Ok(known.into_values().collect())
}

/// The model of this id.
pub(super) async fn known(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Known, Problem> {
    let found = all(state, by).await?.into_iter().find(|one| one.id == id);
    if let Some(found) = found {
        return Ok(found);
    }
    // Known by the id that it had before its first version.
    let record = state.service.catalogue().record(by, MODEL, id).await?;
    let found = all(state, by).await?.into_iter().find(|one| one.name == record.name);
    found.ok_or_else(|| missing(&format!("model {id}")))
}

/// What the model of this id is called.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn name_of(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<String, Problem> {
    Ok(known(state, by, id).await?.name)
}

pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let mut found = all(&state, &actor).await?;
    if params.one("order_by") == Some("-name") {
        found.reverse();
    }
    let slice = Slice::of(&params, 1_000)?;
    Ok(items(slice.cut(found).iter().map(Known::shape).collect()))
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
    Ok(Json(found.ok_or_else(|| missing(&format!("model called {name:?}")))?.shape()))
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
    name: Option<String>,
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
        let message = format!("There is already a model called {name}.");
        return Err(Problem::new(domain::fault::ErrorKind::Conflict, message));
    }
    let description = body.description.unwrap_or_default();
    let new = NewRecord {
        kind: MODEL,
        parent: Uuid::nil(),
        name,
        body: json!({ "description": description }),
        file: None,
    };
    let record = state.service.catalogue().keep_record(&actor, new).await?;
    Ok(Json(model(record.id, &record.name, &description)))
}

/// The description changes; a model is called as its versions are.
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    Sent(actor, body, _): Sent<Admin, NameBody>,
) -> Result<Json<Value>, Problem> {
    let known = known(&state, &actor, id).await?;
    if body.name.is_some_and(|name| name != known.name) {
        return Err(wrong("name", "A model keeps its name: deployments and reports name it."));
    }
    let description = body.description.unwrap_or(known.description);
    let catalogue = state.service.catalogue();
    let said = json!({ "description": description });
    match catalogue.record_named(&actor, MODEL, Uuid::nil(), &known.name).await? {
        Some(record) => drop(catalogue.change_record(&actor, &record, &known.name, said).await?),
        None => {
            let (parent, name) = (Uuid::nil(), known.name.clone());
            let new = NewRecord { kind: MODEL, parent, name, body: said, file: None };
            catalogue.keep_record(&actor, new).await?;
        }
    }
    Ok(Json(model(known.id, &known.name, &description)))
}

/// All its versions go first, each as if it was deleted alone.
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let known = known(&state, &actor, id).await?;
    for version in &known.versions {
        remove_version(&state, &actor, version).await?;
    }
    if let Some(record) =
        state.service.catalogue().record_named(&actor, MODEL, Uuid::nil(), &known.name).await?
    {
        state.service.catalogue().forget_record(&actor, record.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
