//! Model files before they are imported: sent, looked at, tried, then imported
//! or forgotten.

use super::{
    form,
    model_upload::receive,
    models::ModelVersionBody,
    shapes::{LabelList, name},
    staged_shapes::{StagedModelBody, StagedModelList, TrialBody, WaitingBody},
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody, Unread},
    auth::SignedIn,
    body::anything,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::ids::StagedModelId;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What is said beside a file that is the whole body.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StageParams {
    /// As the file is called; for people.
    #[serde(default)]
    pub filename: String,
}

/// The form of a model file.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form for OpenAPI; it is read part by part")]
pub(super) struct StageForm {
    /// Weights of Fovea or an ONNX graph.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Sends a model file that is to be looked at and tried before it is imported.
/// It waits for an hour, and is nobody's but the sender's.
#[utoipa::path(
    post, path = "/staged-models", tag = "models", operation_id = "stage_model", params(StageParams),
    request_body(content((Vec<u8> = "application/octet-stream"), (StageForm = "multipart/form-data"))),
    responses(
        (status = 201, description = "It waits", body = StagedModelBody),
        (status = 400, description = "No model", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 409, description = "Too many files of yours wait", body = ProblemBody),
        (status = 413, description = "Too many bytes", body = ProblemBody),
        (status = 429, description = "Another file of yours is still being sent", body = ProblemBody),
    )
)]
pub(super) async fn stage(
    State(state): State<AppState>,
    QueryParams(params): QueryParams<StageParams>,
    unread: Unread<Admin>,
) -> Result<(StatusCode, Json<StagedModelBody>), Problem> {
    let _room = state.service.catalogue().staging_room(&unread.actor).await?;
    let (actor, sent) = receive(&state, unread).await?;
    sent.check_fields(&[])?;
    let filename = sent.filename.as_deref().unwrap_or(&params.filename);
    let staged = state.service.catalogue().stage_model(&actor, &sent.path, filename).await?;
    Ok((StatusCode::CREATED, Json(staged.into())))
}

/// Lists the files of yours that wait to be imported as models.
#[utoipa::path(
    get, path = "/staged-models", tag = "models", operation_id = "list_staged_models",
    responses(
        (status = 200, description = "The files", body = StagedModelList),
        (status = 403, description = "Admins only", body = ProblemBody),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
) -> Result<Json<StagedModelList>, Problem> {
    let items = state.service.catalogue().staged_models(&actor).await?.into_iter();
    let items = items.map(|file| WaitingBody {
        id: file.id.0,
        filename: file.said.filename,
        bytes: file.bytes,
        expires: file.expires,
    });
    Ok(Json(StagedModelList { items: items.collect() }))
}

/// A file that waits, and what it turned out to be.
#[utoipa::path(
    get, path = "/staged-models/{id}", tag = "models", operation_id = "get_staged_model",
    params(("id" = Uuid, Path, description = "The file")),
    responses(
        (status = 200, description = "The file", body = StagedModelBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such file of yours", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<Json<StagedModelBody>, Problem> {
    Ok(Json(state.service.catalogue().staged_model(&actor, StagedModelId(id)).await?.into()))
}

/// What a file does not say itself.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaidBody {
    /// How it is fed and read; null leaves it to the file. As an object, or as
    /// its text.
    #[schema(value_type = Option<Object>)]
    #[serde(default)]
    pub recipe: Value,
    /// In the order of the network's outputs; empty leaves them to the file.
    #[schema(value_type = Vec<String>)]
    #[serde(default)]
    pub labels: LabelList,
}

/// Says what a file does not say itself, and looks at it again. It waits for
/// another hour.
#[utoipa::path(
    put, path = "/staged-models/{id}", tag = "models", operation_id = "describe_staged_model",
    params(("id" = Uuid, Path, description = "The file")), request_body = SaidBody,
    responses(
        (status = 200, description = "What it is now", body = StagedModelBody),
        (status = 400, description = "A recipe that cannot be followed, or labels that are none", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such file of yours", body = ProblemBody),
    )
)]
pub(super) async fn describe(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Admin, SaidBody>,
) -> Result<Json<StagedModelBody>, Problem> {
    let recipe = match body.recipe {
        Value::Null => String::new(),
        Value::String(text) => text,
        recipe => recipe.to_string(),
    };
    let labels = serde_json::to_string(&body.labels.0).unwrap_or_default();
    let catalogue = state.service.catalogue();
    let staged = catalogue.describe_staged_model(&actor, StagedModelId(id), &recipe, &labels).await?;
    Ok(Json(staged.into()))
}

/// The form of a picture.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form for OpenAPI; it is read part by part")]
pub(super) struct TrialForm {
    /// JPEG, PNG or WebP.
    #[schema(value_type = String, format = Binary)]
    media: Vec<u8>,
}

/// Asks a file that waits for the boxes of a picture, which is not kept.
#[utoipa::path(
    post, path = "/staged-models/{id}/trial", tag = "models", operation_id = "try_staged_model",
    params(("id" = Uuid, Path, description = "The file")),
    request_body(content(
        (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"),
        (Vec<u8> = "application/octet-stream"),
        (TrialForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "What it sees", body = TrialBody),
        (status = 400, description = "The picture is broken, or the file cannot be imported as it is", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such file of yours", body = ProblemBody),
        (status = 413, description = "Too many bytes or pixels, or a model that takes too long", body = ProblemBody),
        (status = 415, description = "Not a JPEG, PNG or WebP picture", body = ProblemBody),
    )
)]
pub(super) async fn attempt(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    unread: Unread<Admin>,
) -> Result<Json<TrialBody>, Problem> {
    let id = StagedModelId(id);
    if form::is_multipart(&unread.headers) {
        let (actor, form) = form::read(&state, unread).await?;
        let Some(media) = form.media else {
            return Err(Problem::invalid("media", "The form has no part `media` with the picture."));
        };
        return Ok(Json(state.service.catalogue().try_staged_model(&actor, id, media.bytes).await?.into()));
    }
    let (actor, whole) = unread.whole(state.config.image_bytes, anything).await?;
    Ok(Json(state.service.catalogue().try_staged_model(&actor, id, whole.bytes).await?.into()))
}

/// Which model receives the version.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportStagedBody {
    /// Made when there is none.
    #[schema(example = "traffic")]
    pub name: String,
}

/// Makes a file that waits the next version of a model.
#[utoipa::path(
    post, path = "/staged-models/{id}/import", tag = "models", operation_id = "import_staged_model",
    params(("id" = Uuid, Path, description = "The file")), request_body = ImportStagedBody,
    responses(
        (status = 201, description = "Made", body = ModelVersionBody),
        (status = 400, description = "No name, or a file that cannot be imported as it is", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such file of yours", body = ProblemBody),
    )
)]
pub(super) async fn import(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    JsonBody(actor, body, _): JsonBody<Admin, ImportStagedBody>,
) -> Result<(StatusCode, Json<ModelVersionBody>), Problem> {
    let catalogue = state.service.catalogue();
    let version = catalogue.import_staged_model(&actor, StagedModelId(id), name("name", &body.name)?).await?;
    Ok((StatusCode::CREATED, Json(version.into())))
}

/// Forgets a file that waits.
#[utoipa::path(
    delete, path = "/staged-models/{id}", tag = "models", operation_id = "discard_staged_model",
    params(("id" = Uuid, Path, description = "The file")),
    responses(
        (status = 204, description = "Forgotten"),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such file of yours", body = ProblemBody),
    )
)]
pub(super) async fn discard(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(id): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.catalogue().discard_staged_model(&actor, StagedModelId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
