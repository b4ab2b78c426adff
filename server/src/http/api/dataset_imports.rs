//! Imports of datasets by workers: asked for, watched, cancelled, undone.

use super::{
    dataset_import_shapes::{DatasetImportBody, ImportOrderBody},
    shapes::{PageOf, PageParams, name, parsed},
};
use crate::http::{
    AppState,
    admission::{Admin, JsonBody},
    auth::SignedIn,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{
    dataset_import::ImportOrder,
    ids::{UploadId, WorkItemId},
};
use http::StatusCode;
use uuid::Uuid;

/// Imports an upload into a dataset, or looks at what an import would find.
/// A worker does it: ask `/imports/{import}` how far it is. The upload is gone
/// once it became a version.
#[utoipa::path(
    post, path = "/datasets/{dataset}/import", tag = "datasets", operation_id = "import_dataset",
    params(("dataset" = String, Path, description = "The dataset's name; made when there is none")),
    request_body = ImportOrderBody,
    responses(
        (status = 202, description = "Queued", body = DatasetImportBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such upload of yours", body = ProblemBody),
        (status = 409, description = "The upload is not whole, or is being read already", body = ProblemBody),
    )
)]
pub(super) async fn start(
    State(state): State<AppState>,
    PathParams(dataset): PathParams<String>,
    JsonBody(actor, body, _): JsonBody<Admin, ImportOrderBody>,
) -> Result<(StatusCode, Json<DatasetImportBody>), Problem> {
    let choices = body.choices()?;
    let order = ImportOrder {
        upload: UploadId(body.upload),
        dataset: name("dataset", &dataset)?,
        version: body.version.as_deref().map(|text| name("version", text)).transpose()?,
        format: body.format.filter(|word| word != "auto"),
        split: match body.split.as_deref() {
            None | Some("from-file") => None,
            Some(text) => Some(parsed("split", text)?),
        },
        strict: body.strict,
        choices,
        check: body.check,
    };
    let import = state.service.catalogue().start_import(&actor, order).await?;
    Ok((StatusCode::ACCEPTED, Json(import.into())))
}

/// Lists imports by workers, the latest first, without their reports.
#[utoipa::path(
    get, path = "/imports", tag = "datasets", operation_id = "list_imports", params(PageParams),
    responses(
        (status = 200, description = "A page", body = PageOf<DatasetImportBody>),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<PageOf<DatasetImportBody>>, Problem> {
    Ok(Json(PageOf::of(state.service.catalogue().dataset_imports(&actor, page.into()).await?)))
}

/// How far an import is, and what it found.
#[utoipa::path(
    get, path = "/imports/{import}", tag = "datasets", operation_id = "get_import",
    params(("import" = Uuid, Path, description = "The import")),
    responses(
        (status = 200, description = "The import", body = DatasetImportBody),
        (status = 404, description = "No such import", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(import): PathParams<Uuid>,
) -> Result<Json<DatasetImportBody>, Problem> {
    Ok(Json(state.service.catalogue().dataset_import(&actor, WorkItemId(import)).await?.into()))
}

/// Asks an import to stop: nothing of it stays.
#[utoipa::path(
    post, path = "/imports/{import}/cancel", tag = "datasets", operation_id = "cancel_import",
    params(("import" = Uuid, Path, description = "The import")),
    responses(
        (status = 200, description = "As it is now", body = DatasetImportBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such import", body = ProblemBody),
    )
)]
pub(super) async fn cancel(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(import): PathParams<Uuid>,
) -> Result<Json<DatasetImportBody>, Problem> {
    Ok(Json(state.service.catalogue().cancel_import(&actor, WorkItemId(import)).await?.into()))
}

/// Deletes the dataset version that an import made, as long as nothing refers
/// to it.
#[utoipa::path(
    post, path = "/imports/{import}/undo", tag = "datasets", operation_id = "undo_import",
    params(("import" = Uuid, Path, description = "The import")),
    responses(
        (status = 200, description = "The version is gone", body = DatasetImportBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such import", body = ProblemBody),
        (status = 409, description = "It is under way, made no version, or the version is in use", body = ProblemBody),
    )
)]
pub(super) async fn undo(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(import): PathParams<Uuid>,
) -> Result<Json<DatasetImportBody>, Problem> {
    Ok(Json(state.service.catalogue().undo_import(&actor, WorkItemId(import)).await?.into()))
}
