//! Reports of predictions that were made elsewhere: one at a time, as JSON
//! or as a form with the image.

use super::{
    form,
    idempotency::{REPEATED, idempotency_key},
    ndjson,
    report_body::{ReportBody, ReportForm, body_of_form, read_json},
};
use crate::http::{
    AppState,
    admission::{Reviewer, Unread},
    body::anything,
    problem::{PathParams, Problem, ProblemBody, QueryParams},
    telemetry,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::fault::ErrorKind;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use service::{As, KeyedReport};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a report is stored as.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceivedBody {
    /// The prediction.
    pub id: Uuid,
}

/// Takes a prediction that was made elsewhere: JSON without image, a form
/// with one, or many at once as NDJSON, one object a line, answered line by
/// line.
#[utoipa::path(
    post, path = "/deployments/{deployment}/predictions", tag = "predictions", operation_id = "report",
    params(
        ("deployment" = String, Path, description = "Name or id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same answer, once stored"),
        ndjson::HistoryParams,
    ),
    request_body(content(
        (ReportBody = "application/json"), (ReportForm = "multipart/form-data"), (String = "application/x-ndjson"),
    )),
    responses(
        (status = 201, description = "Stored, now or before under the same key (then with the header Idempotency-Replayed)", body = ReceivedBody),
        (status = 200, description = "One answer for each line of NDJSON", body = ndjson::LineAnswer, content_type = "application/x-ndjson"),
        (status = 400, description = "A field is not allowed", body = ProblemBody),
        (status = 401, description = "Not signed in", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
        (status = 409, description = "The key was used for another report", body = ProblemBody),
        (status = 413, description = "Too many bytes or pixels", body = ProblemBody),
        (status = 415, description = "A content type that is not taken here", body = ProblemBody),
    )
)]
pub(super) async fn report(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    QueryParams(ndjson::HistoryParams { history }): QueryParams<ndjson::HistoryParams>,
    unread: Unread<Reviewer>,
) -> Result<Response, Problem> {
    let key = idempotency_key(&unread.headers)?;
    let kind = form::media_type(&unread.headers).map(str::to_ascii_lowercase);
    match kind.as_deref() {
        Some(kind) if ndjson::MEDIA_TYPES.contains(&kind) => {
            ndjson::report_lines(&state, &deployment, history, key.as_deref(), unread).await
        }
        _ if history => {
            let message = "Reports of the past are taken as application/x-ndjson, one object a line.";
            Err(Problem::new(ErrorKind::UnsupportedMedia, message))
        }
        Some("multipart/form-data") => {
            let (actor, form) = form::read(&state, unread).await?;
            let body = body_of_form(&form)?;
            let media = form.media.as_ref().map(|media| media.bytes.clone());
            let filename = form.media.as_ref().and_then(|media| media.filename.clone());
            let body = ReportBody { filename: body.filename.or(filename), ..body };
            store(&state, &actor, &deployment, body, media, key).await
        }
        Some("application/json") | None => {
            let (actor, whole) = unread.whole(state.config.json_bytes, anything).await?;
            store(&state, &actor, &deployment, read_json(&whole.bytes)?, None, key).await
        }
        Some(other) => {
            let message = format!(
                "{other} is not taken here: send application/json, multipart/form-data or application/x-ndjson."
            );
            Err(Problem::new(ErrorKind::UnsupportedMedia, message))
        }
    }
}

async fn store(
    state: &AppState,
    actor: &As<Reviewer>,
    deployment: &str,
    body: ReportBody,
    image: Option<Bytes>,
    key: Option<String>,
) -> Result<Response, Problem> {
    let (report, own_key) = body.checked()?;
    let keyed = KeyedReport { report, idempotency_key: key.or(own_key) };
    let received = state.service.intake().report(actor, deployment, keyed, image).await?;
    let mut response = (StatusCode::CREATED, Json(ReceivedBody { id: received.id.0 })).into_response();
    if received.repeated {
        response.headers_mut().insert(REPEATED, HeaderValue::from_static("true"));
    } else {
        telemetry::stored("reported", 1);
    }
    Ok(response)
}
