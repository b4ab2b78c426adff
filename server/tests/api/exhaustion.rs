//! What would take the server's memory or time, and is refused instead.

use crate::bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use bytes::Bytes;
use domain::ids::NewId;
use futures::stream;
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};
use server::{
    RisingIds,
    http::{Drain, HttpConfig},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How many bytes were taken of an endless body.
#[derive(Clone, Default)]
pub(crate) struct Taken(Arc<AtomicUsize>);

impl Taken {
    pub(crate) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// `first`, and then `again` and again. After 256 MiB it breaks off, so that a
/// reader without a limit fails instead of taking all memory.
pub(crate) fn endless(first: &[u8], again: &[u8]) -> (Body, Taken) {
    let taken = Taken::default();
    let counted = taken.clone();
    let (first, again) = (Bytes::copy_from_slice(first), Bytes::from(again.repeat(16_384 / again.len() + 1)));
    let chunks = stream::unfold(first, move |chunk| {
        let (counted, again) = (counted.clone(), again.clone());
        async move {
            let before = counted.0.fetch_add(chunk.len(), Ordering::Relaxed);
            let chunk = if before < 256 << 20 { Ok(chunk) } else { Err("nobody stopped it") };
            Some((chunk, again))
        }
    });
    (Body::from_stream(chunks), taken)
}

/// A bed that reads nothing of what nobody wants.
pub(crate) async fn without_drains() -> Bed {
    let drain = Drain { at_once: 0, ..Drain::default() };
    Bed::with(HttpConfig { drain, ..HttpConfig::default() }).await
}

fn predictions() -> String {
    format!("/api/v1/deployments/{DEPLOYMENT}/predictions")
}

#[tokio::test]
async fn server_functions_ask_who_it_is_before_they_read_and_read_no_more_than_a_form() {
    let bed = without_drains().await;
    let mut asked = 0;
    for (path, method) in server_fn_paths() {
        asked += 1;
        let send = async |token: &str, body: Body| {
            let request = with_token(Request::builder().method(method.clone()).uri(path), token)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ACCEPT, "application/json");
            bed.send(request.body(body).expect("a request")).await
        };
        let (body, taken) = endless(b"name=", b"A");
        let answer = send("", body).await;
        assert_eq!((answer.status.as_u16(), taken.bytes()), (401, 0), "{path}");
        assert_eq!(answer.headers["serverfnerror"], path);
        assert_eq!(answer.json()["kind"], "unauthenticated", "{path}: {}", answer.text());
        let (body, taken) = endless(b"name=", b"A");
        let answer = send(&bed.viewer, body).await;
        assert_eq!(answer.status, 413, "{path}: {}", answer.text());
        assert!(taken.bytes() <= 3 << 20, "{path}: {} bytes were taken", taken.bytes());
    }
    assert!(asked >= 78, "only {asked} server functions");
}

#[tokio::test]
async fn a_form_without_script_and_session_leads_back_to_its_page() {
    let bed = Bed::new().await;
    let (path, _) = server_fn_paths().next().expect("a server function");
    let headers = [("accept", "text/html"), ("referer", "http://fovea.localhost/models")];
    let answer = bed.post_form(path, "name=a", &headers).await;
    assert_eq!(answer.status, 302);
    assert!(answer.header(header::LOCATION).starts_with("http://fovea.localhost/models?"), "{answer:?}");
}

#[tokio::test]
async fn ranges_at_the_ends_of_time_are_refused_with_their_place() {
    let bed = Bed::new().await;
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/metrics");
    let ranges = [
        ("from=9223372036854774&to=1e19", "from"),
        ("from=-1e19&to=-9223372036854774", "from"),
        ("from=1793527200&to=1e19", "to"),
        ("from=NaN", "from"),
        ("from=-1&to=5", "from"),
    ];
    for (range, place) in ranges {
        let answer = bed.get(&format!("{path}?{range}"), &bed.viewer).await;
        assert_eq!(answer.problem(400)["place"], place, "{range}");
    }
    for form in ["last_ms%5D=-9223372036854775808", "last_ms%5D=9223372036854775807"] {
        let answer = live(&bed, DEPLOYMENT, &format!("stretch%5B{form}")).await;
        assert_eq!(answer.json()["kind"], "invalid", "{form}: {}", answer.text());
        assert_eq!(answer.status, 400, "who watches the server takes 500 for a fault of it");
    }
    let unknown = live(&bed, "nowhere", "stretch%5Blast_ms%5D=3600000").await;
    assert_eq!(
        (unknown.status, &unknown.json()["kind"]),
        (404.try_into().expect("a status"), &json!("not_found"))
    );
    for (from, to) in [(i64::MAX - 2_047, i64::MAX), (i64::MIN, i64::MIN + 2_047)] {
        let form = format!("stretch%5Blast_ms%5D=1&stretch%5Bfrom_ms%5D={from}&stretch%5Bto_ms%5D={to}");
        assert_eq!(live(&bed, DEPLOYMENT, &form).await.json()["kind"], "invalid", "{form}");
    }
    let year = bed.get(&format!("{path}?from=1767225600&to=1798761600&bucket=day"), &bed.viewer).await;
    assert_eq!(year.status, 200, "{}", year.text());
}

async fn live(bed: &Bed, name: &str, stretch: &str) -> Answer {
    let request = with_token(Request::post("/api/live"), &bed.viewer)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .body(Body::from(format!("name={name}&{stretch}")));
    bed.send(request.expect("a request")).await
}

#[tokio::test]
async fn hundreds_of_thousands_of_labels_are_refused_at_once() {
    let bed = Bed::new().await;
    let labels: Vec<String> = (0..150_000).map(|n| format!("l{n}")).collect();
    for (path, body) in [
        ("/api/v1/datasets", json!({ "dataset": "x", "labels": labels })),
        ("/api/v1/models", json!({ "name": "x", "labels": labels })),
    ] {
        bed.post_json(path, &bed.viewer, &body).await.problem(403);
        bed.post_json(path, &bed.admin, &body).await.problem(400);
    }
    let twice = json!({ "dataset": "x", "labels": ["a", "b", "a"] });
    assert_eq!(bed.post_json("/api/v1/datasets", &bed.admin, &twice).await.problem(400)["place"], "labels");
}

#[tokio::test]
async fn a_form_ends_at_its_parts_names_heads_and_bytes() {
    let bed = without_drains().await;
    let part = b"--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\n\r\n".as_slice();
    let name = b"--b\r\nContent-Disposition: form-data; name=\"".as_slice();
    let image = b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a\"\r\n\r\n".as_slice();
    let bytes = |text: &'static [u8]| text;
    let cases = [
        ("parts", bytes(b""), part, 400, 64 << 10),
        ("a name", name, bytes(b"n"), 400, 64 << 10),
        ("a head", bytes(b"--b\r\nX-A: "), bytes(b"A"), 400, 64 << 10),
        ("what is before the first part", bytes(b""), bytes(b"A"), 400, 64 << 10),
        ("an image", image, bytes(b"\xFF\xD8\xFF\xE0"), 413, 30 << 20),
    ];
    for (what, first, again, status, most) in cases {
        let (body, taken) = endless(first, again);
        let request =
            with_token(Request::post(format!("/api/v1/deployments/{DEPLOYMENT}/predict")), &bed.reviewer)
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        let answer = bed.send(request.body(body).expect("a request")).await;
        answer.problem(status);
        assert!(taken.bytes() <= most, "{what}: {} bytes were taken", taken.bytes());
    }
}

async fn lines(bed: &Bed, token: &str, body: Body) -> Answer {
    let request =
        with_token(Request::post(predictions()), token).header(header::CONTENT_TYPE, "application/x-ndjson");
    bed.send(request.body(body).expect("a request")).await
}

#[tokio::test]
async fn lines_are_cut_where_they_are_long_and_faults_are_quoted_short() {
    let bed = without_drains().await;
    let (body, taken) = endless(b"{\"tags\":[", b"\"a\",");
    lines(&bed, &bed.reviewer, body).await.problem(413);
    assert!(taken.bytes() <= 2 << 20, "{} bytes were taken", taken.bytes());
    let long = format!("{{\"{}\":1}}\n", "x".repeat(1_000_000));
    let answer = lines(&bed, &bed.reviewer, Body::from(long.repeat(3))).await;
    assert_eq!((answer.status.as_u16(), answer.text().lines().count()), (200, 3));
    assert!(answer.bytes.len() < 3 * 1_000, "{} bytes", answer.bytes.len());
    let tags = vec!["a"; 200_000];
    let report = json!({ "latency_ms": 1, "width": 9, "height": 9, "boxes": [], "tags": tags });
    let answer = lines(&bed, &bed.reviewer, Body::from(report.to_string())).await;
    let said: Value = serde_json::from_str(answer.text().lines().next().expect("a line")).expect("JSON");
    let detail = said["problem"]["detail"].as_str().expect("words").to_owned();
    assert!(detail.contains("more than the 1000 allowed"), "{detail}");
}

#[tokio::test]
async fn the_answers_to_many_faulty_lines_all_come() {
    let bed = Bed::new().await;
    let many = 20_000;
    let answer = lines(&bed, &bed.reviewer, Body::from("{\"no\":1}\n".repeat(many))).await;
    let text = answer.text();
    let numbers =
        text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["line"].as_u64());
    assert!(numbers.eq((1..=many as u64).map(Some)));
}

#[tokio::test]
async fn figures_are_made_anew_for_reviewers_only() {
    let bed = Bed::new().await;
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/comparison");
    bed.get(&path, &bed.viewer).await.problem(404);
    bed.get(&format!("{path}?recompute=true"), &bed.viewer).await.problem(403);
    bed.get(&format!("{path}?recompute=true"), &bed.reviewer).await.problem(404);
}

#[tokio::test]
async fn images_and_weights_are_sent_with_their_length_and_as_they_are() {
    let bed = Bed::new().await;
    let file = jpeg(640, 480);
    let prediction = bed.predict(file.clone()).await.json();
    let url = prediction["image_url"].as_str().expect("an address").to_owned();
    for (path, length) in [(url, file.len()), ("/api/v1/models/cells/1/weights".to_owned(), 48)] {
        let request =
            with_token(Request::get(&path), &bed.viewer).header(header::ACCEPT_ENCODING, "gzip, br");
        let answer = bed.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.header(header::CONTENT_LENGTH), length.to_string(), "{path}");
        assert_eq!((answer.bytes.len(), answer.header(header::CONTENT_ENCODING)), (length, ""), "{path}");
    }
}

#[tokio::test]
async fn what_does_not_begin_as_weights_is_refused_before_it_is_read() {
    let bed = without_drains().await;
    let (body, taken) = endless(b"", b"\0");
    let request = with_token(Request::post("/api/v1/models/import?name=x"), &bed.admin);
    bed.send(request.body(body).expect("a request")).await.problem(400);
    assert!(taken.bytes() <= 64 << 10, "{} bytes were taken", taken.bytes());
}

#[tokio::test]
async fn a_body_for_what_is_not_there_is_not_read() {
    let bed = without_drains().await;
    let id = RisingIds.new_id();
    for path in [
        "/api/v1/deployments/nothing/predict".to_owned(),
        "/api/v1/deployments/nothing/predictions".to_owned(),
        format!("/api/v1/dataset-versions/{id}/assets"),
        format!("/api/v1/predictions/{id}/shadow"),
    ] {
        let (body, taken) = endless(b"", b"7");
        let request = with_token(Request::post(&path), &bed.admin)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        bed.send(request.expect("a request")).await.problem(404);
        assert_eq!(taken.bytes(), 0, "{path}");
    }
}
