//! A model of another program, from its file to a prediction.

use crate::{
    interrupted::Running,
    program::{Program, told},
};
use domain::{geometry::Size, inference::Pixels};
use serde_json::Value;
use std::fs;
use test_support::{tiny_onnx, unnamed_onnx};

/// The tiny model's score is the brightness of the picture.
fn bright_picture(program: &Program) -> String {
    grey_picture(program, 200)
}

fn grey_picture(program: &Program, brightness: u8) -> String {
    let side = Size::new(96, 96).expect("a size");
    let pixels = Pixels::new(side, vec![brightness; 96 * 96 * 3]).expect("pixels");
    let path = program.path(&format!("grey-{brightness}.jpg"));
    fs::write(&path, imaging::encode_jpeg(&pixels, 95).expect("a file")).expect("written");
    path.to_str().expect("UTF-8").to_owned()
}

fn check_boxes(prediction: &Value, label: &str) {
    let boxes = prediction["boxes"].as_array().expect("boxes");
    let [only] = &boxes[..] else { panic!("{prediction}") };
    assert_eq!(only["label"], label);
    let number = |name: &str| only[name].as_f64().expect("a number");
    assert!((number("score") - 200.0 / 255.0).abs() < 0.01, "{only}");
    for (name, expected) in [("x", 24.0), ("y", 24.0), ("w", 48.0), ("h", 48.0)] {
        assert!((number(name) - expected).abs() < 0.5, "{only}");
    }
}

#[test]
fn an_onnx_file_is_imported_deployed_asked_and_exported() {
    let program = Program::new();
    let bytes = tiny_onnx(&["lamp", "dark lamp"]);
    // Its bytes say what it is, and not its name.
    fs::write(program.path("export.bin"), &bytes).expect("written");
    let output = program.run(&["model", "import", "export.bin", "--model", "lamps"]);
    let (code, said) = told(&output);
    assert_eq!((code, String::from_utf8_lossy(&output.stdout).trim()), (Some(0), "lamps/1"), "{said}");
    for part in ["ONNX, 2 labels: lamp, dark lamp", "cannot go on from it"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    program.good(&["deploy", "--name", "lamps", "--model", "lamps/1"]);
    let picture = bright_picture(&program);
    check_boxes(&program.json(&["predict", "--deployment", "lamps", "--json", &picture]), "lamp");
    program.good(&["model", "export", "lamps/1", "--card", "card.md"]);
    assert_eq!(fs::read(program.path("lamps-1.onnx")).expect("the file"), bytes);
    let card = fs::read_to_string(program.path("card.md")).expect("the card");
    assert!(card.contains("| format | ONNX |") && card.contains("\"form\": \"columns\""), "{card}");
}

#[test]
fn boxes_of_imported_models_are_told_from_the_score_that_is_asked_for() {
    let program = Program::new();
    fs::write(program.path("lamps.onnx"), tiny_onnx(&["lamp", "dark lamp"])).expect("written");
    program.good(&["model", "import", "lamps.onnx", "--model", "lamps"]);
    program.good(&["deploy", "--name", "lamps", "--model", "lamps/1"]);
    // A score of 1/255.
    let picture = grey_picture(&program, 1);
    let boxes = |options: &[&str]| {
        let predict = ["predict", "--deployment", "lamps", "--json", &picture];
        let prediction = program.json(&[&predict[..], options].concat());
        prediction["boxes"].as_array().expect("boxes").len()
    };
    assert_eq!((boxes(&[]), boxes(&["--least-score", "0.001"])), (0, 1));
    for wrong in ["0", "0.6", "few"] {
        let (code, said) = told(&program.run(&["doctor", "--least-score", wrong]));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("from 0.001 to 0.01"), "{said}");
    }
}

#[test]
fn an_onnx_file_that_says_nothing_is_refused_with_what_was_seen_and_a_recipe_to_start_from() {
    let program = Program::new();
    fs::write(program.path("export.onnx"), unnamed_onnx(2)).expect("written");
    let (code, said) = told(&program.run(&["model", "import", "export.onnx", "--model", "lamps"]));
    assert_eq!(code, Some(1), "{said}");
    for part in ["images", "output0", "\"input\"", "\"output\""] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let recipe = said.split_once('{').map(|(_, rest)| format!("{{{rest}")).expect("a recipe");
    let recipe = recipe.rsplit_once('}').map(|(recipe, _)| format!("{recipe}}}")).expect("a recipe");
    fs::write(program.path("recipe.json"), recipe).expect("written");
    fs::write(program.path("labels.txt"), "lamp\ndark lamp\n").expect("written");
    let import = ["model", "import", "export.onnx", "--model", "lamps", "--recipe", "recipe.json", "--json"];
    let made = program.json(&[&import[..], &["--labels", "labels.txt"]].concat());
    assert_eq!((&made["name"], &made["labels"][1]), (&"lamps/1".into(), &"dark lamp".into()));
    assert_eq!((&made["format"], &made["trainable_here"]), (&"onnx".into(), &false.into()));
    let made = program.json(&[&import[..], &["--labels", "lamp,dark lamp"]].concat());
    assert_eq!(made["name"], "lamps/2");
    for (file, part) in [("recipe.json", "model"), ("missing.onnx", "missing.onnx")] {
        let (code, said) = told(&program.run(&["model", "import", file, "--model", "lamps"]));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_file_larger_than_any_model_is_refused_unread() {
    let program = Program::new();
    let file = fs::File::create(program.path("huge.onnx")).expect("a file");
    // A hole, which takes no room: to be read it would take two gigabytes.
    file.set_len(2 << 30).expect("a length");
    let (code, said) = told(&program.run(&["model", "import", "huge.onnx", "--model", "lamps"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the file has 2147483648 bytes; at most 1073741824 are read"), "{said}");
}

#[test]
fn a_server_takes_a_model_as_the_data_folder_does() {
    let program = Program::new();
    let token = program.good(&["token", "create", "--name", "t", "--role", "admin"]).trim().to_owned();
    let mut server = Running::start(&program, &["serve", "--addr", "127.0.0.1:0", "--no-worker"]);
    let url = server.line_with("listens on").rsplit_once(' ').expect("a URL").1.to_owned();
    fs::write(program.path("export.onnx"), tiny_onnx(&["lamp"])).expect("written");
    let import = program.run_with(
        &["model", "import", "export.onnx", "--model", "lamps", "--json", "--url", &url],
        &[("FOVEA_TOKEN", &token)],
    );
    let (code, said) = told(&import);
    assert_eq!(code, Some(0), "{said}");
    let made: Value = serde_json::from_slice(&import.stdout).expect("JSON");
    assert_eq!((&made["name"], &made["inspected"]["format"]), (&"lamps/1".into(), &"onnx".into()));
    program.good(&["deploy", "--name", "lamps", "--model", "lamps/1"]);
    let picture = bright_picture(&program);
    let predict = ["predict", "--deployment", "lamps", "--json", &picture, "--url", &url];
    let predicted = program.run_with(&predict, &[("FOVEA_TOKEN", &token)]);
    check_boxes(&serde_json::from_slice(&predicted.stdout).expect("JSON"), "lamp");
    let export = ["model", "export", "lamps/1", "--url", &url];
    assert_eq!(told(&program.run_with(&export, &[("FOVEA_TOKEN", &token)])).0, Some(0));
    assert!(program.path("lamps-1.onnx").is_file());
}
