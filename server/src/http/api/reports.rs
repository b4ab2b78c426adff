//! Reports of predictions that were made elsewhere: one at a time, as JSON
//! or as a form with the image.

use super::{
    bounded::any_json,
    form::{self, Form, pairs, words},
    ndjson,
    provenance::body_with_provenance,
    shapes::{BoxList, BoxShape, checked_boxes, parsed},
};
use crate::http::{
    AppState,
    admission::{Reviewer, Unread},
    body::anything,
    json_faults,
    problem::{PathParams, Problem, ProblemBody, QueryParams, shortened},
    telemetry,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{
    fault::ErrorKind,
    prediction::{Report, ReportedShadow},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use service::{As, KeyedReport};
use utoipa::ToSchema;
use uuid::Uuid;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub(in crate::http) const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");

body_with_provenance! {
    /// A prediction that was made elsewhere.
    #[derive(Debug)]
    pub(super) struct ReportBody {
        /// Width of the upright image; taken from the image when there is one.
        #[serde(default)]
        pub width: Option<u32>,
        /// Height of the upright image; taken from the image when there is one.
        #[serde(default)]
        pub height: Option<u32>,
        /// How long the model took.
        pub latency_ms: f64,
        /// What it saw.
        #[schema(value_type = Vec<BoxShape>)]
        pub boxes: BoxList,
        /// What another model saw on the same image.
        #[serde(default)]
        pub shadow: Option<ReportedShadowBody>,
        /// `name/number` of the model; the champion when left out.
        #[serde(default)]
        pub model: Option<String>,
        /// Whether the image may be left out by the deployment's `sample_rate`;
        /// it may when left out.
        #[serde(default)]
        pub sample: Option<bool>,
        /// For NDJSON: the same key gives the same answer, once stored.
        #[serde(default)]
        pub idempotency_key: Option<String>,
    }
}

/// What another model saw on the same image.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportedShadowBody {
    /// How long it took.
    pub latency_ms: f64,
    /// What it saw.
    #[schema(value_type = Vec<BoxShape>)]
    pub boxes: BoxList,
}

impl ReportBody {
    /// Checked, and apart from it the key of its own line.
    ///
    /// # Errors
    /// Names the first field that is not allowed.
    pub(super) fn checked(mut self) -> Result<(Report, Option<String>), Problem> {
        let provenance = self.take_provenance()?;
        let shadow = match self.shadow {
            None => None,
            Some(shadow) => {
                let boxes = checked_boxes("shadow.boxes", shadow.boxes)?;
                Some(ReportedShadow { latency_ms: shadow.latency_ms, boxes })
            }
        };
        let report = Report {
            provenance,
            width: self.width,
            height: self.height,
            latency_ms: self.latency_ms,
            boxes: checked_boxes("boxes", self.boxes)?,
            shadow,
            model: self.model,
            sample: self.sample,
        };
        Ok((report, self.idempotency_key))
    }
}

/// What a report is stored as.
#[derive(Serialize, ToSchema)]
pub(super) struct ReceivedBody {
    /// The prediction.
    pub id: Uuid,
}

/// The form of a report with its image.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form for OpenAPI; it is read part by part")]
pub(super) struct ReportForm {
    /// The image: JPEG, PNG or WebP.
    #[schema(value_type = Option<String>, format = Binary)]
    media: Option<Vec<u8>>,
    /// The report as one JSON object; or each of its fields as a part.
    report: Option<ReportBody>,
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

/// Reads one report.
///
/// # Errors
/// With the place in the text.
pub(super) fn read_json(bytes: &[u8]) -> Result<ReportBody, Problem> {
    let first = json_faults::without_mark(bytes).iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        let message = "This is a list: send its reports one object a line, as application/x-ndjson.";
        return Err(Problem::invalid("body", message));
    }
    json_faults::read("body", bytes)
}

/// The key in the headers, if there is one.
///
/// # Errors
/// As [`check_key`].
pub(in crate::http) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = value.to_str().unwrap_or_default();
    check_key(key)?;
    Ok(Some(key.to_owned()))
}

/// A key is 1 to 255 visible characters.
///
/// # Errors
/// When it is not.
pub(in crate::http) fn check_key(key: &str) -> Result<(), Problem> {
    if (1..=255).contains(&key.len()) && key.chars().all(|c| !c.is_control()) {
        return Ok(());
    }
    Err(Problem::invalid(
        "Idempotency-Key",
        "The key must have 1 to 255 characters, none of them a control character.",
    ))
}

/// Reads the report of a form.
///
/// # Errors
/// With the field that is wrong.
pub(super) fn body_of_form(form: &Form) -> Result<ReportBody, Problem> {
    let mut map = Map::new();
    for (name, text) in &form.fields {
        let json = |text: &str| -> Result<Value, Problem> {
            any_json(text).map_err(|error| Problem::invalid(name, shortened(&error.to_string())))
        };
        let value = match name.as_str() {
            "report" => {
                let Value::Object(report) = json(text)? else {
                    return Err(Problem::invalid(name, "The report must be a JSON object."));
                };
                map.extend(report);
                continue;
            }
            "boxes" | "shadow" => json(text)?,
            "width" | "height" => Value::from(parsed::<u32>(name, text)?),
            "latency_ms" => Value::from(parsed::<f64>(name, text)?),
            "sample" => Value::from(form::flag(name, text)?),
            // Given in several parts, or in one.
            "tags" => {
                let before = map.remove("tags").and_then(|tags| tags.as_array().cloned()).unwrap_or_default();
                before.into_iter().chain(words(name, text)?.into_iter().map(Value::from)).collect()
            }
            "metadata" | "custom_metadata" => {
                let before = map.remove("metadata").and_then(|pairs| pairs.as_object().cloned());
                let more = pairs(name, text)?.into_iter().map(|(key, value)| (key, Value::from(value)));
                let all: Map<String, Value> = before.unwrap_or_default().into_iter().chain(more).collect();
                map.insert("metadata".to_owned(), Value::Object(all));
                continue;
            }
            _ => Value::from(text.as_str()),
        };
        map.insert(name.clone(), value);
    }
    json_faults::read_value("body", Value::Object(map))
}
