//! The routes that the Picsellia SDK asks for: who may ask them, and what its
//! wire wants to the letter.

use crate::{
    bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token},
    exhaustion::{endless, without_drains},
};
use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::access::Role::{self, Admin, Reviewer, Viewer};
use serde_json::{Value, json};

const ID: &str = "0190b2a4-0000-7000-8000-000000000000";

/// Every route, with the method and the least role. `D` is a deployment.
const ROUTES: &[(&str, &str, Role)] = &[
    ("GET", "/api/home/ping", Viewer),
    ("GET", "/api/organizations/find?name=a", Viewer),
    ("GET", "/api/organization/ID", Viewer),
    ("GET", "/api/access/deployment/ID/users", Admin),
    ("GET", "/api/label/ID", Viewer),
    ("GET", "/api/organization/ID/deployments", Viewer),
    ("POST", "/api/organization/ID/deployments", Admin),
    ("GET", "/api/organization/ID/deployments/find?name=cells", Viewer),
    ("GET", "/api/deployment/D", Viewer),
    ("PATCH", "/api/deployment/D", Admin),
    ("DELETE", "/api/deployment/D", Admin),
    ("GET", "/api/deployment/D/labels", Viewer),
    ("POST", "/api/deployment/D/model", Admin),
    ("POST", "/api/deployment/D/shadow", Admin),
    ("GET", "/api/deployment/D/datalake/connector", Viewer),
    ("GET", "/api/deployment/D/predictions/stats?service=metrics", Viewer),
    ("GET", "/api/deployment/D/stats?service=metrics", Viewer),
    ("POST", "/api/deployment/D/predictions", Reviewer),
    ("POST", "/api/prediction/ID/shadow", Reviewer),
    ("POST", "/api/deployments/D/predict", Reviewer),
    ("POST", "/api/v2/deployments/D/predict", Reviewer),
    ("POST", "/api/v2/deployments/D/predict/shadow", Reviewer),
    ("GET", "/api/deployment/D/predictedassets", Viewer),
    ("GET", "/api/deployment/D/predictedassets/find?id=ID", Viewer),
    ("GET", "/api/predicted/asset/ID", Viewer),
    ("DELETE", "/api/predicted/asset/ID", Admin),
    ("POST", "/api/predicted/asset/ID/reviews", Reviewer),
    ("GET", "/api/data/ID", Viewer),
    ("GET", "/api/data/ID/presigned-url", Viewer),
    ("POST", "/api/deployment/D/pipeline/td/setup", Admin),
    ("GET", "/api/deployment/D/pipeline/td/check", Viewer),
    ("PUT", "/api/deployment/D/pipeline/td/disable", Admin),
    ("POST", "/api/deployment/D/pipeline/fl/setup", Admin),
    ("GET", "/api/deployment/D/fl/datasets", Viewer),
    ("POST", "/api/deployment/D/fl/datasets", Admin),
    ("DELETE", "/api/deployment/D/fl/datasets", Admin),
    ("PUT", "/api/deployment/D/pipeline/fl", Admin),
    ("POST", "/api/deployment/D/pipeline/ct", Admin),
    ("PUT", "/api/deployment/D/pipeline/ct", Admin),
    ("POST", "/api/deployment/D/ct/datasets", Admin),
    ("DELETE", "/api/deployment/D/ct/datasets", Admin),
    ("POST", "/api/deployment/D/pipeline/cd", Admin),
    ("PUT", "/api/deployment/D/pipeline/cd", Admin),
    ("GET", "/api/organization/ID/models", Viewer),
    ("POST", "/api/organization/ID/models", Admin),
    ("GET", "/api/organization/ID/models/find?name=cells", Viewer),
    ("GET", "/api/organization/ID/modelversions/find?id=ID", Viewer),
    ("GET", "/api/model/ID", Viewer),
    ("PATCH", "/api/model/ID", Admin),
    ("DELETE", "/api/model/ID", Admin),
    ("GET", "/api/model/ID/tags", Viewer),
    ("GET", "/api/model/ID/versions", Viewer),
    ("POST", "/api/model/ID/versions", Admin),
    ("GET", "/api/model/ID/versions/find?version=1", Viewer),
    ("GET", "/api/model/version/ID", Viewer),
    ("PATCH", "/api/model/version/ID", Admin),
    ("DELETE", "/api/model/version/ID", Admin),
    ("GET", "/api/model/version/ID/context", Viewer),
    ("POST", "/api/model/version/ID/deploy", Admin),
    ("GET", "/api/model/version/ID/tags", Viewer),
    ("GET", "/api/model/version/ID/modelfiles", Viewer),
    ("POST", "/api/model/version/ID/modelfiles", Admin),
    ("GET", "/api/model/version/ID/modelfiles/find?name=a", Viewer),
    ("GET", "/api/model/file/ID", Viewer),
    ("DELETE", "/api/model/file/ID", Admin),
    ("GET", "/api/organization/ID/datasets", Viewer),
    ("POST", "/api/organization/ID/datasets", Admin),
    ("GET", "/api/organization/ID/datasets/find?name=a", Viewer),
    ("GET", "/api/organization/ID/datasetversions/find?id=ID", Viewer),
    ("GET", "/api/dataset/ID", Viewer),
    ("PATCH", "/api/dataset/ID", Admin),
    ("DELETE", "/api/dataset/ID", Admin),
    ("GET", "/api/dataset/ID/versions", Viewer),
    ("POST", "/api/dataset/ID/versions", Admin),
    ("GET", "/api/dataset/ID/versions/find?version=v1", Viewer),
    ("POST", "/api/dataset/ID/fork", Admin),
    ("GET", "/api/dataset/ID/tags", Viewer),
    ("GET", "/api/dataset/version/ID", Viewer),
    ("PATCH", "/api/dataset/version/ID", Admin),
    ("DELETE", "/api/dataset/version/ID", Admin),
    ("POST", "/api/dataset/version/ID/lock", Admin),
    ("POST", "/api/dataset/version/ID/unlock", Admin),
    ("GET", "/api/dataset/version/ID/labels", Viewer),
    ("POST", "/api/dataset/version/ID/labels", Admin),
    ("GET", "/api/dataset/version/ID/labels/find?name=a", Viewer),
    ("XGET", "/api/dataset/version/ID/bulk-labels", Admin),
    ("GET", "/api/dataset/version/ID/labelgroups", Viewer),
    ("GET", "/api/dataset/version/ID/stats", Viewer),
    ("GET", "/api/dataset/version/ID/tags", Viewer),
    ("POST", "/api/dataset/version/ID/tags", Admin),
    ("GET", "/api/dataset/version/ID/tags/find?name=a", Viewer),
    ("GET", "/api/job/ID", Viewer),
    ("GET", "/api/dataset/version/ID/assets", Viewer),
    ("XGET", "/api/dataset/version/ID/assets", Viewer),
    ("POST", "/api/dataset/version/ID/assets", Admin),
    ("DELETE", "/api/dataset/version/ID/assets", Admin),
    ("POST", "/api/dataset/version/ID/assets/copy", Admin),
    ("GET", "/api/dataset/version/ID/assets/find?id=ID", Viewer),
    ("GET", "/api/dataset/version/ID/assets/extended", Viewer),
    ("GET", "/api/dataset/version/ID/annotations", Viewer),
    ("XGET", "/api/dataset/version/ID/annotations", Viewer),
    ("DELETE", "/api/dataset/version/ID/annotations", Admin),
    ("GET", "/api/dataset/version/ID/annotations/ids", Viewer),
    ("POST", "/api/dataset/version/ID/annotations/export", Viewer),
    ("GET", "/api/dataset/version/ID/annotations/file?type=COCO", Viewer),
    ("POST", "/api/dataset/version/ID/bulk-annotations", Admin),
    ("GET", "/api/asset/ID", Viewer),
    ("DELETE", "/api/asset/ID", Admin),
    ("GET", "/api/asset/ID/annotations", Viewer),
    ("POST", "/api/asset/ID/annotations", Admin),
    ("GET", "/api/asset/ID/annotations/find", Viewer),
    ("GET", "/api/asset/ID/tags", Viewer),
    ("GET", "/api/annotation/ID", Viewer),
    ("PATCH", "/api/annotation/ID", Admin),
    ("DELETE", "/api/annotation/ID", Admin),
    ("POST", "/api/annotation/ID/save", Admin),
    ("POST", "/api/annotation/ID/bulk-rectangles", Admin),
    ("GET", "/api/annotation/ID/rectangles", Viewer),
    ("GET", "/api/annotation/ID/polygons", Viewer),
    ("GET", "/api/rectangle/ID", Viewer),
    ("PATCH", "/api/rectangle/ID", Admin),
    ("DELETE", "/api/rectangle/ID", Admin),
    ("GET", "/api/organization/ID/projects", Viewer),
    ("GET", "/api/organization/ID/projects/find?name=a", Viewer),
    ("GET", "/api/organization/ID/experiments/find?id=ID", Viewer),
    ("POST", "/api/organization/ID/projects", Admin),
    ("GET", "/api/organization/ID/jobv2s/find?id=ID", Viewer),
    ("GET", "/api/project/ID", Viewer),
    ("PATCH", "/api/project/ID", Admin),
    ("GET", "/api/project/ID/datasets", Viewer),
    ("POST", "/api/project/ID/datasets", Admin),
    ("DELETE", "/api/project/ID/datasets", Admin),
    ("GET", "/api/project/ID/experiments/ids", Viewer),
    ("DELETE", "/api/project/ID/experiments", Admin),
    ("GET", "/api/project/ID/experiments", Viewer),
    ("POST", "/api/project/ID/experiments", Admin),
    ("GET", "/api/project/ID/experiments/find?name=a", Viewer),
    ("GET", "/api/experiment/ID", Viewer),
    ("PATCH", "/api/experiment/ID", Admin),
    ("DELETE", "/api/experiment/ID", Admin),
    ("POST", "/api/experiment/ID/experiment", Admin),
    ("POST", "/api/experiment/ID/model", Admin),
    ("POST", "/api/experiment/ID/logs", Admin),
    ("DELETE", "/api/experiment/ID/logs", Admin),
    ("GET", "/api/experiment/ID/logs/ids", Viewer),
    ("PATCH", "/api/log/ID", Admin),
    ("DELETE", "/api/log/ID", Admin),
    ("GET", "/api/experiment/ID/logging", Viewer),
    ("POST", "/api/experiment/ID/logging/save", Admin),
    ("GET", "/api/experiment/ID/artifacts/ids", Viewer),
    ("DELETE", "/api/experiment/ID/artifacts", Admin),
    ("GET", "/api/artifact/ID", Viewer),
    ("PATCH", "/api/artifact/ID", Admin),
    ("DELETE", "/api/artifact/ID", Admin),
    ("DELETE", "/api/experiment/ID/datasets", Admin),
    ("GET", "/api/evaluation/ID", Viewer),
    ("DELETE", "/api/evaluation/ID", Admin),
    ("GET", "/api/experiment/ID/logs/extended", Viewer),
    ("GET", "/api/experiment/ID/logs/find?name=a", Viewer),
    ("GET", "/api/log/ID", Viewer),
    ("POST", "/api/log/ID/append", Admin),
    ("POST", "/api/experiment/ID/logging", Admin),
    ("POST", "/api/experiment/ID/job/status", Admin),
    ("GET", "/api/experiment/ID/artifacts", Viewer),
    ("POST", "/api/experiment/ID/artifacts", Admin),
    ("GET", "/api/experiment/ID/artifacts/find?name=a", Viewer),
    ("GET", "/api/experiment/ID/datasets", Viewer),
    ("POST", "/api/experiment/ID/datasets", Admin),
    ("GET", "/api/experiment/ID/datasets/find?name=a", Viewer),
    ("GET", "/api/experiment/ID/evaluations", Viewer),
    ("POST", "/api/experiment/ID/evaluations", Admin),
    ("POST", "/api/experiment/ID/evaluate", Admin),
    ("POST", "/api/experiment/ID/publish", Admin),
    ("POST", "/api/experiment/ID/publish/version", Admin),
    ("POST", "/api/experiment/ID/launch", Admin),
    ("GET", "/api/v2/job/ID", Viewer),
    ("POST", "/api/organization/ID/connector/ID/generate_object_name", Admin),
    ("POST", "/api/object-storage/ID/generate_presigned_url", Admin),
    ("POST", "/api/object-storage/ID/retrieve_presigned_url", Viewer),
    ("POST", "/api/object-storage/ID/init_multipart_upload", Admin),
    ("PUT", "/api/object-storage/uploads/ID", Admin),
    ("GET", "/api/object-storage/files/artifact/ID", Viewer),
    ("GET", "/api/organization/ID/datalake", Viewer),
    ("GET", "/api/organization/ID/datalakes", Viewer),
    ("GET", "/api/datalake/ID", Viewer),
    ("GET", "/api/datalake/ID/datas", Viewer),
    ("XGET", "/api/datalake/ID/datas", Viewer),
    ("GET", "/api/datalake/ID/datas/find?filename=a", Viewer),
    ("GET", "/api/datalake/ID/tags", Viewer),
    ("POST", "/api/datalake/ID/tags", Admin),
    ("GET", "/api/datalake/ID/tags/find?name=a", Viewer),
    ("GET", "/api/organization/ID/datasources", Viewer),
    ("POST", "/api/organization/ID/datasources", Admin),
    ("GET", "/api/organization/ID/datasources/find?name=a", Viewer),
    ("GET", "/api/campaigns/review/ID", Viewer),
];

fn path(route: &str) -> String {
    route
        .replace("ID", ID)
        .replace("/D/", &format!("/{DEPLOYMENT}/"))
        .replace("deployment/D", "deployment/cells")
}

#[tokio::test]
async fn no_route_answers_without_a_token() {
    let bed = Bed::new().await;
    for (method, route, _) in ROUTES {
        let request = Request::builder().method(*method).uri(path(route)).body(Body::empty());
        let answer = bed.send(request.expect("a request")).await;
        let problem = answer.problem(401);
        // What the SDK reads as both would be printed twice.
        assert!(problem["message"].is_string() && problem.get("detail").is_none(), "{method} {route}");
    }
}

#[tokio::test]
async fn nothing_of_a_body_is_read_of_a_role_that_does_not_reach() {
    let bed = without_drains().await;
    for (method, route, least) in ROUTES {
        for (role, token) in [(Viewer, &bed.viewer), (Reviewer, &bed.reviewer)] {
            if role >= *least {
                continue;
            }
            let (body, taken) = endless(b"{\"a", b"A");
            let request = with_token(Request::builder().method(*method).uri(path(route)), token);
            let answer = bed.send(request.body(body).expect("a request")).await;
            assert_eq!(answer.status, 403, "{method} {route} as {role}: {}", answer.text());
            assert_eq!(taken.bytes(), 0, "{method} {route} as {role}");
        }
    }
}

#[tokio::test]
async fn who_may_ask_is_never_refused_by_the_role_and_nothing_breaks() {
    let bed = Bed::new().await;
    for (method, route, least) in ROUTES {
        // The deployment is wanted by those behind it.
        if *method == "DELETE" && *route == "/api/deployment/D" {
            continue;
        }
        let token = match least {
            Viewer => &bed.viewer,
            Reviewer => &bed.reviewer,
            Admin => &bed.admin,
        };
        let request = with_token(Request::builder().method(*method).uri(path(route)), token);
        let answer = bed.send(request.body(Body::empty()).expect("a request")).await;
        let status = answer.status.as_u16();
        assert!(![401, 403, 405, 500].contains(&status), "{method} {route}: {status} {}", answer.text());
    }
}

async fn post(bed: &Bed, path: &str, body: &Value) -> Answer {
    // Without a content type, as the SDK sends it.
    let request = with_token(Request::post(path), &bed.reviewer);
    bed.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

fn report(image: &[u8]) -> Value {
    json!({
        "filename": "a.jpg", "content_type": "IMAGE/JPEG", "width": 40, "height": 30, "latency": 0.25,
        "image": STANDARD.encode(image), "tags": ["night"], "metadata": { "weather": "fog" },
        "custom_metadata": { "batch": 13 }, "newer": [1, { "field": true }],
        "raw_predictions": {
            "detection_classes": [0, 1], "detection_scores": [0.9, 0.4], "detection_texts": null,
            "detection_boxes": [[5, 10, 20, 30], [20, 30, 5, 10]],
        },
    })
}

#[tokio::test]
async fn a_token_is_given_back_for_a_token_and_a_wrong_one_is_refused() {
    let bed = Bed::new().await;
    let deployment = bed.get("/api/v1/deployments/cells", &bed.viewer).await.json();
    for path in ["/api/auth/login", "/api/login"] {
        let login = |token: &str| {
            let body = json!({ "api_token": token, "deployment_id": deployment["id"] });
            // Under any name: the token is in the body, and no browser's.
            let request = Request::post(path).header(header::HOST, "elsewhere.example");
            bed.send(request.body(Body::from(body.to_string())).expect("a request"))
        };
        let answer = login(&bed.reviewer).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["jwt"]), (200, &json!(bed.reviewer)));
        login("fovea_wrong").await.problem(401);
    }
}

#[tokio::test]
async fn a_report_is_stored_once_however_often_it_comes() {
    let bed = Bed::new().await;
    let path = format!("/api/deployment/{DEPLOYMENT}/predictions");
    let image = jpeg(40, 30);
    let first = post(&bed, &path, &report(&image)).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let again = post(&bed, &path, &report(&image)).await;
    assert_eq!((again.status.as_u16(), &again.json()["id"]), (201, &first.json()["id"]));
    assert_eq!(bed.count().await, 1);
    let mut other = report(&image);
    other["latency"] = json!(0.3);
    let refused = post(&bed, &path, &other).await.problem(409);
    assert!(refused["message"].as_str().is_some_and(|message| message.contains("before")), "{refused}");
    assert_eq!(bed.count().await, 1);
    let id = first.json()["id"].as_str().expect("an id").to_owned();
    let stored = bed.get(&format!("/api/v1/predictions/{id}"), &bed.viewer).await.json();
    assert_eq!(stored["latency_ms"], 250.0);
    assert_eq!(stored["metadata"], json!({ "batch": "13", "weather": "fog" }));
    let boxes = stored["boxes"].as_array().expect("boxes");
    let sides = |at: usize| ["x", "y", "w", "h"].map(|side| boxes[at][side].as_f64().expect("a number"));
    // Swapped edges are put right.
    assert_eq!([sides(0), sides(1)], [[10.0, 5.0, 20.0, 15.0]; 2]);
    assert_eq!((boxes[0]["label"].as_str(), boxes[1]["label"].as_str()), (Some("red"), Some("white")));
}

#[tokio::test]
async fn a_predicted_asset_is_found_reviewed_and_downloaded_by_its_link() {
    let bed = Bed::new().await;
    let image = jpeg(40, 30);
    let id = post(&bed, &format!("/api/deployment/{DEPLOYMENT}/predictions"), &report(&image)).await.json();
    let id = id["id"].as_str().expect("an id").to_owned();
    let at = |rest: &str| format!("/api/deployment/{DEPLOYMENT}/predictedassets{rest}");
    for query in [
        "?q=tags.name%20%3D%20%22night%22",
        "?custom_metadata=%7B%22batch%22%3A13%7D&order_by=-created_at",
        "?limit=1000&upload_statuses=DONE&types=IMAGE&types=VIDEO",
    ] {
        let list = bed.get(&at(query), &bed.viewer).await.json();
        assert_eq!((&list["count"], &list["items"][0]["id"]), (&json!(1), &json!(id)), "{query}: {list}");
    }
    let none = bed.get(&at("?q=tags.name%20%3D%20%22day%22"), &bed.viewer).await.json();
    assert_eq!(none["items"], json!([]));
    let found = bed.get(&at("/find?filename=a.jpg"), &bed.viewer).await.json();
    let url = found["data"]["presigned_url"].as_str().expect("a link").to_owned();
    let url = url::Url::parse(&url).expect("a whole address");
    let path = format!("{}?{}", url.path(), url.query().expect("a signature"));
    let file = bed.send(Request::get(path).body(Body::empty()).expect("a request")).await;
    assert_eq!((file.status.as_u16(), file.bytes == image), (200, true));
    bed.get(&at("/find?filename=b.jpg"), &bed.viewer).await.problem(404);

    let labels = bed.get(&format!("/api/deployment/{DEPLOYMENT}/labels"), &bed.viewer).await.json();
    let red = &labels["items"][0];
    let review = json!({ "rectangles": [{ "x": 1, "y": 2, "w": 3, "h": 4, "label_id": red["id"] }] });
    let path = format!("/api/predicted/asset/{id}/reviews");
    assert_eq!(post(&bed, &path, &review).await.status, 200);
    // There are no revisions in that wire: the next one is made from the latest.
    let empty = post(&bed, &path, &json!({})).await.json();
    assert_eq!((&empty["revision"], &empty["rectangles"]), (&json!(2), &json!([])));
    let asset = bed.get(&format!("/api/predicted/asset/{id}"), &bed.viewer).await.json();
    assert_eq!(asset["reviews"].as_array().map(Vec::len), Some(1));
    assert_eq!(asset["predictions"][0]["is_shadow"], json!(false));
    let known = bed.get(&format!("/api/label/{}", red["id"].as_str().expect("an id")), &bed.viewer).await;
    assert_eq!(known.json()["name"], "red");
}

#[tokio::test]
async fn what_has_no_counterpart_says_so() {
    let bed = Bed::new().await;
    let path = format!("/api/deployment/{DEPLOYMENT}/campaigns");
    let request = with_token(Request::post(path), &bed.admin).body(Body::from("{}")).expect("a request");
    let problem = bed.send(request).await.problem(501);
    assert!(problem["message"].as_str().is_some_and(|message| message.len() > 20), "{problem}");
}

#[tokio::test]
async fn boxes_of_an_open_dataset_version_change_and_are_counted() {
    let bed = Bed::new().await;
    let admin = |method: &str, path: String, body: Value| {
        let request = with_token(Request::builder().method(method).uri(path), &bed.admin);
        bed.send(request.body(Body::from(body.to_string())).expect("a request"))
    };
    let dataset =
        admin("POST", format!("/api/organization/{ID}/datasets"), json!({ "name": "mine" })).await.json();
    let dataset_id = dataset["id"].as_str().expect("an id").to_owned();
    let made = admin("POST", format!("/api/dataset/{dataset_id}/versions"), json!({ "version": "v1" })).await;
    let version = made.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(made.json()["origin_id"], json!(dataset_id));
    let picture =
        post(&bed, &format!("/api/deployment/{DEPLOYMENT}/predictions"), &report(&jpeg(40, 30))).await;
    let data = json!({ "data_ids": [picture.json()["id"]], "asset_tag_ids": [] });
    let at = |rest: &str| format!("/api/dataset/version/{version}/{rest}");
    assert_eq!(admin("POST", at("assets"), data).await.json()["job"]["status"], "SUCCESS");
    let labels =
        admin("XGET", at("bulk-labels"), json!({ "names": ["red cell", "white cell"] })).await.json();
    let assets = bed.get(&at("assets"), &bed.viewer).await.json();
    let asset = assets["items"][0]["id"].as_str().expect("an id").to_owned();
    let one =
        |x: f64, label: usize| json!({ "x": x, "y": 2, "w": 6, "h": 8, "label_id": labels[label]["id"] });
    let path = format!("/api/annotation/{asset}/bulk-rectangles");
    let added = admin("POST", path.clone(), json!({ "rectangles": [one(1.5, 0)] })).await.json();
    assert_eq!(added["rectangles"][0]["x"], 1.0, "whole pixels, no smaller than it is: {added}");
    admin("POST", path, json!({ "rectangles": [one(3.0, 1)] })).await;
    let stats = bed.get(&at("stats"), &bed.viewer).await.json();
    assert_eq!((&stats["nb_objects"], &stats["label_repartition"]["white cell"]), (&json!(2), &json!(1)));
    admin("POST", format!("/api/annotation/{asset}/save"), json!({ "rectangles": [one(5.0, 1)] })).await;
    let stats = bed.get(&at("stats"), &bed.viewer).await.json();
    assert_eq!(stats["label_repartition"], json!({ "white cell": 1 }));
    let fork =
        json!({ "parent_id": version, "version": "v2", "with_labels": true, "with_annotations": true });
    let fork = admin("POST", format!("/api/dataset/{dataset_id}/fork"), fork).await.json();
    let copy = fork["dataset_version"]["id"].as_str().expect("an id").to_owned();
    let stats = bed.get(&format!("/api/dataset/version/{copy}/stats"), &bed.viewer).await.json();
    assert_eq!(stats["nb_objects"], 1);
    assert_eq!(admin("POST", format!("/api/dataset/version/{copy}/lock"), json!({})).await.status, 200);
    let frozen = bed.get(&format!("/api/dataset/version/{copy}/assets"), &bed.viewer).await.json();
    let frozen = frozen["items"][0]["id"].as_str().expect("an id").to_owned();
    let refused = admin("POST", format!("/api/annotation/{frozen}/save"), json!({ "rectangles": [] })).await;
    refused.problem(409);
    assert_eq!(admin("DELETE", format!("/api/dataset/version/{copy}"), json!({})).await.status, 204);
    assert_eq!(bed.service.store().inconsistencies().await.expect("counted"), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_is_sent_to_its_link_kept_beside_a_version_and_fetched_again() {
    let bed = Bed::new().await;
    let admin = |method: &str, path: String, body: Vec<u8>| {
        let request = with_token(Request::builder().method(method).uri(path), &bed.admin);
        bed.send(request.body(Body::from(body)).expect("a request"))
    };
    let text = |value: Value| value.to_string().into_bytes();
    let model =
        admin("POST", format!("/api/organization/{ID}/models"), text(json!({ "name": "mine" }))).await.json();
    let labels = json!({ "labels": { "0": "red cell", "1": "white cell" } });
    let path = format!("/api/model/{}/versions", model["id"].as_str().expect("an id"));
    let version = admin("POST", path, text(labels)).await.json();
    assert_eq!((&version["origin"]["id"], &version["labels"]["1"]), (&model["id"], &json!("white cell")));
    let path = format!("/api/organization/{ID}/connector/{ID}/generate_object_name");
    let named =
        admin("POST", path, text(json!({ "filename": "../w.bin", "type": "MODEL_FILE" }))).await.json();
    let wanted = json!({ "object_name": named["object_name"], "content_type": "x/y" });
    let link =
        admin("POST", format!("/api/object-storage/{ID}/generate_presigned_url"), text(wanted)).await.json();
    let url = link["presigned_url_data"]["url"].as_str().expect("a link");
    let url = url::Url::parse(url).expect("a whole address");
    let to = format!("{}?{}", url.path(), url.query().expect("a signature"));
    let content = b"w".repeat(3 << 20);
    // The link is the permission; it is for sending, not for reading.
    let sent = Request::put(&to).body(Body::from(content.clone())).expect("a request");
    assert_eq!(bed.send(sent).await.status, 201);
    assert_eq!(bed.send(Request::get(&to).body(Body::empty()).expect("a request")).await.status, 403);
    let beside = json!({ "name": "checkpoint", "filename": "w.bin", "object_name": named["object_name"], "large": false });
    let at = format!("/api/model/version/{}/modelfiles", version["id"].as_str().expect("an id"));
    let kept = admin("POST", at.clone(), text(beside)).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let found = bed.get(&format!("{at}/find?name=checkpoint"), &bed.viewer).await.json();
    let url = url::Url::parse(found["presigned_url"].as_str().expect("a link")).expect("a whole address");
    let from = format!("{}?{}", url.path(), url.query().expect("a signature"));
    let file = bed.send(Request::get(from).body(Body::empty()).expect("a request")).await;
    assert_eq!((file.status.as_u16(), file.bytes == content), (200, true));
    assert_eq!(file.header(header::CONTENT_LENGTH), content.len().to_string());
    let path = format!("/api/model/version/{}", version["id"].as_str().expect("an id"));
    assert_eq!(admin("DELETE", path, Vec::new()).await.status, 204);
}

#[tokio::test]
async fn a_version_at_work_keeps_its_files_when_it_is_not_deleted() {
    let bed = Bed::new().await;
    let admin = |method: &str, path: &str, body: Value| {
        let request = with_token(Request::builder().method(method).uri(path), &bed.admin);
        bed.send(request.body(Body::from(body.to_string())).expect("a request"))
    };
    let path = format!("/api/organization/{ID}/connector/{ID}/generate_object_name");
    let named = admin("POST", &path, json!({ "filename": "w.bin", "type": "MODEL_FILE" })).await.json();
    let wanted = json!({ "object_name": named["object_name"], "content_type": "x/y" });
    let path = format!("/api/object-storage/{ID}/generate_presigned_url");
    let link = admin("POST", &path, wanted).await.json();
    let url = url::Url::parse(link["presigned_url_data"]["url"].as_str().expect("a link")).expect("whole");
    let to = format!("{}?{}", url.path(), url.query().expect("a signature"));
    let sent = bed.send(Request::put(&to).body(Body::from("some bytes")).expect("a request")).await;
    assert_eq!(sent.status, 201);
    let predicted = format!("/api/deployment/{DEPLOYMENT}/predictions");
    assert_eq!(post(&bed, &predicted, &report(&jpeg(40, 30))).await.status, 201);

    let working = bed.get("/api/v1/models/cells/1", &bed.viewer).await.json();
    let version = format!("/api/model/version/{}", working["id"].as_str().expect("an id"));
    let beside = json!({ "name": "checkpoint", "filename": "w.bin", "object_name": named["object_name"], "large": false });
    let kept = admin("POST", &format!("{version}/modelfiles"), beside).await;
    assert_eq!(kept.status, 200, "{}", kept.text());
    let refused = admin("DELETE", &version, json!({})).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let found = bed.get(&format!("{version}/modelfiles/find?name=checkpoint"), &bed.viewer).await;
    assert_eq!(found.status, 200, "{}", found.text());
}

#[tokio::test]
async fn a_report_that_is_not_to_be_kept_is_counted_and_gone() {
    let bed = Bed::new().await;
    let mut body = report(&jpeg(40, 30));
    body["sample"] = json!(false);
    let path = format!("/api/deployment/{DEPLOYMENT}/predictions");
    let first = post(&bed, &path, &body).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(post(&bed, &path, &body).await.json()["id"], first.json()["id"], "counted once");
    assert_eq!(bed.count().await, 0);
    let metrics =
        bed.get(&format!("/api/v1/deployments/{DEPLOYMENT}/metrics?last_s=3600"), &bed.viewer).await;
    assert_eq!(metrics.json()["total"]["predictions"], 1, "{}", metrics.json()["total"]);
}
