//! Annotation files, beside images that are sound.

use formats::{Format, Import, Options};
use std::{
    cell::OnceCell,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

thread_local! {
    /// Two images, and whatever annotation file is being read.
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

pub(crate) fn coco(input: &[u8]) {
    read(Format::Coco, "annotations.json", "annotations.json", input);
}

pub(crate) fn voc(input: &[u8]) {
    read(Format::Voc, "1.xml", "1.xml", input);
}

pub(crate) fn yolo_labels(input: &[u8]) {
    read(Format::Yolo, "1.txt", "", input);
}

pub(crate) fn data_yaml(input: &[u8]) {
    read(Format::Yolo, "data.yaml", "data.yaml", input);
}

/// Truth and detections, separated by a line of three dashes.
pub(crate) fn coco_eval(input: &[u8]) {
    let separator = b"\n---\n";
    let at = input.windows(separator.len()).position(|bytes| bytes == separator);
    let (truth, rest) = input.split_at(at.unwrap_or(input.len()));
    let _ = formats::coco_eval(truth, rest.get(separator.len()..).unwrap_or_default());
}

fn read(format: Format, name: &str, annotations: &str, input: &[u8]) {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(made).path();
        let file = folder.join(name);
        fs::write(&file, input).expect("a folder of our own");
        let result =
            formats::read(format, folder, &folder.join(annotations), &Options::default(), &mut |_| {});
        fs::remove_file(&file).expect("a folder of our own");
        match result {
            Ok(import) => check(&import, folder),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}

fn made() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    for name in ["1.png", "2.png"] {
        let bytes = crate::samples::small_png(name == "1.png");
        fs::write(folder.path().join(name), bytes).expect("a folder of our own");
    }
    folder
}

/// What is taken in is sound, and lies in the folder.
fn check(import: &Import, folder: &Path) {
    let folder: PathBuf = fs::canonicalize(folder).expect("a folder of our own");
    for image in &import.images {
        assert!(fs::canonicalize(&image.path).is_ok_and(|path| path.starts_with(&folder)));
        for annotation in &image.annotations {
            assert!(annotation.rect.is_inside(image.size, 1e-9));
            assert!(import.labels.contains(&annotation.label));
        }
    }
}

/// Elements of a few bytes become structures of some hundred.
pub(crate) fn memory_bytes(input: usize) -> usize {
    (2 << 20) + 400 * input
}
