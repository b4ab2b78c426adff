//! What is read, and what is refused in which words.

use super::*;
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1A\nnot all of it";

fn of_json(body: &Value) -> Result<InferRequest, String> {
    read(&Bytes::from(body.to_string()), None).map_err(|problem| problem.0.message)
}

fn of_parts(body: &Value, tensors: &[u8]) -> Result<InferRequest, String> {
    let json = body.to_string();
    let bytes = [json.as_bytes(), tensors].concat();
    read(&Bytes::from(bytes), Some(json.len())).map_err(|problem| problem.0.message)
}

fn image(data: &Value) -> Value {
    json!({ "inputs": [{ "name": "image", "datatype": "BYTES", "shape": [1], "data": data }] })
}

fn with_parameters(parameters: &Value) -> Value {
    let mut body = image(&json!(["iVBORw0KGgo="]));
    body["parameters"] = parameters.clone();
    body
}

#[track_caller]
fn check_file(request: Result<InferRequest, String>, file: &[u8]) {
    match request.expect("read").picture {
        Picture::File(bytes) => assert_eq!(bytes, file),
        Picture::Pixels(pixels) => panic!("{pixels:?}"),
    }
}

#[track_caller]
fn refused(request: Result<InferRequest, String>, says: &str) {
    let message = request.expect_err("refused");
    assert!(message.contains(says), "{message}");
}

fn behind_length(file: &[u8]) -> Vec<u8> {
    [&u32::try_from(file.len()).expect("short").to_le_bytes()[..], file].concat()
}

fn binary_image(size: usize) -> Value {
    json!({ "inputs": [{
        "name": "image", "datatype": "BYTES", "shape": [1], "parameters": { "binary_data_size": size },
    }] })
}

#[test]
fn a_file_comes_in_base64_or_as_bytes() {
    check_file(of_json(&image(&json!(["iVBORw0KGgo="]))), &PNG[..8]);
    check_file(of_json(&image(&json!([["data:image/png;base64,iVBORw0KGgo="]]))), &PNG[..8]);
    check_file(of_parts(&binary_image(PNG.len() + 4), &behind_length(PNG)), PNG);
    let text = b"iVBORw0KGgo=";
    check_file(of_parts(&binary_image(text.len() + 4), &behind_length(text)), &PNG[..8]);
}

#[test]
fn pixels_come_as_numbers_or_as_bytes_with_or_without_a_batch_of_one() {
    let rgb: Vec<u8> = (0..24).collect();
    let tensor = |shape: &Value, data: Option<&Value>| {
        let mut input = json!({ "name": "pixels", "datatype": "UINT8", "shape": shape });
        match data {
            Some(data) => input["data"] = data.clone(),
            None => input["parameters"] = json!({ "binary_data_size": 24 }),
        }
        json!({ "inputs": [input] })
    };
    for shape in [json!([2, 4, 3]), json!([1, 2, 4, 3])] {
        for request in [of_json(&tensor(&shape, Some(&json!(rgb)))), of_parts(&tensor(&shape, None), &rgb)] {
            let Picture::Pixels(pixels) = request.expect("read").picture else { panic!("a file") };
            assert_eq!((pixels.size().width, pixels.size().height), (4, 2));
            assert_eq!(pixels.rgb(), rgb);
        }
    }
    refused(of_json(&tensor(&json!([3, 2, 4]), Some(&json!(rgb)))), "the colours last");
    refused(of_json(&tensor(&json!([2, 2, 2, 3]), Some(&json!(rgb)))), "the shape [2, 2, 2, 3]");
    refused(
        of_json(&tensor(&json!([2, 3, 3]), Some(&json!(rgb)))),
        "24 numbers, and its shape stands for 18",
    );
    refused(of_json(&tensor(&json!([-1, 4, 3]), Some(&json!(rgb)))), "the colours last");
    refused(of_json(&tensor(&json!([1_i64 << 40, 1_i64 << 40, 3]), Some(&json!(rgb)))), "the colours last");
    refused(of_json(&tensor(&json!([2, 4, 3]), Some(&json!([0.5])))), "0.5: whole numbers");
    refused(of_json(&tensor(&json!([2, 4, 3]), Some(&json!(["x"])))), "x: whole numbers");
}

#[test]
fn parameters_are_read_and_unknown_ones_refused() {
    let body = with_parameters(&json!({
        "monitor": false, "threshold": 0.5, "tags": "night,rain", "source": "gate 3", "filename": "a.png",
        "timestamp": "2026-11-01T10:00:00Z", "metadata": "{\"lot\": 7}", "priority": 1, "triton_x": "y",
    }));
    let request = of_json(&body).expect("read");
    assert!(!request.monitor);
    assert_eq!(request.answer.threshold, Score::new(0.5));
    assert_eq!(request.provenance.tags, ["night", "rain"]);
    assert_eq!(request.provenance.metadata["lot"], "7");
    assert!(of_json(&with_parameters(&json!({ "monitor": "True" }))).expect("read").monitor);
    refused(of_json(&with_parameters(&json!({ "montior": false }))), "There is no such parameter");
    refused(of_json(&with_parameters(&json!({ "threshold": 2 }))), "from 0 to 1");
    refused(of_json(&with_parameters(&json!({ "source": ["a"] }))), "a text, a number, true or false");
}

#[test]
fn outputs_are_all_or_those_named() {
    let all = of_json(&image(&json!(["iVBORw0KGgo="]))).expect("read").answer.outputs;
    assert_eq!(all, OUTPUTS.map(|output| (output, false)));
    let mut body = with_parameters(&json!({ "binary_data_output": true }));
    body["outputs"] =
        json!([{ "name": "scores", "parameters": { "binary_data": false } }, { "name": "boxes" }]);
    let some = of_json(&body).expect("read").answer.outputs;
    assert_eq!(some, [(Output::Scores, false), (Output::Boxes, true)]);
    body["outputs"] = json!([{ "name": "output0" }]);
    refused(of_json(&body), "boxes, scores, labels, class_ids, prediction_id");
}

#[test]
fn what_cannot_be_a_picture_is_refused_in_words() {
    let input = |name: &str, datatype: &str, shape: Value| json!({ "inputs": [{ "name": name, "datatype": datatype, "shape": shape, "data": ["iVBORw0KGgo="] }] });
    refused(of_json(&input("images", "BYTES", json!([1]))), "There is no input \"images\"");
    refused(of_json(&input("image", "UINT8", json!([1]))), "send BYTES");
    refused(of_json(&input("image", "BYTES", json!([2]))), "one picture to a request");
    refused(of_json(&input("pixels", "FP32", json!([1, 3, 640, 640]))), "send UINT8");
    refused(of_json(&json!({ "inputs": [] })), "Send one input");
    refused(of_json(&json!({})), "inputs is missing");
    refused(of_json(&image(&json!(["a", "b"]))), "one text");
    let none = json!({ "inputs": [{ "name": "image", "datatype": "BYTES", "shape": [1] }] });
    refused(of_json(&none), "neither data nor binary_data_size");
}

#[test]
fn lengths_that_do_not_add_up_are_refused() {
    let bytes = behind_length(PNG);
    refused(of_parts(&binary_image(bytes.len() + 1), &bytes), "bytes follow the JSON");
    refused(of_parts(&binary_image(bytes.len() - 1), &bytes), "not one element");
    refused(of_parts(&binary_image(4), &[0, 0, 0, 0, 1]), "1 bytes lie behind");
    let message = read(&Bytes::from_static(b"{}"), Some(3)).expect_err("refused").0.message;
    assert!(message.contains("the whole body has 2"), "{message}");
}

#[test]
fn no_bytes_make_it_panic() {
    let whole = [binary_image(PNG.len() + 4).to_string().into_bytes(), behind_length(PNG)].concat();
    for end in 0..=whole.len() {
        for header in [None, Some(0), Some(end / 2), Some(end), Some(usize::MAX)] {
            let _ = read(&Bytes::copy_from_slice(&whole[..end]), header);
        }
    }
    for place in 0..whole.len() {
        for byte in [0, b'"', b'9', b'-', b'[', 0xFF] {
            let mut changed = whole.clone();
            changed[place] = byte;
            let header = whole.len() - PNG.len() - 4;
            if let Ok(request) = read(&Bytes::from(changed), Some(header)) {
                assert!(matches!(request.picture, Picture::File(_)));
            }
        }
    }
}
