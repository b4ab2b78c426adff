//! Reviews, revisions, leases and the feedback loop over HTTP.

use crate::bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

async fn predicted(bed: &Bed, width: u32) -> String {
    bed.predict(jpeg(width, 30)).await.json()["id"].as_str().expect("an id").to_owned()
}

async fn put(bed: &Bed, path: &str, token: &str, body: &str) -> Answer {
    let request = with_token(Request::put(path), token).header(header::CONTENT_TYPE, "application/json");
    bed.send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

async fn save(bed: &Bed, id: &str, body: &Value) -> Answer {
    put(bed, &format!("/api/v1/predictions/{id}/review"), &bed.reviewer, &body.to_string()).await
}

async fn review(bed: &Bed, id: &str) -> Value {
    let answer = bed.get(&format!("/api/v1/predictions/{id}/review"), &bed.viewer).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn post(bed: &Bed, path: &str, body: &Value) -> Answer {
    bed.post_json(&format!("/api/v1{path}"), &bed.reviewer, body).await
}

fn red(x: f64) -> Value {
    json!({ "label": "red", "x": x, "y": 0, "w": 10, "h": 10 })
}

#[tokio::test]
async fn a_bare_save_is_a_revision_with_modest_claims() {
    let bed = Bed::new().await;
    let id = predicted(&bed, 40).await;
    let subject = review(&bed, &id).await;
    assert_eq!(subject["labels"], json!(["red", "white"]));
    assert_eq!(
        subject["prediction"]["boxes"].as_array().map(Vec::len),
        Some(2),
        "those below the threshold too"
    );
    assert_eq!(
        (&subject["review"], &subject["skip"], &subject["lease"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    // The first box is the champion's to the pixel, the second is a person's.
    let boxes = json!([{ "label": "red", "score": 0.9, "x": 0, "y": 0, "w": 20, "h": 30 }, red(5.5)]);
    let answer = save(&bed, &id, &json!({ "base_revision": 0, "boxes": boxes })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let saved = answer.json();
    assert_eq!(
        (&saved["status"], &saved["revision"], &saved["repeated"]),
        (&json!("reviewed"), &json!(1), &json!(false))
    );
    assert_eq!((&saved["started_from"], &saved["picked"]), (&json!("champion"), &json!("query")));
    assert_eq!((&saved["untouched"], &saved["blind"]), (&json!(1), &json!(false)));
    assert_eq!(saved["left_as_drawn"], json!([{ "side": "champion", "index": 0 }]));
    assert_eq!(review(&bed, &id).await["review"]["boxes"], saved["boxes"]);
    let audit = bed.get("/api/v1/audit?limit=1", &bed.admin).await.json();
    assert_eq!(audit["items"][0]["action"], "prediction.review");
    assert_eq!(
        (&audit["items"][0]["actor"], &audit["items"][0]["subject"]),
        (&json!("token reviewer"), &json!(id))
    );
}

#[tokio::test]
async fn a_stale_save_is_a_conflict_that_brings_the_other_version() {
    let bed = Bed::new().await;
    let id = predicted(&bed, 40).await;
    let first = save(&bed, &id, &json!({ "base_revision": 0, "boxes": [red(1.0)] })).await.json();
    let stale = save(&bed, &id, &json!({ "base_revision": 0, "boxes": [red(2.0)] })).await;
    let problem = stale.problem(409);
    assert_eq!(problem["place"], "base_revision");
    assert_eq!((&problem["current"]["revision"], &problem["current"]["boxes"]), (&json!(1), &first["boxes"]));
    let merged = save(&bed, &id, &json!({ "base_revision": 1, "boxes": [red(1.0), red(2.0)] })).await;
    assert_eq!(merged.json()["revision"], 2);
}

#[tokio::test]
async fn of_two_savers_at_once_one_wins_and_the_other_gets_its_boxes() {
    let bed = Bed::new().await;
    let id = predicted(&bed, 40).await;
    let bodies = [1.0, 2.0].map(|x| json!({ "base_revision": 0, "boxes": [red(x)] }));
    let answers = futures::future::join_all(bodies.iter().map(|body| save(&bed, &id, body))).await;
    let (won, lost) =
        if answers[0].status == 200 { (&answers[0], &answers[1]) } else { (&answers[1], &answers[0]) };
    assert_eq!(won.status, 200, "{}", won.text());
    assert_eq!(lost.problem(409)["current"]["boxes"], won.json()["boxes"]);
}

#[tokio::test]
async fn the_same_save_again_goes_through_once() {
    let bed = Bed::new().await;
    let id = predicted(&bed, 40).await;
    let body =
        json!({ "base_revision": 0, "boxes": [red(1.25)], "started_from": "empty", "picked": "random" });
    give_blind(&bed).await;
    let all = futures::future::join_all((0..8).map(|_| save(&bed, &id, &body))).await;
    assert!(all.iter().all(|answer| answer.status == 200 && answer.json()["revision"] == 1));
    assert_eq!(all.iter().filter(|answer| answer.json()["repeated"] == false).count(), 1);
    let revisions = bed.get(&format!("/api/v1/predictions/{id}/revisions"), &bed.viewer).await.json();
    assert_eq!(revisions["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(revisions["items"][0]["blind"], true);
}

/// All images are to be reviewed blind, and the reviewer has the next one.
async fn give_blind(bed: &Bed) {
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/review-settings");
    assert_eq!(put(bed, &path, &bed.admin, "{\"blind_share\": 1}").await.status, 200);
    let next = post(bed, &format!("/deployments/{DEPLOYMENT}/review/next"), &json!({ "session": "a" })).await;
    assert_eq!(next.json()["items"].as_array().map(Vec::len), Some(1), "{}", next.text());
}

#[tokio::test]
async fn a_senders_word_makes_no_review_worth_more_than_the_server_knows() {
    let bed = Bed::new().await;
    let claim =
        json!({ "base_revision": 0, "boxes": [red(1.25)], "started_from": "empty", "picked": "random" });
    let told = |saved: &Value| ["picked", "started_from", "blind"].map(|key| saved[key].clone());
    // Neither given out nor shown blind.
    let id = predicted(&bed, 40).await;
    let saved = save(&bed, &id, &claim).await.json();
    assert_eq!(told(&saved), [json!("query"), json!("champion"), json!(false)]);
    // Taken by hand, though it is of the blind share: shown blind, not picked at random.
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/review-settings");
    assert_eq!(put(&bed, &path, &bed.admin, "{\"blind_share\": 1}").await.status, 200);
    let id = predicted(&bed, 41).await;
    assert_eq!(post(&bed, &format!("/predictions/{id}/lease"), &json!({ "session": "a" })).await.status, 200);
    let saved = save(&bed, &id, &claim).await.json();
    assert_eq!(told(&saved), [json!("query"), json!("empty"), json!(true)]);
    // Given out by the server, and shown blind.
    let id = predicted(&bed, 42).await;
    give_blind(&bed).await;
    let saved = save(&bed, &id, &claim).await.json();
    assert_eq!(told(&saved), [json!("random"), json!("empty"), json!(true)]);
    // Given out, but reviewed for a reason, as the sender says.
    let id = predicted(&bed, 43).await;
    give_blind(&bed).await;
    let honest = json!({ "base_revision": 0, "boxes": [], "started_from": "champion", "picked": "alert" });
    let saved = save(&bed, &id, &honest).await.json();
    assert_eq!(told(&saved), [json!("alert"), json!("champion"), json!(false)]);
}

#[tokio::test]
async fn bad_boxes_are_refused_with_their_place_and_the_former_revision_stays() {
    let bed = Bed::new().await;
    let elsewhere = json!({ "name": "elsewhere", "labels": ["lorry"] });
    assert_eq!(bed.post_json("/api/v1/models", &bed.admin, &elsewhere).await.status, 201);
    let other = json!({ "name": "other", "model": "elsewhere/1" });
    assert_eq!(bed.post_json("/api/v1/deployments", &bed.admin, &other).await.status, 201);
    let id = predicted(&bed, 40).await;
    save(&bed, &id, &json!({ "base_revision": 0, "boxes": [red(1.0)] })).await;
    let path = format!("/api/v1/predictions/{id}/review");
    let one = |b: &str| format!("{{\"base_revision\":1,\"boxes\":[{},{b}]}}", red(3.0));
    let many =
        format!("{{\"base_revision\":1,\"boxes\":[{}]}}", vec![red(3.0).to_string(); 20_000].join(","));
    for (place, body) in [
        ("body", one(r#"{"label":"red","x":NaN,"y":0,"w":1,"h":1}"#)),
        ("body", one(r#"{"label":"red","x":1e999,"y":0,"w":1,"h":1}"#)),
        ("boxes[1].x", one(r#"{"label":"red","x":null,"y":0,"w":1,"h":1}"#)),
        ("boxes[1].h", one(r#"{"label":"red","x":0,"y":0,"w":1}"#)),
        ("boxes[1]", one(r#"{"label":"red","x":0,"y":0,"w":-1,"h":1}"#)),
        ("boxes[1]", one(r#"{"label":"red","x":-1,"y":0,"w":5,"h":1}"#)),
        ("boxes[1]", one(r#"{"label":"red","x":39,"y":0,"w":2,"h":1}"#)),
        ("boxes[1]", one(r#"{"label":"red","x":400,"y":0,"w":2,"h":1}"#)),
        ("boxes[1].label", one(r#"{"label":"unicorn","x":0,"y":0,"w":1,"h":1}"#)),
        ("boxes[1].label", one(r#"{"label":"lorry","x":0,"y":0,"w":1,"h":1}"#)),
        ("boxes[1].label", one(r#"{"label":"","x":0,"y":0,"w":1,"h":1}"#)),
        ("started_from", r#"{"base_revision":1,"boxes":[],"started_from":"nowhere"}"#.to_owned()),
        ("started_from", r#"{"base_revision":1,"boxes":[],"started_from":"shadow"}"#.to_owned()),
        ("picked", r#"{"base_revision":1,"boxes":[],"picked":"luck"}"#.to_owned()),
        ("base_revision", r#"{"base_revision":-1,"boxes":[]}"#.to_owned()),
        ("base_revision", r#"{"boxes":[]}"#.to_owned()),
        ("boxes", many),
    ] {
        let answer = put(&bed, &path, &bed.reviewer, &body).await;
        let told = &body[..body.len().min(200)];
        let status = answer.status.as_u16();
        assert!(status == 400 || (place == "body" && status == 422), "{told}: {}", answer.text());
        assert_eq!(answer.problem(status)["place"], place, "{told}: {}", answer.text());
    }
    let kept = review(&bed, &id).await;
    assert_eq!((&kept["review"]["revision"], &kept["review"]["box_count"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn the_history_is_kept_and_any_revision_can_be_taken_back() {
    let bed = Bed::new().await;
    let id = predicted(&bed, 40).await;
    let statistics = json!({ "time_spent_ms": 4200, "added": 2 });
    let first = json!({ "base_revision": 0, "boxes": [red(1.0), red(2.0)], "statistics": statistics });
    save(&bed, &id, &first).await;
    save(&bed, &id, &json!({ "base_revision": 1, "boxes": [] })).await;
    let stale =
        post(&bed, &format!("/predictions/{id}/revisions/1/restore"), &json!({ "base_revision": 1 })).await;
    assert_eq!(stale.problem(409)["current"]["revision"], 2);
    let back =
        post(&bed, &format!("/predictions/{id}/revisions/1/restore"), &json!({ "base_revision": 2 })).await;
    assert_eq!((&back.json()["revision"], &back.json()["restored_from"]), (&json!(3), &json!(1)));
    let all = bed.get(&format!("/api/v1/predictions/{id}/revisions"), &bed.viewer).await.json();
    let counts: Vec<_> =
        all["items"].as_array().expect("a list").iter().map(|r| r["box_count"].clone()).collect();
    assert_eq!(counts, [2, 0, 2]);
    assert_eq!(all["items"][2]["statistics"]["time_spent_ms"], 4200);
    let one = bed.get(&format!("/api/v1/predictions/{id}/revisions/1"), &bed.viewer).await.json();
    assert_eq!(one["boxes"], back.json()["boxes"]);
    bed.get(&format!("/api/v1/predictions/{id}/revisions/9"), &bed.viewer).await.problem(404);
}

#[tokio::test]
async fn skipping_and_reopening_say_where_a_prediction_stands() {
    let bed = Bed::new().await;
    let id = predicted(&bed, 40).await;
    let skipped = post(&bed, &format!("/predictions/{id}/skip"), &json!({ "reason": "out of focus" })).await;
    assert_eq!(skipped.json()["status"], "skipped");
    let skip = &review(&bed, &id).await["skip"];
    assert_eq!((&skip["reason"], &skip["by"]), (&json!("out of focus"), &json!("token reviewer")));
    assert_eq!(
        post(&bed, &format!("/predictions/{id}/reopen"), &json!({})).await.json()["status"],
        "to_review"
    );
    save(&bed, &id, &json!({ "base_revision": 0, "boxes": [] })).await;
    assert_eq!(
        post(&bed, &format!("/predictions/{id}/reopen"), &json!({})).await.json()["status"],
        "to_review"
    );
    assert_eq!(review(&bed, &id).await["review"]["revision"], 1, "what was saved stays");
    let long = json!({ "reason": "x".repeat(10_000) });
    assert_eq!(post(&bed, &format!("/predictions/{id}/skip"), &long).await.problem(400)["place"], "reason");
}

#[tokio::test]
async fn the_next_image_is_one_that_nobody_else_holds() {
    let bed = Bed::new().await;
    let mut ids = Vec::new();
    for width in 40..44 {
        ids.push(predicted(&bed, width).await);
    }
    let next = format!("/deployments/{DEPLOYMENT}/review/next");
    let ids_of = |answer: &Answer| -> Vec<String> {
        let items = answer.json()["items"].clone();
        let items = items.as_array().unwrap_or_else(|| panic!("{}", answer.text()));
        items.iter().map(|item| item["prediction_id"].as_str().expect("an id").to_owned()).collect()
    };
    let eve = post(&bed, &next, &json!({ "count": 2, "session": "a", "sort": "oldest" })).await;
    assert_eq!(ids_of(&eve), ids[..2]);
    assert!(
        eve.json()["items"]
            .as_array()
            .expect("a list")
            .iter()
            .all(|l| l["mine"] == true && l["picked"] == "random")
    );
    let again = post(&bed, &next, &json!({ "count": 2, "session": "a", "sort": "oldest" })).await;
    assert_eq!(ids_of(&again), ids[..2], "a lost answer costs nothing");
    let ada = post(&bed, &next, &json!({ "count": 9, "session": "b", "sort": "oldest" })).await;
    assert_eq!(ids_of(&ada), ids[2..]);
    let on = post(&bed, &next, &json!({ "session": "a", "exclude": [ids[0]], "sort": "oldest" })).await;
    assert_eq!(ids_of(&on), ids[1..2]);
    let lease =
        post(&bed, &format!("/predictions/{}/lease", ids[0]), &json!({ "session": "b" })).await.json();
    assert_eq!((&lease["mine"], &lease["holder"]), (&json!(false), &json!("token reviewer")));
    let seen =
        bed.get(&format!("/api/v1/predictions/{}/review?session=b", ids[0]), &bed.reviewer).await.json();
    assert_eq!(seen["lease"]["mine"], false);
    let kept = json!({ "session": "b", "ids": [ids[0], ids[2]] });
    let kept = post(&bed, &format!("/deployments/{DEPLOYMENT}/review/leases"), &kept).await.json();
    assert_eq!(
        kept["items"].as_array().expect("a list").iter().map(|l| l["mine"].clone()).collect::<Vec<_>>(),
        [false, true]
    );
    let left = json!({ "session": "a", "ids": ids });
    assert_eq!(post(&bed, &format!("/deployments/{DEPLOYMENT}/review/release"), &left).await.status, 204);
    // What was reviewed is not given any more, and what was freed is.
    let saved = save(&bed, &ids[0], &json!({ "base_revision": 0, "boxes": [] })).await.json();
    assert_eq!(saved["picked"], "query", "the lease was let go of before");
    let saved = save(&bed, &ids[2], &json!({ "base_revision": 0, "boxes": [] })).await.json();
    assert_eq!(saved["picked"], "random", "as it was leased");
    let rest = post(&bed, &next, &json!({ "count": 9, "session": "b", "sort": "oldest" })).await;
    assert_eq!(ids_of(&rest), [ids[1].clone(), ids[3].clone()]);
    let wrong = post(&bed, &next, &json!({ "q": "statsu = reviewed" })).await.problem(400);
    assert_eq!(wrong["place"], "q");
}

#[tokio::test]
async fn the_blind_share_is_told_before_the_first_revision_only() {
    let bed = Bed::new().await;
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/review-settings");
    assert_eq!(bed.get(&path, &bed.viewer).await.json(), json!({ "blind_share": 0.05 }));
    assert_eq!(put(&bed, &path, &bed.admin, "{\"blind_share\": 1}").await.status, 200);
    let id = predicted(&bed, 40).await;
    assert_eq!(review(&bed, &id).await["blind"], true);
    assert_eq!(post(&bed, &format!("/predictions/{id}/lease"), &json!({ "session": "a" })).await.status, 200);
    let body = json!({ "base_revision": 0, "boxes": [red(3.0)], "started_from": "empty" });
    assert_eq!(save(&bed, &id, &body).await.json()["blind"], true);
    assert_eq!(review(&bed, &id).await["blind"], false);
    let anchored = json!({ "base_revision": 1, "boxes": [red(3.0)], "started_from": "champion" });
    assert_eq!(save(&bed, &id, &anchored).await.json()["blind"], false);
    let claimed = json!({ "base_revision": 2, "boxes": [], "started_from": "empty" });
    assert_eq!(save(&bed, &id, &claimed).await.json()["started_from"], "champion", "nobody can unsee boxes");
    let refused = put(&bed, &path, &bed.admin, "{\"blind_share\": 1.5}").await;
    assert_eq!(refused.problem(400)["place"], "blind_share");
}

async fn switch_on(bed: &Bed) -> Value {
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/feedback-loop");
    let body = json!({ "enabled": true, "dataset": "cells-feedback/v1", "create": true });
    let answer = put(bed, &path, &bed.admin, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_submission_becomes_an_image_of_the_dataset_and_can_be_taken_out() {
    let bed = Bed::new().await;
    let submit = format!("/deployments/{DEPLOYMENT}/submit");
    let (good, unread) = (predicted(&bed, 40).await, predicted(&bed, 41).await);
    save(&bed, &good, &json!({ "base_revision": 0, "boxes": [red(1.0), red(2.0)] })).await;
    post(&bed, &submit, &json!({ "ids": [good] })).await.problem(409);
    let version = switch_on(&bed).await["dataset"]["id"].as_str().expect("an id").to_owned();
    let answer = post(&bed, &submit, &json!({ "ids": [good, unread] })).await.json();
    assert_eq!(answer["changed"], json!([good]));
    assert_eq!(answer["refused"][0]["id"], json!(unread));
    let state = bed.get(&format!("/api/v1/deployments/{DEPLOYMENT}/feedback-loop"), &bed.viewer).await.json();
    let sides = state["train"].as_u64().expect("a number") + state["holdout"].as_u64().expect("a number");
    assert_eq!((sides, &state["waiting"], &state["since_launch"]), (1, &json!(0), &json!(1)));
    assert_eq!(
        (&state["labels"][0]["label"], state["weeks"].as_array().map(Vec::len)),
        (&json!("red"), Some(1))
    );
    let assets = bed.get(&format!("/api/v1/dataset-versions/{version}/assets"), &bed.viewer).await.json();
    assert_eq!(assets["items"][0]["annotations"].as_array().map(Vec::len), Some(2), "{assets}");
    let asset = assets["items"][0]["id"].as_str().expect("an id");
    let file = bed.get(&format!("/api/v1/assets/{asset}/image"), &bed.viewer).await;
    assert_eq!(file.bytes, jpeg(40, 30));
    let again = post(&bed, &submit, &json!({ "q": "status in (submitted, to_review)" })).await.json();
    assert_eq!((&again["changed"], &again["refused"][0]["id"]), (&json!([]), &json!(unread)));
    post(&bed, &submit, &json!({})).await.problem(400);
    let listed = bed.get(&format!("/api/v1/deployments/{DEPLOYMENT}/submissions"), &bed.viewer).await.json();
    assert_eq!(
        (&listed["items"][0]["prediction_id"], &listed["items"][0]["revision"]),
        (&json!(good), &json!(1))
    );
    let again = json!({ "base_revision": 1, "boxes": [] });
    save(&bed, &good, &again).await.problem(409);
    let out =
        post(&bed, &format!("/deployments/{DEPLOYMENT}/unsubmit"), &json!({ "ids": [good, unread] })).await;
    assert_eq!((&out.json()["changed"], &out.json()["refused"][0]["id"]), (&json!([good]), &json!(unread)));
    let assets = bed.get(&format!("/api/v1/dataset-versions/{version}/assets"), &bed.viewer).await.json();
    assert_eq!(assets["items"], json!([]));
    assert_eq!(save(&bed, &good, &again).await.json()["status"], "reviewed");
    assert_eq!(bed.service.store().inconsistencies().await.expect("read"), Vec::<String>::new());
}

#[tokio::test]
async fn a_target_must_be_open_and_have_the_deployments_labels() {
    let bed = Bed::new().await;
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/feedback-loop");
    let make =
        |dataset: &str, labels: Value| json!({ "dataset": dataset, "version": "v1", "labels": labels });
    for body in [make("narrow", json!(["red"])), make("frozen", json!(["red", "white"]))] {
        assert_eq!(bed.post_json("/api/v1/datasets", &bed.admin, &body).await.status, 201);
    }
    let id = bed.get("/api/v1/datasets/frozen/v1", &bed.viewer).await.json()["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let freeze = format!("/api/v1/dataset-versions/{id}/freeze");
    let set = |dataset: &str| json!({ "enabled": true, "dataset": dataset }).to_string();
    assert_eq!(put(&bed, &path, &bed.admin, &set("frozen/v1")).await.status, 200);
    let prediction = predicted(&bed, 40).await;
    save(&bed, &prediction, &json!({ "base_revision": 0, "boxes": [red(1.0)] })).await;
    assert_eq!(bed.post_json(&freeze, &bed.admin, &json!({})).await.status, 200);
    let late =
        post(&bed, &format!("/deployments/{DEPLOYMENT}/submit"), &json!({ "ids": [prediction] })).await;
    assert!(late.problem(409)["detail"].as_str().is_some_and(|detail| detail.contains("frozen/v1")));
    for (dataset, told) in [("narrow/v1", "white"), ("frozen/v1", "frozen")] {
        let problem = put(&bed, &path, &bed.admin, &set(dataset)).await.problem(400);
        assert_eq!(problem["place"], "dataset");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(told)), "{problem}");
    }
    put(&bed, &path, &bed.admin, &set("nothing/v1")).await.problem(404);
    put(&bed, &path, &bed.admin, "{\"enabled\": true}").await.problem(400);
    assert_eq!(put(&bed, &path, &bed.admin, "{\"enabled\": false}").await.json()["dataset"], Value::Null);
}
