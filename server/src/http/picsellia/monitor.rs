//! Predictions that a script's own infrastructure made, as it reports them.

use super::{
    answers::wrong,
    detections::{Detections, Frame},
    predicted,
};
use crate::http::{
    AppState,
    admission::{Reviewer, Unread},
    api::{AtMost, Pairs, decoded_image, image_json_bytes},
    body::anything,
    json_faults,
    problem::{PathParams, Problem},
    telemetry,
};
use axum::{Json, extract::State};
use bytes::Bytes;
use domain::{
    deployment::Deployment,
    fault::ErrorKind,
    ids::PredictionId,
    prediction::{Provenance, Report, ReportedShadow},
    time::Timestamp,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, KeyedReport, Viewer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Deserialize)]
struct ReportBody {
    #[serde(default)]
    filename: Option<String>,
    height: u32,
    width: u32,
    raw_predictions: Detections,
    latency: f64,
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    cloud_image: Option<CloudImage>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    tags: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    timestamp: Option<f64>,
    #[serde(default)]
    metadata: Option<Pairs>,
    #[serde(default)]
    custom_metadata: Option<Pairs>,
    #[serde(default)]
    custom_metrics: Option<Pairs>,
    #[serde(default)]
    shadow_latency: Option<f64>,
    #[serde(default)]
    shadow_raw_predictions: Option<Detections>,
    #[serde(default)]
    sample: Option<bool>,
}

/// An image that is here already.
#[derive(Deserialize)]
pub(super) struct CloudImage {
    pub(super) object_name: String,
}

/// Stores a report. The very same report again, whose answer was lost, gives
/// the same id; another report of an image that is known is refused.
pub(super) async fn report(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    unread: Unread<Reviewer>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let limit = image_json_bytes(state.config.image_bytes);
    let (actor, mut whole) = unread.whole(limit, anything).await?;
    // The text, the text without its quotes, and the image.
    whole.share.hold(3 * whole.bytes.len()).await?;
    let mut body: ReportBody = json_faults::read("body", &whole.bytes)?;
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?;
    let image = image_of(&state, &actor, &mut body).await?;
    let key = image.as_ref().map(|image| format!("image {}", hex(&Sha256::digest(image))));
    let (report, notes) = report_of(&state, &deployment, body, image.clone()).await?;
    let only_counted = report.sample == Some(true);
    let keyed = KeyedReport { report, idempotency_key: key };
    let received = if only_counted {
        state.service.intake().report_and_forget(&actor, deployment.id, keyed).await
    } else {
        state.service.intake().report(&actor, deployment.id, keyed, image).await
    };
    let received = received.map_err(|error| known_image(error.into()))?;
    if !received.repeated {
        telemetry::stored("reported", 1);
    }
    let answer = json!({ "id": received.id.0, "oracle_prediction_id": received.id.0, "notes": notes });
    Ok((StatusCode::CREATED, Json(answer)))
}

fn known_image(problem: Problem) -> Problem {
    if problem.0.kind != ErrorKind::Conflict {
        return problem;
    }
    Problem::new(ErrorKind::Conflict, "This image was reported here before, with other boxes or words.")
}

async fn image_of(
    state: &AppState,
    by: &As<Viewer>,
    body: &mut ReportBody,
) -> Result<Option<Bytes>, Problem> {
    if let Some(text) = body.image.take() {
        return decoded_image(&text).map(Some);
    }
    match body.cloud_image.take() {
        Some(cloud) => predicted::stored_file(state, by, &cloud.object_name).await.map(Some),
        None => Ok(None),
    }
}

/// The report in our words, and what of it was left out. `sample` is turned
/// round: theirs says that it is kept, and not stored at all when it is false;
/// ours that it may be left out.
async fn report_of(
    state: &AppState,
    deployment: &Deployment,
    body: ReportBody,
    image: Option<Bytes>,
) -> Result<(Report, Vec<String>), Problem> {
    let frame = Frame::of(state, body.width, body.height, image).await?;
    let mut notes = Vec::new();
    let boxes = body.raw_predictions.boxes(&deployment.champion.labels, &frame, &mut notes)?;
    let shadow = match body.shadow_raw_predictions {
        None => None,
        Some(seen) => {
            let labels = &deployment.shadow.as_ref().unwrap_or(&deployment.champion).labels;
            let latency_ms = body.shadow_latency.unwrap_or(0.0) * 1e3;
            Some(ReportedShadow { latency_ms, boxes: seen.boxes(labels, &frame, &mut notes)? })
        }
    };
    let metadata = merged([body.metadata, body.custom_metadata, body.custom_metrics], &mut notes);
    let timestamp = body.timestamp.map(|seconds| {
        Timestamp::from_seconds(seconds).ok_or_else(|| wrong("timestamp", "Give seconds since 1970."))
    });
    let provenance = Provenance {
        filename: body.filename,
        source: body.source.filter(|source| !source.is_empty()),
        tags: body.tags.map(|tags| tags.0).unwrap_or_default(),
        metadata,
        timestamp: timestamp.transpose()?,
    };
    let report = Report {
        provenance,
        width: Some(frame.width),
        height: Some(frame.height),
        latency_ms: body.latency * 1e3,
        boxes,
        shadow,
        model: None,
        sample: body.sample.map(|kept| !kept),
    };
    Ok((report, notes))
}

/// Pairs of several objects, the later ones before the earlier ones.
pub(super) fn merged<const N: usize>(
    objects: [Option<Pairs>; N],
    notes: &mut Vec<String>,
) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (key, value) in objects.into_iter().flatten().flat_map(|Pairs(pairs)| pairs) {
        match value {
            Some(value) => drop(all.insert(key, value)),
            None => notes.push(format!("{key} was left out: values are texts, numbers, true or false.")),
        }
    }
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Deserialize)]
struct ShadowBody {
    shadow_raw_predictions: Detections,
    shadow_latency: f64,
}

/// Adds what a shadow saw to a prediction that has no shadow's boxes yet.
pub(super) async fn report_shadow(
    State(state): State<AppState>,
    PathParams(id): PathParams<Uuid>,
    unread: Unread<Reviewer>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (actor, whole) = unread.whole(state.config.json_bytes, anything).await?;
    let body: ShadowBody = json_faults::read("body", &whole.bytes)?;
    let prediction = state.service.browsing().prediction(&actor, PredictionId(id)).await?;
    let deployment = state.service.catalogue().deployment(&actor, prediction.deployment_id).await?;
    let labels = &deployment.shadow.as_ref().unwrap_or(&deployment.champion).labels;
    let frame = Frame::upright(prediction.size.width, prediction.size.height);
    let mut notes = Vec::new();
    let boxes = body.shadow_raw_predictions.boxes(labels, &frame, &mut notes)?;
    let reported = ReportedShadow { latency_ms: body.shadow_latency * 1e3, boxes };
    state.service.intake().report_shadow(&actor, PredictionId(id), reported, None).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "notes": notes }))))
}
