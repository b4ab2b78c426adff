//! Data sets as people publish them, if they are here (`FOVEA_DATA`).

mod common;

use common::{fingerprint, kinds, read, splits};
use domain::dataset::Split;
use formats::{ExportImage, Exporter, FaultKind, Format, Import, LeftOut};
use std::{collections::BTreeMap, fs, path::PathBuf};

fn data(name: &str) -> Option<PathBuf> {
    Some(PathBuf::from(std::env::var_os("FOVEA_DATA")?).join(name)).filter(|folder| folder.is_dir())
}

fn boxes(import: &Import) -> usize {
    import.images.iter().map(|image| image.annotations.len()).sum()
}

fn counts(train: usize, val: usize, test: usize) -> BTreeMap<Option<Split>, usize> {
    [(Some(Split::Train), train), (Some(Split::Val), val), (Some(Split::Test), test)].into_iter().collect()
}

#[test]
fn blood_cells_are_the_same_as_voc_and_as_coco() {
    let Some(folder) = data("bccd") else { return };
    let coco = read(Format::Coco, &folder, &folder.join("coco.json")).expect("readable");
    let voc = read(Format::Voc, &folder, &folder).expect("readable");
    let by_parts =
        read(Format::Voc, &folder.join("JPEGImages"), &folder.join("Annotations")).expect("readable");
    for import in [&coco, &voc, &by_parts] {
        assert_eq!(splits(import), counts(205, 87, 72));
        assert_eq!((boxes(import), import.left_out), (4886, LeftOut { images: 0, boxes: 2 }));
        assert_eq!(import.fault_counts.get(&FaultKind::EmptyBox), Some(&2), "{:?}", kinds(import));
        assert_eq!(import.faults.len(), 2);
    }
    assert!(
        voc.faults
            .iter()
            .zip(["BloodImage_00338.xml", "BloodImage_00343.xml"])
            .all(|(f, name)| f.file.ends_with(name))
    );
    assert!(fingerprint(&coco) == fingerprint(&voc) && fingerprint(&voc) == fingerprint(&by_parts));
}

#[test]
fn thermal_pictures_are_the_same_as_yolo_and_as_coco() {
    let Some(folder) = data("thermal-dogs-people") else { return };
    let coco = read(Format::Coco, &folder, &folder.join("coco.json")).expect("readable");
    let yolo = read(Format::Yolo, &folder, &folder.join("data.yaml")).expect("readable");
    assert_eq!((splits(&yolo), boxes(&yolo)), (counts(142, 41, 20), 257));
    assert!(fingerprint(&coco) == fingerprint(&yolo));
    assert_eq!(coco.faults, vec![]);
    // The list names no split for tests; the folder says it, and that is told.
    let messages: Vec<&str> = yolo.faults.iter().map(|fault| fault.message.as_str()).collect();
    assert!(
        matches!(messages.as_slice(), [one] if one.contains("test/images are taken by the folder")),
        "{messages:?}"
    );
}

#[test]
fn parcels_are_the_same_as_yolo_and_as_coco() {
    let Some(folder) = data("packages") else { return };
    let coco = read(Format::Coco, &folder, &folder.join("coco.json")).expect("readable");
    let yolo = read(Format::Yolo, &folder, &folder).expect("readable");
    assert_eq!((splits(&yolo), boxes(&yolo)), (counts(19, 4, 3), 42));
    assert!(fingerprint(&coco) == fingerprint(&yolo));
    assert_eq!((coco.faults, yolo.faults), (vec![], vec![]));
}

#[test]
fn blood_cells_survive_every_format() {
    let Some(folder) = data("bccd") else { return };
    let given = read(Format::Coco, &folder, &folder.join("coco.json")).expect("readable");
    for format in Format::ALL {
        let target = tempfile::tempdir().expect("a folder");
        let mut exporter = Exporter::new(format, target.path(), &given.labels).expect("new");
        for image in &given.images {
            let bytes = fs::read(&image.path).expect("readable");
            let (filename, annotations) = (image.filename(), image.annotations.clone());
            let split = image.split.expect("known");
            exporter
                .add(&ExportImage { filename, size: image.size, split, annotations }, &bytes)
                .expect("written");
        }
        assert_eq!(exporter.finish().expect("written").renamed, []);
        let back = common::read_clean(format, target.path());
        assert!(fingerprint(&back) == fingerprint(&given), "{format}");
        assert_eq!(back.labels, given.labels);
    }
}
