//! The Open Inference Protocol asked the same over HTTP and gRPC: one table,
//! and each row ends alike, in the same words.

use crate::{
    bed::{Bed, DEPLOYMENT, jpeg, with_token},
    grpc::{called_with, of_file, parameters, tensor},
};
use axum::{body::Body, http::Request};
use serde_json::{Map, Value, json};

/// What is sent, but for the form in which it is.
struct Case {
    tensor: (&'static str, &'static str, Vec<i64>),
    bytes: Vec<u8>,
    parameters: Value,
    /// How many boxes come back; or HTTP's status and gRPC's code, and what is
    /// said.
    ends: Result<usize, (u16, i32, &'static str)>,
}

fn image(bytes: &[u8], parameters: Value, ends: Result<usize, (u16, i32, &'static str)>) -> Case {
    let length = u32::try_from(bytes.len()).expect("short").to_le_bytes();
    Case { tensor: ("image", "BYTES", vec![1]), bytes: [&length[..], bytes].concat(), parameters, ends }
}

fn cases() -> Vec<Case> {
    let file = || jpeg(40, 30);
    let invalid = |says| Err((400, 3, says));
    let pixels = |datatype, shape: &[i64], count, ends| Case {
        tensor: ("pixels", datatype, shape.to_vec()),
        bytes: vec![7; count],
        parameters: json!({}),
        ends,
    };
    let unframed = |bytes: &[u8]| Case {
        tensor: ("image", "BYTES", vec![1]),
        bytes: bytes.to_vec(),
        parameters: json!({}),
        ends: invalid("not one element"),
    };
    vec![
        image(&file(), json!({}), Ok(1)),
        image(&file(), json!({ "threshold": 0.0, "source": "gate 3", "tags": "a,b", "priority": 1 }), Ok(2)),
        image(&file(), json!({ "monitor": false, "threshold": 1 }), Ok(0)),
        image(&file(), json!({ "threshold": 2 }), invalid("from 0 to 1")),
        image(
            &file(),
            json!({ "montior": false }),
            invalid("parameters.montior: There is no such parameter"),
        ),
        image(&file(), json!({ "timestamp": "yesterday" }), invalid("timestamp")),
        image(&file(), json!({ "metadata": "no object" }), invalid("metadata")),
        image(b"no picture", json!({}), Err((415, 3, "JPEG"))),
        image(&[], json!({}), invalid("the file is empty")),
        unframed(b"\x09\0\0\0short"),
        unframed(b""),
        Case {
            tensor: ("images", "BYTES", vec![1]),
            ..image(&file(), json!({}), invalid("no input \"images\""))
        },
        Case { tensor: ("image", "UINT8", vec![1]), ..image(&file(), json!({}), invalid("send BYTES")) },
        Case {
            tensor: ("image", "BYTES", vec![2]),
            ..image(&file(), json!({}), invalid("one picture to a"))
        },
        pixels("UINT8", &[30, 40, 3], 30 * 40 * 3, Ok(1)),
        pixels("UINT8", &[1, 30, 40, 3], 30 * 40 * 3, Ok(1)),
        pixels("UINT8", &[3, 30, 40], 30 * 40 * 3, invalid("the colours last")),
        pixels("UINT8", &[30, 40, 3], 7, invalid("7 numbers, and its shape stands for 3600")),
        pixels("UINT8", &[-1, 40, 3], 7, invalid("the colours last")),
        pixels("FP32", &[30, 40, 3], 30 * 40 * 3 * 4, invalid("send UINT8")),
    ]
}

/// How it ends over HTTP: the number of boxes, or status and words.
async fn over_http(bed: &Bed, case: &Case) -> Result<usize, (u16, String)> {
    let (name, datatype, shape) = &case.tensor;
    let json = json!({
        "inputs": [{
            "name": name, "datatype": datatype, "shape": shape,
            "parameters": { "binary_data_size": case.bytes.len() },
        }],
        "outputs": [{ "name": "scores" }],
        "parameters": case.parameters,
    })
    .to_string();
    let request = with_token(Request::post(format!("/v2/models/{DEPLOYMENT}/infer")), &bed.reviewer)
        .header("inference-header-content-length", json.len());
    let body = [json.as_bytes(), &case.bytes].concat();
    let answer = bed.send(request.body(Body::from(body)).expect("a request")).await;
    let body = answer.json();
    match answer.status.as_u16() {
        200 => Ok(body["outputs"][0]["data"].as_array().expect("numbers").len()),
        status => Err((status, body["error"].as_str().expect("words").to_owned())),
    }
}

/// The same over gRPC, with its code.
async fn over_grpc(bed: &Bed, case: &Case) -> Result<usize, (i32, String)> {
    let (name, datatype, shape) = &case.tensor;
    let mut request = of_file(b"");
    request.inputs = vec![tensor(name, datatype, shape)];
    request.raw = vec![case.bytes.clone()];
    request.parameters = parameters(case.parameters.as_object().unwrap_or(&Map::new()));
    called_with(bed, &request).await.map(|answer| answer.raw[1].len() / size_of::<f32>())
}

#[tokio::test]
async fn each_request_ends_alike_over_http_and_grpc() {
    let bed = Bed::new().await;
    for case in cases() {
        let told = format!("{:?} {}", case.tensor, case.parameters);
        let (http, grpc) = (over_http(&bed, &case).await, over_grpc(&bed, &case).await);
        match case.ends {
            Ok(count) => assert_eq!((http, grpc), (Ok(count), Ok(count)), "{told}"),
            Err((status, code, says)) => {
                let (http, grpc) = (http.expect_err("refused"), grpc.expect_err("refused"));
                assert_eq!((http.0, grpc.0), (status, code), "{told}: {} {}", http.1, grpc.1);
                assert!(http.1.contains(says), "{told}: {}", http.1);
                assert_eq!(http.1, grpc.1, "{told}");
            }
        }
    }
    // Of each transport one, but for what was not to be stored.
    let stored =
        cases().iter().filter(|case| case.ends.is_ok() && case.parameters["monitor"] != json!(false)).count();
    assert_eq!(bed.count().await, 2 * stored as u64);
}
