//! Files beside model versions and experiments: how they are kept and fetched.

use super::{
    answers::{items, missing, wrong},
    data::bare_name,
    ids,
    params::Params,
    predicted::id_in,
    record_kinds::{ARTIFACT, LOGGING, MODEL_FILE, UPLOAD},
    sdk_body::SdkBody,
    tracked::known,
    uploads::ObjectBody,
};
use crate::http::{
    AppState,
    admission::Admin,
    auth::SignedIn,
    problem::{PathParams, Problem},
    signed::{PublicAddress, USUAL_S},
};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{foreign_record::ForeignRecord, ids::ModelVersionId};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, NewRecord, Viewer};
use uuid::Uuid;

/// What the weights of a version are called among its files.
const WEIGHTS: &str = "model-latest";

#[derive(Deserialize)]
pub(super) struct FileBody {
    pub(super) name: String,
    pub(super) filename: String,
    pub(super) object_name: String,
    #[serde(default)]
    pub(super) large: bool,
}

/// Gives a file that was sent to what it belongs to, in the place of one of the
/// same name.
pub(super) async fn attach(
    state: &AppState,
    by: &As<Admin>,
    (kind, parent): (&'static str, Uuid),
    body: FileBody,
) -> Result<ForeignRecord, Problem> {
    let catalogue = state.service.catalogue();
    let sent = id_in(&body.object_name, "uploads").map(|id| id.to_string()).unwrap_or_default();
    let upload = catalogue.record_named(by, UPLOAD, ids::datalake(), &sent).await?;
    let upload = upload.ok_or_else(|| missing("such file: send it first"))?;
    if let Some(before) = catalogue.record_named(by, kind, parent, &body.name).await? {
        catalogue.forget_record(by, before.id).await?;
    }
    let said = json!({ "filename": bare_name(Some(&body.filename), upload.id), "large": body.large });
    let new = NewRecord { kind, parent, name: body.name, body: said, file: upload.file.clone() };
    let record = catalogue.keep_record(by, new).await?;
    catalogue.forget_record(by, upload.id).await?;
    Ok(record)
}

/// A kept file as the SDK knows it.
pub(super) async fn shape(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    record: &ForeignRecord,
) -> Result<Value, Problem> {
    let path = format!("/api/object-storage/files/{}/{}", record.kind, record.id);
    let url = address.to_read(state, by, &path, USUAL_S).await?;
    let filename = record.body["filename"].as_str().unwrap_or("file");
    Ok(json!({
        "id": record.id,
        "name": record.name,
        "object_name": format!("files/{}/{}/{filename}", record.kind, record.id),
        "filename": filename,
        "large": record.body["large"].as_bool().unwrap_or(false),
        "size": record.file.as_ref().map(|file| file.bytes),
        "presigned_url": url,
    }))
}

/// The weights among the files of a version; its id is the version's.
pub(super) async fn weights(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    id: Uuid,
) -> Result<Option<Value>, Problem> {
    let version = state.service.catalogue().model_version_of_id(by, ModelVersionId(id)).await?;
    let Some(weights) = &version.weights else { return Ok(None) };
    let path = format!("/api/v1/models/{}/{}/weights", version.model, version.number);
    let url = address.to_read(state, by, &path, USUAL_S).await?;
    let filename = version.file_name().unwrap_or_else(|| format!("{id}.bin"));
    Ok(Some(json!({
        "id": id, "name": WEIGHTS, "object_name": format!("models/{id}/weights"), "filename": filename,
        "large": weights.bytes > 25 << 20, "size": weights.bytes, "presigned_url": url,
    })))
}

/// All files of a version: weights, and what was stored beside them.
async fn of_version(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    id: Uuid,
) -> Result<Vec<Value>, Problem> {
    let mut files: Vec<Value> = weights(state, by, address, id).await?.into_iter().collect();
    files.extend(kept(state, by, address, MODEL_FILE, id).await?);
    Ok(files)
}

/// What was stored beside something.
pub(super) async fn kept(
    state: &AppState,
    by: &As<Viewer>,
    address: &PublicAddress,
    kind: &str,
    parent: Uuid,
) -> Result<Vec<Value>, Problem> {
    let mut shapes = Vec::new();
    for record in state.service.catalogue().records(by, kind, parent).await? {
        shapes.push(shape(state, by, address, &record).await?);
    }
    Ok(shapes)
}

/// The file of this name.
pub(super) fn named(files: Vec<Value>, params: &Params) -> Result<Json<Value>, Problem> {
    let name = params.one("name").unwrap_or_default();
    let found = files.into_iter().find(|file| file["name"] == name);
    found.map(Json).ok_or_else(|| missing(&format!("file called {name:?}")))
}

pub(super) async fn model_files(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    Ok(items(of_version(&state, &actor, &address, id).await?))
}

pub(super) async fn find_model_file(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    named(of_version(&state, &actor, &address, id).await?, &params)
}

pub(super) async fn add_model_file(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, FileBody>,
) -> Result<Json<Value>, Problem> {
    let version = state.service.catalogue().model_version_of_id(&actor, ModelVersionId(id)).await?;
    if version.weights.is_some() && body.name == WEIGHTS {
        return Err(wrong("name", "Its weights are here already and do not change: make the next version."));
    }
    let record = attach(&state, &actor, (MODEL_FILE, id), body).await?;
    Ok(Json(shape(&state, &actor, &address, &record).await?))
}

pub(super) async fn add_artifact(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, FileBody>,
) -> Result<Json<Value>, Problem> {
    known(&state, &actor, id).await?;
    let record = attach(&state, &actor, (ARTIFACT, id), body).await?;
    Ok(Json(shape(&state, &actor, &address, &record).await?))
}

pub(super) async fn model_file(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    address: PublicAddress,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<Value>, Problem> {
    if let Ok(record) = state.service.catalogue().record(&actor, MODEL_FILE, id).await {
        return Ok(Json(shape(&state, &actor, &address, &record).await?));
    }
    let file = weights(&state, &actor, &address, id).await?;
    file.map(Json).ok_or_else(|| missing(&format!("model file {id}")))
}

pub(super) async fn delete_model_file(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    let record = state.service.catalogue().record(&actor, MODEL_FILE, id).await?;
    state.service.catalogue().forget_record(&actor, record.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A link to what an object's name names.
pub(super) async fn link_to_read(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<service::Viewer, ObjectBody>,
) -> Result<Json<Value>, Problem> {
    let url = if let Some(id) = id_in(&body.object_name, "models") {
        weights(&state, &actor, &address, id).await?.map(|file| file["presigned_url"].clone())
    } else if let Some(rest) = body.object_name.strip_prefix("files/") {
        let (kind, rest) = rest.split_once('/').unwrap_or_default();
        let id = rest.split('/').next().and_then(|id| Uuid::parse_str(id).ok());
        let id = id.ok_or_else(|| missing("such object"))?;
        let record = state.service.catalogue().record(&actor, kind, id).await?;
        Some(shape(&state, &actor, &address, &record).await?["presigned_url"].clone())
    } else {
        let id = id_in(&body.object_name, "predictions").or(id_in(&body.object_name, "assets"));
        let id = id.ok_or_else(|| missing("such object"))?;
        Some(super::data::of_id(&state, &actor, &address, id).await?["presigned_url"].clone())
    };
    Ok(Json(json!({ "presigned_url": url.ok_or_else(|| missing("such object"))? })))
}

/// The bytes of a kept file.
pub(super) async fn bytes(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams((kind, id)): PathParams<(String, Uuid)>,
) -> Result<Response, Problem> {
    if ![MODEL_FILE, ARTIFACT, LOGGING].contains(&kind.as_str()) {
        return Err(missing("such file"));
    }
    let (_, file) = state.service.catalogue().record_file(&actor, &kind, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        (header::CONTENT_LENGTH, file.size.to_string()),
    ];
    Ok((headers, Body::from_stream(file.stream)).into_response())
}
