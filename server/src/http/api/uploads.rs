//! Files that are sent before they are used, in as many pieces as it takes.

use crate::http::{
    AppState,
    admission::{Admin, JsonBody, Unread},
    auth::SignedIn,
    body::check_announced,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
};
use axum::{Json, extract::State};
use domain::{ids::UploadId, time::Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use service::Upload;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A file that is being sent, or waits to be used.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct UploadBody {
    /// Identity.
    pub id: Uuid,
    /// What it is called where it comes from; for people.
    #[schema(example = "cells.zip")]
    pub filename: String,
    /// How many bytes it will have.
    pub bytes: u64,
    /// How many of them are here: the `offset` to go on with.
    pub received: u64,
    /// From then on it may be removed, unless something is written or read.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
}

impl From<Upload> for UploadBody {
    fn from(upload: Upload) -> Self {
        let Upload { id, filename, bytes, received, expires } = upload;
        Self { id: id.0, filename, bytes, received, expires }
    }
}

/// A file that is going to be sent.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUploadBody {
    /// What it is called; for people.
    #[schema(example = "cells.zip")]
    pub filename: String,
    /// How many bytes it has.
    #[schema(example = 1048576)]
    pub bytes: u64,
}

/// Begins a file that is sent before it is used.
#[utoipa::path(
    post, path = "/uploads", tag = "datasets", operation_id = "begin_upload", request_body = NewUploadBody,
    responses(
        (status = 201, description = "Begun: no byte is here yet", body = UploadBody),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 409, description = "Too many uploads of yours wait to be used", body = ProblemBody),
        (status = 413, description = "More bytes than one file may have", body = ProblemBody),
    )
)]
pub(super) async fn begin(
    State(state): State<AppState>,
    JsonBody(actor, body, _): JsonBody<Admin, NewUploadBody>,
) -> Result<(StatusCode, Json<UploadBody>), Problem> {
    let upload = state.service.catalogue().begin_upload(&actor, &body.filename, body.bytes).await?;
    Ok((StatusCode::CREATED, Json(upload.into())))
}

/// How far a file is.
#[utoipa::path(
    get, path = "/uploads/{upload}", tag = "datasets", operation_id = "get_upload",
    params(("upload" = Uuid, Path, description = "The upload")),
    responses(
        (status = 200, description = "The upload", body = UploadBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such upload of yours", body = ProblemBody),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(upload): PathParams<Uuid>,
) -> Result<Json<UploadBody>, Problem> {
    Ok(Json(state.service.catalogue().upload(&actor, UploadId(upload)).await?.into()))
}

/// Where the bytes go.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WriteParams {
    /// How many bytes are here already: `received` of the last answer; 0 when
    /// left out.
    #[serde(default)]
    pub offset: u64,
}

/// Sends the next bytes of a file, as many as you like: all, or a piece. What
/// came before a connection broke is kept; ask how far it is, and go on there.
#[utoipa::path(
    put, path = "/uploads/{upload}", tag = "datasets", operation_id = "write_upload",
    params(("upload" = Uuid, Path, description = "The upload"), WriteParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "Written", body = UploadBody),
        (status = 400, description = "The body broke off; what came is kept", body = ProblemBody),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such upload of yours", body = ProblemBody),
        (status = 409, description = "Another number of bytes is here, or another request writes", body = ProblemBody),
        (status = 413, description = "More bytes than were announced", body = ProblemBody),
        (status = 507, description = "No space left", body = ProblemBody),
    )
)]
pub(super) async fn write(
    State(state): State<AppState>,
    PathParams(upload): PathParams<Uuid>,
    QueryParams(params): QueryParams<WriteParams>,
    unread: Unread<Admin>,
) -> Result<Json<UploadBody>, Problem> {
    let catalogue = state.service.catalogue();
    let id = UploadId(upload);
    let there = catalogue.upload(&unread.actor, id).await?;
    let left = there.bytes.saturating_sub(params.offset);
    check_announced(&unread.headers, usize::try_from(left).unwrap_or(usize::MAX))?;
    let (actor, pieces) = unread.into_pieces();
    Ok(Json(catalogue.write_upload(&actor, id, params.offset, pieces).await?.into()))
}

/// Forgets a file, whether all of it came or not.
#[utoipa::path(
    delete, path = "/uploads/{upload}", tag = "datasets", operation_id = "discard_upload",
    params(("upload" = Uuid, Path, description = "The upload")),
    responses(
        (status = 204, description = "Gone"),
        (status = 403, description = "Admins only", body = ProblemBody),
        (status = 404, description = "No such upload of yours", body = ProblemBody),
    )
)]
pub(super) async fn discard(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn<Admin>,
    PathParams(upload): PathParams<Uuid>,
) -> Result<StatusCode, Problem> {
    state.service.catalogue().discard_upload(&actor, UploadId(upload)).await?;
    Ok(StatusCode::NO_CONTENT)
}
