//! What is sent twice because its answer was lost is stored once, whichever way
//! it came in.

use crate::{
    bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token},
    grpc::{called, of_file},
};
use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A way in: what is sent, and under which place of the answer the id lies.
struct Way {
    name: &'static str,
    path: String,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
    id: fn(&Answer) -> String,
}

fn of_deployment(rest: &str) -> String {
    format!("/api/v1/deployments/{DEPLOYMENT}/{rest}")
}

fn report() -> Value {
    json!({ "width": 40, "height": 30, "latency_ms": 5,
        "boxes": [{ "label": "red", "score": 0.9, "x": 1, "y": 2, "w": 3, "h": 4 }] })
}

fn tensor(parameters: &Value) -> Value {
    json!({
        "inputs": [{ "name": "image", "datatype": "BYTES", "shape": [1], "data": [STANDARD.encode(jpeg(40, 30))] }],
        "outputs": [{ "name": "prediction_id" }],
        "parameters": parameters,
    })
}

fn plain_id(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("an id").to_owned()
}

fn id_of_tensor(answer: &Answer) -> String {
    answer.json()["outputs"][0]["data"][0].as_str().expect("an id").to_owned()
}

fn ids_of_lines(answer: &Answer) -> String {
    let text = answer.text();
    let ids = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].to_string());
    ids.collect::<Vec<_>>().join(" ")
}

fn form(field: &str, text: &str) -> Vec<u8> {
    let field = format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n");
    let media = "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n";
    [field.as_bytes(), media.as_bytes(), &jpeg(40, 30), b"\r\n--b--\r\n"].concat()
}

fn ways() -> Vec<Way> {
    let (json, key) = (("content-type", "application/json"), ("idempotency-key", "k"));
    let of_form = ("content-type", "multipart/form-data; boundary=b");
    let lines = ("content-type", "application/x-ndjson");
    let text = |value: &Value| value.to_string().into_bytes();
    let mut own_key = report();
    own_key["idempotency_key"] = json!("k");
    let (report, image) = (report(), json!({ "image": STANDARD.encode(jpeg(40, 30)) }));
    let way = |name, rest: &str, headers: &[_], body, id| Way {
        name,
        path: if rest.starts_with('/') { rest.to_owned() } else { of_deployment(rest) },
        headers: headers.to_vec(),
        body,
        id,
    };
    let infer = format!("/v2/models/{DEPLOYMENT}/infer");
    vec![
        way("a report", "predictions", &[json, key], text(&report), plain_id),
        way("a report with its key inside", "predictions", &[json], text(&own_key), plain_id),
        way("a form", "predictions", &[of_form, key], form("report", &report.to_string()), plain_id),
        way("lines with keys", "predictions", &[lines], text(&own_key), ids_of_lines),
        way(
            "lines under one key",
            "predictions",
            &[lines, key],
            format!("{report}\n{report}\n").into(),
            ids_of_lines,
        ),
        way("a file", "predict", &[key], jpeg(40, 30), plain_id),
        way("a file in a form", "predict", &[of_form, key], form("source", "gate 3"), plain_id),
        way("a file in JSON", "predict", &[json, key], text(&image), plain_id),
        way("a tensor", &infer, &[key], text(&tensor(&json!({}))), id_of_tensor),
        way(
            "a tensor with its key",
            &infer,
            &[],
            text(&tensor(&json!({ "idempotency_key": "k" }))),
            id_of_tensor,
        ),
    ]
}

async fn send(bed: &Bed, way: &Way) -> Answer {
    let mut request = with_token(Request::post(&way.path), &bed.reviewer);
    for (name, value) in &way.headers {
        request = request.header(*name, *value);
    }
    bed.send(request.body(Body::from(way.body.clone())).expect("a request")).await
}

#[tokio::test]
async fn what_is_sent_twice_under_one_key_is_stored_once_by_each_way_in() {
    for way in ways() {
        let bed = Bed::new().await;
        let first = send(&bed, &way).await;
        assert!(first.status.is_success(), "{}: {}", way.name, first.text());
        let stored = bed.count().await;
        let again = send(&bed, &way).await;
        assert_eq!((first.status, (way.id)(&first)), (again.status, (way.id)(&again)), "{}", way.name);
        assert_eq!(bed.count().await, stored, "{}", way.name);
        let is_told =
            again.headers.contains_key("idempotency-replayed") || again.text().contains("\"repeated\":true");
        assert!(is_told && !first.headers.contains_key("idempotency-replayed"), "{}", way.name);
    }
}

#[tokio::test]
async fn lines_under_one_key_are_each_stored_and_a_line_that_came_later_is_not_lost() {
    let bed = Bed::new().await;
    let lines = |count: usize| format!("{}\n", report()).repeat(count).into_bytes();
    let mut way = ways().into_iter().find(|way| way.name == "lines under one key").expect("a way");
    way.body = lines(2);
    let first = ids_of_lines(&send(&bed, &way).await);
    // The connection broke before the third was sent.
    way.body = lines(3);
    let all = ids_of_lines(&send(&bed, &way).await);
    assert!(all.starts_with(&first), "{first} {all}");
    assert_eq!((all.split(' ').collect::<BTreeSet<_>>().len(), bed.count().await), (3, 3));
}

#[tokio::test]
async fn a_key_that_was_used_for_another_image_is_refused_and_nobody_elses_key_counts() {
    let bed = Bed::new().await;
    let keyed = |token: &str, file: Vec<u8>| {
        let request =
            with_token(Request::post(of_deployment("predict")), token).header("idempotency-key", "k");
        request.body(Body::from(file)).expect("a request")
    };
    let first = plain_id(&bed.send(keyed(&bed.reviewer, jpeg(40, 30))).await);
    let other = bed.send(keyed(&bed.reviewer, jpeg(30, 40))).await.problem(409);
    assert!(other["detail"].as_str().is_some_and(|text| text.contains("another request")), "{other}");
    let elses = plain_id(&bed.send(keyed(&bed.admin, jpeg(40, 30))).await);
    assert_ne!(first, elses);
    assert_eq!(bed.count().await, 2);
    let gone = Request::delete(format!("/api/v1/predictions/{first}"));
    let gone = bed.send(with_token(gone, &bed.admin).body(Body::empty()).expect("a request")).await;
    assert!(gone.status.is_success(), "{}", gone.text());
    bed.send(keyed(&bed.reviewer, jpeg(40, 30))).await.problem(409);
}

#[tokio::test]
async fn two_at_once_under_one_key_are_one_prediction() {
    let bed = Bed::new().await;
    let way = ways().into_iter().find(|way| way.name == "a file").expect("a way");
    let answers = futures::future::join_all((0..8).map(|_| send(&bed, &way))).await;
    let ids: BTreeSet<String> = answers.iter().map(plain_id).collect();
    assert_eq!((ids.len(), bed.count().await), (1, 1));
}

#[tokio::test]
async fn what_is_not_stored_is_predicted_each_time() {
    let bed = Bed::new().await;
    for _ in 0..2 {
        let path = of_deployment("predict?monitor=false");
        let request = with_token(Request::post(path), &bed.reviewer).header("idempotency-key", "k");
        let answer = bed.send(request.body(Body::from(jpeg(40, 30))).expect("a request")).await;
        assert!(!answer.headers.contains_key("idempotency-replayed") && answer.status == 200);
    }
    assert_eq!(bed.count().await, 0);
}

#[tokio::test]
async fn a_call_of_grpc_is_repeated_by_metadata_or_parameter() {
    let bed = Bed::new().await;
    let keyed = of_file(&jpeg(40, 30));
    let first = called(&bed, &keyed, &[("idempotency-key", "k")]).await;
    assert_eq!(called(&bed, &keyed, &[("idempotency-key", "k")]).await, first);
    assert_eq!(bed.count().await, 1);
    assert_ne!(called(&bed, &keyed, &[]).await, first);
}
