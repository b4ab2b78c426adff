//! Annotation files, beside images that are sound.

use formats::{DetectedImage, DetectionFormat, DetectionSource, Format, Import, ImportFormat, Options};
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

pub(crate) fn cvat(input: &[u8]) {
    read_tool("cvat", "annotations.xml", input);
}

pub(crate) fn label_studio(input: &[u8]) {
    read_tool("label-studio", "tasks.json", input);
}

pub(crate) fn labelme(input: &[u8]) {
    read_tool("labelme", "1.json", input);
}

pub(crate) fn via_json(input: &[u8]) {
    read_tool("via", "via.json", input);
}

pub(crate) fn via_csv(input: &[u8]) {
    read_tool("via", "via.csv", input);
}

pub(crate) fn createml(input: &[u8]) {
    read_tool("createml", "createml.json", input);
}

pub(crate) fn vott(input: &[u8]) {
    read_tool("vott", "vott-export.json", input);
}

pub(crate) fn fiftyone(input: &[u8]) {
    read_tool("fiftyone", "samples.json", input);
}

pub(crate) fn tables(input: &[u8]) {
    read_tool("csv", "boxes.csv", input);
}

/// A file that only an annotation tool's reader looks at.
fn read_tool(word: &str, name: &str, input: &[u8]) {
    let format: ImportFormat = word.parse().expect("a format");
    read(format, name, name, input);
}

/// Detections of every form; COCO's with a list of images that is sound.
pub(crate) fn detections(input: &[u8]) {
    const LIST: &str = r#"{"images": [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}],
        "categories": [{"id": 1, "name": "cat"}]}"#;
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(made).path();
        let (inputs, list) = (folder.join("detections"), folder.join("list.json"));
        fs::create_dir_all(&inputs).expect("a folder of our own");
        fs::write(&list, LIST).expect("a folder of our own");
        for (format, name) in [
            (DetectionFormat::Coco, "1.json"),
            (DetectionFormat::Yolo, "1.txt"),
            (DetectionFormat::Ultralytics, "1.json"),
            (DetectionFormat::FiftyOne, "samples.json"),
            (DetectionFormat::Csv, "1.csv"),
        ] {
            let file = inputs.join(name);
            fs::write(&file, input).expect("a folder of our own");
            let of_folder = matches!(format, DetectionFormat::Yolo | DetectionFormat::Ultralytics);
            let source = DetectionSource {
                format,
                detections: if of_folder { inputs.clone() } else { file.clone() },
                images: Some(folder.to_owned()),
                image_list: Some(list.clone()),
                labels: vec!["cat".parse().expect("a label")],
                time_key: None,
            };
            let mut give = |image: DetectedImage, _: u64| {
                assert!(image.boxes.iter().all(|one| one.rect.is_inside(image.size, 1e-9)));
                true
            };
            if let Err(error) = formats::read_detections(&source, &mut give) {
                assert!(!error.to_string().is_empty());
            }
            fs::remove_file(&file).expect("a folder of our own");
        }
        fs::remove_file(&list).expect("a folder of our own");
    });
}

/// Truth and detections, separated by a line of three dashes.
pub(crate) fn coco_eval(input: &[u8]) {
    let separator = b"\n---\n";
    let at = input.windows(separator.len()).position(|bytes| bytes == separator);
    let (truth, rest) = input.split_at(at.unwrap_or(input.len()));
    let _ = formats::coco_eval(truth, rest.get(separator.len()..).unwrap_or_default());
}

fn read(format: impl Into<ImportFormat>, name: &str, annotations: &str, input: &[u8]) {
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
