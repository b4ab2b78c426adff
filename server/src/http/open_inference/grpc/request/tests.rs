//! What is read of a message, and what is refused of it.

use super::*;
use crate::http::open_inference::grpc::{status::Code, wire::Message};
use domain::geometry::Score;
use fuzzing::mutation::Mutations;
use service::Picture;

const PNG: &[u8] = b"\x89PNG\r\n\x1A\nnot all of it";

fn read(message: &Message) -> Result<InferRequest, Status> {
    let message = InferMessage::read(Bytes::copy_from_slice(message.as_bytes()))?;
    Ok(message.into_request()?)
}

fn tensor(name: &str, datatype: &str, shape: &[i64]) -> Message {
    Message::default().text(1, name).text(2, datatype).numbers(3, shape.iter().copied())
}

fn image() -> Message {
    tensor("image", "BYTES", &[1])
}

/// An image whose file is in the tensor's contents.
fn with_file(file: &[u8]) -> Message {
    Message::default().message(5, &image().message(5, &Message::default().bytes(8, file)))
}

fn parameter(key: &str, value: &Message) -> Message {
    Message::default().bytes(1, key.as_bytes()).message(2, value)
}

fn behind_length(file: &[u8]) -> Vec<u8> {
    [&u32::try_from(file.len()).expect("short").to_le_bytes()[..], file].concat()
}

#[track_caller]
fn check_file(request: Result<InferRequest, Status>, file: &[u8]) {
    match request.expect("read").picture {
        Picture::File(bytes) => assert_eq!(bytes, file),
        Picture::Pixels(pixels) => panic!("{pixels:?}"),
    }
}

#[track_caller]
fn refused(message: &Message, says: &str) {
    let status = read(message).expect_err("refused");
    assert_eq!(status.code, Code::InvalidArgument);
    assert!(status.message.contains(says), "{}", status.message);
}

#[test]
fn a_file_comes_in_the_tensor_or_behind_all_of_them() {
    check_file(read(&with_file(PNG)), PNG);
    check_file(read(&with_file(b"iVBORw0KGgo=")), &PNG[..8]);
    let raw = Message::default().message(5, &image()).bytes(7, &behind_length(PNG));
    check_file(read(&raw), PNG);
    refused(&Message::default().message(5, &image()), "neither contents nor raw_input_contents");
    refused(&Message::default().message(5, &image()).bytes(7, PNG), "not one element");
    refused(&with_file(PNG).bytes(7, &behind_length(PNG)), "either contents or");
    refused(&Message::default().message(5, &image()).bytes(7, b"").bytes(7, b""), "1 inputs");
    refused(&Message::default(), "Send one input");
}

#[test]
fn pixels_come_as_bytes_or_as_numbers() {
    let rgb: Vec<u8> = (200..224).collect();
    let pixels = tensor("pixels", "UINT8", &[2, 4, 3]);
    let numbers = Message::default().numbers(4, rgb.iter().map(|number| i64::from(*number)));
    let raw = Message::default().message(5, &pixels).bytes(7, &rgb);
    let typed = Message::default().message(5, &tensor("pixels", "UINT8", &[2, 4, 3]).message(5, &numbers));
    for message in [raw, typed] {
        let Picture::Pixels(pixels) = read(&message).expect("read").picture else { panic!("a file") };
        assert_eq!((pixels.size().width, pixels.size().height), (4, 2));
        assert_eq!(pixels.rgb(), rgb);
    }
    let with = |contents: &Message| {
        Message::default().message(5, &tensor("pixels", "UINT8", &[1, 1, 3]).message(5, contents))
    };
    refused(&with(&Message::default().numbers(2, [1, 2, -3])), "-3: whole numbers");
    refused(&with(&Message::default().bytes(6, &[0; 12])), "fp32_contents: whole numbers");
    refused(&with(&Message::default().numbers(4, [1, 2])), "2 numbers, and its shape stands for 3");
    refused(&with(&Message::default().bytes(8, PNG)), "numbers are wanted");
}

#[test]
fn parameters_are_of_five_kinds_and_unknown_ones_refused() {
    let value = Message::default;
    let message = with_file(PNG)
        .text(3, "17")
        .message(4, &parameter("source", &value().text(3, "gate 3")))
        .message(4, &parameter("monitor", &value().text(3, "False")))
        .message(4, &parameter("priority", &value().flag(5, true)))
        .message(4, &parameter("threshold", &value().text(3, "0.25")));
    let request = read(&message).expect("read");
    assert_eq!((request.monitor, request.provenance.source.as_deref()), (false, Some("gate 3")));
    assert_eq!((request.answer.id.as_deref(), request.answer.threshold), (Some("17"), Score::new(0.25)));
    let unknown = parameter("montior", &value().flag(1, true));
    refused(&with_file(PNG).message(4, &unknown), "There is no such parameter");
    refused(&with_file(PNG).message(4, &parameter("source", &value())), "a text, a number, true or false");
}

#[test]
fn outputs_are_all_or_those_named() {
    let all = read(&with_file(PNG)).expect("read").answer.outputs;
    assert_eq!(all.len(), OUTPUTS.len());
    let one = with_file(PNG).message(6, &Message::default().text(1, "scores"));
    assert_eq!(read(&one).expect("read").answer.outputs, [(Output::Scores, false)]);
    refused(&with_file(PNG).message(6, &Message::default().text(1, "output0")), "class_ids, prediction_id");
}

#[test]
fn fields_of_newer_protocols_are_passed_over_and_many_of_one_refused() {
    check_file(read(&with_file(PNG).text(99, "new")), PNG);
    let many = |number| (0..1_000).fold(Message::default(), |message, _| message.bytes(number, b""));
    refused(&many(5), "inputs: There are more than the 8");
    refused(&many(7), "raw_input_contents: There are more than the 8");
    let elements = Message::default().message(5, &image().message(5, &many(8)));
    refused(&elements, "bytes_contents: There are more than the 16");
    refused(&Message::default().message(5, &tensor("pixels", "UINT8", &[1; 1_000])), "more than 8 lengths");
    let parameters = (0..1_000).fold(Message::default(), |message, number| {
        message.message(4, &parameter(&number.to_string(), &Message::default().flag(1, true)))
    });
    refused(&parameters, "parameters: There are more than 100");
}

#[test]
fn no_bytes_make_it_panic() {
    let message = with_file(PNG).message(4, &parameter("tags", &Message::default().text(3, "a,b")));
    let whole = message.as_bytes().to_vec();
    for end in 0..whole.len() {
        let _ = InferMessage::read(Bytes::copy_from_slice(&whole[..end])).map(InferMessage::into_request);
    }
    for damaged in Mutations::new(&[whole], 7).take(5_000) {
        let _ = InferMessage::read(Bytes::from(damaged)).map(InferMessage::into_request);
    }
}
