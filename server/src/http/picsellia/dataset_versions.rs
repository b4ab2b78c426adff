//! Versions of datasets: made, copied, frozen, deleted, and their figures.

use super::{
    answers::{missing, wrong},
    catalogue_shapes::dataset_version,
    datasets::{Datasets, done, remove_version},
    deployments::name,
    params::Params,
    sdk_body::SdkBody,
    versioned::{known, versions_of},
};
use crate::http::{
    AppState,
    admission::Admin,
    api::AtMost,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{
    dataset::DatasetVersion,
    fault::ErrorKind,
    ids::{DatasetId, DatasetVersionId},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, Viewer};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) async fn find_version(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let found = versions_of::<Datasets>(&state, &actor, id).await?;
    let wanted = params.id("id")?;
    let name = params.one("version").unwrap_or_default();
    let found = found.iter().find(|version| match wanted {
        Some(id) => version.id.0 == id,
        None => version.name.as_str() == name,
    });
    Ok(Json(dataset_version(found.ok_or_else(|| missing(&format!("version {name:?} of this dataset")))?)))
}

pub(super) async fn find_version_anywhere(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(_): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let id = params.id("id")?.ok_or_else(|| wrong("id", "Give an id."))?;
    Ok(Json(dataset_version(&version_of(&state, &actor, id).await?)))
}

/// The version of this id.
pub(super) async fn version_of(
    state: &AppState,
    by: &As<Viewer>,
    id: Uuid,
) -> Result<DatasetVersion, Problem> {
    Ok(state.service.catalogue().dataset_version(by, DatasetVersionId(id)).await?)
}

pub(super) async fn version(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(dataset_version(&version_of(&state, &actor, id).await?)))
}

#[derive(Deserialize)]
pub(super) struct VersionBody {
    #[serde(default)]
    version: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

impl VersionBody {
    fn check_kind(&self) -> Result<(), Problem> {
        match self.kind.as_deref() {
            None | Some("OBJECT_DETECTION" | "NOT_CONFIGURED") => Ok(()),
            Some(_) => Err(wrong("type", "Fovea has boxes only: OBJECT_DETECTION.")),
        }
    }
}

pub(super) async fn create_version(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    body.check_kind()?;
    let known = known::<Datasets>(&state, &actor, id).await?;
    let of = (Some(DatasetId(known.id)), name(&known.name)?);
    let version = name(&body.version.unwrap_or_default())?;
    let made = state.service.catalogue().open_version(&actor, of, version, Vec::new()).await?;
    Ok(Json(dataset_version(&made)))
}

/// Its type can be said; a version keeps its name.
pub(super) async fn change_version(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    body.check_kind()?;
    let version = version_of(&state, &actor, id).await?;
    if body.version.is_some_and(|name| name != version.name.as_str()) {
        return Err(wrong("version", "A version keeps its name: trainings name it."));
    }
    Ok(Json(dataset_version(&version)))
}

pub(super) async fn delete_version(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    remove_version(&state, &actor, DatasetVersionId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn lock(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, id).await?;
    if !version.open {
        return Ok(Json(dataset_version(&version)));
    }
    Ok(Json(dataset_version(&state.service.catalogue().freeze_version(&actor, version.id).await?)))
}

/// A frozen version stays as it is: trainings and figures rest on it.
pub(super) async fn unlock(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, id).await?;
    if version.open {
        return Ok(Json(dataset_version(&version)));
    }
    let message = format!("{} is frozen for good: fork it, and change the copy.", version.full_name());
    Err(Problem::new(ErrorKind::Conflict, message))
}

#[derive(Deserialize)]
pub(super) struct ForkBody {
    parent_id: Uuid,
    version: String,
    #[serde(default)]
    with_labels: bool,
    #[serde(default)]
    with_annotations: bool,
    #[serde(default)]
    asset_ids: Option<AtMost<Uuid, 100_000>>,
}

pub(super) async fn fork(
    State(state): State<AppState>,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, ForkBody>,
) -> Result<Json<Value>, Problem> {
    if body.asset_ids.is_some_and(|ids| !ids.0.is_empty()) {
        return Err(wrong("asset_ids", "A version is copied as a whole."));
    }
    let source = DatasetVersionId(body.parent_id);
    let new_name = name(&body.version)?;
    let made = state
        .service
        .catalogue()
        .fork_version(&actor, source, new_name, body.with_annotations, body.with_labels)
        .await?;
    Ok(Json(json!({ "dataset_version": dataset_version(&made), "job": done() })))
}

pub(super) async fn stats(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let version = version_of(&state, &actor, id).await?;
    let by_label: BTreeMap<String, u64> =
        version.counts.by_label.iter().map(|(label, count)| (label.to_string(), *count)).collect();
    Ok(Json(json!({
        "label_repartition": by_label,
        "nb_objects": version.counts.boxes,
        "nb_annotations": version.counts.images,
    })))
}
