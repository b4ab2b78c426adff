//! Labels of dataset versions.

use super::{
    answers::{items, missing, wrong},
    dataset_versions::version_of,
    labels,
    params::Params,
    sdk_body::SdkBody,
    versioned::NameBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    api::AtMost,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{fault::ErrorKind, name::Label};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub(super) async fn list_labels(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(items(version_of(&state, &actor, id).await?.labels.iter().map(labels::shape).collect()))
}

pub(super) async fn find_label(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let name = params.one("name").unwrap_or_default();
    let version = version_of(&state, &actor, id).await?;
    let found = version.labels.iter().find(|label| label.as_str() == name);
    Ok(Json(labels::shape(found.ok_or_else(|| missing(&format!("label {name:?}")))?)))
}

fn label(text: &str) -> Result<Label, Problem> {
    Label::new(text).map_err(|error| wrong("name", error.to_string()))
}

pub(super) async fn create_label(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, NameBody>,
) -> Result<Json<Value>, Problem> {
    let label = label(&body.name.unwrap_or_default())?;
    let version = version_of(&state, &actor, id).await?;
    if version.labels.contains(&label) {
        return Err(Problem::new(ErrorKind::Conflict, format!("There is already a label {label}.")));
    }
    state.service.catalogue().add_labels(&actor, version.id, std::slice::from_ref(&label)).await?;
    Ok(Json(labels::shape(&label)))
}

#[derive(Deserialize)]
pub(super) struct NamesBody {
    #[serde(default)]
    names: AtMost<String, 10_000>,
}

/// Labels by their names; those that an open version lacks are made.
pub(super) async fn bulk_labels(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, NamesBody>,
) -> Result<Json<Value>, Problem> {
    let wanted = body.names.0.iter().map(|name| label(name)).collect::<Result<Vec<_>, _>>()?;
    let version = version_of(&state, &actor, id).await?;
    if wanted.iter().any(|label| !version.labels.contains(label)) {
        state.service.catalogue().add_labels(&actor, version.id, &wanted).await?;
    }
    Ok(Json(wanted.iter().map(labels::shape).collect()))
}
