//! Settings of a deployment: each group by REST and by its form.

use crate::bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};

fn route(name: &str) -> String {
    format!("/api/v1/deployments/{DEPLOYMENT}/{name}")
}

async fn put_as(bed: &Bed, path: &str, token: &str, body: &Value) -> Answer {
    let request = with_token(Request::put(path), token).header(header::CONTENT_TYPE, "application/json");
    bed.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

async fn put(bed: &Bed, name: &str, body: &Value) -> Answer {
    put_as(bed, &route(name), &bed.admin, body).await
}

/// Sends the form of a group as a browser without scripts does.
async fn send_form(bed: &Bed, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("name", DEPLOYMENT).extend_pairs(fields);
    let path = server_fn_paths().map(|(path, _)| path).find(|path| path.starts_with("/api/set_settings"));
    let path = path.expect("the server function");
    bed.post_form(path, &form.finish(), &[("cookie", cookie)]).await
}

#[tokio::test]
async fn every_group_reads_back_as_it_was_put_with_what_was_left_out_as_usual() {
    let bed = Bed::new().await;
    for (name, body, expected) in [
        ("review-settings", json!({ "blind_share": 0.5 }), json!({ "blind_share": 0.5 })),
        ("retention", json!({ "days": 30 }), json!({ "days": 30, "bytes": null, "sample_rate": 1.0 })),
        (
            "continuous-deployment",
            json!({ "policy": "manual", "class_margin": null }),
            json!({ "enabled": true, "policy": "manual", "require": null, "latency_budget_ms": null, "class_margin": 0.05 }),
        ),
        (
            "continuous-training",
            json!({ "enabled": false, "threshold": 7, "params": { "epochs": 3 } }),
            json!({
                "enabled": false, "trigger": "feedback_count", "threshold": 7, "every_hours": 168,
                "params": { "epochs": "3" },
            }),
        ),
        ("feedback-loop", json!({ "enabled": false }), json!({ "enabled": false, "submit_at_once": false })),
    ] {
        let answer = put(&bed, name, &body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        for said in [answer.json(), bed.get(&route(name), &bed.viewer).await.json()] {
            for (key, value) in expected.as_object().expect("an object") {
                assert_eq!(&said[key], value, "{name}: {key} of {said}");
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_set_is_named_and_changes_nothing() {
    let bed = Bed::new().await;
    for (name, body, place) in [
        ("review-settings", json!({}), "blind_share"),
        ("review-settings", json!({ "blind_share": 2 }), "blind_share"),
        ("retention", json!({ "days": 0 }), "days"),
        ("retention", json!({ "bytes": 5 }), "bytes"),
        ("retention", json!({ "day": 5 }), "body"),
        ("retention", json!([]), "body"),
        ("continuous-deployment", json!({ "policy": "moon" }), "policy"),
        ("continuous-deployment", json!({ "policy": "manual", "latency_budget_ms": 0 }), "latency_budget_ms"),
        ("continuous-training", json!({ "enabled": true, "trigger": "moon" }), "trigger"),
        ("continuous-training", json!({ "enabled": true, "threshold": 0 }), "threshold"),
        ("feedback-loop", json!({ "enabled": false, "submit_at_once": 1 }), "submit_at_once"),
        ("feedback-loop", json!({ "enabled": 1 }), "body"),
    ] {
        let before = bed.get(&route(name), &bed.viewer).await.json();
        let problem = put(&bed, name, &body).await.problem(400);
        assert_eq!(problem["place"], place, "{name} {body}: {problem}");
        assert_eq!(bed.get(&route(name), &bed.viewer).await.json(), before, "{name}");
    }
}

#[tokio::test]
async fn a_form_sets_a_group_and_leaves_alone_what_it_has_no_field_for() {
    let bed = Bed::new().await;
    let cookie = bed.first_admin().await;
    put(&bed, "retention", &json!({ "days": 30, "sample_rate": 0.5 })).await;
    let fields = [("group", "retention"), ("values[bytes]", "1.5"), ("values[days]", "")];
    let answer = send_form(&bed, &cookie, &fields).await;
    assert!(answer.status.is_redirection() || answer.status.is_success(), "{}", answer.text());
    let now = bed.get(&route("retention"), &bed.viewer).await.json();
    assert_eq!(
        (&now["days"], &now["bytes"], &now["sample_rate"]),
        (&Value::Null, &json!(1_500_000_000_u64), &json!(0.5))
    );
    let page = Request::get(format!("/deployments/{DEPLOYMENT}/settings")).header(header::COOKIE, &cookie);
    let page = bed.send(page.body(Body::empty()).expect("a request")).await;
    for field in ["name=\"values[days]\"", "name=\"values[blind_share]\"", "value=\"1.5\""] {
        assert!(page.text().contains(field), "{field}");
    }
    let training =
        [("group", "continuous_training"), ("values[threshold]", "9"), ("values[params.epochs]", "4")];
    send_form(&bed, &cookie, &training).await;
    let now = bed.get(&route("continuous-training"), &bed.viewer).await.json();
    assert_eq!((&now["threshold"], &now["params"]), (&json!(9), &json!({ "epochs": "4" })));
}

#[tokio::test]
async fn a_review_is_submitted_as_it_is_saved_where_that_is_set() {
    let bed = Bed::new().await;
    let body =
        json!({ "enabled": true, "dataset": "cells-feedback/v1", "create": true, "submit_at_once": true });
    let set = put(&bed, "feedback-loop", &body).await.json();
    assert_eq!((&set["submit_at_once"], &set["dataset"]["name"]), (&json!(true), &body["dataset"]));
    let id = bed.predict(jpeg(40, 30)).await.json()["id"].as_str().expect("an id").to_owned();
    let review = json!({ "base_revision": 0, "boxes": [{ "label": "red", "x": 1, "y": 1, "w": 9, "h": 9 }] });
    let saved = put_as(&bed, &format!("/api/v1/predictions/{id}/review"), &bed.reviewer, &review).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    let submitted = bed.get(&route("submissions"), &bed.viewer).await.json();
    assert_eq!(submitted["items"][0]["prediction_id"], json!(id));
    let prediction = bed.get(&format!("/api/v1/predictions/{id}"), &bed.viewer).await.json();
    assert_eq!(prediction["status"], "submitted");
    assert_eq!(bed.service.store().inconsistencies().await.expect("reads"), Vec::<String>::new());
}
