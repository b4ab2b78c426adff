//! Pictures that the champion is asked about.

use super::{
    answers::wrong,
    monitor::{CloudImage, merged},
    predicted::stored_file,
    sdk_body::SdkBody,
};
use crate::http::{
    AppState,
    admission::{Reviewer, Unread},
    api::{AtMost, Form, Pairs, read_form},
    json_faults,
    problem::{PathParams, Problem},
    telemetry,
};
use axum::{Json, extract::State};
use bytes::Bytes;
use domain::{
    name::Label,
    prediction::{PredictedBox, Prediction, Provenance},
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::{As, PredictOptions};
use std::time::Instant;

/// What a form says beside its picture.
struct FormDetails {
    provenance: Provenance,
    monitor: bool,
    /// Whether boxes below the threshold are left out.
    postprocess: bool,
}

pub(super) async fn form(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    unread: Unread<Reviewer>,
) -> Result<Json<Value>, Problem> {
    let arrived = Instant::now();
    let (actor, mut form) = read_form(&state, unread).await?;
    let media = form.media.take().ok_or_else(|| wrong("media", "The form has no file called media."))?;
    let mut notes = Vec::new();
    let mut details = details_of(&form, &mut notes)?;
    details.provenance.filename = media.filename;
    answer(&state, &actor, &deployment, media.bytes, details, arrived).await
}

#[derive(Deserialize)]
pub(super) struct StoredBody {
    cloud_image: CloudImage,
    #[serde(default)]
    tags: Option<AtMost<String, 1_000>>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    monitor: Option<bool>,
    #[serde(default)]
    postprocess: Option<bool>,
    #[serde(default)]
    metadata: Option<Pairs>,
    #[serde(default)]
    custom_metadata: Option<Pairs>,
}

/// A picture that is here already: a prediction's or a dataset's.
pub(super) async fn stored(
    State(state): State<AppState>,
    PathParams(deployment): PathParams<String>,
    SdkBody(actor, body, _): SdkBody<Reviewer, StoredBody>,
) -> Result<Json<Value>, Problem> {
    let arrived = Instant::now();
    let object_name = body.cloud_image.object_name;
    let image = stored_file(&state, &actor, &object_name).await?;
    let provenance = Provenance {
        filename: object_name.rsplit('/').next().map(str::to_owned),
        source: body.source.filter(|source| !source.is_empty()),
        tags: body.tags.map(|tags| tags.0).unwrap_or_default(),
        metadata: merged([body.metadata, body.custom_metadata], &mut Vec::new()),
        timestamp: None,
    };
    let (monitor, postprocess) = (body.monitor.unwrap_or(true), body.postprocess.unwrap_or(true));
    let details = FormDetails { provenance, monitor, postprocess };
    answer(&state, &actor, &deployment, image, details, arrived).await
}

async fn answer(
    state: &AppState,
    by: &As<Reviewer>,
    deployment: &str,
    image: Bytes,
    details: FormDetails,
    arrived: Instant,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(by, deployment).await?;
    let options = PredictOptions { monitor: details.monitor, waited: arrived.elapsed() };
    let prediction =
        state.service.intake().predict(by, deployment.id, image, details.provenance, options).await?;
    if details.monitor {
        telemetry::stored("predicted", 1);
    }
    Ok(Json(shape(&prediction, &deployment.champion.labels, details.postprocess, details.monitor)))
}

fn details_of(form: &Form, notes: &mut Vec<String>) -> Result<FormDetails, Problem> {
    let mut provenance = Provenance::default();
    let (mut monitor, mut postprocess) = (true, true);
    let (mut metadata, mut custom) = (None, None);
    for (name, text) in &form.fields {
        let flag = || !text.eq_ignore_ascii_case("false");
        let pairs = || json_faults::read::<Pairs>(name, text.as_bytes()).map(Some);
        match name.as_str() {
            "tags" if !text.is_empty() => provenance.tags.push(text.clone()),
            "source" if !text.is_empty() => provenance.source = Some(text.clone()),
            "monitor" => monitor = flag(),
            "postprocess" => postprocess = flag(),
            "metadata" => metadata = pairs()?,
            "custom_metadata" => custom = pairs()?,
            // Where it is to lie in the datalake, and what newer packages add.
            _ => {}
        }
    }
    provenance.metadata = merged([metadata, custom], notes);
    Ok(FormDetails { provenance, monitor, postprocess })
}

fn shape(prediction: &Prediction, labels: &[Label], postprocess: bool, stored: bool) -> Value {
    let boxes: Vec<&PredictedBox> = prediction
        .boxes
        .iter()
        .filter(|predicted| !postprocess || predicted.score >= prediction.threshold)
        .collect();
    let mut answer = detections(&boxes, labels);
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("id".to_owned(), json!(stored.then_some(prediction.id.0)));
        answer.insert("model".to_owned(), json!(prediction.model));
        answer.insert("latency".to_owned(), json!(prediction.latency_ms / 1e3));
        answer.insert("width".to_owned(), json!(prediction.size.width));
        answer.insert("height".to_owned(), json!(prediction.size.height));
        answer.insert("threshold".to_owned(), json!(prediction.threshold.get()));
    }
    answer
}

/// Boxes in the shape in which the SDK sends them, and their labels.
pub(super) fn detections(boxes: &[&PredictedBox], labels: &[Label]) -> Value {
    let class = |predicted: &PredictedBox| labels.iter().position(|label| *label == predicted.label);
    let edges = |predicted: &PredictedBox| {
        let rect = &predicted.rect;
        [rect.y(), rect.x(), rect.y() + rect.h(), rect.x() + rect.w()]
    };
    json!({
        "detection_classes": boxes.iter().map(|predicted| class(predicted)).collect::<Vec<_>>(),
        "detection_boxes": boxes.iter().map(|predicted| edges(predicted)).collect::<Vec<_>>(),
        "detection_scores": boxes.iter().map(|predicted| predicted.score.get()).collect::<Vec<_>>(),
        "detection_names": boxes.iter().map(|predicted| &predicted.label).collect::<Vec<_>>(),
    })
}
