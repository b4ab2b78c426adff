//! Folders in which several formats lie side by side.

mod common;

use common::{png, write};
use formats::{ImportFormat, Options, settle};
use std::path::Path;

/// Two images with three boxes, in COCO's form and in Pascal VOC's, whose
/// first box of `b.png` begins at `x`.
fn coco_and_voc(folder: &Path, x: f64) {
    write(folder, "images/a.png", png(60, 40, 1));
    write(folder, "images/b.png", png(60, 40, 2));
    let coco = r#"{"images": [{"id": 1, "file_name": "a.png", "width": 60, "height": 40},
        {"id": 2, "file_name": "b.png", "width": 60, "height": 40}],
        "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "plate"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [4, 5, 10, 12]},
        {"id": 2, "image_id": 2, "category_id": 2, "bbox": [8, 6, 20, 15]},
        {"id": 3, "image_id": 2, "category_id": 1, "bbox": [30, 6, 9, 9]}]}"#;
    write(folder, "coco.json", coco);
    let object = |label: &str, [x, y, right, bottom]: [f64; 4]| {
        format!(
            "<object><name>{label}</name><bndbox><xmin>{x}</xmin><ymin>{y}</ymin><xmax>{right}</xmax>\
             <ymax>{bottom}</ymax></bndbox></object>"
        )
    };
    let voc = |name: &str, objects: &str| {
        format!(
            "<annotation><filename>{name}</filename><size><width>60</width><height>40</height><depth>3</depth>\
             </size>{objects}</annotation>"
        )
    };
    write(folder, "Annotations/a.xml", voc("a.png", &object("cup", [4.0, 5.0, 14.0, 17.0])));
    let both = object("cup", [30.0, 6.0, 39.0, 15.0]) + &object("plate", [x, 6.0, 28.0, 21.0]);
    write(folder, "Annotations/b.xml", voc("b.png", &both));
}

fn settled(folder: &Path) -> Result<(ImportFormat, String), String> {
    settle(folder, folder, &Options::default()).map_err(|error| error.to_string())
}

#[test]
fn formats_that_say_the_same_leave_one_meaning() {
    let folder = tempfile::tempdir().expect("a folder");
    coco_and_voc(folder.path(), 8.0);
    let (format, why) = settled(folder.path()).expect("one meaning");
    assert_eq!(format.as_str(), "coco");
    assert!(why.contains("coco.json (coco)") && why.contains("(voc), which say the same"), "{why}");
}

#[test]
fn the_one_that_says_splits_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    coco_and_voc(folder.path(), 8.0);
    write(folder.path(), "ImageSets/Main/train.txt", "a\n");
    write(folder.path(), "ImageSets/Main/val.txt", "b\n");
    assert_eq!(settled(folder.path()).expect("one meaning").0.as_str(), "voc");
}

#[test]
fn formats_that_differ_are_asked_with_what_each_says() {
    let folder = tempfile::tempdir().expect("a folder");
    coco_and_voc(folder.path(), 11.0);
    let question = settled(folder.path()).expect_err("two meanings");
    for words in [
        "--format coco: 2 images (no split 2) with 3 boxes of 2 labels, from COCO's lists in coco.json",
        "--format voc: 2 images (no split 2) with 3 boxes of 2 labels, from an <annotation> in",
        "coco and voc: 1 image differs: b.png (2 boxes, which lie elsewhere or are called otherwise)",
        "Choose one: --format coco or --format voc.",
    ] {
        assert!(question.contains(words), "{words:?} is not in {question}");
    }
}

#[test]
fn a_format_with_fewer_boxes_or_a_fault_is_no_twin() {
    let folder = tempfile::tempdir().expect("a folder");
    coco_and_voc(folder.path(), 8.0);
    std::fs::remove_file(folder.path().join("Annotations/a.xml")).expect("removed");
    let question = settled(folder.path()).expect_err("two meanings");
    assert!(question.contains("a.png (1 box against not there)"), "{question}");
    coco_and_voc(folder.path(), 8.0);
    write(folder.path(), "Annotations/a.xml", "<annotation><filename>a.png</filename>");
    let question = settled(folder.path()).expect_err("two meanings");
    assert!(question.contains("--format voc: "), "{question}");
}
