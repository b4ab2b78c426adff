//! What tracked experiments log: lines, tables, single values, output.

use super::{
    answers::wrong,
    pipeline::IdsBody,
    record_kinds::LOG,
    sdk_body::SdkBody,
    tracked::{forget_record, forget_records, known, record_ids},
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::foreign_record::ForeignRecord;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, NewRecord, Viewer};
use uuid::Uuid;

fn log_shape(record: &ForeignRecord) -> Value {
    json!({ "id": record.id, "name": record.name, "type": record.body["type"], "data": record.body["data"] })
}

/// All logs of a tracked experiment.
pub(super) async fn logs(state: &AppState, by: &As<Viewer>, id: Uuid) -> Result<Vec<Value>, Problem> {
    Ok(state.service.catalogue().records(by, LOG, id).await?.iter().map(log_shape).collect())
}

#[derive(Deserialize)]
pub(super) struct LogBody {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    data: Value,
}

/// A line goes on where it ended; anything else takes the place of what there
/// was.
pub(super) async fn add_log(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, LogBody>,
) -> Result<Json<Value>, Problem> {
    known(&state, &actor, id).await?;
    let before = state.service.catalogue().record_named(&actor, LOG, id, &body.name).await?;
    let data = match (&before, body.kind.as_str()) {
        (Some(before), "LINE") => appended(&before.body["data"], body.data),
        (None, "LINE") => appended(&json!([]), body.data),
        _ => body.data,
    };
    Ok(Json(log_shape(&put_log(&state, &actor, id, &body.name, &body.kind, data).await?)))
}

/// One list of both; a single value is a list of one.
fn appended(before: &Value, more: Value) -> Value {
    let list = |value: Value| match value {
        Value::Array(values) => values,
        other => vec![other],
    };
    let mut all = list(before.clone());
    all.extend(list(more));
    Value::Array(all)
}

/// Keeps a log, in the place of one of the same name.
pub(super) async fn put_log(
    state: &AppState,
    by: &As<Admin>,
    experiment: Uuid,
    name: &str,
    kind: &str,
    data: Value,
) -> Result<ForeignRecord, Problem> {
    let said = json!({ "type": kind, "data": data });
    let catalogue = state.service.catalogue();
    if let Some(before) = catalogue.record_named(by, LOG, experiment, name).await? {
        return Ok(catalogue.change_record(by, &before, name, said).await?);
    }
    let new = NewRecord { kind: LOG, parent: experiment, name: name.to_owned(), body: said, file: None };
    Ok(catalogue.keep_record(by, new).await?)
}

/// The log of this id, if it is of a tracked experiment.
pub(super) async fn log(state: &AppState, by: &As<Viewer>, id: Uuid) -> Option<Value> {
    state.service.catalogue().record(by, LOG, id).await.ok().as_ref().map(log_shape)
}

pub(super) async fn ids(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    record_ids(&state, &actor, (id, LOG)).await
}

pub(super) async fn delete_many(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, IdsBody>,
) -> Result<StatusCode, Problem> {
    forget_records(&state, &actor, (id, LOG), body.ids.0).await
}

#[derive(Deserialize)]
pub(super) struct ChangeBody {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    data: Option<Value>,
}

/// Another name or other data; what kind of log it is stays.
pub(super) async fn change(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, ChangeBody>,
) -> Result<Json<Value>, Problem> {
    let catalogue = state.service.catalogue();
    let before = catalogue.record(&actor, LOG, id).await?;
    let mut said = before.body.clone();
    if let Some(data) = body.data {
        said["data"] = data;
    }
    let name = body.name.unwrap_or_else(|| before.name.clone());
    Ok(Json(log_shape(&catalogue.change_record(&actor, &before, &name, said).await?)))
}

pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    forget_record(&state, &actor, (id, LOG)).await
}

#[derive(Deserialize)]
pub(super) struct DataBody {
    data: Value,
}

pub(super) async fn append(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, DataBody>,
) -> Result<Json<Value>, Problem> {
    let before = state.service.catalogue().record(&actor, LOG, id).await?;
    if before.body["type"] != "LINE" {
        return Err(wrong("data", "Only a line goes on."));
    }
    let said = json!({ "type": "LINE", "data": appended(&before.body["data"], body.data) });
    let name = before.name.clone();
    Ok(Json(log_shape(&state.service.catalogue().change_record(&actor, &before, &name, said).await?)))
}

#[derive(Deserialize)]
pub(super) struct LineBody {
    #[serde(default)]
    log: Value,
    #[serde(default)]
    part: Option<String>,
}

/// Lines of a training's output, the last thousand of each part.
pub(super) async fn add_lines(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, LineBody>,
) -> Result<Json<Value>, Problem> {
    const KEPT: usize = 1_000;
    known(&state, &actor, id).await?;
    let name = format!("output/{}", body.part.unwrap_or_default());
    let before = state.service.catalogue().record_named(&actor, LOG, id, &name).await?;
    let before = before.map_or_else(|| json!([]), |before| before.body["data"].clone());
    let mut lines = match appended(&before, body.log) {
        Value::Array(lines) => lines,
        _ => Vec::new(),
    };
    lines.drain(..lines.len().saturating_sub(KEPT));
    put_log(&state, &actor, id, &name, "TABLE", Value::Array(lines)).await?;
    Ok(Json(json!({})))
}
