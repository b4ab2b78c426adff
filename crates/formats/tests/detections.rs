//! Detections of every form come image by image, with their time, also those
//! of images in which nothing was seen.

mod common;

use common::{png, write};
use domain::time::Timestamp;
use formats::{DetectedImage, DetectionFormat, DetectionReport, DetectionSource, FaultKind, read_detections};
use serde_json::{Value, json};
use std::path::Path;

/// Two pictures of 100×50 pixels.
fn pictures() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, seed) in [("photos/a.png", 1), ("photos/b.png", 2)] {
        write(folder.path(), name, png(100, 50, seed));
    }
    folder
}

fn source(format: DetectionFormat, folder: &Path, name: &str) -> DetectionSource {
    DetectionSource {
        format,
        detections: folder.join(name),
        images: Some(folder.join("photos")),
        image_list: Some(folder.join("list.json")).filter(|list| list.exists()),
        labels: ["cat", "dog"].map(common::label).to_vec(),
        time_key: None,
    }
}

fn read(source: &DetectionSource) -> (Vec<DetectedImage>, DetectionReport) {
    let mut images = Vec::new();
    let mut give = |image: DetectedImage, _: u64| {
        images.push(image);
        true
    };
    let report = read_detections(source, &mut give).expect("readable");
    (images, report)
}

/// `index name time: label score x,y,w,h; …`
fn shown(images: &[DetectedImage]) -> Vec<String> {
    let of_box = |one: &domain::prediction::PredictedBox| {
        let numbers = [one.rect.x(), one.rect.y(), one.rect.w(), one.rect.h()];
        let numbers = numbers.map(|number| ((number * 100.0).round() / 100.0).to_string()).join(",");
        format!("{} {} {numbers}", one.label, one.score.get())
    };
    let of_image = |image: &DetectedImage| {
        let boxes: Vec<String> = image.boxes.iter().map(of_box).collect();
        let time = image.time.map(|time| format!(" {time}")).unwrap_or_default();
        let name = image.filename.rsplit('/').next().unwrap_or_default();
        format!("{} {name}{time}: {}", image.index, boxes.join("; "))
    };
    images.iter().map(of_image).collect()
}

fn coco_list(folder: &Path) {
    let image = |id: Value, name: &str, date: &str| json!({"id": id, "file_name": name, "width": 100, "height": 50, "date_captured": date});
    let list = json!({
        "images": [image(json!(7), "a.png", "2026-01-01 12:00:00"), image(json!(9), "b.png", "2026-01-02 12:00:00")],
        "categories": [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}], "annotations": [],
    });
    write(folder, "list.json", list.to_string());
}

fn result(image: &Value, category: u32, x: f64, score: f64) -> Value {
    json!({"image_id": image, "category_id": category, "bbox": [x, 5, 20, 10], "score": score})
}

#[test]
fn coco_results_are_grouped_by_image_whether_they_stand_together_or_not() {
    let folder = pictures();
    coco_list(folder.path());
    let (a, b) = (json!(9), json!("a"));
    let together = json!([result(&a, 1, 10.0, 0.9), result(&a, 3, 90.0, 0.5), result(&b, 1, 1.0, 0.25)]);
    let apart = json!([result(&a, 1, 10.0, 0.9), result(&b, 1, 1.0, 0.25), result(&a, 3, 90.0, 0.5)]);
    for list in [together, apart] {
        write(folder.path(), "results.json", list.to_string());
        let (mut images, report) = read(&source(DetectionFormat::Coco, folder.path(), "results.json"));
        images.sort_by_key(|image| image.index);
        assert_eq!(
            shown(&images),
            [
                "0 a.png 2026-01-01T12:00:00.000Z: cat 0.25 1,5,20,10",
                "1 b.png 2026-01-02T12:00:00.000Z: cat 0.9 10,5,20,10; dog 0.5 90,5,10,10",
            ],
            "what reaches outside is cut"
        );
        assert_eq!((report.images, report.boxes, report.left_out), (2, 3, (0, 0)));
    }
}

#[test]
fn coco_results_that_are_no_box_are_faults_and_images_without_results_are_given() {
    let folder = pictures();
    coco_list(folder.path());
    let list = json!([
        result(&json!(7), 1, 10.0, 1.5),
        result(&json!(7), 2, 10.0, 0.5),
        result(&json!(8), 1, 10.0, 0.5),
        {"image_id": 7, "category_id": 1, "bbox": [1, 2], "score": 0.5},
    ]);
    write(folder.path(), "results.json", list.to_string());
    let (images, report) = read(&source(DetectionFormat::Coco, folder.path(), "results.json"));
    assert!(images.len() == 2 && images.iter().all(|image| image.boxes.is_empty()), "{images:?}");
    let mut kinds: Vec<FaultKind> = report.faults.iter().map(|fault| fault.kind).collect();
    kinds.sort();
    assert_eq!(
        kinds,
        [FaultKind::NotABox, FaultKind::NotABox, FaultKind::UnknownClass, FaultKind::UnknownImage]
    );
    assert_eq!(report.left_out, (0, 4));
}

#[test]
fn yolo_and_ultralytics_have_a_file_for_each_image_in_which_something_was_seen() {
    let folder = pictures();
    write(
        folder.path(),
        "labels/a.txt",
        "0 0.2 0.2 0.2 0.2 0.9\n1 0.5 0.5 0.1 0.1 0.5 12\n1 0.5 0.5 0.1 0.1\n",
    );
    let (images, report) = read(&source(DetectionFormat::Yolo, folder.path(), "labels"));
    assert_eq!(shown(&images), ["0 a.png: cat 0.9 10,5,20,10; dog 0.5 45,22.5,10,5", "1 b.png: "]);
    assert_eq!(report.left_out, (0, 1));
    assert!(report.faults[0].message.contains("save_conf"), "{}", report.faults[0]);

    let list = json!([
        {"name": "cat", "class": 0, "confidence": 0.9, "box": {"x1": 10.0, "y1": 5.0, "x2": 30.0, "y2": 15.0}},
        {"name": "dog", "class": 1, "confidence": 0.5},
    ]);
    write(folder.path(), "json/b.json", list.to_string());
    let (images, report) = read(&source(DetectionFormat::Ultralytics, folder.path(), "json"));
    assert_eq!(shown(&images), ["0 a.png: ", "1 b.png: cat 0.9 10,5,20,10"]);
    assert_eq!(report.left_out, (0, 1));
}

#[test]
fn fiftyone_gives_the_field_with_confidences() {
    let folder = pictures();
    let one = json!({"label": "cat", "bounding_box": [0.1, 0.1, 0.2, 0.2], "confidence": 0.9});
    let sample = |name: &str, detections: &[Value]| {
        json!({
            "filepath": format!("data/{name}"), "metadata": {"width": 100, "height": 50},
            "timestamp": {"$date": 1_767_268_800_000_i64},
            "ground_truth": {"detections": [{"label": "dog", "bounding_box": [0, 0, 1, 1]}]},
            "predictions": {"detections": detections},
        })
    };
    let samples = json!({"samples": [sample("a.png", &[one]), sample("b.png", &[])]});
    write(folder.path(), "export/samples.json", samples.to_string());
    let (images, _) = read(&source(DetectionFormat::FiftyOne, folder.path(), "export"));
    assert_eq!(
        shown(&images),
        ["0 a.png 2026-01-01T12:00:00.000Z: cat 0.9 10,5,20,10", "1 b.png 2026-01-01T12:00:00.000Z: "]
    );
}

#[test]
fn a_table_has_its_own_columns_of_time_and_latency() {
    let folder = pictures();
    let table = "image;label;score;x;y;w;h;when;latency_ms\n\
                 a.png;cat;0.9;10;5;20;10;2026-01-01 12:00:00;12.5\n\
                 a.png;dog;0.5;40;5;20;10;2026-01-01 12:00:00;12.5\n\
                 b.png;;;;;;;1767268801;9\n";
    write(folder.path(), "year.csv", table);
    let with_time = |key: &str| DetectionSource {
        time_key: Some(key.to_owned()),
        ..source(DetectionFormat::Csv, folder.path(), "year.csv")
    };
    let (images, _) = read(&with_time("when"));
    assert_eq!(
        shown(&images),
        [
            "0 a.png 2026-01-01T12:00:00.000Z: cat 0.9 10,5,20,10; dog 0.5 40,5,20,10",
            "1 b.png 2026-01-01T12:00:01.000Z: ",
        ]
    );
    assert_eq!(images[0].latency_ms, Some(12.5));
    let error = read_detections(&with_time("never"), &mut |_, _| true).expect_err("no such column");
    assert!(error.to_string().contains("never"), "{error}");
    write(folder.path(), "year.csv", format!("{table}a.png;cat;0.9;10;5;20;10;2026-01-01 12:00:00;12.5\n"));
    let error = read_detections(&with_time("when"), &mut |_, _| true).expect_err("rows apart");
    assert!(error.to_string().contains("line 5") && error.to_string().contains("sort the table"), "{error}");
}

#[test]
fn an_image_of_unknown_size_and_a_time_that_is_none_are_left_out() {
    let folder = pictures();
    let table = "image,label,score,xmin,ymin,xmax,ymax,time\n\
                 a.png,cat,0.9,10,5,30,15,yesterday\nc.png,cat,0.9,10,5,30,15,1767268801\n";
    write(folder.path(), "year.csv", table);
    let (images, report) = read(&source(DetectionFormat::Csv, folder.path(), "year.csv"));
    assert_eq!((images.len(), report.left_out), (0, (2, 2)));
    let places: Vec<&str> = report.faults.iter().map(|fault| fault.place.as_str()).collect();
    assert_eq!(places, ["line 2", "line 3"]);
}

#[test]
fn reading_ends_when_nobody_listens_and_a_moment_is_one_of_ours() {
    let folder = pictures();
    write(folder.path(), "year.csv", "image,label,score,xmin,ymin,xmax,ymax\na.png,,,,,,\nb.png,,,,,,\n");
    let mut heard = 0;
    let mut give = |image: DetectedImage, total: u64| {
        assert_eq!((image.time, total), (None::<Timestamp>, 2));
        heard += 1;
        false
    };
    read_detections(&source(DetectionFormat::Csv, folder.path(), "year.csv"), &mut give).expect("readable");
    assert_eq!(heard, 1);
}
