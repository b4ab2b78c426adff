//! Sending an image and getting its boxes.

use super::{
    form::{self, Form, flag, moment, pairs, words},
    idempotency::{REPEATED, idempotency_key},
    predict_json::{self, PredictBody},
    prediction_shapes::PredictionBody,
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
use domain::{
    fault::{ApiError, ErrorKind},
    prediction::Provenance,
};
use http::HeaderValue;
use serde::Deserialize;
use service::{PredictOptions, ServiceError};
use std::time::Instant;
use utoipa::{IntoParams, ToSchema};

/// What is said about an image whose bytes are the whole body.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PredictParams {
    /// `false` predicts and stores nothing.
    pub monitor: Option<bool>,
    /// The file's name.
    pub filename: Option<String>,
    /// Which camera, line or client.
    pub source: Option<String>,
    /// Free words, separated by commas.
    pub tags: Option<String>,
    /// Free keys and values, as a JSON object.
    pub metadata: Option<String>,
    /// When the image was taken; now when left out.
    pub timestamp: Option<String>,
}

/// The form of an image with what is said about it.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form for OpenAPI; it is read part by part")]
pub(super) struct PredictForm {
    /// The image: JPEG, PNG or WebP.
    #[schema(value_type = String, format = Binary)]
    media: Vec<u8>,
    /// `false` predicts and stores nothing.
    monitor: Option<bool>,
    /// Which camera, line or client.
    source: Option<String>,
    /// Free words, as a JSON array or separated by commas.
    tags: Option<String>,
    /// Free keys and values, as a JSON object.
    metadata: Option<String>,
    /// The same, beside `metadata`.
    custom_metadata: Option<String>,
    /// When the image was taken; now when left out.
    timestamp: Option<String>,
}

/// Predicts an image: the body is the file itself (JPEG, PNG or WebP, known
/// by its bytes), a form with the file as `media`, or JSON with the file in
/// base64 as `image`.
#[utoipa::path(
    post, path = "/deployments/{deployment}/predict", tag = "predictions", operation_id = "predict",
    params(
        ("deployment" = String, Path, description = "Name or id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same prediction, once stored"),
        PredictParams,
    ),
    request_body(content(
        (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"),
        (Vec<u8> = "application/octet-stream"),
        (PredictForm = "multipart/form-data"), (PredictBody = "application/json"),
    )),
    responses(
        (status = 200, description = "What the model saw, now or before under the same key (then with the header Idempotency-Replayed)", body = PredictionBody),
        (status = 400, description = "The image is broken or a field is not allowed", body = ProblemBody),
        (status = 401, description = "Not signed in", body = ProblemBody),
        (status = 403, description = "The role does not reach", body = ProblemBody),
        (status = 404, description = "No such deployment", body = ProblemBody),
        (status = 409, description = "The deployment only takes reports, or the key was used for another image", body = ProblemBody),
        (status = 413, description = "Too many bytes or pixels", body = ProblemBody),
        (status = 415, description = "Not a JPEG, PNG or WebP image", body = ProblemBody),
        (status = 429, description = "Too many images wait", body = ProblemBody),
    )
)]
pub(super) async fn predict(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    QueryParams(params): QueryParams<PredictParams>,
    unread: Unread<Reviewer>,
) -> Result<Response, Problem> {
    let arrived = Instant::now();
    let key = idempotency_key(&unread.headers)?;
    let mut details = RequestDetails::from_params(params)?;
    let (actor, bytes, _held) = if form::is_multipart(&unread.headers) {
        let (actor, mut form) = form::read(&state, unread).await?;
        let media = form.media.take();
        let media = media.ok_or_else(|| Problem::invalid("media", "The form has no file called media."))?;
        details.add_form(&form)?;
        details.provenance.filename = details.provenance.filename.or(media.filename);
        (actor, media.bytes, Held::Form(form))
    } else if form::media_type(&unread.headers)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
    {
        let limit = predict_json::json_bytes(state.config.image_bytes);
        let (actor, mut whole) = unread.whole(limit, anything).await?;
        // The text, the text without its quotes, and the image.
        whole.share.hold(3 * whole.bytes.len()).await?;
        let (bytes, provenance, monitor) = predict_json::read(&whole.bytes)?;
        details = RequestDetails { provenance, monitor: monitor.unwrap_or(details.monitor) };
        (actor, bytes, Held::Body(whole))
    } else {
        let (actor, whole) = unread.whole(state.config.image_bytes, image_beginning).await?;
        (actor, whole.bytes.clone(), Held::Body(whole))
    };
    let options = PredictOptions { monitor: details.monitor, waited: arrived.elapsed() };
    let intake = state.service.intake();
    let predicted =
        intake.predict_once(&actor, &deployment, bytes, details.provenance, options, key.as_deref()).await?;
    if details.monitor && !predicted.repeated {
        telemetry::stored("predicted", 1);
    }
    let mut response = Json(PredictionBody::from(predicted.prediction)).into_response();
    if predicted.repeated {
        response.headers_mut().insert(REPEATED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Refuses what cannot become an image before all of it is here.
fn image_beginning(bytes: &[u8]) -> Result<(), Problem> {
    if imaging::sniff(bytes).is_some() {
        return Ok(());
    }
    if let Some(message) = predict_json::text_instead_of_bytes(bytes) {
        return Err(Problem(ApiError::new(ErrorKind::UnsupportedMedia, message).at("image")));
    }
    // Where it is an image of another kind, that is what it says.
    let error = imaging::probe(bytes, &imaging::Limits::default()).err();
    Err(ServiceError::from(error.unwrap_or(imaging::ImageError::NotAnImage)).into())
}

/// Keeps the body's share of the memory budget until the answer.
#[allow(dead_code, reason = "held for its destructor")]
enum Held {
    Form(Form),
    Body(crate::http::body::WholeBody),
}

struct RequestDetails {
    provenance: Provenance,
    monitor: bool,
}

impl RequestDetails {
    fn from_params(params: PredictParams) -> Result<Self, Problem> {
        let tags = params.tags.as_deref().map(|text| words("tags", text)).transpose()?;
        let metadata = params.metadata.as_deref().map(|text| pairs("metadata", text)).transpose()?;
        let timestamp = params.timestamp.as_deref().map(|text| moment("timestamp", text)).transpose()?;
        let provenance = Provenance {
            filename: params.filename,
            source: params.source,
            tags: tags.unwrap_or_default(),
            metadata: metadata.unwrap_or_default(),
            timestamp,
        };
        Ok(Self { provenance, monitor: params.monitor.unwrap_or(true) })
    }

    fn add_form(&mut self, form: &Form) -> Result<(), Problem> {
        for (name, text) in &form.fields {
            match name.as_str() {
                "monitor" => self.monitor = flag(name, text)?,
                "filename" => self.provenance.filename = Some(text.clone()),
                "source" => self.provenance.source = Some(text.clone()),
                "tags" => self.provenance.tags.extend(words(name, text)?),
                "metadata" | "custom_metadata" => self.provenance.metadata.extend(pairs(name, text)?),
                "timestamp" => self.provenance.timestamp = Some(moment(name, text)?),
                other => {
                    let known =
                        "media, monitor, filename, source, tags, metadata, custom_metadata, timestamp";
                    return Err(Problem::invalid(
                        other,
                        format!("There is no field {other:?}; there are: {known}."),
                    ));
                }
            }
        }
        Ok(())
    }
}
