//! Models as files, out and in, and out for good.

use super::{
    model_upload::receive,
    models::ModelVersionBody,
    shapes::{name, version_ref},
    staged_shapes::InspectedBody,
};
use crate::http::{
    AppState,
    admission::{Admin, Unread},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use service::model_hints;
use utoipa::{IntoParams, ToSchema};

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
    let (name, weights) = state.service.catalogue().model_weights_stream(&actor, &version).await?;
    let filename = format!("attachment; filename=\"{name}\"");
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

/// What is said of a model file that is the whole body.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportParams {
    /// The model that receives the version; made when there is none. Needed
    /// here or in the form.
    #[serde(default)]
    pub name: String,
    /// How it is fed and read, as JSON; for an ONNX graph that does not say so.
    #[serde(default)]
    pub recipe: String,
    /// In the order of the network's outputs, separated by commas; for a graph
    /// that does not name them.
    #[serde(default)]
    pub labels: String,
}

/// The form of a model file with what is said of it.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form for OpenAPI; it is read part by part")]
pub(super) struct ImportForm {
    /// Weights of Fovea or an ONNX graph.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The model that receives the version; made when there is none.
    name: Option<String>,
    /// How it is fed and read, as JSON.
    recipe: Option<String>,
    /// In the order of the network's outputs: a JSON array, one a line, or
    /// separated by commas.
    labels: Option<String>,
}

/// A version that was made of a file, and what the file turned out to be.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportedBody {
    /// The version.
    #[serde(flatten)]
    pub version: ModelVersionBody,
    /// What was seen of the file.
    pub inspected: InspectedBody,
}

/// Makes the next version of a model out of a file: weights that a Fovea
/// exported, or an ONNX graph; which of the two its bytes say. What an ONNX
/// graph does not say itself is said by `recipe` and `labels`; a refusal says
/// what was seen, and gives a recipe to start from.
#[utoipa::path(
    post, path = "/models/import", tag = "models", operation_id = "import_model", params(ImportParams),
    request_body(content((Vec<u8> = "application/octet-stream"), (ImportForm = "multipart/form-data"))),
    responses(
        (status = 201, description = "Made", body = ImportedBody),
        (status = 400, description = "No name, no model, or a model that does not say how it is to be asked", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 413, description = "Too many bytes", body = ProblemBody),
        (status = 429, description = "Another file of yours is still being sent", body = ProblemBody),
    )
)]
pub(super) async fn import(
    State(state): State<AppState>,
    QueryParams(params): QueryParams<ImportParams>,
    unread: Unread<Admin>,
) -> Result<(StatusCode, Json<ImportedBody>), Problem> {
    let in_form = super::form::is_multipart(&unread.headers);
    if !in_form {
        name("name", &params.name)?;
    }
    let _turn = state.service.catalogue().sending_turn(&unread.actor).await?;
    let (actor, sent) = receive(&state, unread).await?;
    sent.check_fields(&["name", "recipe", "labels"])?;
    let model = name("name", sent.field("name").unwrap_or(&params.name))?;
    let recipe = sent.field("recipe").unwrap_or(&params.recipe);
    let hints = model_hints(recipe, sent.field("labels").unwrap_or(&params.labels))?;
    let imported = state.service.catalogue().import_model(&actor, model, &sent.path, hints).await?;
    let body = ImportedBody { version: imported.version.into(), inspected: imported.inspected.into() };
    Ok((StatusCode::CREATED, Json(body)))
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
