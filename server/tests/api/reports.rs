//! Reports of predictions made elsewhere.

use crate::bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

fn path() -> String {
    format!("/api/v1/deployments/{DEPLOYMENT}/predictions")
}

fn report() -> Value {
    json!({
        "filename": "a.jpg", "width": 100, "height": 80, "latency_ms": 12.5, "source": "line-1",
        "boxes": [{ "label": "red", "score": 0.8, "x": 10, "y": 10, "w": 20, "h": 20 }],
        "metadata": { "shift": 2 }, "timestamp": "2026-01-02T03:04:05Z",
    })
}

async fn send_with_key(bed: &Bed, body: &Value, key: &str) -> Answer {
    let request = with_token(Request::post(path()), &bed.reviewer)
        .header(header::CONTENT_TYPE, "application/json")
        .header("Idempotency-Key", key);
    bed.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[tokio::test]
async fn a_report_is_stored_as_it_was_sent() {
    let bed = Bed::new().await;
    let answer = bed.post_json(&path(), &bed.reviewer, &report()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    let stored = bed.get(&format!("/api/v1/predictions/{id}"), &bed.viewer).await.json();
    assert_eq!(stored["latency_ms"], 12.5);
    assert_eq!(stored["created"], "2026-01-02T03:04:05.000Z");
    assert_eq!(stored["metadata"]["shift"], "2");
    assert_eq!(stored["image_url"], Value::Null);
    let image = bed.get(&format!("/api/v1/predictions/{id}/image"), &bed.viewer).await;
    image.problem(404);
}

#[tokio::test]
async fn a_shadow_may_come_later_but_once() {
    let bed = Bed::new().await;
    let id = bed.post_json(&path(), &bed.reviewer, &report()).await.json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let late = format!("/api/v1/predictions/{id}/shadow");
    let body = |label: &str, x: f64| {
        json!({
            "latency_ms": 3.5, "boxes": [{ "label": label, "score": 0.7, "x": x, "y": 10, "w": 20, "h": 20 }],
        })
    };
    assert_eq!(
        bed.post_json(&late, &bed.reviewer, &body("green", 10.0)).await.problem(400)["place"],
        "boxes[0]"
    );
    assert_eq!(
        bed.post_json(&late, &bed.reviewer, &body("red", 500.0)).await.problem(400)["place"],
        "boxes[0]"
    );
    let own = json!({ "latency_ms": 3, "boxes": [], "model": "cells/1" });
    assert_eq!(bed.post_json(&late, &bed.reviewer, &own).await.problem(400)["place"], "model");
    let unknown = json!({ "latency_ms": 3, "boxes": [], "model": "cells/9" });
    bed.post_json(&late, &bed.reviewer, &unknown).await.problem(404);
    let answer = bed.post_json(&late, &bed.reviewer, &body("red", 90.0)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let shadow = answer.json()["shadow"].clone();
    assert_eq!(shadow["latency_ms"], 3.5);
    assert_eq!(
        (&shadow["boxes"][0]["x"], &shadow["boxes"][0]["w"]),
        (&json!(90.0), &json!(10.0)),
        "cut at the edge"
    );
    bed.post_json(&late, &bed.reviewer, &body("red", 10.0)).await.problem(409);
    let stored = bed.get(&format!("/api/v1/predictions/{id}"), &bed.viewer).await.json();
    assert_eq!(stored["shadow"], shadow);
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_stores_once() {
    let bed = Bed::new().await;
    let first = send_with_key(&bed, &report(), "k-1").await;
    let second = send_with_key(&bed, &report(), "k-1").await;
    assert_eq!((first.status, &first.bytes), (second.status, &second.bytes));
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(bed.count().await, 1);
    send_with_key(&bed, &report(), "k-2").await;
    assert_eq!(bed.count().await, 2);
}

#[tokio::test]
async fn a_key_used_for_another_report_is_a_conflict() {
    let bed = Bed::new().await;
    send_with_key(&bed, &report(), "k").await;
    let mut other = report();
    other["latency_ms"] = json!(99);
    send_with_key(&bed, &other, "k").await.problem(409);
    assert_eq!(bed.count().await, 1);
}

#[tokio::test]
async fn many_at_once_with_one_key_store_one() {
    let bed = Bed::new().await;
    let body = report();
    let sent = (0..16).map(|_| send_with_key(&bed, &body, "race"));
    let answers = futures::future::join_all(sent).await;
    let ids: std::collections::BTreeSet<String> =
        answers.iter().map(|answer| answer.json()["id"].to_string()).collect();
    assert_eq!((ids.len(), bed.count().await), (1, 1));
}

#[tokio::test]
async fn mistakes_are_refused_with_their_place() {
    let bed = Bed::new().await;
    let wrong = |change: fn(&mut Value)| {
        let mut body = report();
        change(&mut body);
        body
    };
    let cases: [(&str, Value); 6] = [
        ("boxes[0]", wrong(|body| body["boxes"][0]["w"] = json!(0))),
        ("boxes[0]", wrong(|body| body["boxes"][0]["score"] = json!(1.5))),
        ("boxes[0]", wrong(|body| body["boxes"][0]["label"] = json!("unicorn"))),
        ("latency_ms", wrong(|body| body["latency_ms"] = json!(-1))),
        ("timestamp", wrong(|body| body["timestamp"] = json!("soon"))),
        ("latencyms", wrong(|body| body["latencyms"] = json!(1))),
    ];
    for (place, body) in cases {
        let answer = bed.post_json(&path(), &bed.reviewer, &body).await;
        assert_eq!(answer.problem(400)["place"], place, "{}", answer.text());
    }
    let text = with_token(Request::post(path()), &bed.reviewer).header(header::CONTENT_TYPE, "text/plain");
    bed.send(text.body(Body::from("hello")).expect("a request")).await.problem(415);
    assert_eq!(bed.count().await, 0);
}

#[tokio::test]
async fn a_report_may_bring_its_image() {
    let bed = Bed::new().await;
    let mut body = report();
    body["width"] = json!(64);
    body["height"] = json!(48);
    let mut form = b"--b\r\nContent-Disposition: form-data; name=\"report\"\r\n\r\n".to_vec();
    form.extend(body.to_string().into_bytes());
    form.extend(b"\r\n--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n");
    form.extend(jpeg(64, 48));
    form.extend(b"\r\n--b--\r\n");
    let request = with_token(Request::post(path()), &bed.reviewer)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    let answer = bed.send(request.body(Body::from(form)).expect("a request")).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(bed.get(&format!("/api/v1/predictions/{id}/image"), &bed.viewer).await.bytes, jpeg(64, 48));
}

#[tokio::test]
async fn lines_are_answered_in_order_and_a_faulty_one_fails_alone() {
    let bed = Bed::new().await;
    let mut keyed = report();
    keyed["idempotency_key"] = json!("line");
    let lines = [
        report().to_string(),
        "{\"latency_ms\":".to_owned(),
        String::new(),
        keyed.to_string(),
        keyed.to_string(),
    ];
    let request =
        with_token(Request::post(path()), &bed.reviewer).header(header::CONTENT_TYPE, "application/x-ndjson");
    let answer = bed.send(request.body(Body::from(lines.join("\n"))).expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let answers: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let numbers: Vec<_> = answers.iter().map(|answer| answer["line"].as_u64().expect("a number")).collect();
    assert_eq!(numbers, [1, 2, 4, 5]);
    assert_eq!(answers[1]["problem"]["status"], 400);
    assert_eq!((&answers[2]["id"], &answers[2]["repeated"]), (&answers[3]["id"], &json!(false)));
    assert_eq!(answers[3]["repeated"], true);
    assert_eq!(bed.count().await, 2);
}

#[tokio::test]
async fn a_thousand_lines_are_a_thousand_predictions() {
    let bed = Bed::new().await;
    let lines = vec![report().to_string(); 1000].join("\n");
    let request =
        with_token(Request::post(path()), &bed.reviewer).header(header::CONTENT_TYPE, "application/x-ndjson");
    let answer = bed.send(request.body(Body::from(lines)).expect("a request")).await;
    let ids: std::collections::BTreeSet<String> = answer.text().lines().map(|line| line.to_owned()).collect();
    assert_eq!((ids.len(), bed.count().await), (1000, 1000));
}

#[tokio::test]
async fn reports_of_the_past_are_of_their_time_and_stored_once() {
    let bed = Bed::new().await;
    let later = json!({ "timestamp": "2026-02-02T00:00:00Z" });
    let timeless = json!({ "timestamp": null });
    let changed = |change: &Value| {
        let mut one = report();
        one["timestamp"] = change["timestamp"].clone();
        one.to_string()
    };
    let lines = [changed(&later), report().to_string(), report().to_string(), changed(&timeless)].join("\n");
    let send = async |token: &str| {
        let request = Request::post(format!("{}?history=true", path()));
        let request = with_token(request, token).header(header::CONTENT_TYPE, "application/x-ndjson");
        bed.send(request.body(Body::from(lines.clone())).expect("a request")).await
    };
    send(&bed.reviewer).await.problem(403);
    let mut ids = Vec::new();
    for repeated in [false, true] {
        let text = send(&bed.admin).await.text();
        let answers: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let told: Vec<&Value> = answers.iter().map(|answer| &answer["repeated"]).collect();
        assert_eq!(told, [&json!(repeated), &json!(repeated), &json!(true), &Value::Null], "{text}");
        assert_eq!(answers[3]["problem"]["place"], "timestamp", "{text}");
        ids.push([answers[0]["id"].clone(), answers[1]["id"].clone()]);
    }
    assert_eq!((&ids[0], bed.count().await), (&ids[1], 2));
    let list = bed.get(&format!("{}?sort=-received", path()), &bed.viewer).await.json();
    let received: Vec<&Value> =
        list["items"].as_array().expect("a list").iter().map(|one| &one["received"]).collect();
    assert_eq!(received, ["2026-02-02T00:00:00.000Z", "2026-01-02T03:04:05.000Z"]);
    let q = "received%20%3E%202026-01-15%20and%20received%20%3C%202026-03-01";
    let counted = bed.get(&format!("{}/count?q={q}", path()), &bed.viewer).await.json();
    assert_eq!(counted["count"], 1);
}
