//! Every operation of the description, asked by every role about things that
//! are there and things that are not.

use crate::{
    bed::{Bed, DEPLOYMENT, jpeg, with_token},
    exhaustion::{endless, without_drains},
};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use domain::access::Role::{self, Admin, Reviewer, Viewer};
use serde_json::{Value, json};
use test_support::tiny_onnx;

const FOREIGN: &str = "0190b2a4-0000-7000-8000-000000000000";

/// What an operation needs: the least role, and a sound body.
fn needs(operation: &str) -> (Role, Option<Value>) {
    let boxes = json!([{ "label": "red", "score": 0.5, "x": 1, "y": 1, "w": 5, "h": 5 }]);
    match operation {
        "list_predictions"
        | "count_predictions"
        | "get_prediction"
        | "get_prediction_image"
        | "list_deployments"
        | "get_deployment"
        | "metrics"
        | "deployment_events"
        | "all_events"
        | "list_datasets"
        | "get_dataset_version"
        | "list_assets"
        | "get_asset_image"
        | "list_models"
        | "get_model_version"
        | "list_experiments"
        | "get_experiment"
        | "list_trainers"
        | "facets"
        | "known_values"
        | "neighbours"
        | "list_views"
        | "query_history"
        | "forget_queries"
        | "delete_view"
        | "list_work"
        | "get_review"
        | "list_revisions"
        | "get_revision"
        | "get_review_settings"
        | "get_retention"
        | "get_feedback_loop"
        | "get_training_data"
        | "get_shadow"
        | "get_weights"
        | "get_model_card"
        | "get_continuous_training"
        | "get_continuous_deployment"
        | "get_comparison"
        | "supervised_metrics"
        | "list_alerts"
        | "list_submissions" => (Viewer, None),
        "export_predictions" => (Viewer, None),
        "make_links" => (Viewer, Some(json!({ "addresses": [] }))),
        "save_view" | "change_view" => (Viewer, Some(json!({ "name": "mine", "q": "objects > 5" }))),
        "remember_query" => (Viewer, Some(json!({ "q": "objects > 5" }))),
        "explain_query" => (Reviewer, None),
        "bulk_predictions" => (Reviewer, Some(json!({ "act": "tag", "tag": "seen", "q": "" }))),
        "undo_deletion" | "delete_deployment" | "restore_deployment" => (Admin, None),
        "save_review" => (Reviewer, Some(json!({ "base_revision": 1, "boxes": [] }))),
        "restore_revision" => (Reviewer, Some(json!({ "base_revision": 1 }))),
        "reopen" => (Reviewer, None),
        "skip" | "lease_prediction" | "next_reviews" => (Reviewer, Some(json!({}))),
        "renew_leases" | "release_leases" | "submit" | "unsubmit" => (Reviewer, Some(json!({ "ids": [] }))),
        "compare" => (Admin, Some(json!({ "candidate": "nothing/1" }))),
        "set_retention" => (Admin, Some(json!({ "days": 30 }))),
        "set_review_settings" => (Admin, Some(json!({ "blind_share": 0.5 }))),
        "set_training_data" => (Admin, Some(json!({ "dataset": "nothing/v1" }))),
        "add_alert" | "change_alert" => {
            let rule = json!({ "name": "slow", "metric": "latency_p95_ms", "operator": ">", "limit": 9, "window_s": 60 });
            (Admin, Some(rule))
        }
        "read_alerts" => (Reviewer, None),
        "get_label_studio" | "clear_label_studio" => (Admin, None),
        "set_label_studio" => (Admin, Some(json!({ "url": "https://studio.example.org" }))),
        "delete_alert" | "list_webhooks" | "delete_webhook" | "list_deliveries" => (Admin, None),
        "add_webhook" => (Admin, Some(json!({ "url": "https://example.org/hook" }))),
        "clear_training_data" => (Admin, None),
        "set_feedback_loop" => (Admin, Some(json!({ "enabled": false }))),
        "predict" => (Reviewer, None),
        "report_shadow" => (Reviewer, Some(json!({ "latency_ms": 3, "boxes": boxes }))),
        "report" => (Reviewer, Some(json!({ "latency_ms": 3, "width": 50, "height": 50, "boxes": boxes }))),
        "delete_prediction"
        | "discard_dataset_version"
        | "freeze_dataset_version"
        | "cancel_experiment"
        | "revoke_token"
        | "cancel_work"
        | "retry_experiment"
        | "launch_continuous_training"
        | "roll_back"
        | "import_model"
        | "delete_model_version"
        | "list_staged_models"
        | "get_staged_model"
        | "stage_model"
        | "try_staged_model"
        | "discard_staged_model"
        | "list_users"
        | "list_tokens"
        | "list_audit"
        | "reset_link"
        | "add_asset" => (Admin, None),
        "list_imports" | "get_import" => (Viewer, None),
        "cancel_import" | "undo_import" => (Admin, None),
        "import_dataset" => (Admin, Some(json!({ "upload": FOREIGN }))),
        "get_upload" | "write_upload" | "discard_upload" => (Admin, None),
        "begin_upload" => (Admin, Some(json!({ "filename": "a.zip", "bytes": 10 }))),
        "create_deployment" => (Admin, Some(json!({ "name": "other", "model": "cells/1" }))),
        "change_deployment" => (Admin, Some(json!({ "threshold": 0.4 }))),
        "set_continuous_training" => (Admin, Some(json!({ "enabled": false }))),
        "set_continuous_deployment" => (Admin, Some(json!({ "policy": "manual" }))),
        "replay_shadow" => (Admin, Some(json!({ "last": 10 }))),
        "promote" => (Admin, Some(json!({ "model": "cells/1" }))),
        "create_dataset_version" => (Admin, Some(json!({ "dataset": "new", "labels": ["a"] }))),
        "describe_staged_model" => (Admin, Some(json!({ "labels": ["a"] }))),
        "import_staged_model" => (Admin, Some(json!({ "name": "staged" }))),
        "register_model" => (Admin, Some(json!({ "name": "elsewhere", "labels": ["a"] }))),
        "launch_experiment" => (Admin, Some(json!({ "dataset": "nothing/v1", "model": "cells" }))),
        "evaluate" => (Admin, Some(json!({ "dataset": "nothing/v1" }))),
        "add_user" => (Admin, Some(json!({ "email": "new@example.org", "role": "viewer" }))),
        "change_user" => (Admin, Some(json!({ "disabled": false }))),
        "create_token" => (Admin, Some(json!({ "name": "new", "role": "viewer" }))),
        other => panic!("say in this test which role {other} needs"),
    }
}

struct Operation {
    method: Method,
    path: String,
    id: String,
}

async fn operations(bed: &Bed) -> Vec<Operation> {
    let description = bed.get("/api/openapi.json", "").await.json();
    let mut found = Vec::new();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let method: Method = method.to_uppercase().parse().expect("a method");
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            found.push(Operation { method, path: path.clone(), id });
        }
    }
    assert!(found.len() >= 38, "only {} operations are described", found.len());
    found
}

#[tokio::test]
async fn the_description_says_how_each_operation_refuses() {
    let bed = Bed::new().await;
    let description = bed.get("/api/openapi.json", "").await.json();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for operation in item.as_object().expect("operations").values() {
            let told = format!("{path} {}", operation["operationId"]);
            let responses = operation["responses"].as_object().expect("responses");
            let refused = responses.iter().filter(|(status, _)| status.starts_with(['4', '5']));
            for (status, response) in refused {
                let kinds: Vec<_> = response["content"].as_object().expect("content").keys().collect();
                assert_eq!(kinds, ["application/problem+json"], "{told}, {status}");
                let schema = &response["content"]["application/problem+json"]["schema"];
                // A stale save is answered with the other version as well.
                let saves = ["save_review", "restore_revision"].map(serde_json::Value::from);
                let stale = saves.contains(&operation["operationId"]) && status == "409";
                let body = if stale { "StaleBody" } else { "ProblemBody" };
                assert_eq!(schema["$ref"], format!("#/components/schemas/{body}"), "{told}, {status}");
            }
            assert!(responses.contains_key("401"), "{told}");
            assert!(responses.keys().any(|status| status.starts_with('2')), "{told}");
        }
    }
}

fn request(operation: &Operation, path: &str, token: &str) -> Request<Body> {
    let request = with_token(Request::builder().method(operation.method.clone()).uri(path), token);
    let (_, body) = needs(&operation.id);
    match (operation.id.as_str(), body) {
        ("predict", _) => request.body(Body::from(jpeg(40, 30))),
        ("add_asset", _) => {
            let mut form =
                b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n".to_vec();
            form.extend(jpeg(40, 30));
            form.extend(b"\r\n--b\r\nContent-Disposition: form-data; name=\"annotations\"\r\n\r\n");
            form.extend(br#"[{"label":"red","x":1,"y":1,"w":5,"h":5}]"#);
            form.extend(b"\r\n--b--\r\n");
            request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=b").body(Body::from(form))
        }
        (_, Some(body)) => {
            request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
        }
        (_, None) => request.body(Body::empty()),
    }
    .expect("a request")
}

/// An export is refused before anything else when it does not say its format.
fn with_needed_query(path: &str) -> String {
    if path.ends_with("/export") {
        format!("{path}?format=csv")
    } else if path.ends_with("/models/import") {
        format!("{path}?name=other")
    } else {
        path.to_owned()
    }
}

fn foreign(path: &str) -> String {
    let mut path = with_needed_query(path);
    path = path.replace("{revision}", "1");
    while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
        path.replace_range(start..=end, FOREIGN);
    }
    path
}

#[tokio::test]
async fn nobody_gets_anything_without_signing_in() {
    let bed = Bed::new().await;
    for operation in operations(&bed).await {
        let answer = bed.send(request(&operation, &foreign(&operation.path), "")).await;
        assert_eq!(answer.status, 401, "{}", operation.id);
        answer.problem(401);
        let answer = bed.send(request(&operation, &foreign(&operation.path), "fovea_not-a-token")).await;
        answer.problem(401);
    }
}

/// Whatever a body says it is.
const CONTENT_TYPES: [&str; 6] = [
    "application/json",
    "application/x-ndjson",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "image/jpeg",
];

#[tokio::test]
async fn nothing_of_a_body_is_read_of_those_who_may_not_send_it() {
    let bed = without_drains().await;
    for operation in operations(&bed).await {
        let (least, _) = needs(&operation.id);
        let callers =
            [(None, ""), (Some(Viewer), bed.viewer.as_str()), (Some(Reviewer), bed.reviewer.as_str())];
        for (role, token) in callers.into_iter().filter(|(role, _)| role.is_none_or(|role| role < least)) {
            for content_type in CONTENT_TYPES {
                let (body, taken) = endless(b"--b\r\n", b"A");
                let request =
                    Request::builder().method(operation.method.clone()).uri(foreign(&operation.path));
                let request = with_token(request, token).header(header::CONTENT_TYPE, content_type);
                let answer = bed.send(request.body(body).expect("a request")).await;
                let refused = if role.is_none() { 401 } else { 403 };
                let told = format!("{} as {role:?}, {content_type}: {}", operation.id, answer.text());
                // What is not there may be told first, of what has no body.
                let missing = role.is_some() && answer.status == 404;
                assert!(missing || answer.status == refused, "{told}");
                assert_eq!(taken.bytes(), 0, "{told}");
            }
        }
    }
}

#[tokio::test]
async fn an_endless_body_of_those_who_may_send_it_is_refused_at_its_limit() {
    let bed = without_drains().await;
    bed.leaves("train");
    let things = things(&bed).await;
    for operation in operations(&bed).await {
        let reads = matches!(
            operation.id.as_str(),
            "predict" | "report" | "add_asset" | "import_model" | "write_upload"
        );
        if !reads && needs(&operation.id).1.is_none() {
            continue;
        }
        for content_type in CONTENT_TYPES {
            let (body, taken) = endless(b"{\"a", b"A");
            let request =
                Request::builder().method(operation.method.clone()).uri(existing(&operation, &things));
            let request = with_token(request, &bed.admin).header(header::CONTENT_TYPE, content_type);
            let answer = bed.send(request.body(body).expect("a request")).await;
            let told = format!("{}, {content_type}: {}", operation.id, answer.text());
            assert!(answer.status.is_client_error(), "{told}");
            // An image in JSON is longer than the image by a third.
            let image = operation.id == "predict" && content_type == "application/json";
            let most = if image { 36 << 20 } else { 9 << 20 };
            assert!(taken.bytes() <= most, "{} bytes were taken: {told}", taken.bytes());
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_for_those_who_may_ask() {
    let bed = Bed::new().await;
    for operation in operations(&bed).await {
        if !operation.path.contains('{') {
            continue;
        }
        let (least, _) = needs(&operation.id);
        for (role, token) in [(Viewer, &bed.viewer), (Reviewer, &bed.reviewer), (Admin, &bed.admin)] {
            let answer = bed.send(request(&operation, &foreign(&operation.path), token)).await;
            let told = format!("{} as {role}: {}", operation.id, answer.text());
            if role >= least {
                // A deletion that is over and one that never was are told alike.
                let undoes = ["undo_deletion", "restore_deployment"].contains(&operation.id.as_str());
                let missing = if undoes { 409 } else { 404 };
                assert_eq!(answer.status, missing, "{told}");
            } else {
                assert!(answer.status == 403 || answer.status == 404, "{told}");
            }
            answer.problem(answer.status.as_u16());
        }
    }
}

#[tokio::test]
async fn a_role_below_the_needed_one_is_refused_on_what_is_there() {
    let bed = Bed::new().await;
    bed.leaves("train");
    let things = things(&bed).await;
    let count = bed.count().await;
    for operation in operations(&bed).await {
        let (least, _) = needs(&operation.id);
        let path = existing(&operation, &things);
        for (role, token) in [(Viewer, &bed.viewer), (Reviewer, &bed.reviewer)] {
            if role < least {
                let answer = bed.send(request(&operation, &path, token)).await;
                assert_eq!(answer.status, 403, "{} as {role}: {}", operation.id, answer.text());
                answer.problem(403);
            }
        }
        // Nothing was compared yet.
        let empty = operation.id.ends_with("events") || operation.id == "get_comparison";
        let opens = !empty && operation.method == Method::GET;
        if opens {
            let token = match least {
                Admin => &bed.admin,
                Reviewer => &bed.reviewer,
                Viewer => &bed.viewer,
            };
            let answer = bed.send(request(&operation, &path, token)).await;
            assert_eq!(answer.status, 200, "{}: {}", operation.id, answer.text());
        }
    }
    assert_eq!(bed.count().await, count);
}

struct Things {
    prediction: String,
    version: String,
    asset: String,
    experiment: String,
    user: String,
    token: String,
    webhook: String,
    upload: String,
    import: String,
    staged: String,
}

/// One of everything.
async fn things(bed: &Bed) -> Things {
    let text = |value: &Value, pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no {pointer} in {value}"))
            .to_owned()
    };
    let prediction = text(&bed.predict(jpeg(40, 30)).await.json(), "/id");
    let path = format!("/api/v1/predictions/{prediction}/review");
    let body = Body::from(json!({ "base_revision": 0, "boxes": [] }).to_string());
    let saved = with_token(Request::put(path), &bed.reviewer)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body);
    assert_eq!(bed.send(saved.expect("a request")).await.status, 200);
    let body = json!({ "dataset": "d", "version": "v1", "labels": ["red"] });
    let version = text(&bed.post_json("/api/v1/datasets", &bed.admin, &body).await.json(), "/id");
    let add = Operation { method: Method::POST, path: String::new(), id: "add_asset".to_owned() };
    let path = format!("/api/v1/dataset-versions/{version}/assets");
    let asset = text(&bed.send(request(&add, &path, &bed.admin)).await.json(), "/id");
    let freeze = format!("/api/v1/dataset-versions/{version}/freeze");
    assert_eq!(bed.post_json(&freeze, &bed.admin, &json!({})).await.status, 200);
    // Nobody trains here: the experiment only has to be there.
    bed.leaves("train");
    let launch = json!({ "dataset": "d/v1", "model": "cells" });
    let experiment = text(&bed.post_json("/api/v1/experiments", &bed.admin, &launch).await.json(), "/id");
    let user = json!({ "email": "eve@example.org", "role": "viewer" });
    let user = text(&bed.post_json("/api/v1/users", &bed.admin, &user).await.json(), "/user/id");
    let token = json!({ "name": "spare", "role": "viewer" });
    let token = text(&bed.post_json("/api/v1/tokens", &bed.admin, &token).await.json(), "/token/id");
    let hook = json!({ "url": "https://example.org/hook", "events": ["alert.fired"] });
    let hooks = format!("/api/v1/deployments/{DEPLOYMENT}/webhooks");
    let webhook = text(&bed.post_json(&hooks, &bed.admin, &hook).await.json(), "/id");
    let begun = json!({ "filename": "a.zip", "bytes": 10 });
    let upload = text(&bed.post_json("/api/v1/uploads", &bed.admin, &begun).await.json(), "/id");
    let bytes = with_token(Request::put(format!("/api/v1/uploads/{upload}")), &bed.admin);
    let written = bed.send(bytes.body(Body::from("0123456789")).expect("a request")).await;
    assert_eq!(written.json()["received"], 10);
    // Nobody imports here, either.
    bed.leaves("import");
    let order = json!({ "upload": upload });
    let import = bed.post_json("/api/v1/datasets/d/import", &bed.admin, &order).await.json();
    let import = text(&import, "/id");
    let sent = with_token(Request::post("/api/v1/staged-models?filename=a.onnx"), &bed.admin);
    let sent = bed.send(sent.body(Body::from(tiny_onnx(&["red"]))).expect("a request")).await.json();
    let staged = text(&sent, "/id");
    Things { prediction, version, asset, experiment, user, token, webhook, upload, import, staged }
}

fn existing(operation: &Operation, things: &Things) -> String {
    let id = match operation.path.trim_start_matches("/api/v1/").split('/').next() {
        Some("predictions") => &things.prediction,
        Some("work" | "removed-deployments") => FOREIGN,
        Some("dataset-versions") => &things.version,
        Some("assets") => &things.asset,
        Some("users") => &things.user,
        Some("tokens") => &things.token,
        Some("staged-models") => &things.staged,
        _ => "",
    };
    with_needed_query(&operation.path)
        .replace("{id}", id)
        .replace("{deployment}", DEPLOYMENT)
        .replace("{dataset}", "d")
        .replace("{version}", "v1")
        .replace("{revision}", "1")
        .replace("{deletion}", FOREIGN)
        .replace("{view}", FOREIGN)
        .replace("{alert}", FOREIGN)
        .replace("{webhook}", &things.webhook)
        .replace("{model}", "cells")
        .replace("{number}", "1")
        .replace("{experiment}", &things.experiment)
        .replace("{upload}", &things.upload)
        .replace("{import}", &things.import)
}
