//! Writes a prediction's boxes as tensors.

use super::{
    models::version_of,
    outputs::Output,
    request::{AnswerForm, HEADER_LENGTH},
};
use crate::http::{AppState, problem::Problem};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use domain::{
    deployment::Deployment,
    fault::ErrorKind,
    name::{Label, VersionRef},
    prediction::{PredictedBox, Prediction},
};
use http::header;
use serde::Serialize;
use service::{As, Viewer};
use std::borrow::Cow;

#[derive(Serialize)]
struct AnswerBody<'a> {
    model_name: &'a str,
    model_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outputs: Vec<OutputBody>,
}

#[derive(Serialize)]
struct OutputBody {
    name: &'static str,
    datatype: &'static str,
    shape: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<BinarySize>,
}

#[derive(Serialize)]
struct BinarySize {
    binary_data_size: usize,
}

/// A tensor's numbers or texts, row by row.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Data {
    Floats(Vec<f32>),
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

impl Data {
    /// As the protocol writes them behind the JSON, and in gRPC.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Floats(floats) => floats.iter().flat_map(|float| float.to_le_bytes()).collect(),
            Self::Numbers(numbers) => numbers.iter().flat_map(|number| number.to_le_bytes()).collect(),
            Self::Texts(texts) => {
                let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes();
                texts.iter().flat_map(|text| length(text).into_iter().chain(text.bytes())).collect()
            }
        }
    }
}

/// The answer; `deployment` as it was when it was asked, `labels` as
/// [`labels_of`] gives them.
///
/// # Errors
/// None that a caller can make.
pub(super) fn of(
    deployment: &Deployment,
    labels: &[Label],
    prediction: &Prediction,
    form: &AnswerForm,
) -> Result<Response, Problem> {
    let mut tensors = Vec::new();
    let outputs = self::tensors(labels, prediction, form).into_iter().map(|tensor| {
        let OutputTensor { output, shape, data, binary } = tensor;
        let bytes = binary.then(|| data.to_bytes());
        let parameters = bytes.as_ref().map(|bytes| BinarySize { binary_data_size: bytes.len() });
        let data = if bytes.is_some() { None } else { Some(data) };
        tensors.extend(bytes.unwrap_or_default());
        let described = output.tensor();
        OutputBody { name: described.name, datatype: described.datatype, shape, data, parameters }
    });
    let outputs: Vec<OutputBody> = outputs.collect();
    let is_binary = outputs.iter().any(|output| output.parameters.is_some());
    let body = AnswerBody {
        model_name: deployment.name.as_str(),
        model_version: version_that_answered(deployment, prediction),
        id: form.id.as_deref(),
        outputs,
    };
    let mut bytes = serde_json::to_vec(&body).map_err(|error| {
        tracing::error!(%error, "an answer cannot be written");
        Problem::new(ErrorKind::Internal, "Something broke on our side; the server's log has the details.")
    })?;
    if !is_binary {
        return Ok(([(header::CONTENT_TYPE, "application/json")], Body::from(bytes)).into_response());
    }
    let length = bytes.len().to_string();
    bytes.extend(tensors);
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (HEADER_LENGTH, length.as_str())];
    Ok((headers, Body::from(bytes)).into_response())
}

/// The version whose boxes these are.
pub(super) fn version_that_answered<'a>(deployment: &'a Deployment, prediction: &'a Prediction) -> &'a str {
    prediction.model.rsplit('/').next().unwrap_or_else(|| version_of(&deployment.champion))
}

/// The labels of the version whose boxes these are; none of one that is not
/// there any more. It need not be the champion: a call that is repeated is
/// answered with what a former one said, and one may take over while it runs.
///
/// # Errors
/// When the database fails.
pub(super) async fn labels_of<'a>(
    state: &AppState,
    by: &As<Viewer>,
    deployment: &'a Deployment,
    prediction: &Prediction,
) -> Result<Cow<'a, [Label]>, Problem> {
    if prediction.model == deployment.champion.name {
        return Ok(Cow::Borrowed(&deployment.champion.labels));
    }
    let Ok(version) = prediction.model.parse::<VersionRef>() else { return Ok(Cow::Borrowed(&[])) };
    match state.service.catalogue().model_version(by, &version).await.map_err(Problem::from) {
        Ok(version) => Ok(Cow::Owned(version.labels)),
        Err(Problem(fault)) if fault.kind == ErrorKind::NotFound => Ok(Cow::Borrowed(&[])),
        Err(problem) => Err(problem),
    }
}

/// A tensor of an answer.
pub(super) struct OutputTensor {
    pub output: Output,
    pub shape: Vec<usize>,
    pub data: Data,
    /// Whether it is to come as bytes.
    pub binary: bool,
}

/// The tensors that were asked for; `labels` as [`labels_of`] gives them.
pub(super) fn tensors(labels: &[Label], prediction: &Prediction, form: &AnswerForm) -> Vec<OutputTensor> {
    let threshold = form.threshold.unwrap_or(prediction.threshold);
    let boxes: Vec<&PredictedBox> = prediction.boxes.iter().filter(|b| b.score >= threshold).collect();
    let one = |&(output, binary): &(Output, bool)| {
        let (shape, data) = tensor(output, &boxes, prediction, labels);
        OutputTensor { output, shape, data, binary }
    };
    form.outputs.iter().map(one).collect()
}

fn tensor(
    output: Output,
    boxes: &[&PredictedBox],
    prediction: &Prediction,
    labels: &[Label],
) -> (Vec<usize>, Data) {
    let count = boxes.len();
    #[allow(clippy::cast_possible_truncation, reason = "single precision is what the protocol's FP32 is")]
    let single = |number: f64| number as f32;
    match output {
        Output::Boxes => {
            let corners = boxes.iter().flat_map(|b| {
                let rect = &b.rect;
                [rect.x(), rect.y(), rect.x() + rect.w(), rect.y() + rect.h()].map(single)
            });
            (vec![count, 4], Data::Floats(corners.collect()))
        }
        Output::Scores => (vec![count], Data::Floats(boxes.iter().map(|b| single(b.score.get())).collect())),
        Output::Labels => {
            (vec![count], Data::Texts(boxes.iter().map(|b| b.label.as_str().to_owned()).collect()))
        }
        Output::ClassIds => {
            // -1 for a class of a version that was deleted.
            let place = |b: &&PredictedBox| labels.iter().position(|label| *label == b.label);
            let id = |b: &&PredictedBox| place(b).and_then(|place| i64::try_from(place).ok()).unwrap_or(-1);
            (vec![count], Data::Numbers(boxes.iter().map(id).collect()))
        }
        Output::PredictionId => (vec![1], Data::Texts(vec![prediction.id.to_string()])),
    }
}
