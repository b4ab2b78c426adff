//! What was stored beside tracked experiments, one by one: artifacts, and the
//! file of a training's output.

use super::{
    answers::missing,
    files::{FileBody, attach, shape},
    pipeline::IdsBody,
    record_kinds::{ARTIFACT, LOGGING},
    sdk_body::SdkBody,
    tracked::{forget_record, forget_records, known, record_ids},
    uploads::ObjectBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

pub(super) async fn ids(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    record_ids(&state, &actor, (id, ARTIFACT)).await
}

pub(super) async fn delete_many(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, IdsBody>,
) -> Result<StatusCode, Problem> {
    forget_records(&state, &actor, (id, ARTIFACT), body.ids.0).await
}

pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    if let Ok(record) = state.service.catalogue().record(&actor, ARTIFACT, id).await {
        return Ok(Json(shape(&state, &actor, &address, &record).await?));
    }
    // The artifact of a training here is the weights that it made.
    let weights = super::files::weights(&state, &actor, &address, id).await.ok().flatten();
    weights.map(Json).ok_or_else(|| missing(&format!("artifact {id}")))
}

#[derive(Deserialize)]
pub(super) struct ChangeBody {
    #[serde(default)]
    name: Option<String>,
}

/// Another name; another file is stored in its place.
pub(super) async fn change(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, ChangeBody>,
) -> Result<Json<Value>, Problem> {
    let catalogue = state.service.catalogue();
    let record = catalogue.record(&actor, ARTIFACT, id).await?;
    let name = body.name.unwrap_or_else(|| record.name.clone());
    let said = record.body.clone();
    let changed = catalogue.change_record(&actor, &record, &name, said).await?;
    Ok(Json(shape(&state, &actor, &address, &changed).await?))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    forget_record(&state, &actor, (id, ARTIFACT)).await
}

pub(super) async fn store_logging(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, ObjectBody { object_name }, _): SdkBody<Admin, ObjectBody>,
) -> Result<Json<Value>, Problem> {
    known(&state, &actor, id).await?;
    let filename = object_name.rsplit('/').next().unwrap_or_default().to_owned();
    let body = FileBody { name: LOGGING.to_owned(), filename, object_name, large: false };
    let record = attach(&state, &actor, (LOGGING, id), body).await?;
    Ok(Json(shape(&state, &actor, &address, &record).await?))
}

pub(super) async fn logging(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    let found = state.service.catalogue().record_named(&actor, LOGGING, id, LOGGING).await?;
    let record = found.ok_or_else(|| missing("file of this experiment's output"))?;
    Ok(Json(shape(&state, &actor, &address, &record).await?))
}
