//! The Open Inference Protocol as its clients speak it.

use crate::{
    bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token},
    exhaustion::{endless, without_drains},
};
use axum::{
    body::Body,
    http::{HeaderName, Method, Request, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::access::Role;
use serde_json::{Value, json};

const LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

fn infer_path() -> String {
    format!("/v2/models/{DEPLOYMENT}/infer")
}

fn of_base64(parameters: &Value) -> Value {
    let file = STANDARD.encode(jpeg(40, 30));
    json!({
        "id": "17",
        "inputs": [{ "name": "image", "datatype": "BYTES", "shape": [1], "data": [file] }],
        "parameters": parameters,
    })
}

/// The JSON, and the tensors behind it.
async fn infer_binary(bed: &Bed, json: &Value, tensors: &[u8], encoding: Option<&str>) -> Answer {
    let json = json.to_string();
    let mut request = with_token(Request::post(infer_path()), &bed.reviewer).header(LENGTH, json.len());
    let mut body = [json.as_bytes(), tensors].concat();
    if let Some(encoding) = encoding {
        request = request.header(header::CONTENT_ENCODING, encoding);
        body = crate::senders::deflate(&body);
    }
    bed.send(request.body(Body::from(body)).expect("a request")).await
}

/// What is refused says so under `error`, as `application/json`.
#[track_caller]
fn refused(answer: &Answer, status: u16, says: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/json", "{}", answer.text());
    let body = answer.json();
    assert!(body["error"].as_str().is_some_and(|error| error.contains(says)), "{body}");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1), "{body}");
}

fn output<'a>(body: &'a Value, name: &str) -> &'a Value {
    let outputs = body["outputs"].as_array().expect("outputs");
    outputs.iter().find(|output| output["name"] == name).unwrap_or_else(|| panic!("{name}: {body}"))
}

#[tokio::test]
async fn anybody_may_ask_whether_the_server_lives() {
    let bed = Bed::new().await;
    assert_eq!(bed.get("/v2/health/live", "").await.json(), json!({ "live": true }));
    assert_eq!(bed.get("/v2/health/ready", "").await.json(), json!({ "ready": true }));
    let server = bed.get("/v2", "").await.json();
    assert_eq!(server["extensions"], json!(["binary_tensor_data"]));
    bed.shutdown.cancel();
    refused(&bed.get("/v2/health/ready", "").await, 503, "stopping");
}

#[tokio::test]
async fn a_deployment_says_what_goes_in_and_what_comes_out() {
    let bed = Bed::new().await;
    for path in ["/v2/models/cells", "/v2/models/cells/versions/1"] {
        let metadata = bed.get(path, &bed.viewer).await.json();
        assert_eq!((&metadata["name"], &metadata["versions"]), (&json!("cells"), &json!(["1"])));
        assert_eq!(metadata["inputs"][0], json!({ "name": "image", "datatype": "BYTES", "shape": [1] }));
        assert_eq!(metadata["outputs"][0], json!({ "name": "boxes", "datatype": "FP32", "shape": [-1, 4] }));
        let ready = bed.get(&format!("{path}/ready"), &bed.viewer).await;
        assert_eq!((ready.status.as_u16(), ready.json()), (200, json!({ "name": "cells", "ready": true })));
    }
    refused(&bed.get("/v2/models/cells/versions/2", &bed.viewer).await, 404, "version 1");
    refused(&bed.get("/v2/models/none/ready", &bed.viewer).await, 404, "none");
    let index = bed.post_json("/v2/repository/index", &bed.viewer, &json!({})).await.json();
    assert_eq!(index, json!([{ "name": "cells", "version": "1", "state": "READY", "reason": "" }]));
    assert_eq!(bed.get("/v2/models", &bed.viewer).await.json(), json!({ "models": ["cells"] }));
}

#[tokio::test]
async fn a_model_that_only_takes_reports_is_not_ready_and_says_why() {
    let bed = Bed::new().await;
    let model = json!({ "name": "elsewhere", "labels": ["red"] });
    assert_eq!(bed.post_json("/api/v1/models", &bed.admin, &model).await.status, 201);
    let deployment = json!({ "name": "reports", "model": "elsewhere/1" });
    assert_eq!(bed.post_json("/api/v1/deployments", &bed.admin, &deployment).await.status, 201);
    let ready = bed.get("/v2/models/reports/ready", &bed.viewer).await;
    assert_eq!((ready.status.as_u16(), &ready.json()["ready"]), (503, &json!(false)));
    let asked = bed.post_json("/v2/models/reports/infer", &bed.reviewer, &of_base64(&json!({}))).await;
    assert_eq!(asked.status, 409, "{}", asked.text());
    assert!(asked.json()["error"].is_string(), "{}", asked.text());
}

#[tokio::test]
async fn a_file_in_base64_is_predicted_and_stored_like_any_other() {
    let bed = Bed::new().await;
    let said = json!({ "source": "gate 3", "tags": "night", "filename": "a.jpg" });
    let answer = bed.post_json(&infer_path(), &bed.reviewer, &of_base64(&said)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    assert_eq!(
        (&body["model_name"], &body["model_version"], &body["id"]),
        (&json!("cells"), &json!("1"), &json!("17"))
    );
    // One of the two boxes is below the threshold.
    assert_eq!(output(&body, "boxes")["shape"], json!([1, 4]));
    assert_eq!(output(&body, "boxes")["data"], json!([0.0, 0.0, 20.0, 30.0]));
    assert_eq!(output(&body, "scores")["data"], json!([0.9]));
    assert_eq!(output(&body, "labels")["data"], json!(["red"]));
    assert_eq!(output(&body, "class_ids")["data"], json!([0]));
    let id = output(&body, "prediction_id")["data"][0].as_str().expect("an id").to_owned();
    let stored = bed.get(&format!("/api/v1/predictions/{id}"), &bed.viewer).await.json();
    assert_eq!(
        (&stored["source"], &stored["tags"], &stored["filename"]),
        (&json!("gate 3"), &json!(["night"]), &json!("a.jpg"))
    );
    let image = bed.get(&format!("/api/v1/predictions/{id}/image"), &bed.viewer).await;
    assert_eq!(image.bytes, jpeg(40, 30));
    let all = json!({ "threshold": 0, "monitor": false });
    let body = bed.post_json(&infer_path(), &bed.reviewer, &of_base64(&all)).await.json();
    assert_eq!(output(&body, "labels")["data"], json!(["red", "white"]));
    assert_eq!(bed.count().await, 1);
}

#[tokio::test]
async fn a_repeated_call_numbers_classes_as_the_version_that_answered_it() {
    let bed = Bed::new().await;
    let body = of_base64(&json!({ "threshold": 0, "idempotency_key": "k" }));
    let asked = async || bed.post_json(&infer_path(), &bed.reviewer, &body).await;
    let first = asked().await;
    assert_eq!(output(&first.json(), "class_ids")["data"], json!([0, 1]), "{}", first.text());
    // The next champion has the same labels in another order.
    let model = json!({ "name": "elsewhere", "labels": ["white", "red"] });
    assert_eq!(bed.post_json("/api/v1/models", &bed.admin, &model).await.status, 201);
    let promote = format!("/api/v1/deployments/{DEPLOYMENT}/promote");
    let promoted = bed.post_json(&promote, &bed.admin, &json!({ "model": "elsewhere/1" })).await;
    assert_eq!(promoted.status, 200, "{}", promoted.text());
    let again = asked().await;
    assert_eq!(again.header(HeaderName::from_static("idempotency-replayed")), "true", "{}", again.text());
    assert_eq!(again.json()["outputs"], first.json()["outputs"]);
}

#[tokio::test]
async fn tensors_come_and_go_as_bytes_packed_or_not() {
    let bed = Bed::new().await;
    let file = jpeg(40, 30);
    let tensor = [&u32::try_from(file.len()).expect("short").to_le_bytes()[..], &file].concat();
    let json = json!({
        "inputs": [{
            "name": "image", "datatype": "BYTES", "shape": [1],
            "parameters": { "binary_data_size": tensor.len() },
        }],
        "parameters": { "binary_data_output": true },
    });
    for encoding in [None, Some("deflate")] {
        let answer = infer_binary(&bed, &json, &tensor, encoding).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header(header::CONTENT_TYPE), "application/octet-stream");
        let length: usize = answer.header(LENGTH).parse().expect("a length");
        let (head, tail) = answer.bytes.split_at(length);
        let body: Value = serde_json::from_slice(head).expect("JSON");
        assert_eq!(output(&body, "boxes")["parameters"], json!({ "binary_data_size": 16 }));
        let corners = [0.0_f32, 0.0, 20.0, 30.0].map(f32::to_le_bytes).concat();
        assert_eq!(tail[..16], corners);
        assert_eq!(tail[16..20], 0.9_f32.to_le_bytes());
        assert_eq!(&tail[20..27], b"\x03\0\0\0red");
    }
}

#[tokio::test]
async fn pixels_are_stored_as_a_file_of_just_these() {
    let bed = Bed::new().await;
    let rgb: Vec<u8> = (0..40 * 30 * 3).map(|i| (i * 7 % 251) as u8).collect();
    let json = json!({
        "inputs": [{
            "name": "pixels", "datatype": "UINT8", "shape": [30, 40, 3],
            "parameters": { "binary_data_size": rgb.len() },
        }],
        "outputs": [{ "name": "prediction_id" }, { "name": "boxes" }],
    });
    let answer = infer_binary(&bed, &json, &rgb, None).await;
    assert_eq!((answer.status.as_u16(), answer.header(header::CONTENT_TYPE)), (200, "application/json"));
    let body = answer.json();
    assert_eq!(output(&body, "boxes")["data"], json!([0.0, 0.0, 20.0, 30.0]));
    let id = body["outputs"][0]["data"][0].as_str().expect("an id");
    let image = bed.get(&format!("/api/v1/predictions/{id}/image"), &bed.viewer).await;
    let pixels = imaging::decode(&image.bytes, &imaging::Limits::default()).expect("an image");
    assert_eq!(pixels.rgb(), rgb);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_form_of_the_protocol() {
    let bed = Bed::new().await;
    let with = |input: Value| json!({ "inputs": [input] });
    let text = with(json!({ "name": "image", "datatype": "BYTES", "shape": [1], "data": ["bm9uZQ=="] }));
    refused(&bed.post_json(&infer_path(), &bed.reviewer, &text).await, 415, "not an image");
    let floats = with(json!({ "name": "pixels", "datatype": "FP32", "shape": [1, 3, 8, 8], "data": [0.5] }));
    refused(&bed.post_json(&infer_path(), &bed.reviewer, &floats).await, 400, "UINT8");
    let large = with(json!({ "name": "pixels", "datatype": "UINT8", "shape": [9999, 9999, 3], "data": [1] }));
    refused(&bed.post_json(&infer_path(), &bed.reviewer, &large).await, 400, "its shape stands for");
    refused(&bed.get("/v2/models/cells/config", &bed.viewer).await, 404, "Triton");
    refused(&bed.get("/v2/nothing", &bed.viewer).await, 404, "no such path");
    refused(&bed.get(&infer_path(), &bed.viewer).await, 405, "GET");
    let packed =
        with_token(Request::post(infer_path()), &bed.reviewer).header(header::CONTENT_ENCODING, "br");
    refused(&bed.send(packed.body(Body::empty()).expect("a request")).await, 415, "gzip, zstd, deflate");
    // Words that would be packed by who takes packed answers stay readable.
    let wrong = Request::get("/v2/models/cells")
        .header(header::AUTHORIZATION, "Bearer fovea_none")
        .header(header::ACCEPT_ENCODING, "gzip, br");
    let answer = bed.send(wrong.body(Body::empty()).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.header(header::CONTENT_TYPE)), (401, "application/json"));
}

/// Method, path and the least role.
fn routes() -> Vec<(Method, String, Role)> {
    let reads = ["models", "models/cells", "models/cells/versions/1", "models/cells/ready"];
    let reads = reads.map(|path| (Method::GET, format!("/v2/{path}"), Role::Viewer));
    let others = [
        (Method::GET, "/v2/models/cells/versions/1/ready".to_owned(), Role::Viewer),
        (Method::POST, "/v2/repository/index".to_owned(), Role::Viewer),
        (Method::POST, infer_path(), Role::Reviewer),
        (Method::POST, "/v2/models/cells/versions/1/infer".to_owned(), Role::Reviewer),
    ];
    reads.into_iter().chain(others).collect()
}

#[tokio::test]
async fn each_route_wants_its_role_before_it_reads_a_body() {
    let bed = without_drains().await;
    for (method, path, least) in routes() {
        for (role, token) in [
            (None, ""),
            (Some(Role::Viewer), bed.viewer.as_str()),
            (Some(Role::Reviewer), bed.reviewer.as_str()),
        ] {
            let (body, taken) = endless(b"{\"a", b"A");
            let request = with_token(Request::builder().method(method.clone()).uri(&path), token);
            let answer = bed.send(request.body(body).expect("a request")).await;
            let told = format!("{method} {path} as {role:?}: {}", answer.text());
            match role {
                None => refused(&answer, 401, "token"),
                Some(role) if role < least => refused(&answer, 403, "role"),
                Some(_) if path.ends_with("/infer") => refused(&answer, 413, "larger"),
                Some(_) => assert_eq!(answer.status, 200, "{told}"),
            }
            if role.is_none_or(|role| role < least) {
                assert_eq!(taken.bytes(), 0, "{told}");
            } else {
                assert!(taken.bytes() <= 36 << 20, "{told}");
            }
        }
    }
    let foreign = bed.post_json("/v2/models/none/infer", &bed.reviewer, &of_base64(&json!({}))).await;
    refused(&foreign, 404, "none");
}
