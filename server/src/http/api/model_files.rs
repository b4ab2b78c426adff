//! Models as files, out and in, and out for good.

use super::{
    models::ModelVersionBody,
    shapes::{name, version_ref},
};
use crate::http::{
    AppState,
    admission::{Admin, Unread},
    auth::SignedIn,
    body::unwritable,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

/// Bytes that weights may have.
const WEIGHTS_BYTES: usize = 512 * 1024 * 1024;

/// The weights of a version, to be kept or imported elsewhere.
#[utoipa::path(
    get, path = "/models/{model}/{number}/weights", tag = "models", operation_id = "get_weights",
    params(("model" = String, Path, description = "The model's name"), ("number" = String, Path, description = "The version's number")),
    responses(
        (status = 200, description = "The weights, as they are stored", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "No such version", body = ProblemBody),
        (status = 409, description = "It is served elsewhere", body = ProblemBody),
    )
)]
pub(super) async fn weights(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams((model, number)): PathParams<(String, String)>,
) -> Result<Response, Problem> {
    let version = version_ref("model", &format!("{model}/{number}"))?;
    let weights = state.service.catalogue().model_weights_stream(&actor, &version).await?;
    let filename = format!("attachment; filename=\"{}-{}.weights\"", version.name, version.version);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, filename),
        (header::CONTENT_LENGTH, weights.size.to_string()),
    ];
    Ok((headers, Body::from_stream(weights.stream)).into_response())
}

/// What a version is, in Markdown: labels, lineage, parameters, figures.
#[utoipa::path(
    get, path = "/models/{model}/{number}/card", tag = "models", operation_id = "get_model_card",
    params(("model" = String, Path, description = "The model's name"), ("number" = String, Path, description = "The version's number")),
    responses(
        (status = 200, description = "The card", content_type = "text/markdown", body = String),
        (status = 404, description = "No such version", body = ProblemBody),
    )
)]
pub(super) async fn card(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams((model, number)): PathParams<(String, String)>,
) -> Result<Response, Problem> {
    let version = version_ref("model", &format!("{model}/{number}"))?;
    let text = state.service.catalogue().model_card(&actor, &version).await?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
}

/// Which model.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportParams {
    /// The model that receives the version; made when there is none.
    pub name: String,
}

/// Makes the next version of a model out of exported weights; their labels are
/// in them.
#[utoipa::path(
    post, path = "/models/import", tag = "models", operation_id = "import_model", params(ImportParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Made", body = ModelVersionBody),
        (status = 400, description = "No name, or no weights", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 413, description = "Too many bytes", body = ProblemBody),
    )
)]
pub(super) async fn import(
    State(state): State<AppState>,
    QueryParams(params): QueryParams<ImportParams>,
    unread: Unread<Admin>,
) -> Result<(StatusCode, Json<ModelVersionBody>), Problem> {
    let model = name("name", &params.name)?;
    // Where the weights will lie: a folder of the machine's may be in memory.
    let folder = state.store.blobs().scratch_folder();
    let made =
        tokio::task::spawn_blocking(move || tempfile::Builder::new().prefix(".import").tempfile_in(folder));
    let made = made.await.map_err(std::io::Error::from).flatten().map_err(|error| unwritable(&error))?;
    let (file, path) = made.into_parts();
    let mut file = tokio::fs::File::from_std(file);
    let actor = unread.into_file(&mut file, WEIGHTS_BYTES, weights_beginning).await?;
    let version = state.service.catalogue().import_model(&actor, model, &path).await?;
    Ok((StatusCode::CREATED, Json(version.into())))
}

/// Refuses what is no safetensors file before all of it is here: eight bytes
/// say how long the head is, and the head is JSON.
fn weights_beginning(bytes: &[u8]) -> Result<(), Problem> {
    let length = bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    if length.is_some_and(|length| length <= WEIGHTS_BYTES as u64) && bytes.get(8) == Some(&b'{') {
        return Ok(());
    }
    Err(Problem::invalid("weights", "These are no weights: the file does not begin as safetensors do."))
}

/// Deletes a version that nothing uses or ever used.
#[utoipa::path(
    delete, path = "/models/{model}/{number}", tag = "models", operation_id = "delete_model_version",
    params(("model" = String, Path, description = "The model's name"), ("number" = String, Path, description = "The version's number")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such version", body = ProblemBody),
        (status = 409, description = "Something refers to it", body = ProblemBody),
    )
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams((model, number)): PathParams<(String, String)>,
) -> Result<StatusCode, Problem> {
    let version = version_ref("model", &format!("{model}/{number}"))?;
    state.service.catalogue().delete_model(&actor, &version).await?;
    Ok(StatusCode::NO_CONTENT)
}
