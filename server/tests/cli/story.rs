//! From labelled pictures to boxes, all by commands: import, train (really,
//! in its own process), deploy, predict, export, back up, restore.

use crate::program::{Program, told};
use domain::{geometry::Size, inference::Pixels};
use serde_json::{Value, json};
use std::fs;

const SIDE: u32 = 64;
const IMAGES: u32 = 12;

/// Dark squares on a light ground, and COCO's file of their boxes. Gives them
/// as a trainer takes them.
pub(crate) fn write_pictures(program: &Program) -> Vec<Value> {
    let folder = program.path("pictures");
    fs::create_dir(&folder).expect("made");
    let (mut images, mut annotations, mut trained_on) = (Vec::new(), Vec::new(), Vec::new());
    for id in 1..=IMAGES {
        let (left, top, side) = (5 + id * 3 % 30, 4 + id * 7 % 30, 18 + id % 6);
        let rgb: Vec<u8> = (0..SIDE * SIDE)
            .flat_map(|index| {
                let (x, y) = (index % SIDE, index / SIDE);
                let inside = (left..left + side).contains(&x) && (top..top + side).contains(&y);
                if inside { [20, 30, 160] } else { [225, 222, 215] }
            })
            .collect();
        let size = Size::new(SIDE, SIDE).expect("a size");
        let file = imaging::encode_jpeg(&Pixels::new(size, rgb).expect("pixels"), 92).expect("a file");
        fs::write(folder.join(format!("{id}.jpg")), file).expect("written");
        let split = if id % 4 == 0 {
            "test"
        } else if id % 4 == 1 {
            "val"
        } else {
            "train"
        };
        trained_on.push(json!({
            "path": folder.join(format!("{id}.jpg")), "size": { "width": SIDE, "height": SIDE }, "split": split,
            "annotations": [{ "label": "square", "x": left, "y": top, "w": side, "h": side }],
        }));
        images.push(json!({ "id": id, "file_name": format!("{id}.jpg"), "width": SIDE, "height": SIDE, "split": split }));
        annotations.push(json!({
            "id": id, "image_id": id, "category_id": 1, "bbox": [left, top, side, side], "area": side * side, "iscrowd": 0,
        }));
    }
    let coco = json!({ "images": images, "annotations": annotations, "categories": [{ "id": 1, "name": "square" }] });
    fs::write(program.path("boxes.json"), coco.to_string()).expect("written");
    trained_on
}

/// The dataset version `squares/v1`; gives its images as a trainer takes them.
pub(crate) fn imported_squares(program: &Program) -> Vec<Value> {
    let images = write_pictures(program);
    let from = ["--format", "coco", "--images", "pictures", "--annotations", "boxes.json"];
    program.good(&[&["import", "--dataset", "squares"][..], &from].concat());
    images
}

#[test]
fn pictures_become_a_model_that_predicts() {
    let program = Program::new();
    write_pictures(&program);
    let import = [
        "import",
        "--format",
        "coco",
        "--images",
        "pictures",
        "--annotations",
        "boxes.json",
        "--dataset",
        "squares",
    ];
    let imported = program.json(&[&import[..], &["--json"]].concat());
    assert_eq!(imported["version"]["name"], "squares/v1");
    assert_eq!(imported["version"]["by_split"], json!({ "train": 6, "val": 3, "test": 3 }));

    let trained = program.json(&[
        "train",
        "--dataset",
        "squares/v1",
        "--model",
        "squares",
        "--seed",
        "7",
        "--set",
        "input_width=64",
        "--set",
        "input_height=64",
        "--set",
        "width=0.25",
        "--set",
        "max_steps=6",
        "--set",
        "batch_size=2",
        "--set",
        "evaluations=1",
    ]);
    assert_eq!((&trained["model"], &trained["params"]["seed"]), (&json!("squares/1"), &json!(7)));
    let plan =
        ["input_width", "batch_size", "images", "held", "patience"].map(|key| trained["plan"][key].clone());
    assert_eq!(plan, [64, 2, 6, 3, 0].map(Value::from), "what was given, and what follows from the data");
    assert_eq!(trained["stopped_early"], json!(false));
    let splits: Vec<&Value> =
        trained["evaluations"].as_array().expect("measured").iter().map(|e| &e["split"]).collect();
    assert!(splits.contains(&&json!("test")), "{splits:?}");

    program.good(&["deploy", "--name", "line-1", "--model", "squares/1", "--threshold", "0.05"]);
    let text =
        program.good(&["predict", "--deployment", "line-1", "--json", "pictures/4.jpg", "pictures/8.jpg"]);
    let predictions: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(predictions.len(), 2);
    for prediction in &predictions {
        assert_eq!((&prediction["model"], &prediction["width"]), (&json!("squares/1"), &json!(SIDE)));
        for found in prediction["boxes"].as_array().expect("boxes") {
            let number = |key: &str| found[key].as_f64().expect("a number");
            assert!(number("x") >= 0.0 && number("x") + number("w") <= f64::from(SIDE) + 1e-3, "{found}");
            assert!(number("y") >= 0.0 && number("y") + number("h") <= f64::from(SIDE) + 1e-3, "{found}");
        }
    }
    let figures = program.json(&["evaluate", "--model", "squares/1", "--dataset", "squares/v1", "--json"]);
    assert_eq!((&figures["split"], &figures["images"]), (&json!("test"), &json!(3)));

    exported_and_imported_again_it_is_the_same(&program, &imported["version"]["fingerprint"]);
    weights_taken_out_and_brought_in_are_the_same_model(&program, &figures);
    a_backup_holds_everything(&program);
}

fn weights_taken_out_and_brought_in_are_the_same_model(program: &Program, figures: &Value) {
    program.good(&["model", "export", "squares/1", "--out", "w.safetensors", "--card", "card.md"]);
    let made = program.json(&["model", "import", "w.safetensors", "--model", "copies", "--json"]);
    assert_eq!(made["name"], "copies/1");
    let measured = program.json(&["evaluate", "--model", "copies/1", "--dataset", "squares/v1", "--json"]);
    assert_eq!(measured["summary"], figures["summary"]);
    let card = std::fs::read_to_string(program.path("card.md")).expect("a card");
    assert!(card.contains("squares/1"), "{card}");
}

fn exported_and_imported_again_it_is_the_same(program: &Program, fingerprint: &Value) {
    program.good(&["export", "--format", "coco", "--dataset", "squares/v1", "--out", "exported"]);
    let import =
        ["import", "--format", "coco", "--images", "exported/images", "--dataset", "again", "--json"];
    let again = program.json(&[&import[..], &["--annotations", "exported/annotations.json"]].concat());
    assert_eq!(&again["version"]["fingerprint"], fingerprint);
}

fn a_backup_holds_everything(program: &Program) {
    program.good(&["backup", "all.tar"]);
    let (code, errors) = told(&program.run(&["backup", "all.tar"]));
    assert_eq!(code, Some(1), "{errors}");
    let restored = program.path("restored");
    let output = program.run_on(&restored, &["restore", "all.tar"]);
    assert_eq!(told(&output).0, Some(0), "{}", told(&output).1);
    let predict = ["predict", "--deployment", "line-1", "--no-monitor", "--json", "pictures/4.jpg"];
    let (before, after) = (program.json(&predict), program.run_on(&restored, &predict));
    let after: Value = serde_json::from_slice(&after.stdout).expect("JSON");
    assert_eq!(before["boxes"], after["boxes"]);
}
