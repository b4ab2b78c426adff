//! What scripts of the Picsellia SDK do with pictures, boxes and experiments:
//! its wire to the letter, and figures that are right.

use crate::bed::{Answer, Bed, DEPLOYMENT, jpeg, with_token};
use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use std::time::Duration;

const ID: &str = "0190b2a4-0000-7000-8000-000000000000";

async fn ask(bed: &Bed, method: &str, path: &str, body: Value) -> Answer {
    let request = with_token(Request::builder().method(method).uri(path), &bed.admin);
    bed.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

fn id_of(value: &Value) -> String {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).to_owned()
}

/// A dataset version with three images of other sizes, each predicted before.
struct Cells {
    dataset: String,
    version: String,
    /// Ids of images, in the order in which they were added.
    assets: Vec<String>,
    /// Ids of the labels red and white.
    labels: [String; 2],
}

impl Cells {
    async fn new(bed: &Bed) -> Self {
        let dataset = json!({ "name": "cells" });
        let dataset =
            id_of(&ask(bed, "POST", &format!("/api/organization/{ID}/datasets"), dataset).await.json());
        let version = json!({ "version": "v1" });
        let path = format!("/api/dataset/{dataset}/versions");
        let version = id_of(&ask(bed, "POST", &path, version).await.json());
        let mut data = Vec::new();
        for width in [40, 41, 42] {
            data.push(id_of(&bed.predict(jpeg(width, 30)).await.json()));
        }
        let path = format!("/api/dataset/version/{version}/assets");
        ask(bed, "POST", &path, json!({ "data_ids": data })).await;
        let labels = format!("/api/dataset/version/{version}/bulk-labels");
        let labels = ask(bed, "XGET", &labels, json!({ "names": ["red", "white"] })).await.json();
        let labels = [id_of(&labels[0]), id_of(&labels[1])];
        let assets = bed.get(&path, &bed.viewer).await.json();
        let assets: Vec<String> = assets["items"].as_array().expect("items").iter().map(id_of).collect();
        assert_eq!(assets.len(), 3);
        let cells = Self { dataset, version, assets, labels };
        for asset in &cells.assets {
            let boxes = json!({ "rectangles": [cells.rectangle(1, 0), cells.rectangle(9, 1)] });
            ask(bed, "POST", &format!("/api/annotation/{asset}/save"), boxes).await;
        }
        cells
    }

    fn rectangle(&self, x: u32, label: usize) -> Value {
        json!({ "x": x, "y": 2, "w": 6, "h": 8, "label_id": self.labels[label] })
    }

    fn at(&self, rest: &str) -> String {
        format!("/api/dataset/version/{}/{rest}", self.version)
    }

    async fn boxes(&self, bed: &Bed) -> Value {
        bed.get(&self.at("stats"), &bed.viewer).await.json()["nb_objects"].clone()
    }
}

/// Follows a link that carries its own permission.
async fn follow(bed: &Bed, link: &Value) -> Answer {
    let url = url::Url::parse(link.as_str().expect("a link")).expect("a whole address");
    let path = format!("{}?{}", url.path(), url.query().expect("a signature"));
    bed.send(Request::get(path).body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn an_export_has_the_images_that_were_asked_for_and_no_other() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    ask(&bed, "POST", &format!("/api/annotation/{}/save", cells.assets[1]), json!({ "rectangles": [] }))
        .await;
    let images = async |body: Value| {
        let answer = ask(&bed, "POST", &cells.at("annotations/export"), body).await.json();
        let file = follow(&bed, &answer["presigned_url"]).await;
        assert_eq!(file.status, 200, "{}", file.text());
        let list = |key: &str| file.json()[key].as_array().map_or(0, Vec::len);
        (list("images"), list("annotations"))
    };
    assert_eq!(images(json!({ "type": "COCO" })).await, (3, 4));
    let two = json!({ "type": "COCO", "asset_ids": [cells.assets[2], cells.assets[1]] });
    assert_eq!(images(two).await, (2, 2));
    assert_eq!(images(json!({ "type": "COCO", "asset_ids": [] })).await, (0, 0));
    assert_eq!(images(json!({ "type": "COCO", "status": "ACCEPTED" })).await, (2, 4));
    let foreign = json!({ "type": "COCO", "asset_ids": [ID] });
    ask(&bed, "POST", &cells.at("annotations/export"), foreign).await.problem(404);
}

#[tokio::test]
async fn a_link_to_an_export_never_gives_other_images_than_it_was_made_for() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let link = async |assets: &[String]| {
        let body = json!({ "type": "COCO", "asset_ids": assets });
        ask(&bed, "POST", &cells.at("annotations/export"), body).await.json()["presigned_url"].clone()
    };
    let (first_two, second, none) =
        (link(&cells.assets[..2]).await, link(&cells.assets[1..2]).await, link(&[]).await);
    let removed = async |asset: &str| {
        let answer = ask(&bed, "DELETE", &format!("/api/asset/{asset}"), json!({})).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    };
    // What lies behind it moves nothing.
    removed(&cells.assets[2]).await;
    assert_eq!(follow(&bed, &first_two).await.json()["images"].as_array().map(Vec::len), Some(2));
    assert_eq!(follow(&bed, &second).await.json()["images"][0]["width"], 41);
    let data = id_of(&bed.predict(jpeg(43, 30)).await.json());
    ask(&bed, "POST", &cells.at("assets"), json!({ "data_ids": [data] })).await;
    removed(&cells.assets[0]).await;
    for link in [&first_two, &second] {
        let problem = follow(&bed, link).await.problem(409);
        assert!(problem["message"].as_str().is_some_and(|words| words.contains("export again")), "{problem}");
    }
    assert_eq!(follow(&bed, &none).await.json()["images"], json!([]));
    let second = link(&cells.assets[1..2]).await;
    assert_eq!(follow(&bed, &second).await.json()["images"][0]["width"], 41);
}

#[tokio::test]
async fn deleting_some_annotations_leaves_the_others() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    // As the SDK deletes a part of a list: all images, but these annotations.
    let these = json!({ "asset_ids": ["__all__"], "annotation_ids": [cells.assets[0]] });
    assert_eq!(ask(&bed, "DELETE", &cells.at("annotations"), these).await.status, 204);
    assert_eq!(cells.boxes(&bed).await, 4);
    let of_one = json!({ "asset_ids": [cells.assets[1]] });
    assert_eq!(ask(&bed, "DELETE", &cells.at("annotations"), of_one).await.status, 204);
    assert_eq!(cells.boxes(&bed).await, 2);
    let all = json!({ "asset_ids": ["__all__"] });
    assert_eq!(ask(&bed, "DELETE", &cells.at("annotations"), all).await.status, 204);
    assert_eq!(cells.boxes(&bed).await, 0);
}

#[tokio::test]
async fn a_list_is_narrowed_by_tags_labels_and_names_and_never_by_nothing() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let boxes = json!({ "rectangles": [cells.rectangle(1, 0)] });
    ask(&bed, "POST", &format!("/api/annotation/{}/save", cells.assets[0]), boxes).await;
    for (q, count) in [
        ("tags.name = \"train\"", 3),
        ("tags.name in (\"val\",\"test\")", 0),
        ("tags.name in (\"train\") and annotations.rectangles.label.name = \"white\"", 2),
    ] {
        let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let list = bed.get(&cells.at(&format!("assets?q={q}")), &bed.viewer).await.json();
        assert_eq!((&list["count"], list["items"].as_array().map(Vec::len)), (&json!(count), Some(count)));
    }
    for (body, count) in [
        (json!({ "ids": cells.assets[..2] }), 2),
        (json!({ "ids": [ID] }), 0),
        (json!({ "object_names": ["elsewhere/a.jpg"] }), 0),
        (json!({ "object_names": [format!("assets/{}/a.jpg", cells.assets[0])] }), 1),
        (json!({ "filenames": ["no such file"] }), 0),
    ] {
        let list = ask(&bed, "XGET", &cells.at("assets"), body.clone()).await.json();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(count), "{body}");
    }
    bed.get(&cells.at("assets?q=width%20%3E%203"), &bed.viewer).await.problem(400);
}

#[tokio::test]
async fn a_box_is_changed_by_its_id_again_and_again_and_deleted_beside_others() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let list = format!("/api/annotation/{}/rectangles", cells.assets[0]);
    let before = bed.get(&list, &bed.viewer).await.json();
    let [first, second] = [0, 1].map(|at| id_of(&before["items"][at]));
    let at = |id: &str| format!("/api/rectangle/{id}");
    assert_eq!(bed.get(&at(&second), &bed.viewer).await.json()["x"], 9.0);
    let changed = ask(&bed, "PATCH", &at(&second), json!({ "x": 12 })).await.json();
    assert_eq!((&changed["id"], &changed["x"], &changed["w"]), (&json!(second), &json!(12.0), &json!(6.0)));
    // The id that the script has stays good for what it was.
    let red = json!({ "w": 3, "label_id": cells.labels[0] });
    let changed = ask(&bed, "PATCH", &at(&second), red).await.json();
    assert_eq!((&changed["x"], &changed["w"]), (&json!(12.0), &json!(3.0)));
    assert_eq!(changed["label"]["name"], "red");
    // And so is the one that it is listed with now.
    let listed = id_of(&bed.get(&list, &bed.viewer).await.json()["items"][1]);
    assert_ne!(listed, second);
    ask(&bed, "PATCH", &at(&listed), json!({ "x": 13 })).await;
    assert_eq!(bed.get(&at(&second), &bed.viewer).await.json()["x"], 13.0);
    for id in [&first, &second] {
        assert_eq!(ask(&bed, "DELETE", &at(id), json!({})).await.status, 204, "{id}");
        bed.get(&at(id), &bed.viewer).await.problem(404);
    }
    assert_eq!(
        (cells.boxes(&bed).await, bed.get(&list, &bed.viewer).await.json()["count"].clone()),
        (json!(4), json!(0))
    );
    let none = bed.get(&format!("/api/annotation/{}/polygons", cells.assets[0]), &bed.viewer).await.json();
    assert_eq!(none["items"], json!([]));
    bed.get(&format!("/api/annotation/{ID}/polygons"), &bed.viewer).await.problem(404);
}

#[tokio::test]
async fn images_are_copied_with_their_boxes_and_listed_as_data() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let path = format!("/api/dataset/{}/versions", cells.dataset);
    let other = id_of(&ask(&bed, "POST", &path, json!({ "version": "v2" })).await.json());
    let some = json!({ "destination_id": other, "asset_ids": cells.assets[..2], "with_annotations": true });
    let copied = ask(&bed, "POST", &cells.at("assets/copy"), some).await.json();
    assert_eq!(copied["job"]["status"], "SUCCESS");
    let stats = bed.get(&format!("/api/dataset/version/{other}/stats"), &bed.viewer).await.json();
    assert_eq!((&stats["nb_annotations"], &stats["nb_objects"]), (&json!(2), &json!(4)));
    assert_eq!(stats["label_repartition"], json!({ "red": 2, "white": 2 }));
    let copies = bed.get(&format!("/api/dataset/version/{other}/assets"), &bed.viewer).await.json();
    let path = format!("/api/asset/{}", id_of(&copies["items"][0]));
    assert_eq!(ask(&bed, "DELETE", &path, json!({})).await.status, 204);
    let rest = json!({ "asset_ids": [copies["items"][1]["id"]] });
    let path = format!("/api/dataset/version/{other}/assets");
    ask(&bed, "DELETE", &cells.at("assets"), rest.clone()).await.problem(404);
    assert_eq!(ask(&bed, "DELETE", &path, rest).await.status, 204);
    assert_eq!(bed.get(&path, &bed.viewer).await.json()["count"], 0);
    let foreign = json!({ "destination_id": other, "asset_ids": [ID] });
    ask(&bed, "POST", &cells.at("assets/copy"), foreign).await.problem(404);
    // Of images in datasets as of what deployments saw.
    let lake = format!("/api/datalake/{ID}/datas");
    let data =
        ask(&bed, "XGET", &format!("{lake}?limit=1000&offset=0"), json!({ "ids": cells.assets })).await;
    assert_eq!((&data.json()["count"], data.json()["items"].as_array().map(Vec::len)), (&json!(3), Some(3)));
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = bed.get(&format!("{lake}?limit=2{cursor}"), &bed.viewer).await.json();
        assert_eq!(page["count"], 3);
        seen.extend(page["items"].as_array().expect("items").iter().map(id_of));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    assert_eq!(bed.service.store().inconsistencies().await.expect("counted"), Vec::<String>::new());
}

#[tokio::test]
async fn pages_of_the_datalake_go_on_when_deployments_come_and_say_so_when_they_go() {
    let bed = Bed::new().await;
    for width in [40, 41] {
        bed.predict(jpeg(width, 30)).await;
    }
    let page = async |rest: &str| {
        let page = bed.get(&format!("/api/datalake/{ID}/datas?limit=1{rest}"), &bed.viewer).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.json()
    };
    let after = |page: &Value| format!("&cursor={}", page["next_cursor"].as_str().expect("a next page"));
    let first = page("").await;
    // In lists it stands before the other.
    let new = json!({ "name": "another", "model": "cells/1" });
    assert_eq!(bed.post_json("/api/v1/deployments", &bed.admin, &new).await.status, 201);
    let path = "/api/v1/deployments/another/predict";
    let sent = with_token(Request::post(path), &bed.reviewer).body(Body::from(jpeg(42, 30)));
    bed.send(sent.expect("a request")).await;
    let second = page(&after(&first)).await;
    let third = page(&after(&second)).await;
    let mut ids = [&first, &second, &third].map(|page| id_of(&page["items"][0])).to_vec();
    assert_eq!((&third["next_cursor"], &third["count"]), (&Value::Null, &json!(3)));
    assert_eq!(id_of(&page("&offset=2").await["items"][0]), ids[2]);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let deleted = ask(&bed, "DELETE", &format!("/api/v1/deployments/{DEPLOYMENT}"), Value::Null).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let path = format!("/api/datalake/{ID}/datas?limit=1{}", after(&first));
    let problem = bed.get(&path, &bed.viewer).await.problem(400);
    assert!(problem["message"].as_str().is_some_and(|words| words.contains("is gone")), "{problem}");
}

#[tokio::test]
async fn a_picture_that_is_here_is_predicted_by_its_name() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let before = bed.count().await;
    let asking = |name: String, monitor: bool| {
        json!({
            "tags": ["night"], "monitor": monitor, "postprocess": true, "custom_metadata": { "batch": 1 },
            "cloud_image": { "connector_id": ID, "client_type": "azure", "bucket_name": "b", "object_name": name },
        })
    };
    let path = format!("/api/v2/deployments/{DEPLOYMENT}/predict");
    let name = format!("assets/{}/a.jpg", cells.assets[0]);
    let answer = ask(&bed, "POST", &path, asking(name.clone(), true)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    // The upper edge, the left one, the lower one, the right one.
    assert_eq!(answer.json()["detection_boxes"], json!([[0.0, 0.0, 30.0, 20.0]]));
    assert_eq!(bed.count().await, before + 1);
    ask(&bed, "POST", &path, asking(name, false)).await;
    assert_eq!(bed.count().await, before + 1);
    ask(&bed, "POST", &path, asking("elsewhere/a.jpg".to_owned(), true)).await.problem(404);
}

#[tokio::test]
async fn a_reviewed_box_is_cut_off_at_the_edge_of_the_image() {
    let bed = Bed::new().await;
    let id = id_of(&bed.predict(jpeg(40, 30)).await.json());
    let labels = bed.get(&format!("/api/deployment/{DEPLOYMENT}/labels"), &bed.viewer).await.json();
    let drawn = |x: i32, w: i32| json!({ "rectangles": [{ "x": x, "y": 2, "w": w, "h": 99, "label_id": labels["items"][0]["id"] }] });
    let path = format!("/api/predicted/asset/{id}/reviews");
    let review = ask(&bed, "POST", &path, drawn(-4, 10)).await.json();
    let kept = &review["rectangles"][0];
    assert_eq!(
        ["x", "y", "w", "h"].map(|side| kept[side].clone()),
        [0.0, 2.0, 6.0, 28.0].map(|side| json!(side))
    );
    let outside = ask(&bed, "POST", &path, drawn(50, 10)).await.problem(400);
    assert!(outside["message"].as_str().is_some_and(|words| words.contains("40×30")), "{outside}");
}

#[tokio::test]
async fn what_a_script_tracks_is_based_emptied_and_taken_apart() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let project = format!("/api/project/{ID}");
    let new = |name: &str| json!({ "name": name, "parameters": { "epochs": 3 } });
    let first = id_of(&ask(&bed, "POST", &format!("{project}/experiments"), new("first")).await.json());
    let second = id_of(&ask(&bed, "POST", &format!("{project}/experiments"), new("second")).await.json());
    let at = |rest: &str| format!("/api/experiment/{second}/{rest}");
    let based = ask(&bed, "POST", &at("experiment"), json!({ "base_experiment_id": first })).await.json();
    assert_eq!(based["base_experiment_id"], json!(first));
    ask(&bed, "POST", &at("experiment"), json!({ "base_experiment_id": second })).await.problem(400);
    let models = bed.get(&format!("/api/organization/{ID}/models"), &bed.viewer).await.json();
    let path = format!("/api/model/{}/versions/find?version=latest", id_of(&models["items"][0]));
    let model = id_of(&bed.get(&path, &bed.viewer).await.json());
    let based = ask(&bed, "POST", &at("model"), json!({ "model_version_id": model })).await.json();
    assert_eq!(based["base_model_version_id"], json!(model));

    let train = json!({ "name": "train", "dataset_version_id": cells.version });
    ask(&bed, "POST", &at("datasets"), train).await;
    assert_eq!(ask(&bed, "DELETE", &at("datasets"), json!({ "ids": [cells.version] })).await.status, 204);
    assert_eq!(bed.get(&at("datasets"), &bed.viewer).await.json()["count"], 0);
    ask(&bed, "DELETE", &at("datasets"), json!({ "ids": [cells.version] })).await.problem(404);

    let line = json!({ "name": "loss", "type": "LINE", "data": [1.0] });
    let log = id_of(&ask(&bed, "POST", &at("logs"), line).await.json());
    assert_eq!(bed.get(&format!("/api/log/{log}"), &bed.viewer).await.json()["data"], json!([1.0]));
    let renamed =
        ask(&bed, "PATCH", &format!("/api/log/{log}"), json!({ "name": "train/loss" })).await.json();
    assert_eq!((&renamed["name"], &renamed["data"]), (&json!("train/loss"), &json!([1.0])));
    let ids = bed.get(&at("logs/ids"), &bed.viewer).await.json();
    assert_eq!(ids.as_array().map(Vec::len), Some(2));
    assert_eq!(ask(&bed, "DELETE", &at("logs"), json!({ "ids": ids })).await.status, 204);
    assert_eq!(bed.get(&at("logs/extended"), &bed.viewer).await.json()["count"], 0);

    ask(&bed, "POST", &format!("{project}/datasets"), json!({ "dataset_version_id": cells.version })).await;
    let attached = bed.get(&format!("{project}/datasets"), &bed.viewer).await.json();
    assert_eq!(id_of(&attached["items"][0]), cells.version);
    let ids = bed.get(&format!("{project}/experiments/ids"), &bed.viewer).await.json();
    assert_eq!(
        ask(&bed, "DELETE", &format!("{project}/experiments"), json!({ "ids": ids })).await.status,
        204
    );
    assert_eq!(bed.get(&format!("{project}/experiments"), &bed.viewer).await.json()["count"], 0);
}

#[tokio::test]
async fn a_job_that_is_looked_for_is_told_at_once_whatever_it_does() {
    let bed = Bed::new().await;
    bed.leaves("train");
    let cells = Cells::new(&bed).await;
    assert_eq!(ask(&bed, "POST", &cells.at("lock"), json!({})).await.status, 200);
    let launch = json!({ "dataset": "cells/v1", "model": "cells" });
    let launched = bed.post_json("/api/v1/experiments", &bed.admin, &launch).await;
    assert_eq!(launched.status, 202, "{}", launched.text());
    let id = id_of(&launched.json());
    let queued = json!({ "id": id, "status": "QUEUED" });
    let path = format!("/api/organization/{ID}/jobv2s/find?id={id}");
    let answer = tokio::time::timeout(Duration::from_secs(8), bed.get(&path, &bed.viewer)).await;
    assert_eq!(answer.expect("no wait for its end").json(), queued);
    bed.get(&format!("/api/organization/{ID}/jobv2s/find?id={ID}"), &bed.viewer).await.problem(404);
    // One that is asked for waits, and ends when the server does.
    bed.shutdown.cancel();
    assert_eq!(bed.get(&format!("/api/v2/job/{id}"), &bed.viewer).await.json(), queued);
}

#[tokio::test]
async fn printed_addresses_lead_to_pages_by_way_of_the_sign_in() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let led = async |path: &str, token: &str| {
        let answer = bed.get(path, token).await;
        assert!(answer.status.is_redirection(), "{path}: {}", answer.status);
        answer.header(header::LOCATION).to_owned()
    };
    let dataset = format!("/dataset/{}", cells.dataset);
    assert_eq!(led(&dataset, &bed.viewer).await, "/datasets/cells/v1");
    assert_eq!(led(&format!("/dataset/version/{}", cells.version), &bed.viewer).await, "/datasets/cells/v1");
    assert_eq!(led(&dataset, "").await, format!("/sign-in?next=%2Fdataset%2F{}", cells.dataset));
    let models = bed.get(&format!("/api/organization/{ID}/models"), &bed.viewer).await.json();
    assert_eq!(led(&format!("/model/{}", id_of(&models["items"][0])), &bed.viewer).await, "/models/cells/1");
    for (kind, list) in [
        ("organization", "/"),
        ("datalake", "/"),
        ("project", "/experiments"),
        ("experiment", "/experiments"),
        ("model/version", "/models"),
    ] {
        assert_eq!(led(&format!("/{kind}/{ID}"), &bed.viewer).await, list, "{kind}");
    }
}

#[tokio::test]
async fn models_and_datasets_keep_their_names_and_change_their_descriptions() {
    let bed = Bed::new().await;
    let cells = Cells::new(&bed).await;
    let models = bed.get(&format!("/api/organization/{ID}/models"), &bed.viewer).await.json();
    assert_eq!(models["count"], 1);
    for path in
        [format!("/api/dataset/{}", cells.dataset), format!("/api/model/{}", id_of(&models["items"][0]))]
    {
        let changed = ask(&bed, "PATCH", &path, json!({ "description": "of the ward" })).await.json();
        assert_eq!((&changed["name"], &changed["description"]), (&json!("cells"), &json!("of the ward")));
        assert_eq!(bed.get(&path, &bed.viewer).await.json(), changed, "{path}");
        ask(&bed, "PATCH", &path, json!({ "name": "other" })).await.problem(400);
    }
    // A word for what no method of a path means.
    let problem = ask(&bed, "PUT", &format!("/api/dataset/{}", cells.dataset), json!({})).await.problem(501);
    assert!(problem["message"].as_str().is_some_and(|words| words.contains("PUT")), "{problem}");
}
