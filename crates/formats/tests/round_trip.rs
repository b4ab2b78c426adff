//! What is written comes back as it was.

mod common;

use common::{annotation, label, png, read_clean, size};
use domain::{
    dataset::{Annotation, Split},
    geometry::Rect,
    name::Label,
};
use formats::{ExportImage, Exporter, Format, FormatError, Import};
use proptest::prelude::*;
use std::{fs, path::Path};

#[derive(Clone, Debug)]
struct Given {
    image: ExportImage,
    bytes: Vec<u8>,
}

fn export(format: Format, folder: &Path, labels: &[Label], images: &[Given]) {
    let mut exporter = Exporter::new(format, folder, labels).expect("a new folder");
    for given in images {
        exporter.add(&given.image, &given.bytes).expect("written");
    }
    let report = exporter.finish().expect("written");
    assert_eq!(report.images, images.len() as u64);
}

fn assert_same(format: Format, labels: &[Label], images: &[Given], import: &Import) {
    assert_eq!(import.labels, labels);
    assert_eq!(import.images.len(), images.len());
    for given in images {
        let same_bytes = |path: &Path| fs::read(path).expect("readable") == given.bytes;
        let found = import.images.iter().find(|image| same_bytes(&image.path)).expect("untouched");
        assert_eq!((found.size, found.split), (given.image.size, Some(given.image.split)));
        assert_eq!(found.annotations.len(), given.image.annotations.len());
        // YOLO keeps ignored boxes apart: they come last.
        let mut expected = given.image.annotations.clone();
        if format == Format::Yolo {
            expected.sort_by_key(|annotation| annotation.ignore);
        }
        for (found, expected) in found.annotations.iter().zip(&expected) {
            assert_eq!((&found.label, found.ignore), (&expected.label, expected.ignore));
            let numbers = |r: &Rect| [r.x(), r.y(), r.w(), r.h()];
            for (a, b) in numbers(&found.rect).into_iter().zip(numbers(&expected.rect)) {
                assert!((a - b).abs() < 1e-6, "{a} {b}");
            }
        }
    }
}

prop_compose! {
    fn some_label()(text in "[^\\pC\\pZ]([^\\pC\\pZ]| |[\"'#,:\\]}&<>-]){0,8}[^\\pC\\pZ]") -> Label {
        label(&text)
    }
}

prop_compose! {
    fn some_box(width: u32, height: u32)(
        label in any::<prop::sample::Index>(),
        [x, y] in prop::array::uniform2(0.0..0.95f64),
        [w, h] in prop::array::uniform2(0.001..1.0f64),
        ignore in prop::bool::weighted(0.2),
    ) -> (prop::sample::Index, [f64; 4], bool) {
        let (width, height) = (f64::from(width), f64::from(height));
        (label, [x * width, y * height, w * (1.0 - x) * width, h * (1.0 - y) * height], ignore)
    }
}

prop_compose! {
    fn some_image()(width in 1..40u32, height in 1..40u32)(
        boxes in prop::collection::vec(some_box(width, height), 0..5),
        filename in "\\PC{0,12}(\\.png|\\.jpg|)",
        split in prop::sample::select(Split::ALL.to_vec()),
        width in Just(width),
        height in Just(height),
    ) -> (ExportImage, Vec<(prop::sample::Index, [f64; 4], bool)>) {
        (ExportImage { filename, size: size(width, height), split, annotations: Vec::new() }, boxes)
    }
}

prop_compose! {
    fn some_dataset()(
        labels in prop::collection::btree_set(some_label(), 1..6),
        images in prop::collection::vec(some_image(), 1..6),
    ) -> (Vec<Label>, Vec<Given>) {
        let labels: Vec<Label> = labels.into_iter().rev().collect();
        let images = images.into_iter().zip(0u8..).map(|((mut image, boxes), seed)| {
            image.annotations = boxes.into_iter().map(|(index, [x, y, w, h], ignore)| Annotation {
                label: index.get(&labels).clone(),
                rect: Rect::new(x, y, w, h).expect("a box"),
                ignore,
            }).collect();
            let bytes = png(image.size.width, image.size.height, seed);
            Given { image, bytes }
        }).collect();
        (labels, images)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_exported_is_imported((labels, images) in some_dataset()) {
        for format in Format::ALL {
            let folder = tempfile::tempdir().expect("a folder");
            export(format, folder.path(), &labels, &images);
            assert_same(format, &labels, &images, &read_clean(format, folder.path()));
        }
    }
}

fn given(filename: &str, seed: u8) -> Given {
    let annotations = vec![annotation("café 猫", [1.25, 2.5, 3.125, 4.0])];
    Given {
        image: ExportImage { filename: filename.into(), size: size(10, 10), split: Split::Test, annotations },
        bytes: png(10, 10, seed),
    }
}

#[test]
fn names_that_clash_or_lead_elsewhere_are_written_beside_each_other() {
    let names =
        ["../../up.png", "/abs/up.png", "UP.png", "up.jpg", "nul\0.png", "..", "猫 1.png", "a&<b>.png"];
    let images: Vec<Given> = names.iter().zip(0..).map(|(name, seed)| given(name, seed)).collect();
    for format in Format::ALL {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("set");
        export(format, &folder, &[label("café 猫")], &images);
        assert_same(format, &[label("café 猫")], &images, &read_clean(format, &folder));
        let beside: Vec<_> =
            fs::read_dir(outer.path()).expect("readable").map(|entry| entry.expect("one").path()).collect();
        assert_eq!(beside, [folder], "nothing is written outside");
    }
}

#[test]
fn the_report_says_which_names_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut exporter = Exporter::new(Format::Coco, folder.path(), &[label("café 猫")]).expect("new");
    for image in [given("a.png", 1), given("b/a.png", 2)] {
        exporter.add(&image.image, &image.bytes).expect("written");
    }
    let report = exporter.finish().expect("written");
    assert_eq!(report.renamed, [("b/a.png".to_owned(), "a_2.png".to_owned())]);
    assert_eq!((report.images, report.boxes), (2, 2));
}

#[test]
fn ignored_boxes_are_named_where_the_format_has_none() {
    for format in Format::ALL {
        let folder = tempfile::tempdir().expect("a folder");
        let mut one = given("a.png", 1);
        one.image.annotations[0].ignore = true;
        let mut exporter = Exporter::new(format, folder.path(), &[label("café 猫")]).expect("new");
        exporter.add(&one.image, &one.bytes).expect("written");
        let notes = exporter.finish().expect("written").notes;
        let has_place = matches!(format, Format::Coco | Format::Voc);
        assert_eq!(notes.len(), usize::from(!has_place), "{format}: {notes:?}");
        assert!(notes.iter().all(|note| note.contains("ignore")), "{notes:?}");
        assert!(read_clean(format, folder.path()).images[0].annotations[0].ignore, "{format}");
    }
}

#[test]
fn a_turned_image_keeps_its_bytes_and_its_upright_boxes() {
    let bytes = common::turned_jpeg(40, 20);
    let annotations = vec![annotation("x", [2.0, 30.0, 10.0, 10.0])];
    let image =
        ExportImage { filename: "t.jpg".into(), size: size(20, 40), split: Split::Train, annotations };
    for format in Format::ALL {
        let folder = tempfile::tempdir().expect("a folder");
        let images = [Given { image: image.clone(), bytes: bytes.clone() }];
        export(format, folder.path(), &[label("x")], &images);
        assert_same(format, &[label("x")], &images, &read_clean(format, folder.path()));
    }
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine.txt"), "precious").expect("written");
    for format in Format::ALL {
        assert!(matches!(Exporter::new(format, folder.path(), &[]), Err(FormatError::Io { .. })));
    }
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
}

#[test]
fn a_label_that_is_not_listed_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut exporter = Exporter::new(Format::Coco, folder.path(), &[label("other")]).expect("new");
    let image = given("a.png", 1);
    assert!(matches!(exporter.add(&image.image, &image.bytes), Err(FormatError::UnknownLabel { .. })));
    assert_eq!(fs::read_dir(folder.path().join("images")).expect("readable").count(), 0);
}

#[test]
fn the_same_data_set_is_written_the_same_way_twice() {
    for (format, file) in
        [(Format::Coco, "annotations.json"), (Format::Voc, "Annotations/a.xml"), (Format::Yolo, "data.yaml")]
    {
        let texts = [(), ()].map(|()| {
            let folder = tempfile::tempdir().expect("a folder");
            export(format, folder.path(), &[label("café 猫")], &[given("a.png", 1)]);
            fs::read_to_string(folder.path().join(file)).expect("readable")
        });
        assert_eq!(texts[0], texts[1]);
    }
}

#[test]
fn labels_of_voc_are_listed_for_programs_that_know_only_its_own() {
    for (name, listed) in [("red cell", Some("red cell:::\n")), ("a: b", None)] {
        let folder = tempfile::tempdir().expect("a folder");
        export(Format::Voc, folder.path(), &[label(name)], &[]);
        assert_eq!(fs::read_to_string(folder.path().join("labelmap.txt")).ok().as_deref(), listed);
    }
}

#[test]
fn folders_are_those_in_which_other_programs_look_for_a_split() {
    let images = [Split::Train, Split::Val, Split::Train].into_iter().zip(0..).map(|(split, seed)| {
        let mut given = given(&format!("{seed}.png"), seed);
        given.image.split = split;
        given
    });
    let images: Vec<Given> = images.collect();
    for (format, others) in
        [(Format::Yolo, vec!["labels/train/0.txt", "data.yaml"]), (Format::Cvat, Vec::new())]
    {
        let folder = tempfile::tempdir().expect("a folder");
        export(format, folder.path(), &[label("café 猫")], &images);
        let files = ["images/train/0.png", "images/val/1.png", "images/train/2.png"];
        for file in files.into_iter().chain(others) {
            assert!(folder.path().join(file).is_file(), "{format}: {file}");
        }
        assert!(!folder.path().join("images/test").exists(), "no image is for testing");
    }
}

#[test]
fn the_head_of_cvat_names_the_splits_that_there_are() {
    let folder = tempfile::tempdir().expect("a folder");
    export(Format::Cvat, folder.path(), &[label("café 猫")], &[given("a.png", 1)]);
    let text = fs::read_to_string(folder.path().join("annotations.xml")).expect("readable");
    let (head, elements) = text.split_once("</meta>").expect("a head");
    assert!(head.contains("<project>") && head.contains("<subsets>test</subsets>"), "{head}");
    assert_eq!(head.matches("<subset>test</subset>").count(), 1, "{head}");
    assert!(!head.contains("train") && elements.contains("name=\"a.png\" subset=\"test\""), "{text}");
    let files: Vec<_> =
        fs::read_dir(folder.path()).expect("readable").map(|one| one.expect("one").file_name()).collect();
    assert_eq!(files.len(), 2, "nothing of the writing stays: {files:?}");
}
