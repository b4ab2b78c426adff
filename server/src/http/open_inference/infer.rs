//! A picture in, boxes out.

use super::{
    answer,
    models::{Named, check_version},
    request,
};
use crate::http::{
    AppState,
    admission::{Reviewer, Unread},
    api::{REPEATED, idempotency_key, image_json_bytes},
    body::anything,
    problem::{PathParams, Problem},
    telemetry,
};
use axum::{extract::State, response::Response};
use http::HeaderValue;
use service::PredictOptions;
use std::time::Instant;

/// Bytes of the JSON before binary tensors.
const HEADER_BYTES: usize = 256 * 1024;

/// Predicts one picture; stores it unless `parameters.monitor` is false.
pub(super) async fn infer(
    State(state): State<AppState>,
    PathParams(named): PathParams<Named>,
    unread: Unread<Reviewer>,
) -> Result<Response, Problem> {
    let arrived = Instant::now();
    let header = request::header_length(&unread.headers)?;
    let key = idempotency_key(&unread.headers)?;
    let image_bytes = state.config.image_bytes;
    let limit = if header.is_some() { image_bytes + HEADER_BYTES } else { image_json_bytes(image_bytes) };
    let (actor, mut whole) = unread.whole(limit, anything).await?;
    // Of a binary tensor: its pixels. Of JSON: the text, what its quotes or
    // brackets hold, and the picture made of it.
    let copies = if header.is_some() { 1 } else { 3 };
    whole.share.hold(copies * whole.bytes.len()).await?;
    let intake = state.service.intake();
    let deployment = intake.served_deployment(&actor, &named.deployment).await?;
    check_version(&deployment, named.number.as_deref())?;
    let request = request::read(&whole.bytes, header)?;
    let key = request.idempotency_key.or(key);
    let options = PredictOptions { monitor: request.monitor, waited: arrived.elapsed() };
    let (picture, provenance) = (request.picture, request.provenance);
    let predicted =
        intake.predict_once(&actor, &named.deployment, picture, provenance, options, key.as_deref()).await?;
    if request.monitor && !predicted.repeated {
        telemetry::stored("predicted", 1);
    }
    let labels = answer::labels_of(&state, &actor, &deployment, &predicted.prediction).await?;
    let mut response = answer::of(&deployment, &labels, &predicted.prediction, &request.answer)?;
    if predicted.repeated {
        response.headers_mut().insert(REPEATED, HeaderValue::from_static("true"));
    }
    Ok(response)
}
