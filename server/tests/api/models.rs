//! Model files on their way in: as a body, in a form, and staged first.

use crate::bed::{Answer, Bed, jpeg, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;
use test_support::tiny_onnx;

/// A form with a file and texts.
fn form(file: &[u8], fields: &[(&str, &str)]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, value) in fields {
        form.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
        );
    }
    form.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"best.onnx\"\r\n\r\n");
    form.extend(file);
    form.extend(b"\r\n--b--\r\n");
    form
}

async fn post_form(bed: &Bed, path: &str, form: Vec<u8>) -> Answer {
    let request = with_token(Request::post(path), &bed.admin)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    bed.send(request.body(Body::from(form)).expect("a request")).await
}

async fn post(bed: &Bed, path: &str, body: Vec<u8>) -> Answer {
    bed.send(with_token(Request::post(path), &bed.admin).body(Body::from(body)).expect("a request")).await
}

#[tokio::test]
async fn a_model_comes_as_a_body_or_in_a_form() {
    let bed = Bed::new().await;
    let body = post(&bed, "/api/v1/models/import?name=other", tiny_onnx(&["red"])).await;
    assert_eq!(body.status, 201, "{}", body.text());
    let version = body.json();
    assert_eq!((version["name"].as_str(), version["runs_here"].as_bool()), (Some("other/1"), Some(true)));
    assert_eq!(version["task"], "detection");
    assert_eq!(version["inspected"]["labels"], json!(["red", "white"]));
    let sent = form(&tiny_onnx(&["red"]), &[("name", "other"), ("labels", "a,b")]);
    let in_form = post_form(&bed, "/api/v1/models/import", sent).await;
    assert_eq!(in_form.json()["name"], "other/2", "{}", in_form.text());

    let nameless = post_form(&bed, "/api/v1/models/import", form(&tiny_onnx(&["red"]), &[])).await;
    assert_eq!(nameless.problem(400)["place"], "name");
    let unknown = form(&tiny_onnx(&["red"]), &[("name", "other"), ("colour", "red")]);
    let unknown = post_form(&bed, "/api/v1/models/import", unknown).await;
    assert_eq!(unknown.problem(400)["place"], "colour");
    let recipe = form(&tiny_onnx(&["red"]), &[("name", "other"), ("recipe", "{")]);
    assert_eq!(post_form(&bed, "/api/v1/models/import", recipe).await.problem(400)["place"], "recipe");
    let pickle = form(b"\x80\x02}q\x00X\x05\x00\x00\x00a pickled model", &[("name", "other")]);
    let pickle = post_form(&bed, "/api/v1/models/import", pickle).await;
    assert_eq!(pickle.problem(400)["place"], "file");
}

#[tokio::test]
async fn a_staged_model_is_tried_described_and_imported() {
    let bed = Bed::new().await;
    let sent = post(&bed, "/api/v1/staged-models?filename=best.onnx", tiny_onnx(&["red"])).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let staged = sent.json();
    assert_eq!((&staged["filename"], &staged["fault"]), (&json!("best.onnx"), &json!(null)));
    let path = format!("/api/v1/staged-models/{}", staged["id"].as_str().expect("an id"));
    let trial = post(&bed, &format!("{path}/trial"), jpeg(60, 40)).await;
    assert_eq!(trial.status, 200, "{}", trial.text());
    let trial = trial.json();
    assert_eq!((&trial["width"], trial["boxes"].as_array().map(Vec::len)), (&json!(60), Some(2)));
    assert_eq!(trial["boxes"][0]["label"], "red");
    post(&bed, &format!("{path}/trial"), b"no picture at all".to_vec()).await.problem(415);

    let put = with_token(Request::put(&path), &bed.admin).header(header::CONTENT_TYPE, "application/json");
    let body = Body::from(json!({ "recipe": "{}", "labels": [] }).to_string());
    assert_eq!(bed.send(put.body(body).expect("a request")).await.problem(400)["place"], "recipe");
    let listed = bed.get("/api/v1/staged-models", &bed.admin).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));

    let import = bed.post_json(&format!("{path}/import"), &bed.admin, &json!({ "name": "best" })).await;
    assert_eq!(
        (import.status.as_u16(), &import.json()["name"]),
        (201, &json!("best/1")),
        "{}",
        import.text()
    );
    bed.get(&path, &bed.admin).await.problem(404);
}

#[tokio::test]
async fn one_has_four_files_waiting_and_each_can_be_discarded() {
    let bed = Bed::new().await;
    let stage = async || post(&bed, "/api/v1/staged-models", tiny_onnx(&["red"])).await;
    let first = stage().await.json();
    for _ in 0..3 {
        assert_eq!(stage().await.status, 201);
    }
    stage().await.problem(409);
    let path = format!("/api/v1/staged-models/{}", first["id"].as_str().expect("an id"));
    let delete = with_token(Request::delete(&path), &bed.admin).body(Body::empty()).expect("a request");
    assert_eq!(bed.send(delete).await.status, 204);
    assert_eq!(stage().await.status, 201);
}
