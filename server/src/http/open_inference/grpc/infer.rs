//! `ModelInfer`: a picture in, boxes out, as `POST …/infer` has it.

use super::{request::InferMessage, status::Status, wire::Message};
use crate::http::{
    AppState,
    api::idempotency_key,
    body::WholeBody,
    open_inference::{
        answer::{self, Data, OutputTensor},
        models::check_version,
    },
    telemetry,
};
use http::HeaderMap;
use service::{As, PredictOptions, Reviewer};
use std::time::Instant;

/// Bytes of a message beside its picture.
const WORDS_BYTES: usize = 256 * 1024;
/// Memory of a request beside its message: the picture made of it, or numbers
/// that were sent as such.
const COPIES: usize = 2;

/// The most bytes of a request.
pub(super) fn limit(state: &AppState) -> usize {
    state.config.image_bytes + WORDS_BYTES
}

/// Predicts one picture; stores it unless the parameter `monitor` is false.
pub(super) async fn infer(
    state: &AppState,
    actor: &As<Reviewer>,
    headers: &HeaderMap,
    mut whole: WholeBody,
    arrived: Instant,
) -> Result<Message, Status> {
    whole.share.hold(COPIES * whole.bytes.len()).await?;
    let message = InferMessage::read(whole.bytes.clone())?;
    let intake = state.service.intake();
    let deployment = intake.served_deployment(actor, &message.model.name).await?;
    check_version(&deployment, message.model.version())?;
    let (name, as_bytes) = (message.model.name.clone(), message.wants_bytes());
    let request = message.into_request()?;
    let options = PredictOptions { monitor: request.monitor, waited: arrived.elapsed() };
    let key = request.idempotency_key.or(idempotency_key(headers)?);
    let (picture, provenance) = (request.picture, request.provenance);
    let predicted = intake.predict_once(actor, &name, picture, provenance, options, key.as_deref()).await?;
    let prediction = predicted.prediction;
    if request.monitor && !predicted.repeated {
        telemetry::stored("predicted", 1);
    }
    let labels = answer::labels_of(state, actor, &deployment, &prediction).await?;
    let head = Message::default()
        .text(1, deployment.name.as_str())
        .text(2, answer::version_that_answered(&deployment, &prediction))
        .text(3, request.answer.id.as_deref().unwrap_or_default());
    Ok(with_outputs(head, &answer::tensors(&labels, &prediction, &request.answer), as_bytes))
}

/// Adds the tensors: their values as bytes behind all of them, or each with
/// its own.
fn with_outputs(mut message: Message, tensors: &[OutputTensor], as_bytes: bool) -> Message {
    for tensor in tensors {
        let described = tensor.output.tensor();
        let shape = tensor.shape.iter().map(|length| i64::try_from(*length).unwrap_or(i64::MAX));
        let mut output =
            Message::default().text(1, described.name).text(2, described.datatype).numbers(3, shape);
        if !as_bytes {
            output = output.message(5, &contents(&tensor.data));
        }
        message = message.message(5, &output);
    }
    if as_bytes {
        message = tensors.iter().fold(message, |message, tensor| message.bytes(6, &tensor.data.to_bytes()));
    }
    message
}

fn contents(data: &Data) -> Message {
    let empty = Message::default();
    match data {
        // Packed single precision is what the bytes of the tensor are.
        Data::Floats(floats) if floats.is_empty() => empty,
        Data::Floats(_) => empty.bytes(6, &data.to_bytes()),
        Data::Numbers(numbers) => empty.numbers(3, numbers.iter().copied()),
        Data::Texts(texts) => texts.iter().fold(empty, |message, text| message.bytes(8, text.as_bytes())),
    }
}
