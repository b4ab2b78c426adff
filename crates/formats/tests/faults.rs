//! Every fault is reported with its place; what is sound is kept.

mod common;

use common::{kinds, label, png, read, size, splits, turned_jpeg, write};
use domain::dataset::Split;
use formats::{FaultKind::*, Format, FormatError, LeftOut, Options, Progress, Severity::*, SplitChoice};
use serde_json::{Value, json};
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A COCO file with these annotations on one image of 20×10.
fn coco(folder: &Path, annotations: &Value) {
    write(folder, "a.png", png(20, 10, 1));
    let file = json!({
        "images": [{"id": 0, "file_name": "a.png", "width": 20, "height": 10}],
        "categories": [{"id": 3, "name": "dog"}, {"id": 1, "name": "cat"}],
        "annotations": annotations,
    });
    write(folder, "coco.json", file.to_string());
}

fn read_coco(folder: &Path) -> formats::Import {
    read(Format::Coco, folder, &folder.join("coco.json")).expect("readable")
}

#[test]
fn coco_faults_name_the_annotation() {
    let folder = folder();
    coco(
        folder.path(),
        &json!([
            {"id": 0, "image_id": 0, "category_id": 1, "bbox": [1, 1, 5, 5]},
            {"id": 1, "image_id": 0, "category_id": 1, "bbox": [1, 1, 0, 5]},
            {"id": 2, "image_id": 0, "category_id": 1, "bbox": [1, 1, 5, -2]},
            {"id": 3, "image_id": 0, "category_id": 1, "bbox": [30, 1, 5, 5]},
            {"id": 4, "image_id": 0, "category_id": 1, "bbox": [15, 5, 10, 3]},
            {"id": 5, "image_id": 0, "category_id": 9, "bbox": [1, 1, 5, 5]},
            {"id": 6, "image_id": 8, "category_id": 1, "bbox": [1, 1, 5, 5]},
            {"id": 7, "image_id": 0, "category_id": 3, "bbox": [1, 1, 5]},
            {"id": 8, "image_id": 0, "category_id": 3, "bbox": [1, 1, 5, null]},
            {"id": 9, "image_id": 0, "category_id": 3, "bbox": [2, 2, 5, 5], "iscrowd": 1},
            {"id": 9, "image_id": 0, "category_id": 3, "bbox": [2, 2, 5, 5], "iscrowd": 1},
            {"id": 9, "image_id": 0, "category_id": 3, "bbox": [3, 3, 5, 5]},
        ]),
    );
    let import = read_coco(folder.path());
    assert_eq!(
        kinds(&import),
        [
            (IdZero, "annotation 0", Warning),
            (UnknownClass, "annotation 5", Error),
            (UnknownImage, "annotation 6", Error),
            (NotABox, "annotation 7", Error),
            (NotABox, "annotation 8", Error),
            (Duplicate, "annotation 9", Error),
            (Duplicate, "annotation 9", Warning),
            (EmptyBox, "annotation 1", Error),
            (EmptyBox, "annotation 2", Error),
            (BoxOutside, "annotation 3", Error),
            (BoxOutside, "annotation 4", Warning),
        ]
    );
    assert!(import.faults.iter().all(|fault| fault.file.ends_with("coco.json")));
    assert_eq!(import.left_out, LeftOut { images: 0, boxes: 8 });
    assert_eq!(import.labels, [label("cat"), label("dog")]);
    let boxes = &import.images[0].annotations;
    let numbers: Vec<_> = boxes.iter().map(|a| (a.rect.x(), a.rect.w(), a.ignore)).collect();
    assert_eq!(numbers, [(1.0, 5.0, false), (15.0, 5.0, false), (2.0, 5.0, true), (3.0, 5.0, false)]);
}

#[test]
fn strict_reading_refuses_any_fault_and_lists_them() {
    let folder = folder();
    coco(folder.path(), &json!([{"id": 1, "image_id": 0, "category_id": 1, "bbox": [1, 1, 0, 0]}]));
    let strict = Options { strict: true, ..Options::default() };
    let result =
        formats::read(Format::Coco, folder.path(), &folder.path().join("coco.json"), &strict, &mut |_| {});
    // The box, and the image that has no other.
    let Err(FormatError::Strict { total: 2, first, faults }) = result else { panic!("{result:?}") };
    assert_eq!((first.kind, faults.len()), (EmptyBox, 2));
    coco(folder.path(), &json!([]));
    assert!(
        formats::read(Format::Coco, folder.path(), &folder.path().join("coco.json"), &strict, &mut |_| {})
            .is_ok()
    );
}

#[test]
fn pythons_nan_is_a_fault_of_its_box_only() {
    let folder = folder();
    coco(folder.path(), &json!([]));
    let text = r#"{"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "NaN \"-Infinity"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [NaN, 1, Infinity, -Infinity]},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2], "score": -1}]}"#;
    write(folder.path(), "coco.json", text);
    let import = read_coco(folder.path());
    assert_eq!(kinds(&import), [(NotABox, "annotation 1", Error)]);
    assert_eq!(import.labels, [label("NaN \"-Infinity")]);
    assert_eq!(import.images[0].annotations.len(), 1);
}

#[test]
fn coco_faults_of_images_leave_out_their_boxes_too() {
    let folder = folder();
    write(folder.path(), "a.png", png(20, 10, 1));
    let whole = png(20, 10, 2);
    write(folder.path(), "cut.png", &whole[..whole.len() - 20]);
    write(folder.path(), "text.jpg", "no image");
    let image = |id: i32, name: &str| json!({"id": id, "file_name": name, "width": 20, "height": 10});
    let annotation = |id: i32| json!({"id": id, "image_id": id, "category_id": 1, "bbox": [1, 1, 5, 5]});
    let file = json!({
        "images": [
            image(1, "a.png"), image(2, "gone.png"), image(3, "cut.png"), image(4, "text.jpg"),
            image(5, "../a.png"), image(6, "/etc/hostname"), image(1, "b.png"), image(7, "a.png"), {"id": 8}
        ],
        "categories": [{"id": 1, "name": " cat "}, {"id": 2, "name": ""}, {"id": 3, "name": "cat"}, {"id": 4, "name": "x"}, {"id": 4, "name": "y"}],
        "annotations": (1..9).map(annotation).collect::<Vec<_>>(),
    });
    write(folder.path(), "coco.json", file.to_string());
    let import = read_coco(folder.path());
    assert_eq!(
        kinds(&import),
        [
            (InvalidLabel, "category 2", Error),
            (Duplicate, "category 4", Error),
            (Duplicate, "category 3", Warning),
            (Duplicate, "image 1", Error),
            (Unreadable, "image 8", Error),
            (Duplicate, "image 7", Warning),
            (MissingImage, "image 2", Error),
            (BrokenImage, "image 3", Error),
            (BrokenImage, "image 4", Error),
            // The last part of `../a.png` is what image 1 is.
            (MissingImage, "image 5", Error),
            (UnsafePath, "image 6", Error),
        ]
    );
    assert_eq!((import.images.len(), import.left_out), (1, LeftOut { images: 7, boxes: 7 }));
    assert_eq!(import.problems, ["6 of 8 boxes would be lost", "image 1 of coco.json is two images"]);
    assert_eq!(import.labels, [label("cat")]);
}

#[test]
fn what_is_no_coco_file_is_refused_with_its_place() {
    let folder = folder();
    write(folder.path(), "coco.json", "{\n\"images\": 3}");
    let error = read(Format::Coco, folder.path(), &folder.path().join("coco.json")).expect_err("no list");
    assert!(error.to_string().contains("line 2"), "{error}");
    assert!(matches!(
        read(Format::Coco, folder.path(), &folder.path().join("x.json")),
        Err(FormatError::Io { .. })
    ));
    let empty = tempfile::tempdir().expect("a folder");
    for format in Format::ALL {
        assert!(
            matches!(read(format, empty.path(), empty.path()), Err(FormatError::NothingFound { .. })),
            "{format}"
        );
    }
}

#[test]
fn several_coco_files_are_splits_by_their_names() {
    let folder = folder();
    for (name, seed) in [("instances_train2017", 1), ("val", 2), ("test", 3)] {
        let image = format!("{seed}.png");
        write(folder.path(), &format!("images/{image}"), png(8, 8, seed));
        let file = json!({
            "images": [{"id": 1, "file_name": image}], "annotations": [],
            "categories": [{"id": 1, "name": "b"}, {"id": 2, "name": format!("own {seed}")}],
        });
        write(folder.path(), &format!("annotations/{name}.json"), file.to_string());
    }
    let import = read(Format::Coco, &folder.path().join("images"), &folder.path().join("annotations"))
        .expect("readable");
    let each = [Split::Train, Split::Val, Split::Test].map(|split| (Some(split), 1));
    assert_eq!((splits(&import), import.labels.len()), (each.into_iter().collect(), 4));
    assert_eq!(import.faults, []);
}

#[test]
fn boxes_drawn_on_a_turned_image_as_stored_are_turned_with_a_warning() {
    let folder = folder();
    write(folder.path(), "t.jpg", turned_jpeg(40, 20));
    for (width, height, expected) in [(40, 20, [16.0, 2.0]), (20, 40, [2.0, 1.0]), (40, 80, [1.0, 0.5])] {
        let file = json!({
            "images": [{"id": 1, "file_name": "t.jpg", "width": width, "height": height}],
            "categories": [{"id": 1, "name": "x"}],
            "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 1, 5, 3]}],
        });
        write(folder.path(), "coco.json", file.to_string());
        let import = read_coco(folder.path());
        assert_eq!(import.images[0].size, size(20, 40));
        let rect = import.images[0].annotations[0].rect;
        assert_eq!([rect.x(), rect.y()], expected);
        let warned: Vec<_> = import.faults.iter().map(|fault| fault.kind).collect();
        assert_eq!(
            warned,
            match height {
                20 => vec![TurnedBoxes],
                40 => vec![],
                _ => vec![ScaledBoxes],
            }
        );
    }
}

const XML: &str =
    "<annotation>\n<filename>a.png</filename>\n<size><width>20</width><height>10</height></size>\n";

fn object(name: &str, corners: [&str; 4]) -> String {
    let [x0, y0, x1, y1] = corners;
    format!(
        "<object><name>{name}</name>\n<bndbox><xmin>{x0}</xmin><ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox>\
         <part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object>\n"
    )
}

#[test]
fn voc_faults_name_the_line() {
    let folder = folder();
    write(folder.path(), "JPEGImages/a.png", png(20, 10, 1));
    let objects = [
        object("cat", ["1", "2", "4", "7.5"]),
        object("cat", ["5", "5", "5", "5"]),
        object("", ["1", "2", "4", "7"]),
        object("dog", ["1", "2", "nan", "7"]),
        object("dog", ["1", "2", "x", "7"]),
        object("dog", ["-3", "2", "4", "7"])
            .replace("<bndbox><xmin>-", "<difficult>1</difficult><bndbox><xmin>-"),
    ];
    write(folder.path(), "Annotations/a.xml", format!("{XML}{}</annotation>", objects.concat()));
    write(folder.path(), "Annotations/b.xml", "<annotation>\n<filename>b.png</filename></annotation>");
    write(folder.path(), "Annotations/c.xml", "<annotation>\n<object></annotation>");
    write(folder.path(), "Annotations/d.xml", "<annotation><filename>../../a.png</filename></annotation>");
    write(folder.path(), "ImageSets/Main/val.txt", "a\nlost\n");
    write(folder.path(), "ImageSets/Main/test.txt", "a\n");
    let import = read(Format::Voc, folder.path(), folder.path()).expect("readable");
    assert_eq!(
        kinds(&import),
        [
            (Duplicate, "line 1", Warning),
            (UnknownImage, "line 2", Error),
            (InvalidLabel, "line 8", Error),
            (NotABox, "line 10", Error),
            (NotABox, "line 12", Error),
            (Unreadable, "line 2", Error),
            (MissingImage, "", Error),
            // The last part of `../../a.png` is the image of another file.
            (MissingImage, "", Error),
            (EmptyBox, "line 6", Error),
            (BoxOutside, "line 14", Warning),
        ]
    );
    assert_eq!((import.images.len(), import.left_out), (1, LeftOut { images: 4, boxes: 4 }));
    assert_eq!(import.images[0].split, Some(Split::Val));
    let [cat, dog] = import.images[0].annotations.as_slice() else { panic!("two boxes") };
    assert_eq!([cat.rect.x(), cat.rect.y(), cat.rect.w(), cat.rect.h()], [1.0, 2.0, 3.0, 5.5]);
    assert!(dog.ignore && dog.rect.x() == 0.0 && dog.rect.w() == 4.0);
}

#[test]
fn voc_files_beside_their_images_are_splits_by_folder() {
    let folder = folder();
    for (split, seed) in [("train", 1), ("valid", 2)] {
        write(folder.path(), &format!("{split}/{seed}.png"), png(20, 10, seed));
        let text = XML.replace("a.png", &format!("{seed}.png")) + "</annotation>";
        write(folder.path(), &format!("{split}/{seed}.xml"), text);
    }
    let import = read(Format::Voc, folder.path(), folder.path()).expect("readable");
    assert_eq!(splits(&import), [(Some(Split::Train), 1), (Some(Split::Val), 1)].into_iter().collect());
    assert_eq!(import.faults, []);
}

/// A file of labels with a fault in most lines.
const FAULTY_LABELS: [&str; 11] = [
    "1 0.5 0.5 0.2 0.4",
    "",
    "0 0.5 0.5 0 0.1",
    "7 0.5 0.5 0.2 0.4",
    "x 0.5 0.5 0.2 0.4",
    "0 0.5 0.5 0.2",
    "0 0.5 NaN 0.2 0.4",
    "0 2.5 0.5 0.2 0.4",
    "0 0.95 0.5 0.2 0.4",
    "0 0.1 0.2 0.3 0.2 0.3 0.6 0.2 0.5",
    "2 0.5 0.5 0.2 0.4",
];

#[test]
fn yolo_faults_name_the_line() {
    let folder = folder();
    write(
        folder.path(),
        "data.yaml",
        "train: ../train/images\nval: /etc\ntest: gone\nnames: [cat, dog, '']\n",
    );
    for (name, seed) in [("a", 1), ("empty", 2), ("none", 3)] {
        write(folder.path(), &format!("train/images/{name}.png"), png(20, 10, seed));
    }
    write(folder.path(), "train/labels/a.txt", FAULTY_LABELS.join("\r\n"));
    write(folder.path(), "train/labels/empty.txt", "");
    write(folder.path(), "train/labels/orphan.txt", "0 0.5 0.5 0.1 0.1\n\n1 0.5 0.5 0.1 0.1\n");
    let import = read(Format::Yolo, folder.path(), &folder.path().join("data.yaml")).expect("readable");
    assert_eq!(
        kinds(&import),
        [
            (InvalidLabel, "class 2", Error),
            (MissingFolder, "val", Warning),
            (MissingFolder, "test", Warning),
            (UnknownClass, "line 4", Error),
            (Unreadable, "line 5", Error),
            (Unreadable, "line 6", Error),
            (NotABox, "line 8", Error),
            (OutlineReduced, "line 10", Warning),
            (InvalidLabel, "line 11", Error),
            (EmptyBox, "line 3", Error),
            (NotABox, "line 7", Error),
            (BoxOutside, "line 9", Warning),
            (NotAnnotated, "", Warning),
            (LabelsWithoutImage, "", Error),
        ]
    );
    // A file of labels that is empty says that there is nothing; one that is missing says nothing.
    assert_eq!((import.images.len(), import.left_out), (2, LeftOut { images: 1, boxes: 9 }));
    let boxes = &import.images[0].annotations;
    let first = boxes[0].rect;
    assert_eq!((boxes[0].label.as_str(), boxes.len()), ("dog", 3));
    for (number, expected) in
        [first.x(), first.y(), first.w(), first.h()].into_iter().zip([8.0, 3.0, 4.0, 4.0])
    {
        assert!((number - expected).abs() < 1e-9);
    }
    let outline = boxes[2].rect;
    assert!(
        (outline.x() - 2.0).abs() < 1e-9
            && (outline.w() - 4.0).abs() < 1e-9
            && (outline.h() - 4.0).abs() < 1e-9
    );
}

#[test]
fn yolo_without_names_calls_classes_by_their_numbers() {
    let folder = folder();
    write(folder.path(), "images/a.png", png(20, 10, 1));
    write(folder.path(), "labels/a.txt", "4 0.5 0.5 0.2 0.4\n");
    let import =
        read(Format::Yolo, &folder.path().join("images"), &folder.path().join("labels")).expect("readable");
    assert_eq!((import.labels.as_slice(), import.images[0].annotations.len()), (&[label("4")][..], 1));
    assert_eq!(kinds(&import), [(InvalidLabel, "", Warning)]);
    write(folder.path(), "labels/classes.txt", "a\nb\nc\nd\ne\n");
    let import =
        read(Format::Yolo, &folder.path().join("images"), &folder.path().join("labels")).expect("readable");
    assert_eq!((import.images[0].annotations[0].label.as_str(), import.faults.len()), ("e", 0));
}

#[test]
fn yolo_reads_one_split_of_a_larger_set() {
    let folder = folder();
    write(folder.path(), "data.yaml", "train: train/images\nval: valid/images\nnames: [cat, dog]\n");
    for (split, seed) in [("train", 1), ("valid", 2)] {
        write(folder.path(), &format!("{split}/images/a.png"), png(20, 10, seed));
        write(folder.path(), &format!("{split}/labels/a.txt"), "1 0.5 0.5 0.2 0.4\n");
    }
    let (images, labels) = (folder.path().join("valid/images"), folder.path().join("valid/labels"));
    let import = read(Format::Yolo, &images, &labels).expect("readable");
    assert_eq!((splits(&import), import.faults.len()), ([(Some(Split::Val), 1)].into_iter().collect(), 0));
    assert_eq!(import.images[0].annotations[0].label, label("dog"));
}

#[test]
fn a_chosen_split_overrules_the_files_and_progress_reaches_its_end() {
    let folder = folder();
    write(folder.path(), "train/images/a.png", png(20, 10, 1));
    write(folder.path(), "test/images/b.png", png(20, 10, 2));
    write(folder.path(), "train/labels/a.txt", "");
    write(folder.path(), "test/labels/b.txt", "");
    let options = Options { split: SplitChoice::All(Split::Val), ..Options::default() };
    let mut seen = Vec::new();
    let import = formats::read(Format::Yolo, folder.path(), folder.path(), &options, &mut |p| seen.push(p))
        .expect("readable");
    assert_eq!(splits(&import), [(Some(Split::Val), 2)].into_iter().collect());
    assert_eq!(seen.last(), Some(&Progress { done: 2, total: 2 }));
    assert!(seen.iter().all(|p| p.done <= p.total));
}
