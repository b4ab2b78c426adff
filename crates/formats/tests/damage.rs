//! Whatever becomes of a data set's files, reading answers and never panics,
//! and what it keeps is sound.

mod common;

use common::{annotation, label, png, read, size};
use domain::dataset::Split;
use formats::{ExportImage, Exporter, Format, Import};
use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Two images with boxes in the given format; gives the text files.
fn made(format: Format, folder: &Path) -> Vec<PathBuf> {
    let mut exporter = Exporter::new(format, folder, &[label("cat"), label("dog")]).expect("new");
    for (seed, split) in [(1, Split::Train), (2, Split::Test)] {
        let annotations =
            vec![annotation("dog", [1.5, 2.0, 5.0, 3.0]), annotation("cat", [0.0, 0.0, 20.0, 10.0])];
        let image = ExportImage { filename: format!("{seed}.png"), size: size(20, 10), split, annotations };
        exporter.add(&image, &png(20, 10, seed)).expect("written");
    }
    exporter.finish().expect("written");
    let texts = match format {
        Format::Coco => vec!["annotations.json"],
        Format::Voc => vec!["Annotations/1.xml", "ImageSets/Main/test.txt", "labels.txt"],
        Format::Yolo => vec!["data.yaml", "labels/train/1.txt"],
        Format::Cvat => vec!["annotations.xml"],
        Format::LabelStudio => vec!["tasks.json", "label_config.xml"],
    };
    texts.into_iter().map(|name| folder.join(name)).collect()
}

fn assert_sound(import: &Import) {
    for image in &import.images {
        assert!(image.path.is_file());
        for annotation in &image.annotations {
            assert!(annotation.rect.is_inside(image.size, 1e-9), "{:?}", annotation.rect);
            assert!(import.labels.contains(&annotation.label));
        }
    }
    let mut sorted = import.labels.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), import.labels.len(), "no label twice");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn damaged_files_are_answered_and_what_is_kept_is_sound(
        format in prop::sample::select(Format::ALL.to_vec()),
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        removed in 0..12usize,
        inserted in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..6),
            prop::sample::select(vec!["NaN", "-1e999", "\"", "0", "-", "]", "<x>", "&", "../", "\n", ": [", "null"])
                .prop_map(|text| text.as_bytes().to_vec()),
        ],
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let texts = made(format, folder.path());
        let path = file.get(&texts);
        let mut bytes = fs::read(path).expect("readable");
        let start = at.index(bytes.len());
        let end = (start + removed).min(bytes.len());
        bytes.splice(start..end, inserted);
        fs::write(path, bytes).expect("written");
        let annotations =
            if format == Format::Coco { folder.path().join("annotations.json") } else { folder.path().to_owned() };
        match read(format, folder.path(), &annotations) {
            Ok(import) => assert_sound(&import),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
