//! The pipeline behind a deployment: what it is compared with, and the feedback
//! loop.

use super::{
    answers::{items, missing, wrong},
    catalogue_shapes::dataset_version,
    sdk_body::SdkBody,
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
    ids::DatasetVersionId,
    name::{Name, VersionRef},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use service::{As, SetFeedback, SetTrainingData, Viewer};
use uuid::Uuid;

#[derive(Deserialize)]
pub(super) struct VersionBody {
    dataset_version_id: Uuid,
    /// What it is for.
    #[serde(default)]
    pub(super) name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct IdsBody {
    #[serde(default)]
    pub(super) ids: AtMost<Uuid, 1_000>,
}

#[derive(Deserialize)]
pub(super) struct SwitchBody {
    pub(super) active: bool,
}

async fn version(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<DatasetVersion, Problem> {
    Ok(state.service.catalogue().dataset_version(by, DatasetVersionId(id)).await?)
}

fn reference(dataset: &Name, version: &str) -> Result<VersionRef, Problem> {
    let version = Name::new(version).map_err(|error| wrong("dataset_version_id", error.to_string()))?;
    Ok(VersionRef { name: dataset.clone(), version })
}

pub(super) async fn set_training_data(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    let version = version(&state, &actor, body.dataset_version_id).await?;
    let dataset = reference(&version.dataset, version.name.as_str())?;
    let change = SetTrainingData { dataset: Some(dataset), drift: None, again: false };
    let now = state.service.monitoring().set_training_data(&actor, &deployment, change).await?;
    Ok(Json(json!({ "status": now.reference.map_or("none", |reference| reference.state.as_str()) })))
}

pub(super) async fn training_data(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<Value>, Problem> {
    let now = state.service.monitoring().training_data(&actor, &deployment).await?;
    Ok(Json(match now.reference {
        None => json!({ "status": "none" }),
        Some(reference) => json!({
            "status": reference.state.as_str(),
            "dataset_version_id": reference.dataset_version_id.0,
            "dataset": reference.dataset,
        }),
    }))
}

pub(super) async fn clear_training_data(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<Value>, Problem> {
    state.service.monitoring().clear_training_data(&actor, &deployment).await?;
    Ok(Json(json!({ "status": "none" })))
}

/// Turns the loop on, with a dataset of its own where it has none yet.
pub(super) async fn set_up_feedback(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, IgnoredAny, _): SdkBody<Admin, IgnoredAny>,
) -> Result<Json<Value>, Problem> {
    let name = state.service.catalogue().deployment(&actor, &deployment).await?.name;
    let now = state.service.reviews().feedback_state(&actor, &deployment).await?;
    let dataset = match &now.target {
        Some(target) => reference(&target.dataset, target.name.as_str())?,
        None => reference(&feedback_name(&name)?, "v1")?,
    };
    let change =
        SetFeedback { enabled: true, dataset: Some(dataset), create: true, submission: now.submission };
    let now = state.service.reviews().set_feedback(&actor, &deployment, change).await?;
    Ok(Json(json!({ "active": now.enabled })))
}

fn feedback_name(deployment: &Name) -> Result<Name, Problem> {
    let start: String = deployment.as_str().chars().take(50).collect();
    Name::new(format!("{start}-feedback")).map_err(|error| wrong("name", error.to_string()))
}

pub(super) async fn feedback_datasets(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<Value>, Problem> {
    let now = state.service.reviews().feedback_state(&actor, &deployment).await?;
    let targets = now.target.iter().map(|target| json!({ "dataset_version": dataset_version(target) }));
    Ok(items(targets.collect()))
}

/// What images are to go into. A frozen version takes none: an open one beside
/// it does.
pub(super) async fn attach_feedback_dataset(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, VersionBody>,
) -> Result<Json<Value>, Problem> {
    let version = version(&state, &actor, body.dataset_version_id).await?;
    let name = beside(&version);
    let dataset = reference(&version.dataset, &name)?;
    let now = state.service.reviews().feedback_state(&actor, &deployment).await?;
    let change = SetFeedback {
        enabled: now.enabled,
        dataset: Some(dataset),
        create: true,
        submission: now.submission,
    };
    let now = state.service.reviews().set_feedback(&actor, &deployment, change).await?;
    Ok(Json(json!({ "active": now.enabled, "dataset_version": now.target.as_ref().map(dataset_version) })))
}

/// The name of the version that takes what is meant for this one.
fn beside(version: &DatasetVersion) -> String {
    if version.open {
        return version.name.to_string();
    }
    let start: String = version.name.as_str().chars().take(50).collect();
    format!("{start}-feedback")
}

pub(super) async fn detach_feedback_dataset(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Admin, IdsBody>,
) -> Result<Json<Value>, Problem> {
    let now = state.service.reviews().feedback_state(&actor, &deployment).await?;
    let Some(target) = &now.target else { return Ok(Json(json!({ "active": false }))) };
    let mut is_meant = false;
    for id in body.ids.0 {
        let named = version(&state, &actor, id).await?;
        is_meant |= named.id == target.id
            || (named.dataset_id == target.dataset_id && beside(&named) == target.name.as_str());
    }
    if !is_meant {
        return Err(missing("such dataset version in the feedback loop"));
    }
    let change = SetFeedback { enabled: false, dataset: None, create: false, submission: now.submission };
    state.service.reviews().set_feedback(&actor, &deployment, change).await?;
    Ok(Json(json!({ "active": false })))
}

pub(super) async fn switch_feedback(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, SwitchBody { active }, _): SdkBody<Admin, SwitchBody>,
) -> Result<Json<Value>, Problem> {
    let now = state.service.reviews().feedback_state(&actor, &deployment).await?;
    let dataset = now.target.as_ref().map(|target| reference(&target.dataset, target.name.as_str()));
    let change = SetFeedback {
        enabled: active,
        dataset: dataset.transpose()?,
        create: false,
        submission: now.submission,
    };
    let now = state.service.reviews().set_feedback(&actor, &deployment, change).await?;
    Ok(Json(json!({ "active": now.enabled })))
}
