//! What senders of all kinds write: compressed, as text, under other names,
//! with clocks and numbers that are a little off.

use crate::bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use serde_json::{Value, json};
use server::http::{CorsOrigins, HttpConfig};
use std::io::Write as _;

const LINE: &str = r#"{"latency_ms":3,"width":50,"height":50,"boxes":[]}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

async fn send(bed: &Bed, path: &str, headers: &[(header::HeaderName, &str)], body: Vec<u8>) -> Answer {
    let mut request =
        with_token(Request::post(format!("/api/v1/deployments/{DEPLOYMENT}/{path}")), &bed.reviewer);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    bed.send(request.body(Body::from(body)).expect("a request")).await
}

async fn lines(bed: &Bed, kind: &str, body: &str) -> Vec<Value> {
    let answer = send(bed, "predictions", &[(header::CONTENT_TYPE, kind)], body.as_bytes().to_vec()).await;
    assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
    answer.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn reported(bed: &Bed, report: Value) -> Answer {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    send(bed, "predictions", &kind, report.to_string().into_bytes()).await
}

fn report(timestamp: &Value) -> Value {
    json!({ "latency_ms": 3, "width": 50, "height": 50, "boxes": [], "timestamp": timestamp })
}

#[tokio::test]
async fn compressed_bodies_are_taken_and_unpacked_within_their_bounds() {
    let bed = Bed::new().await;
    let many = format!("{LINE}\n{LINE}\n");
    let kinds =
        |encoding| [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CONTENT_ENCODING, encoding)];
    for encoding in ["gzip", "X-GZip"] {
        let answer = send(&bed, "predictions", &kinds(encoding), gzip(many.as_bytes())).await;
        assert_eq!((answer.status.as_u16(), answer.text().lines().count()), (200, 2), "{}", answer.text());
    }
    let answer = send(&bed, "predictions", &kinds("deflate"), deflate(many.as_bytes())).await;
    assert_eq!((answer.status.as_u16(), answer.text().lines().count()), (200, 2), "{}", answer.text());
    let image = [(header::CONTENT_TYPE, "image/jpeg"), (header::CONTENT_ENCODING, "gzip")];
    assert_eq!(send(&bed, "predict", &image, gzip(&jpeg(40, 30))).await.status, 200);
    // Far more comes out of it than an image may have.
    let mut bomb = jpeg(40, 30);
    bomb.resize(40 << 20, 0);
    send(&bed, "predict", &image, gzip(&bomb)).await.problem(413);
    let cut = gzip(many.as_bytes());
    let told = send(&bed, "predictions", &kinds("gzip"), cut[..cut.len() / 2].to_vec()).await.problem(400);
    assert!(told["detail"].as_str().is_some_and(|why| why.contains("cut short")), "{told}");
    send(&bed, "predictions", &kinds("gzip"), many.clone().into_bytes()).await.problem(400);
    let other = send(&bed, "predictions", &kinds("br"), many.into_bytes()).await;
    assert_eq!(other.header(header::ACCEPT_ENCODING), "gzip, zstd, deflate");
    let told = other.problem(415);
    assert!(told["detail"].as_str().is_some_and(|why| why.contains("Content-Encoding br")), "{told}");
}

#[tokio::test]
async fn lines_of_json_are_read_under_each_of_their_names_with_a_mark_or_without() {
    let bed = Bed::new().await;
    for kind in [
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "Application/X-NDJSON; charset=UTF-8",
    ] {
        let answers = lines(&bed, kind, &format!("\u{feff}{LINE}\r\n\n{LINE}")).await;
        assert!(
            answers.len() == 2 && answers.iter().all(|answer| answer["id"].is_string()),
            "{kind}: {answers:?}"
        );
    }
    let list = lines(&bed, "application/x-ndjson", &format!("[{LINE},{LINE}]\n")).await;
    assert!(
        list[0]["problem"]["detail"].as_str().is_some_and(|why| why.contains("one object a line")),
        "{list:?}"
    );
    let pretty = lines(&bed, "application/x-ndjson", "{\n").await;
    assert!(
        pretty[0]["problem"]["detail"].as_str().is_some_and(|why| why.contains("one object a line")),
        "{pretty:?}"
    );
    let told =
        send(&bed, "predictions", &[(header::CONTENT_TYPE, "text/plain")], LINE.into()).await.problem(415);
    assert!(told["detail"].as_str().is_some_and(|why| why.contains("application/x-ndjson")), "{told}");
}

#[tokio::test]
async fn an_image_may_come_in_json_and_base64_alone_is_told_so() {
    let bed = Bed::new().await;
    let text = STANDARD.encode(jpeg(40, 30));
    for image in [text.clone(), format!("data:image/jpeg;base64,{text}")] {
        let body = json!({ "image": image, "source": "cam", "tags": ["night"] }).to_string();
        let answer = send(&bed, "predict", &[(header::CONTENT_TYPE, "application/json")], body.into()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["source"]),
            (200, &json!("cam")),
            "{}",
            answer.text()
        );
    }
    for (body, says) in [(text.clone(), "base64"), (format!("{{\"image\":\"{text}\"}}"), "application/json")]
    {
        let told =
            send(&bed, "predict", &[(header::CONTENT_TYPE, "image/jpeg")], body.into()).await.problem(415);
        assert!(told["detail"].as_str().is_some_and(|why| why.contains(says)), "{told}");
    }
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let told = send(&bed, "predict", &[(header::CONTENT_TYPE, "image/jpeg")], heic).await.problem(415);
    assert!(told["detail"].as_str().is_some_and(|why| why.contains("HEIC")), "{told}");
}

#[tokio::test]
async fn times_are_texts_or_numbers_and_a_clock_ahead_is_noted() {
    let bed = Bed::new().await;
    for moment in [
        json!("2025-09-01T12:00:00+02:00"),
        json!(1_756_720_800),
        json!(1_756_720_800_000_u64),
        json!("1756720800"),
    ] {
        let answer = reported(&bed, report(&moment)).await;
        assert_eq!(answer.status, 201, "{moment}: {}", answer.text());
        let path = format!("/api/v1/predictions/{}", answer.json()["id"].as_str().expect("an id"));
        let stored = bed.get(&path, &bed.viewer).await.json();
        assert!(
            stored["created"].as_str().is_some_and(|at| at.starts_with("2025-09-01T10:00:00")),
            "{moment}: {stored}"
        );
    }
    let ahead = chrono::Utc::now() + chrono::Duration::minutes(61);
    let answer = reported(&bed, report(&json!(ahead.to_rfc3339()))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let path = format!("/api/v1/predictions/{}", answer.json()["id"].as_str().expect("an id"));
    let note = bed.get(&path, &bed.viewer).await.json()["metadata"]["clock_ahead_s"].clone();
    assert!(
        note.as_str().and_then(|note| note.parse::<i64>().ok()).is_some_and(|s| (3_600..3_700).contains(&s)),
        "{note}"
    );
    let far = chrono::Utc::now() + chrono::Duration::days(3);
    let told = reported(&bed, report(&json!(far.to_rfc3339()))).await.problem(400);
    assert_eq!(told["place"], "timestamp");
    let told = reported(&bed, report(&json!([1]))).await.problem(400);
    assert!(
        told["place"] == "timestamp" && told["detail"].as_str().is_some_and(|why| why.contains("2026-11-01")),
        "{told}"
    );
}

#[tokio::test]
async fn a_score_a_little_above_one_is_one_and_a_fault_names_field_value_and_what_is_wanted() {
    let bed = Bed::new().await;
    let scored = |score: Value| {
        let one = json!({ "label": "red", "score": score, "x": 1, "y": 1, "w": 5, "h": 5 });
        json!({ "latency_ms": 3, "width": 50, "height": 50, "boxes": [one] })
    };
    let answer = reported(&bed, scored(json!(1.000_000_1))).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let path = format!("/api/v1/predictions/{}", answer.json()["id"].as_str().expect("an id"));
    assert_eq!(bed.get(&path, &bed.viewer).await.json()["boxes"][0]["score"], 1.0);
    reported(&bed, scored(json!(90))).await.problem(400);
    let told = reported(&bed, scored(json!("0.9"))).await.problem(400);
    assert_eq!(
        (&told["place"], &told["detail"]),
        (&json!("boxes[0].score"), &json!("boxes[0].score is the text \"0.9\"; a number is wanted."))
    );
    let told = bed.post_json("/api/v1/tokens", &bed.admin, &json!({ "name": "x" })).await.problem(400);
    assert_eq!(told["detail"], "The field role is missing.");
}

#[tokio::test]
async fn pages_of_named_sites_may_ask_and_others_may_not() {
    let origin = "https://app.example";
    let cors: CorsOrigins = [origin.parse().expect("an origin")].into_iter().collect();
    let bed = Bed::with(HttpConfig { cors, ..HttpConfig::default() }).await;
    let preflight = |from: &'static str| {
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri(format!("/api/v1/deployments/{DEPLOYMENT}/predict"));
        let request =
            request.header(header::ORIGIN, from).header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        request.body(Body::empty()).expect("a request")
    };
    let allowed = bed.send(preflight(origin)).await;
    assert_eq!((allowed.status.as_u16(), allowed.header(header::ACCESS_CONTROL_ALLOW_ORIGIN)), (200, origin));
    assert_eq!(allowed.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS), "");
    let page = Request::get("/sign-in").header(header::ORIGIN, origin).body(Body::empty());
    let page = bed.send(page.expect("a request")).await;
    assert_eq!(page.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "", "only the API is for other sites");
    assert_eq!(
        bed.send(preflight("https://evil.example")).await.header(header::ACCESS_CONTROL_ALLOW_ORIGIN),
        ""
    );
    let closed = Bed::new().await;
    assert_eq!(closed.send(preflight(origin)).await.header(header::ACCESS_CONTROL_ALLOW_ORIGIN), "");
}

/// A form of these fields, and an image as `media` if there is to be one.
fn form(fields: &[(&str, &str)], image: Option<Vec<u8>>) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, value) in fields {
        let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        form.extend(part.into_bytes());
    }
    if let Some(image) = image {
        form.extend(
            b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n".iter(),
        );
        form.extend(image);
        form.extend(b"\r\n".iter());
    }
    form.extend(b"--b--\r\n".iter());
    form
}

#[tokio::test]
async fn tags_come_in_several_parts_and_metadata_under_two_names() {
    let bed = Bed::new().await;
    let kind = [(header::CONTENT_TYPE, "multipart/form-data; boundary=b")];
    let said = [
        ("tags", "night"),
        ("tags", "line-1"),
        ("metadata", r#"{"a":1}"#),
        ("custom_metadata", r#"{"b":2}"#),
    ];
    let predicted = send(&bed, "predict", &kind, form(&said, Some(jpeg(40, 30)))).await.json();
    let report = [&said[..], &[("latency_ms", "3"), ("boxes", "[]")]].concat();
    let reported = send(&bed, "predictions", &kind, form(&report, Some(jpeg(40, 30)))).await;
    assert_eq!(reported.status, 201, "{}", reported.text());
    for id in [&predicted["id"], &reported.json()["id"]] {
        let path = format!("/api/v1/predictions/{}", id.as_str().expect("an id"));
        let stored = bed.get(&path, &bed.viewer).await.json();
        assert_eq!(stored["tags"].as_array().map(Vec::len), Some(2), "{stored}");
        assert_eq!(stored["metadata"], json!({ "a": "1", "b": "2" }));
    }
}
