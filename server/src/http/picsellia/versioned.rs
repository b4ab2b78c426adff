//! Models and datasets: a name, a description, and versions. What both have in
//! common; what differs is told by [`Versioned`]. One that has no version yet
//! is a record, which also keeps the description.

use super::{
    answers::{items, missing, wrong},
    deployments::name,
    params::{Params, Slice},
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{fault::ErrorKind, foreign_record::ForeignRecord};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, NewRecord, Viewer};
use std::{collections::BTreeMap, future::Future};
use store::Line;
use uuid::Uuid;

/// A kind of things that have versions.
pub(super) trait Versioned: Send + Sync + 'static {
    /// What one is called, in sentences and among the records.
    const KIND: &'static str;

    /// One version.
    type Version: Send + Sync;

    /// All that have a version.
    fn lines(state: &AppState, by: &As<Viewer>) -> impl Future<Output = Result<Vec<Line>, Problem>> + Send;

    /// The versions of one, the latest first.
    fn versions(
        state: &AppState,
        by: &As<Viewer>,
        id: Uuid,
    ) -> impl Future<Output = Result<Vec<Self::Version>, Problem>> + Send;

    /// Deletes a version with what is kept beside it.
    fn remove(
        state: &AppState,
        by: &As<Admin>,
        version: &Self::Version,
    ) -> impl Future<Output = Result<(), Problem>> + Send;

    /// One as the SDK knows it.
    fn shape(id: Uuid, name: &str, description: &str) -> Value;

    /// A version as the SDK knows it.
    fn version_shape(version: &Self::Version) -> Value;
}

/// One, with or without versions.
pub(super) struct VersionedRecord {
    pub(super) id: Uuid,
    pub(super) name: String,
    description: String,
    record: Option<ForeignRecord>,
}

impl VersionedRecord {
    fn shape<K: Versioned>(&self) -> Value {
        K::shape(self.id, &self.name, &self.description)
    }
}

/// All of them, by name: two queries, whatever there is.
async fn all<K: Versioned>(state: &AppState, by: &As<Viewer>) -> Result<Vec<VersionedRecord>, Problem> {
    let mut known: BTreeMap<String, VersionedRecord> = BTreeMap::new();
    for record in state.service.catalogue().records(by, K::KIND, Uuid::nil()).await? {
        let description = record.body["description"].as_str().unwrap_or_default().to_owned();
        let (id, name) = (record.id, record.name.clone());
        known.insert(name.clone(), VersionedRecord { id, name, description, record: Some(record) });
    }
    for Line { id, name, .. } in K::lines(state, by).await? {
        let new = || VersionedRecord { id, name: name.clone(), description: String::new(), record: None };
        known.entry(name.clone()).or_insert_with(new).id = id;
    }
    Ok(known.into_values().collect())
}

/// The one of this id, which may also be the one that it had before its first
/// version.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn known<K: Versioned>(
    state: &AppState,
    by: &As<Viewer>,
    id: Uuid,
) -> Result<VersionedRecord, Problem> {
    let is_meant =
        |one: &VersionedRecord| one.id == id || one.record.as_ref().is_some_and(|record| record.id == id);
    let parent = all::<K>(state, by).await?.into_iter().find(is_meant);
    parent.ok_or_else(|| missing(&format!("{} {id}", K::KIND)))
}

/// The versions of the one of this id, the latest first.
///
/// # Errors
/// 404 when there is none.
pub(super) async fn versions_of<K: Versioned>(
    state: &AppState,
    by: &As<Viewer>,
    id: Uuid,
) -> Result<Vec<K::Version>, Problem> {
    let known = known::<K>(state, by, id).await?;
    K::versions(state, by, known.id).await
}

async fn called<K: Versioned>(
    state: &AppState,
    by: &As<Viewer>,
    name: &str,
) -> Result<Option<VersionedRecord>, Problem> {
    Ok(all::<K>(state, by).await?.into_iter().find(|one| one.name == name))
}

pub(super) async fn list<K: Versioned>(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let mut parents = all::<K>(&state, &actor).await?;
    if params.one("order_by") == Some("-name") {
        parents.reverse();
    }
    let slice = Slice::of(&params, 1_000)?;
    Ok(items(slice.cut(parents).iter().map(VersionedRecord::shape::<K>).collect()))
}

pub(super) async fn find<K: Versioned>(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    if let Some(id) = params.id("id")? {
        return Ok(Json(known::<K>(&state, &actor, id).await?.shape::<K>()));
    }
    let name = params.one("name").ok_or_else(|| wrong("name", "Give a name or an id."))?;
    let parent = called::<K>(&state, &actor, name).await?;
    Ok(Json(parent.ok_or_else(|| missing(&format!("{} called {name:?}", K::KIND)))?.shape::<K>()))
}

pub(super) async fn get<K: Versioned>(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(known::<K>(&state, &actor, id).await?.shape::<K>()))
}

#[derive(Deserialize)]
pub(super) struct NameBody {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

pub(super) async fn create<K: Versioned>(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, NameBody>,
) -> Result<Json<Value>, Problem> {
    let name = name(&body.name.unwrap_or_default())?.to_string();
    if called::<K>(&state, &actor, &name).await?.is_some() {
        let message = format!("There is already a {} called {name}.", K::KIND);
        return Err(Problem::new(ErrorKind::Conflict, message));
    }
    let description = body.description.unwrap_or_default();
    let record = state.service.catalogue().keep_record(&actor, record::<K>(name, &description)).await?;
    Ok(Json(K::shape(record.id, &record.name, &description)))
}

fn record<K: Versioned>(name: String, description: &str) -> NewRecord {
    let body = json!({ "description": description });
    NewRecord { kind: K::KIND, parent: Uuid::nil(), name, body, file: None }
}

/// The description changes; the name is part of what its versions are called.
pub(super) async fn change<K: Versioned>(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, NameBody>,
) -> Result<Json<Value>, Problem> {
    let known = known::<K>(&state, &actor, id).await?;
    if body.name.is_some_and(|name| name != known.name) {
        let message = format!("A {} keeps its name: its versions are called by it.", K::KIND);
        return Err(wrong("name", message));
    }
    let Some(description) = body.description else { return Ok(Json(known.shape::<K>())) };
    let catalogue = state.service.catalogue();
    let new = record::<K>(known.name.clone(), &description);
    match &known.record {
        Some(record) => drop(catalogue.change_record(&actor, record, &known.name, new.body).await?),
        None => drop(catalogue.keep_record(&actor, new).await?),
    }
    Ok(Json(K::shape(known.id, &known.name, &description)))
}

/// All its versions go first, each as if it was deleted alone.
pub(super) async fn delete<K: Versioned>(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let known = known::<K>(&state, &actor, id).await?;
    for version in K::versions(&state, &actor, known.id).await? {
        K::remove(&state, &actor, &version).await?;
    }
    if let Some(record) = known.record {
        state.service.catalogue().forget_record(&actor, record.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn list_versions<K: Versioned>(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let mut versions = versions_of::<K>(&state, &actor, id).await?;
    // The latest first is how they are kept.
    if matches!(params.one("order_by"), Some("version" | "name" | "created_at")) {
        versions.reverse();
    }
    let slice = Slice::of(&params, 1_000)?;
    Ok(items(slice.cut(versions).iter().map(K::version_shape).collect()))
}
