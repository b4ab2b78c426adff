//! The evaluator against what pycocotools says of the same files.

use formats::coco_eval;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

/// Folders with `NAME.{gt,dt,expected}.json`, if the test data is here.
fn oracles() -> Option<PathBuf> {
    let data = PathBuf::from(std::env::var_os("FOVEA_DATA")?);
    Some(data.parent()?.join("oracles/coco-eval")).filter(|folder| folder.is_dir())
}

fn assert_agree(name: &str, ours: &Value, expected: &Value) {
    match (ours, expected) {
        (Value::Object(ours), Value::Object(expected)) => {
            for (key, expected) in expected.iter().filter(|(key, _)| *key != "judge") {
                assert_agree(&format!("{name}.{key}"), ours.get(key).unwrap_or(&Value::Null), expected);
            }
        }
        _ => {
            let both = ours.as_f64().zip(expected.as_f64());
            assert!(both.is_some_and(|(a, b)| (a - b).abs() < 1e-9), "{name}: {ours} instead of {expected}");
        }
    }
}

#[test]
fn every_oracle_agrees() {
    let Some(folder) = oracles() else { return };
    let mut cases = 0;
    for entry in fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let Some(name) =
            path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".expected.json"))
        else {
            continue;
        };
        let open = |kind: &str| fs::File::open(folder.join(format!("{name}.{kind}.json"))).expect("a file");
        let ours = coco_eval(open("gt"), open("dt")).expect("sound files");
        let expected: Value = serde_json::from_reader(open("expected")).expect("JSON");
        assert_agree(name, &serde_json::to_value(&ours).expect("figures"), &expected);
        cases += 1;
    }
    assert!(cases >= 7, "{cases} cases");
}

fn evaluated(truth: &Value, detections: &Value) -> Value {
    let result = coco_eval(truth.to_string().as_bytes(), detections.to_string().as_bytes()).expect("sound");
    serde_json::to_value(result).expect("figures")
}

/// Figures of pycocotools 2.0.11 on these very files: images out of order,
/// image id 0, a crowd, an area that is not the box's, a tie between images,
/// a class without truth, a box without extent, an annotation id 0.
#[test]
fn the_quirks_of_the_reference_are_kept() {
    let truth = json!({
        "images": [{"id": 7}, {"id": 0}, {"id": 3}],
        "categories": [{"id": 5}, {"id": 2}, {"id": 9}],
        "annotations": [
            {"id": 0, "image_id": 7, "category_id": 2, "bbox": [10, 10, 50, 50], "area": 2500, "iscrowd": 0},
            {"id": 1, "image_id": 7, "category_id": 2, "bbox": [100, 10, 50, 50], "area": 900, "iscrowd": 0},
            {"id": 2, "image_id": 0, "category_id": 2, "bbox": [5, 5, 200, 100], "area": 20000, "iscrowd": 1},
            {"id": 3, "image_id": 0, "category_id": 5, "bbox": [30, 30, 20, 20], "area": 400, "iscrowd": 0},
            {"id": 4, "image_id": 3, "category_id": 5, "bbox": [30, 30, 0, 0], "area": 0, "iscrowd": 0},
            {"id": 5, "image_id": 3, "category_id": 5, "bbox": [60, 60, 100, 100], "area": 10000, "iscrowd": 0}
        ]
    });
    let detections = json!([
        {"image_id": 7, "category_id": 2, "bbox": [11, 11, 50, 50], "score": 0.9},
        {"image_id": 7, "category_id": 2, "bbox": [101, 12, 48, 50], "score": 0.8},
        {"image_id": 7, "category_id": 9, "bbox": [1, 1, 8, 8], "score": 0.8},
        {"image_id": 0, "category_id": 2, "bbox": [10, 10, 30, 30], "score": 0.85},
        {"image_id": 0, "category_id": 5, "bbox": [31, 30, 20, 20], "score": 0.5},
        {"image_id": 3, "category_id": 5, "bbox": [60, 60, 90, 100], "score": 0.5},
        {"image_id": 3, "category_id": 5, "bbox": [300, 300, 20, 20], "score": 0.5}
    ]);
    let expected: Value = serde_json::from_str(include_str!("quirks.expected.json")).expect("JSON");
    assert_agree("quirks", &evaluated(&truth, &detections), &expected);
}

#[test]
fn a_detection_of_an_unlisted_image_is_refused() {
    let truth = json!({"images": [{"id": 1}], "annotations": [], "categories": [{"id": 1}]}).to_string();
    let detections = json!([{"image_id": 2, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]).to_string();
    let error = coco_eval(truth.as_bytes(), detections.as_bytes()).expect_err("unlisted");
    assert!(error.to_string().contains("image_id 2"), "{error}");
}

#[test]
fn what_is_no_json_is_refused_with_its_line() {
    let error = coco_eval(&b"{\n  \"images\": [}"[..], &b"[]"[..]).expect_err("broken");
    assert!(error.to_string().contains("line 2"), "{error}");
}
