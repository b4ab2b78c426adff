//! Who did what, and who may: what the log says, what tokens are worth, and
//! what a sender cannot claim.

use crate::bed::{Answer, Bed, DEPLOYMENT, cookie_of, jpeg, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use domain::access::Role;
use serde_json::{Value, json};
use service::As;

async fn actions(bed: &Bed) -> Vec<String> {
    let log = bed.get("/api/v1/audit?limit=200", &bed.admin).await.json();
    let items = log["items"].as_array().expect("a list").clone();
    items.iter().map(|item| item["action"].as_str().expect("a word").to_owned()).collect()
}

#[tokio::test]
async fn whoever_takes_a_copy_is_recorded_once_a_minute() {
    let bed = Bed::new().await;
    bed.predict(jpeg(40, 30)).await;
    for format in ["yolo", "csv"] {
        for _ in 0..3 {
            let path = format!("/api/v1/deployments/{DEPLOYMENT}/predictions/export?format={format}");
            assert_eq!(bed.get(&path, &bed.viewer).await.status, 200);
        }
    }
    assert_eq!(bed.get("/api/v1/models/cells/1/weights", &bed.viewer).await.status, 200);
    let log = bed.get("/api/v1/audit?limit=200", &bed.admin).await.json();
    let copies: Vec<&Value> = log["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|item| {
            ["predictions.export", "model.download_weights"]
                .contains(&item["action"].as_str().expect("a word"))
        })
        .collect();
    assert!((3..=5).contains(&copies.len()), "one entry for each, or two where a minute ended: {copies:?}");
    assert!(copies.iter().all(|copy| copy["actor"] == "token viewer"), "{copies:?}");
}

#[tokio::test]
async fn signing_in_failing_to_and_signing_out_are_recorded() {
    let bed = Bed::new().await;
    bed.first_admin().await;
    let wrong = "email=nobody%40example.org&password=wrong+wrong+wrong";
    bed.post_form("/auth/sign-in", wrong, &[]).await;
    let right = "email=ada%40example.org&password=correct+horse+battery";
    let cookie = cookie_of(&bed.post_form("/auth/sign-in", right, &[]).await);
    bed.post_form("/auth/sign-out", "", &[("cookie", &cookie)]).await;
    let actions = actions(&bed).await;
    for action in ["user.sign_in_failed", "user.sign_in", "user.sign_out"] {
        assert_eq!(actions.iter().filter(|done| *done == action).count(), 1, "{action}: {actions:?}");
    }
}

#[tokio::test]
async fn a_token_ends_with_its_owners_right_and_with_its_time() {
    let bed = Bed::new().await;
    bed.first_admin().await;
    let invited = json!({ "email": "bob@example.org", "role": "admin" });
    let invited = bed.post_json("/api/v1/users", &bed.admin, &invited).await.json();
    let id = invited["user"]["id"].as_str().expect("an id").to_owned();
    let secret =
        invited["setup_path"].as_str().and_then(|path| path.split("secret=").nth(1)).expect("a secret");
    let body = format!("secret={secret}&email=bob%40example.org&password=correct+horse+battery");
    let cookie = cookie_of(&bed.post_form("/auth/setup", &body, &[]).await);
    let make = |body: Value| {
        let request = Request::post("/api/v1/tokens")
            .header(header::HOST, "fovea.localhost")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        bed.send(request.expect("a request"))
    };
    let made: Answer = make(json!({ "name": "left behind", "role": "admin", "expires": "90d" })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!(made["token"]["owner"], "bob@example.org");
    assert!(made["token"]["expires"].as_str().is_some_and(|at| at.ends_with('Z')), "{made}");
    assert_eq!(
        make(json!({ "name": "x", "role": "viewer", "expires": "soon" })).await.problem(400)["place"],
        "expires"
    );
    let token = made["secret"].as_str().expect("a secret");
    assert_eq!(bed.get("/api/v1/users", token).await.status, 200);
    let disable = with_token(Request::put(format!("/api/v1/users/{id}")), &bed.admin)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{\"disabled\":true}"));
    assert_eq!(bed.send(disable.expect("a request")).await.status, 200);
    bed.get("/api/v1/users", token).await.problem(401);
    let listed = bed.get("/api/v1/tokens", &bed.admin).await.json();
    let items = listed["items"].as_array().expect("a list");
    assert!(
        items.iter().any(|item| item["name"] == "viewer" && item["owner"].is_null()),
        "of the command line"
    );
}

#[tokio::test]
async fn a_promotion_that_was_decided_about_another_champion_is_refused() {
    let bed = Bed::new().await;
    let labels = json!(["red", "white"]);
    let elsewhere = json!({ "name": "elsewhere", "labels": labels });
    assert_eq!(bed.post_json("/api/v1/models", &bed.admin, &elsewhere).await.status, 201);
    let promote = format!("/api/v1/deployments/{DEPLOYMENT}/promote");
    let wanted =
        |expected: &str| json!({ "model": "elsewhere/1", "force": true, "expected_champion": expected });
    let refused = bed.post_json(&promote, &bed.admin, &wanted("elsewhere/1")).await.problem(409);
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("cells/1")), "{refused}");
    assert_eq!(bed.post_json(&promote, &bed.admin, &wanted("cells/1")).await.status, 200);
    let back = format!("/api/v1/deployments/{DEPLOYMENT}/rollback");
    bed.post_json(&format!("{back}?expected_champion=cells/1"), &bed.admin, &json!({})).await.problem(409);
    let back = bed.post_json(&format!("{back}?expected_champion=elsewhere/1"), &bed.admin, &json!({})).await;
    assert_eq!(back.json()["champion"]["model"], "cells/1");
}

#[tokio::test]
async fn an_images_name_is_short_and_hides_nothing() {
    let bed = Bed::new().await;
    let version = json!({ "dataset": "names", "labels": ["a"] });
    let version = bed.post_json("/api/v1/datasets", &bed.admin, &version).await.json();
    let path = format!("/api/v1/dataset-versions/{}/assets", version["id"].as_str().expect("an id"));
    let add = |name: String| {
        let mut form =
            b"--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.jpg\"\r\n\r\n".to_vec();
        form.extend(jpeg(40, 30));
        form.extend(b"\r\n--b\r\nContent-Disposition: form-data; name=\"filename\"\r\n\r\n");
        form.extend(name.as_bytes());
        form.extend(b"\r\n--b--\r\n");
        let request = with_token(Request::post(&path), &bed.admin)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(form));
        bed.send(request.expect("a request"))
    };
    for bad in ["n".repeat(300), "a\u{1b}[2Jb.png".to_owned(), "a\u{202e}gnp.exe".to_owned()] {
        add(bad).await.problem(400);
    }
    let added = add("фото.jpg".to_owned()).await;
    assert_eq!(added.status, 201, "{}", added.text());
    assert!(actions(&bed).await.contains(&"dataset.add_asset".to_owned()));
}

#[tokio::test]
async fn a_deletion_cannot_be_taken_on_in_another_deployment() {
    let bed = Bed::new().await;
    let other = json!({ "name": "other", "model": "cells/1" });
    assert_eq!(bed.post_json("/api/v1/deployments", &bed.admin, &other).await.status, 201);
    let report = |deployment: &str| {
        let body = json!({ "latency_ms": 1, "width": 9, "height": 9, "boxes": [] });
        let path = format!("/api/v1/deployments/{deployment}/predictions");
        let bed = &bed;
        async move { bed.post_json(&path, &bed.reviewer, &body).await.json()["id"].clone() }
    };
    let (here, there) = (report(DEPLOYMENT).await, report("other").await);
    let bulk = |deployment: &str, body: Value| {
        let path = format!("/api/v1/deployments/{deployment}/predictions/bulk");
        let bed = &bed;
        async move { bed.post_json(&path, &bed.admin, &body).await }
    };
    let done = bulk(DEPLOYMENT, json!({ "act": "delete", "ids": [here] })).await.json();
    let deletion = done["deletion"].as_str().expect("an id");
    let resume = format!("00000000-0000-0000-0000-000000000000.{deletion}.9999999999999");
    bulk("other", json!({ "act": "delete", "ids": [there], "resume": resume })).await.problem(409);
    let undone = bed.post_json(&format!("/api/v1/deletions/{deletion}/undo"), &bed.admin, &json!({})).await;
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert_eq!(bed.count().await, 1);
    assert_eq!(bed.service.store().inconsistencies().await.expect("read"), Vec::<String>::new());
}

#[tokio::test]
async fn a_key_of_one_sender_says_nothing_to_another() {
    let bed = Bed::new().await;
    let send = |token: String| {
        let body = json!({ "latency_ms": 1, "width": 9, "height": 9, "boxes": [] }).to_string();
        let request =
            with_token(Request::post(format!("/api/v1/deployments/{DEPLOYMENT}/predictions")), &token)
                .header(header::CONTENT_TYPE, "application/json")
                .header("idempotency-key", "42")
                .body(Body::from(body));
        bed.send(request.expect("a request"))
    };
    let [first, again, other] =
        [send(bed.reviewer.clone()).await, send(bed.reviewer.clone()).await, send(bed.admin.clone()).await]
            .map(|answer| answer.json()["id"].clone());
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[tokio::test]
async fn the_last_admin_stays_whoever_asks_at_the_same_time() {
    let bed = Bed::new().await;
    let mut people = Vec::new();
    for email in ["ann@example.org", "bob@example.org"] {
        people.push(
            bed.service.people().add_user(&As::system(), email, Role::Admin).await.expect("added").0.id,
        );
    }
    for _ in 0..20 {
        let demote = |id| {
            let service = bed.service.clone();
            async move { service.people().change_user(&As::system(), id, Some(Role::Viewer), None).await.is_ok() }
        };
        let done = tokio::join!(demote(people[0]), demote(people[1]));
        assert_ne!(done.0, done.1, "one of them stays");
        for id in &people {
            bed.service
                .people()
                .change_user(&As::system(), *id, Some(Role::Admin), None)
                .await
                .expect("changed");
        }
    }
}
