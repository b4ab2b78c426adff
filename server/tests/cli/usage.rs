//! Right and wrong use.

use crate::program::{Program, told};
use serde_json::json;
use std::fs;

#[test]
fn wrong_use_ends_with_2_and_a_failure_with_1() {
    let program = Program::new();
    let wrong: [&[&str]; 6] = [
        &["fly"],
        &["deploy", "--name", "a b", "--model", "m/1"],
        &["train", "--dataset", "d/v1", "--model", "m", "--set", "epoch=3"],
        &["train", "--dataset", "d/v1", "--model", "m", "--set", "epochs=10001"],
        &["user", "add", "ada@example.org", "--role", "king"],
        &["backup", "all.tar", "--url", "http://127.0.0.1:1"],
    ];
    for arguments in wrong {
        let (code, errors) = told(&program.run(arguments));
        assert_eq!(code, Some(2), "{arguments:?}: {errors}");
        assert!(!errors.is_empty());
    }
    let failing: [&[&str]; 3] = [
        &["deploy", "--name", "cells", "--model", "nothing/1"],
        &["predict", "--deployment", "nothing", "missing.jpg"],
        &["restore", "missing.tar"],
    ];
    for arguments in failing {
        let (code, errors) = told(&program.run(arguments));
        assert_eq!(code, Some(1), "{arguments:?}: {errors}");
        assert!(errors.starts_with("fovea: "), "{errors}");
    }
    assert_eq!(told(&program.run(&["train", "--help"])).0, Some(0));
}

#[test]
fn a_library_that_is_not_onnx_runtime_is_refused_at_the_start() {
    let program = Program::new();
    program.good(&["user", "add", "ada@example.org", "--role", "admin"]);
    fs::write(program.path("libonnxruntime.so"), "no library").expect("written");
    for command in [&["serve", "--addr", "127.0.0.1:0"][..], &["worker"], &["doctor"]] {
        let arguments = [command, &["--onnxruntime", "libonnxruntime.so"]].concat();
        let output = program.run(&arguments);
        let (code, errors) = told(&output);
        assert_eq!(code, Some(1), "{arguments:?}: {errors}");
        let words = errors + &String::from_utf8_lossy(&output.stdout);
        assert!(words.contains("libonnxruntime.so is not used as ONNX Runtime"), "{words}");
    }
    assert!(program.good(&["doctor"]).contains("--onnxruntime names a library"));
}

#[test]
fn a_device_that_this_build_does_not_know_is_refused_with_the_way_to_it() {
    let program = Program::new();
    let (code, errors) = told(&program.run(&["doctor", "--device", "tpu"]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("write cpu, gpu, gpu:1"), "{errors}");
    let words = program.good(&["doctor", "--device", "cpu"]);
    assert!(words.contains("the built-in detector runs on the processors"), "{words}");
    if cfg!(any(feature = "gpu", feature = "cuda")) {
        return;
    }
    for command in [&["serve", "--addr", "127.0.0.1:0"][..], &["worker"], &["doctor"]] {
        let (code, errors) = told(&program.run(&[command, &["--device", "gpu:1"]].concat()));
        assert_eq!(code, Some(2), "{command:?}: {errors}");
        assert!(errors.contains("cargo xtask build --release --features gpu"), "{errors}");
    }
}

#[test]
fn a_remote_command_without_a_token_says_what_to_set() {
    let program = Program::new();
    let output = program.run(&["model", "register", "m", "--labels", "a", "--url", "http://127.0.0.1:1"]);
    let (code, errors) = told(&output);
    assert_eq!(code, Some(2));
    assert!(errors.contains("FOVEA_TOKEN"), "{errors}");
}

#[test]
fn coco_eval_prints_the_figures_of_two_files() {
    let program = Program::new();
    let truth = json!({
        "images": [{ "id": 1, "width": 100, "height": 100, "file_name": "a.jpg" }],
        "categories": [{ "id": 7, "name": "cat" }],
        "annotations": [{ "id": 1, "image_id": 1, "category_id": 7, "bbox": [10, 10, 40, 40], "area": 1600, "iscrowd": 0 }],
    });
    let found = json!([{ "image_id": 1, "category_id": 7, "bbox": [10, 10, 40, 40], "score": 0.9 }]);
    fs::write(program.path("gt.json"), truth.to_string()).expect("written");
    fs::write(program.path("dt.json"), found.to_string()).expect("written");
    let figures = program.json(&["coco-eval", "--gt", "gt.json", "--dt", "dt.json", "--json"]);
    // COCOeval adds the smallest float to a denominator.
    assert!((figures["summary"]["AP"].as_f64().expect("a number") - 1.0).abs() < 1e-9);
    assert_eq!(figures["summary"]["AP_small"], -1.0);
    assert!((figures["per_category"]["7"]["AP50"].as_f64().expect("a number") - 1.0).abs() < 1e-9);
}

#[test]
fn accounts_and_tokens_are_made_on_the_data_itself() {
    let program = Program::new();
    let user = program.json(&["user", "add", "Ada@Example.org", "--role", "admin", "--json"]);
    assert!(user["setup_url"].as_str().is_some_and(|url| url.contains("/setup?secret=")), "{user}");
    let (code, errors) = told(&program.run(&["user", "add", "ada@example.org", "--role", "viewer"]));
    assert_eq!(code, Some(1), "{errors}");
    let link = program.json(&["user", "link", "ADA@example.org", "--json"]);
    assert!(link["setup_url"].as_str().is_some_and(|url| url.contains("/setup?secret=")), "{link}");
    assert_eq!(told(&program.run(&["user", "link", "eve@example.org"])).0, Some(1));
    let first = program.good(&["token", "create", "--name", "a", "--role", "viewer"]);
    let second = program.good(&["token", "create", "--name", "b", "--role", "viewer"]);
    assert_eq!(first.lines().count(), 1);
    assert_ne!(first, second);
    assert!(program.good(&["doctor"]).contains("the database opens"));
}
