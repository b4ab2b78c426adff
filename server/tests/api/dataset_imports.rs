//! Archives that are sent and become dataset versions.

use crate::{
    bed::{Answer, Bed, jpeg, with_token},
    packing::{Member, zip},
};
use axum::{
    body::Body,
    http::{Request, header},
};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::{convert::Infallible, time::Duration};
use test_support::run_background_task;

/// A set in YOLO's form: three images, of which one is for validation.
fn yolo_set() -> Vec<u8> {
    let yaml = "train: train/images\nval: val/images\nnames: [cup, plate]\n";
    let line = "0 0.5 0.5 0.25 0.25\n";
    zip(&[
        Member::new("cells/data.yaml", yaml),
        Member::new("cells/train/images/a.jpg", jpeg(40, 30)),
        Member::new("cells/train/labels/a.txt", line),
        Member::new("cells/train/images/b.jpg", jpeg(50, 30)),
        Member::new("cells/train/labels/b.txt", "1 0.5 0.5 0.5 0.5\n0 0.2 0.2 0.1 0.1\n"),
        Member::new("cells/val/images/c.jpg", jpeg(60, 30)),
        Member::new("cells/val/labels/c.txt", line),
    ])
}

async fn put(bed: &Bed, upload: &str, offset: usize, body: Body) -> Answer {
    let request = Request::put(format!("/api/v1/uploads/{upload}?offset={offset}"));
    bed.send(with_token(request, &bed.admin).body(body).expect("a request")).await
}

async fn begin(bed: &Bed, filename: &str, bytes: usize) -> String {
    let body = json!({ "filename": filename, "bytes": bytes });
    let begun = bed.post_json("/api/v1/uploads", &bed.admin, &body).await;
    assert_eq!(begun.status, 201, "{}", begun.text());
    begun.json()["id"].as_str().expect("an id").to_owned()
}

async fn sent(bed: &Bed, bytes: Vec<u8>) -> String {
    let upload = begin(bed, "cells.zip", bytes.len()).await;
    assert_eq!(put(bed, &upload, 0, Body::from(bytes)).await.status, 200);
    upload
}

async fn ask(bed: &Bed, order: Value) -> Answer {
    bed.post_json("/api/v1/datasets/cells/import", &bed.admin, &order).await
}

async fn import_of(bed: &Bed, id: &str) -> Value {
    bed.get(&format!("/api/v1/imports/{id}"), &bed.viewer).await.json()
}

/// Works until the import has ended, and gives it.
async fn ended(bed: &Bed, id: &str) -> Value {
    let over = async {
        loop {
            let state = import_of(bed, id).await["state"].as_str().expect("a state").to_owned();
            if matches!(state.as_str(), "succeeded" | "failed" | "cancelled") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    run_background_task(&bed.service, "import", "worker", over).await;
    import_of(bed, id).await
}

async fn imported(bed: &Bed, order: Value) -> Value {
    let asked = ask(bed, order).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    ended(bed, asked.json()["id"].as_str().expect("an id")).await
}

/// One image with labels in Windows' encoding, one without labels, and one
/// with more numbers than a box has.
fn doubtful_set() -> Vec<u8> {
    let names: &[u8] = b"train: images\nnames: [caf\xE9]\n";
    zip(&[
        Member::new("data.yaml", names),
        Member::new("images/a.jpg", jpeg(40, 30)),
        Member::new("labels/a.txt", "0 0.5 0.5 0.25 0.25\n"),
        Member::new("images/b.jpg", jpeg(50, 30)),
        Member::new("images/c.jpg", jpeg(60, 30)),
        Member::new("labels/c.txt", "0 0.5 0.5 0.5 0.5 0.1 0.2 0.3\n"),
    ])
}

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_decided_as_on_the_command_line() {
    let bed = Bed::new().await;
    let upload = sent(&bed, doubtful_set()).await;
    for (name, word) in [("missing_labels", "maybe"), ("sizes", "guess"), ("encoding", "klingon")] {
        let mut order = json!({ "upload": upload });
        order[name] = json!(word);
        let refused = ask(&bed, order).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains(name) && refused.text().contains(word), "{}", refused.text());
    }
    let undecided = imported(&bed, json!({ "upload": upload, "check": true })).await;
    assert_eq!(undecided["state"], json!("failed"), "{undecided}");
    let order = json!({
        "upload": upload, "check": true, "encoding": "windows-1252", "missing_labels": "background",
        "extra_columns": "ignore", "sizes": "check",
    });
    let decided = imported(&bed, order).await;
    let report = &decided["report"];
    assert_eq!(
        (&report["images"], &report["boxes"], &report["problems"]),
        (&json!(3), &json!(2), &json!([]))
    );
    assert_eq!(report["by_label"], json!({ "café": 2 }), "{report}");
}

#[tokio::test]
async fn the_description_of_an_import_has_every_choice_with_its_words() {
    let bed = Bed::new().await;
    let document = bed.get("/api/openapi.json", &bed.viewer).await.json();
    let fields = &document["components"]["schemas"]["ImportOrderBody"]["properties"];
    for row in domain::dataset_import::CHOICES {
        let field = &fields[row.name];
        assert!(field["description"].as_str().is_some_and(|text| text.starts_with(row.help)), "{field}");
        for (word, _) in row.words {
            assert!(field["enum"].as_array().is_some_and(|words| words.contains(&json!(word))), "{field}");
        }
    }
}

#[tokio::test]
async fn an_archive_is_checked_then_imported_then_undone() {
    let bed = Bed::new().await;
    let upload = sent(&bed, yolo_set()).await;
    let checked = imported(&bed, json!({ "upload": upload, "check": true })).await;
    assert_eq!(
        (&checked["state"], &checked["dataset_version"]),
        (&json!("succeeded"), &Value::Null),
        "{checked}"
    );
    let report = &checked["report"];
    assert_eq!(
        (&report["images"], &report["boxes"], &report["format"]),
        (&json!(3), &json!(4), &json!("yolo")),
        "{checked}"
    );
    assert_eq!(report["by_split"], json!({ "train": 2, "val": 1 }));
    assert_eq!(report["by_label"], json!({ "cup": 3, "plate": 1 }));
    assert!(report["decisions"][0].as_str().is_some_and(|line| line.contains("yolo")), "{report}");
    assert_eq!(bed.get("/api/v1/datasets", &bed.viewer).await.json()["items"], json!([]));

    let made = imported(&bed, json!({ "upload": upload })).await;
    assert_eq!(
        (&made["state"], &made["dataset_version"]),
        (&json!("succeeded"), &json!("cells/v1")),
        "{made}"
    );
    let version = bed.get("/api/v1/datasets/cells/v1", &bed.viewer).await.json();
    assert_eq!(
        (&version["open"], &version["images"], &version["boxes"]),
        (&json!(false), &json!(3), &json!(4))
    );
    assert_eq!(
        ask(&bed, json!({ "upload": upload })).await.status,
        404,
        "the upload is gone with its import"
    );

    let undo = format!("/api/v1/imports/{}/undo", made["id"].as_str().expect("an id"));
    let undone = bed.post_json(&undo, &bed.admin, &json!({})).await;
    assert_eq!(
        (undone.status.as_u16(), &undone.json()["dataset_version"]),
        (200, &Value::Null),
        "{}",
        undone.text()
    );
    assert_eq!(bed.get("/api/v1/datasets", &bed.viewer).await.json()["items"], json!([]));
    bed.post_json(&undo, &bed.admin, &json!({})).await.problem(409);
}

/// Files that may go are postponed by whoever stores them again, which takes
/// the one connection that writes while rows of other images are written.
#[tokio::test]
async fn more_images_than_one_batch_come_in_again_after_they_were_deleted() {
    let bed = Bed::new().await;
    let names: Vec<(String, String)> =
        (0..70).map(|n| (format!("images/{n}.jpg"), format!("labels/{n}.txt"))).collect();
    let mut members = vec![Member::new("data.yaml", "train: images\nnames: [cup]\n")];
    for ((image, label), side) in names.iter().zip(16..) {
        members.push(Member::new(image, jpeg(side, 16)));
        members.push(Member::new(label, "0 0.5 0.5 0.25 0.25\n"));
    }
    let bytes = zip(&members);
    for _ in 0..2 {
        let upload = sent(&bed, bytes.clone()).await;
        let made = imported(&bed, json!({ "upload": upload })).await;
        assert_eq!((&made["state"], &made["report"]["images"]), (&json!("succeeded"), &json!(70)), "{made}");
        let undo = format!("/api/v1/imports/{}/undo", made["id"].as_str().expect("an id"));
        assert_eq!(bed.post_json(&undo, &bed.admin, &json!({})).await.status, 200);
    }
}

#[tokio::test]
async fn a_version_that_is_in_use_is_not_undone() {
    let bed = Bed::new().await;
    bed.leaves("train");
    let upload = sent(&bed, yolo_set()).await;
    let made = imported(&bed, json!({ "upload": upload })).await;
    let launch = json!({ "dataset": "cells/v1", "model": "cells" });
    assert_eq!(bed.post_json("/api/v1/experiments", &bed.admin, &launch).await.status, 202);
    let undo = format!("/api/v1/imports/{}/undo", made["id"].as_str().expect("an id"));
    let refused = bed.post_json(&undo, &bed.admin, &json!({})).await.problem(409);
    assert!(refused["detail"].as_str().is_some_and(|why| why.contains("in use")), "{refused}");
}

#[tokio::test]
async fn a_file_comes_in_pieces_and_goes_on_where_it_broke_off() {
    let bed = Bed::new().await;
    let bytes = yolo_set();
    let upload = begin(&bed, "cells.zip", bytes.len()).await;
    let (first, rest) = bytes.split_at(1_000);
    assert_eq!(put(&bed, &upload, 0, Body::from(first.to_vec())).await.json()["received"], 1_000);
    // A connection that breaks after five hundred more.
    let pieces = [Ok(rest[..500].to_vec()), Err(std::io::Error::other("gone"))];
    put(&bed, &upload, 1_000, Body::from_stream(stream::iter(pieces))).await.problem(400);
    let there = bed.get(&format!("/api/v1/uploads/{upload}"), &bed.admin).await.json();
    assert_eq!(there["received"], 1_500);
    let wrong = put(&bed, &upload, 1_000, Body::from(rest.to_vec())).await.problem(409);
    assert!(wrong["detail"].as_str().is_some_and(|why| why.contains("offset=1500")), "{wrong}");
    let early = ask(&bed, json!({ "upload": upload })).await.problem(409);
    assert!(early["detail"].as_str().is_some_and(|why| why.contains("1500 of its")), "{early}");
    assert_eq!(put(&bed, &upload, 1_500, Body::from(rest[500..].to_vec())).await.status, 200);
    assert_eq!(imported(&bed, json!({ "upload": upload })).await["state"], "succeeded");
}

#[tokio::test]
async fn an_upload_takes_no_more_than_announced_and_only_from_its_owner() {
    let bed = Bed::new().await;
    let upload = begin(&bed, "a.zip", 100).await;
    put(&bed, &upload, 0, Body::from(vec![0; 101])).await.problem(413);
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(vec![0_u8; 60])).take(1_000);
    put(&bed, &upload, 0, Body::from_stream(endless)).await.problem(413);
    let other = bed.first_admin().await;
    let foreign = Request::get(format!("/api/v1/uploads/{upload}")).header(header::COOKIE, other);
    assert_eq!(bed.send(foreign.body(Body::empty()).expect("a request")).await.status, 404);
    for _ in 0..15 {
        begin(&bed, "b.zip", 10).await;
    }
    let many = json!({ "filename": "c.zip", "bytes": 10 });
    bed.post_json("/api/v1/uploads", &bed.admin, &many).await.problem(409);
    let delete = with_token(Request::delete(format!("/api/v1/uploads/{upload}")), &bed.admin);
    assert_eq!(bed.send(delete.body(Body::empty()).expect("a request")).await.status, 204);
    begin(&bed, "c.zip", 10).await;
}

#[tokio::test]
async fn what_is_no_dataset_fails_with_what_to_do_and_leaves_nothing() {
    let bed = Bed::new().await;
    let mut secret = Member::new("a.jpg", "x");
    secret.flags |= 1;
    let cases = [
        (zip(&[secret]), "under a password"),
        (b"not an archive at all, but long enough".to_vec(), "no archive"),
        (zip(&[Member::new("a.jpg", jpeg(40, 30))]), "no known annotations"),
    ];
    for (bytes, says) in cases {
        let upload = sent(&bed, bytes).await;
        let failed = imported(&bed, json!({ "upload": upload })).await;
        let message = failed["message"].as_str().expect("a message");
        assert!(failed["state"] == "failed" && message.contains(says), "{failed}");
        assert!(!message.contains("/tmp"), "no path of the server: {message}");
    }
    assert_eq!(bed.get("/api/v1/datasets", &bed.viewer).await.json()["items"], json!([]));
}

#[tokio::test]
async fn members_that_were_left_out_are_faults_with_their_names() {
    let bed = Bed::new().await;
    let yaml = "train: images\nnames: [cup]\n";
    let bytes = zip(&[
        Member::new("../../evil.jpg", jpeg(40, 30)),
        Member::new("data.yaml", yaml),
        Member::new("images/a.jpg", jpeg(40, 30)),
        Member::new("labels/a.txt", "0 0.5 0.5 0.25 0.25\n"),
    ]);
    let upload = sent(&bed, bytes).await;
    let checked = imported(&bed, json!({ "upload": upload, "check": true, "format": "yolo" })).await;
    let fault = &checked["report"]["faults"][0];
    assert_eq!(
        (&fault["file"], &fault["kind"]),
        (&json!("../../evil.jpg"), &json!("left_out_member")),
        "{checked}"
    );
    assert_eq!(checked["report"]["images"], 1);
}

/// An attempt that is killed leaves a version open under the import's id, and
/// a folder that was half unpacked.
#[tokio::test]
async fn an_import_whose_worker_was_killed_begins_anew_and_leaves_nothing_half() {
    let bed = Bed::new().await;
    let upload = sent(&bed, yolo_set()).await;
    let asked = ask(&bed, json!({ "upload": upload })).await.json();
    let id = asked["id"].as_str().expect("an id");
    // A worker that goes at once gives the item back, wherever it was.
    for _ in 0..3 {
        run_background_task(&bed.service, "import", "killed", tokio::time::sleep(Duration::from_millis(3)))
            .await;
    }
    let made = ended(&bed, id).await;
    assert_eq!(
        (&made["state"], &made["dataset_version"]),
        (&json!("succeeded"), &json!("cells/v1")),
        "{made}"
    );
    let versions = bed.get("/api/v1/datasets", &bed.viewer).await.json();
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(1), "{versions}");
    assert_eq!(versions["items"][0]["images"], 3);
}

#[tokio::test]
async fn a_queued_import_is_cancelled_at_once() {
    let bed = Bed::new().await;
    let upload = sent(&bed, yolo_set()).await;
    let asked = ask(&bed, json!({ "upload": upload })).await.json();
    ask(&bed, json!({ "upload": upload })).await.problem(409);
    let cancel = format!("/api/v1/imports/{}/cancel", asked["id"].as_str().expect("an id"));
    let cancelled = bed.post_json(&cancel, &bed.admin, &json!({})).await.json();
    assert_eq!((&cancelled["state"], &cancelled["dataset_version"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(imported(&bed, json!({ "upload": upload })).await["state"], "succeeded", "the upload stayed");
}

#[tokio::test]
async fn a_training_without_a_val_split_says_so_as_it_is_launched() {
    let bed = Bed::new().await;
    bed.leaves("train");
    let launched = |name: &'static str, split: Value| {
        let bed = &bed;
        async move {
            let upload = sent(bed, yolo_set()).await;
            let made = imported(bed, json!({ "upload": upload, "split": split })).await;
            let dataset = made["dataset_version"].as_str().expect("a version");
            let launch = json!({ "name": name, "dataset": dataset, "model": "cells" });
            let answer = bed.post_json("/api/v1/experiments", &bed.admin, &launch).await;
            assert_eq!(answer.status, 202, "{}", answer.text());
            answer.json()["notes"].clone()
        }
    };
    assert_eq!(launched("first", Value::Null).await, json!([]));
    let notes = launched("second", json!("train")).await.to_string();
    assert!(notes.contains("cells/v2 has no image in its val split"), "{notes}");
}
