//! What Label Studio asks of a machine learning backend.

use crate::{
    bed::{Bed, jpeg, with_token},
    exhaustion::{endless, without_drains},
};
use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::access::Role;
use serde_json::{Value, json};
use server::http::HttpConfig;

const CONFIG: &str = r#"<View><Image name="picture" value="$photo"/>
    <RectangleLabels name="box" toName="picture"><Label value="red"/></RectangleLabels></View>"#;

fn asking(photos: &[&str]) -> Value {
    let tasks: Vec<Value> = photos
        .iter()
        .zip(1..)
        .map(|(photo, id)| json!({ "id": id, "data": { "photo": photo, "n": 1 } }))
        .collect();
    json!({ "tasks": tasks, "project": "1.1700000000", "label_config": CONFIG, "params": { "context": null } })
}

fn data_url() -> String {
    format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg(40, 30)))
}

#[tokio::test]
async fn label_studio_is_told_the_version_that_answers() {
    let bed = Bed::new().await;
    assert_eq!(bed.get("/ml/cells/health", "").await.json()["status"], "UP");
    assert_eq!(bed.get("/ml/cells", "").await.status, 200);
    let setup =
        json!({ "project": "1.1700000000", "schema": CONFIG, "hostname": "http://x", "access_token": "y" });
    let told = bed.post_json("/ml/cells/setup", &bed.viewer, &setup).await.json();
    assert_eq!(told, json!({ "model_version": "cells/1" }));
    assert_eq!(bed.get("/ml/cells/versions", &bed.viewer).await.json(), json!({ "versions": ["cells/1"] }));
    for path in ["/ml/cells/train", "/ml/cells/webhook"] {
        let heard = bed.post_json(path, &bed.viewer, &json!({ "action": "START_TRAINING" })).await;
        assert_eq!(heard.status, 201, "{}", heard.text());
    }
    bed.post_json("/ml/none/setup", &bed.viewer, &setup).await.problem(404);
    for (path, token) in [("setup", ""), ("predict", ""), ("train", "")] {
        bed.post_json(&format!("/ml/cells/{path}"), token, &setup).await.problem(401);
    }
    bed.post_json("/ml/cells/predict", &bed.viewer, &asking(&[])).await.problem(403);
}

#[tokio::test]
async fn a_picture_in_the_task_gets_regions_with_labels_of_the_project() {
    let bed = Bed::new().await;
    // As Label Studio signs in.
    let basic = format!("Basic {}", STANDARD.encode(format!("fovea:{}", bed.reviewer)));
    let request = Request::post("/ml/cells/predict")
        .header(header::AUTHORIZATION, basic)
        .header(header::CONTENT_TYPE, "application/json");
    let body = asking(&[&data_url(), "http://127.0.0.1:1/data/upload/a.jpg", ""]);
    let answer = bed.send(request.body(Body::from(body.to_string())).expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["model_version"], "cells/1");
    let results = answer["results"].as_array().expect("results");
    assert_eq!(results.len(), 3);
    let region = &results[0]["result"][0];
    assert_eq!((&region["from_name"], &region["to_name"]), (&json!("box"), &json!("picture")));
    assert_eq!(region["value"]["rectanglelabels"], json!(["red"]));
    assert_eq!((&region["value"]["x"], &region["value"]["width"]), (&json!(0.0), &json!(50.0)));
    assert_eq!((&region["original_width"], &region["original_height"]), (&json!(40), &json!(30)));
    assert_eq!(results[0]["score"], json!(0.9));
    // No admin has named where Label Studio is: nothing is fetched.
    assert_eq!((&results[1]["result"], &results[2]["result"]), (&json!([]), &json!([])));
    assert_eq!(bed.count().await, 0, "what is annotated elsewhere is not watched here");
}

#[tokio::test]
async fn a_set_up_without_rectangles_is_refused_in_words() {
    let bed = Bed::new().await;
    let mut body = asking(&[&data_url()]);
    body["label_config"] = json!("<View><Text name=\"t\" value=\"$text\"/></View>");
    let problem = bed.post_json("/ml/cells/predict", &bed.reviewer, &body).await.problem(400);
    assert_eq!(problem["place"], "label_config");
}

/// An access token, as it looks.
const WEB_TOKEN: &str = "eyJ.a.b";

/// A Label Studio that gives one picture to who has one of its tokens; where it is.
async fn studio() -> (String, tokio::task::JoinHandle<()>) {
    let upload = get(|headers: HeaderMap| async move {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let known = shown.is_some_and(|shown| ["Token abc", "Bearer fresh"].contains(&shown));
        if known { Ok(jpeg(40, 30)) } else { Err(StatusCode::UNAUTHORIZED) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let refresh = post(|body: String| async move {
        let asked: Option<Value> = serde_json::from_str(&body).ok();
        let known = asked == Some(json!({ "refresh": WEB_TOKEN }));
        if known { Ok(json!({ "access": "fresh" }).to_string()) } else { Err(StatusCode::UNAUTHORIZED) }
    });
    let router =
        axum::Router::new().route("/data/upload/1/a.jpg", upload).route("/api/token/refresh", refresh);
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves") });
    (address, serving)
}

#[tokio::test]
async fn pictures_are_fetched_from_the_address_that_an_admin_named_and_no_other() {
    let (address, serving) = studio().await;
    let (other, other_serving) = studio().await;
    let bed = Bed::with(HttpConfig { allow_private_pictures: true, ..HttpConfig::default() }).await;
    let named = json!({ "url": address, "token": "abc" });
    let put = |token: String, body: Value| {
        let request = with_token(Request::put("/api/v1/label-studio"), &token);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        bed.send(request.body(Body::from(body.to_string())).expect("a request"))
    };
    let told = put(bed.admin.clone(), named).await;
    assert_eq!(told.json(), json!({ "url": format!("{address}/"), "has_token": true }), "{}", told.text());
    let body =
        asking(&["/data/upload/1/a.jpg", &format!("{other}/data/upload/1/a.jpg"), "/data/upload/1/b.jpg"]);
    let results = bed.post_json("/ml/cells/predict", &bed.reviewer, &body).await.json();
    let boxes = [0, 1, 2].map(|task| results["results"][task]["result"].as_array().map(Vec::len));
    assert_eq!(boxes, [Some(1), Some(0), Some(0)], "{results}");
    put(bed.admin.clone(), json!({ "url": address, "token": WEB_TOKEN })).await;
    let results = bed.post_json("/ml/cells/predict", &bed.reviewer, &body).await.json();
    assert_eq!(results["results"][0]["result"].as_array().map(Vec::len), Some(1), "{results}");
    let audit = bed.get("/api/v1/audit", &bed.admin).await.text();
    assert!(
        audit.contains("label_studio.set") && !audit.contains("abc") && !audit.contains(WEB_TOKEN),
        "{audit}"
    );
    let gone = with_token(Request::delete("/api/v1/label-studio"), &bed.admin);
    assert_eq!(bed.send(gone.body(Body::empty()).expect("a request")).await.status, 204);
    let results = bed.post_json("/ml/cells/predict", &bed.reviewer, &body).await.json();
    assert_eq!(results["results"][0]["result"], json!([]));
    put(bed.admin.clone(), json!({ "url": "ftp://a" })).await.problem(400);
    serving.abort();
    other_serving.abort();
}

#[tokio::test]
async fn a_private_address_is_not_asked_unless_the_operator_allows_it() {
    let (address, serving) = studio().await;
    let bed = Bed::new().await;
    let request = with_token(Request::put("/api/v1/label-studio"), &bed.admin);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let body = Body::from(json!({ "url": address, "token": "abc" }).to_string());
    assert_eq!(bed.send(request.body(body).expect("a request")).await.status, 200);
    let asked = bed.post_json("/ml/cells/predict", &bed.reviewer, &asking(&["/data/upload/1/a.jpg"])).await;
    assert_eq!(asked.json()["results"][0]["result"], json!([]));
    serving.abort();
}

#[tokio::test]
async fn exported_tasks_have_pictures_by_links_that_need_no_token() {
    let bed = Bed::new().await;
    let id = bed.predict(jpeg(40, 30)).await.json()["id"].as_str().expect("an id").to_owned();
    let path = "/api/v1/deployments/cells/predictions/export?format=label-studio";
    let request = with_token(Request::get(format!("{path}&images=links")), &bed.viewer);
    let request = request.header(header::HOST, "fovea.localhost:3000");
    let tasks = bed.send(request.body(Body::empty()).expect("a request")).await.json();
    let link = tasks[0]["data"]["image"].as_str().expect("a link").to_owned();
    let begins = format!("http://fovea.localhost:3000/api/v1/predictions/{id}/image?size=plain&expires=");
    assert!(link.starts_with(&begins), "{link}");
    let link = link.trim_start_matches("http://fovea.localhost:3000").to_owned();
    assert_eq!(bed.get(&link, "").await.bytes, jpeg(40, 30));
    bed.get(&link.replace("size=plain", "size=thumb"), "").await.problem(403);
    let local = bed.get(path, &bed.viewer).await.json();
    assert!(local[0]["data"]["image"].as_str().is_some_and(|path| path.starts_with("/data/local-files/")));
    bed.get("/api/v1/deployments/cells/predictions/export?format=csv&images=links", &bed.viewer)
        .await
        .problem(400);
}

#[tokio::test]
async fn each_route_wants_its_role_and_its_deployment_before_it_reads_a_body() {
    let bed = without_drains().await;
    for (rest, least) in [
        ("setup", Role::Viewer),
        ("webhook", Role::Viewer),
        ("train", Role::Viewer),
        ("predict", Role::Reviewer),
    ] {
        for (role, token) in [
            (None, ""),
            (Some(Role::Viewer), bed.viewer.as_str()),
            (Some(Role::Reviewer), bed.reviewer.as_str()),
        ] {
            let send = async |deployment: &str| {
                let (body, taken) = endless(b"{\"tasks\":[", b"1,");
                let request = with_token(Request::post(format!("/ml/{deployment}/{rest}")), token);
                let answer = bed.send(request.body(body).expect("a request")).await;
                (answer.status.as_u16(), taken.bytes())
            };
            let told = format!("{rest} as {role:?}");
            let may = role.is_some_and(|role| role >= least);
            let (status, taken) = send("cells").await;
            match role {
                None => assert_eq!((status, taken), (401, 0), "{told}"),
                Some(_) if !may => assert_eq!((status, taken), (403, 0), "{told}"),
                Some(_) if rest == "predict" => assert_eq!(status, 413, "{told}"),
                Some(_) => assert!((200..300).contains(&status) && taken == 0, "{told}: {status}, {taken}"),
            }
            assert!(taken <= 12 << 20, "{told}: {taken} bytes were taken");
            if may {
                assert_eq!(send("none").await, (404, 0), "{told}");
            }
        }
    }
}
