//! Files on their way here. Fovea is its own object storage: a link to write is
//! where a file is sent, a link to read where it is fetched.

use super::{
    answers::wrong, data::bare_name, ids, predicted::id_in, record_kinds::UPLOAD, sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::{Admin, Unread},
    auth::SignedIn,
    body::{anything, unwritable},
    problem::{PathParams, Problem},
    signed::PublicAddress,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use service::NewRecord;
use uuid::Uuid;

/// Bytes of one file.
const FILE_BYTES: usize = 2 << 30;

#[derive(Deserialize)]
pub(super) struct NameBody {
    #[serde(default)]
    filename: Option<String>,
}

/// A name for what is about to be sent.
pub(super) async fn object_name(
    State(state): State<AppState>,
    PathParams((_, _)): PathParams<(Uuid, Uuid)>,
    SdkBody(_, body, _): SdkBody<Admin, NameBody>,
) -> Json<Value> {
    let id = Uuid::now_v7();
    let _ = &state;
    Json(json!({ "object_name": format!("uploads/{id}/{}", bare_name(body.filename.as_deref(), id)) }))
}

#[derive(Deserialize)]
pub(super) struct ObjectBody {
    pub(super) object_name: String,
}

/// Where it is to be sent: with one `PUT`, whatever its length.
pub(super) async fn link_to_write(
    State(state): State<AppState>,
    address: PublicAddress,
    PathParams(_): PathParams<Uuid>,
    SdkBody(actor, body, _): SdkBody<Admin, ObjectBody>,
) -> Result<Json<Value>, Problem> {
    let id = id_in(&body.object_name, "uploads").ok_or_else(|| {
        wrong("object_name", "Ask for a name first: files are only taken under names that were given out.")
    })?;
    let url = address.to_write(&state, &actor, &format!("/api/object-storage/uploads/{id}")).await?;
    Ok(Json(json!({ "client_type": "azure", "presigned_url_data": { "url": url, "fields": {} } })))
}

/// Nothing: large files are sent with one `PUT`, too.
pub(super) async fn no_parts(_: SignedIn<Admin>, PathParams(_): PathParams<Uuid>) -> Json<Value> {
    Json(json!({}))
}

/// Takes a file.
pub(super) async fn take(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    unread: Unread<Admin>,
) -> Result<Response, Problem> {
    let folder = state.store.blobs().scratch_folder();
    let made =
        tokio::task::spawn_blocking(move || tempfile::Builder::new().prefix(".upload").tempfile_in(folder));
    let made = made.await.map_err(std::io::Error::from).flatten().map_err(|error| unwritable(&error))?;
    let (file, path) = made.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let actor = unread.into_file(&mut file, FILE_BYTES, anything).await?;
    drop(file);
    let catalogue = state.service.catalogue();
    let kept = catalogue.keep_bytes(&actor, &path).await?;
    let name = id.to_string();
    if let Some(before) = catalogue.record_named(&actor, UPLOAD, ids::datalake(), &name).await? {
        // Sent once more, since the answer got lost.
        catalogue.forget_record(&actor, before.id).await?;
    }
    let (etag, parent) = (kept.sha256.clone(), ids::datalake());
    let new = NewRecord { kind: UPLOAD, parent, name, body: json!({}), file: Some(kept) };
    catalogue.keep_record(&actor, new).await?;
    let mut response = StatusCode::CREATED.into_response();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    Ok(response)
}
