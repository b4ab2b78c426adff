//! Labels: words here, things with an id there.

use super::answers::{items, missing, wrong};
use crate::http::{
    AppState,
    auth::SignedIn,
    label_ids::label_id,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{name::Label, page::PageRequest};
use serde_json::{Value, json};
use service::{As, Viewer};
use uuid::Uuid;

/// A label as the SDK knows it.
pub(super) fn shape(label: &Label) -> Value {
    json!({ "id": label_id(label.as_str()), "name": label, "group_id": null })
}

/// The label of this id among those that may be meant.
///
/// # Errors
/// 400 when it is none of them.
pub(super) fn of_id(labels: &[Label], id: Uuid) -> Result<Label, Problem> {
    let found = labels.iter().find(|label| label_id(label.as_str()) == id);
    found.cloned().ok_or_else(|| wrong("label_id", format!("{id} is not a label of this.")))
}

/// The champion's labels, in the order of its outputs.
pub(super) async fn of_deployment(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?;
    Ok(items(deployment.champion.labels.iter().map(shape).collect()))
}

/// One label, wherever it occurs.
pub(super) async fn label(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let label = find(&state, &actor, id).await?;
    Ok(Json(shape(&label.ok_or_else(|| missing(&format!("label {id}")))?)))
}

/// Looks through deployments, then datasets, then models.
async fn find(state: &AppState, actor: &As<Viewer>, id: Uuid) -> Result<Option<Label>, Problem> {
    let among = |labels: &[Label]| of_id(labels, id).ok();
    for card in state.service.catalogue().deployments(actor).await? {
        if let Some(label) = among(&card.deployment.champion.labels) {
            return Ok(Some(label));
        }
    }
    let mut request = PageRequest { limit: Some(200), cursor: None };
    loop {
        let page = state.service.catalogue().datasets(actor, request).await?;
        if let Some(label) = page.items.iter().find_map(|version| among(&version.labels)) {
            return Ok(Some(label));
        }
        let Some(cursor) = page.next_cursor else { break };
        request = PageRequest { limit: Some(200), cursor: Some(cursor) };
    }
    let mut request = PageRequest { limit: Some(200), cursor: None };
    loop {
        let page = state.service.catalogue().models(actor, request).await?;
        if let Some(label) = page.items.iter().find_map(|version| among(&version.labels)) {
            return Ok(Some(label));
        }
        let Some(cursor) = page.next_cursor else { return Ok(None) };
        request = PageRequest { limit: Some(200), cursor: Some(cursor) };
    }
}
