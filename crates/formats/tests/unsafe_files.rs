//! A data set from a stranger reads no file outside its folder, and does not
//! make the reader wait for ever.

#![cfg(unix)]

mod common;

use common::{png, read, write};
use formats::{FaultKind, Format, Import};
use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
    path::Path,
};

/// A data set in `folder` with the image `1.png` in each format's place, and
/// an image outside that is none of its business. Gives where the image is.
fn made(format: Format, folder: &Path, outside: &Path) -> std::path::PathBuf {
    fs::write(outside.join("secret.png"), png(20, 10, 9)).expect("written");
    let image = match format {
        Format::Coco => {
            let json = r#"{"images": [{"id": 1, "file_name": "1.png", "width": 20, "height": 10}]}"#;
            write(folder, "annotations.json", json);
            "1.png"
        }
        Format::Voc => {
            write(folder, "Annotations/1.xml", "<annotation><filename>1.png</filename></annotation>");
            "JPEGImages/1.png"
        }
        Format::Yolo => {
            write(folder, "data.yaml", "names: [cat]\ntrain: images\n");
            write(folder, "labels/1.txt", "0 0.5 0.5 0.1 0.1\n");
            "images/1.png"
        }
        Format::Cvat => {
            write(folder, "annotations.xml", "<annotations><image id=\"0\" name=\"1.png\"/></annotations>");
            "images/1.png"
        }
        Format::LabelStudio => {
            let tasks = r#"[{"id": 1, "data": {"image": "1.png"}, "annotations": [{"result": []}]}]"#;
            write(folder, "tasks.json", tasks);
            "images/1.png"
        }
    };
    write(folder, image, png(20, 10, 1));
    folder.join(image)
}

fn read_all(format: Format, folder: &Path) -> Result<Import, formats::FormatError> {
    let json = folder.join("annotations.json");
    read(format, folder, if format == Format::Coco { &json } else { folder })
}

fn kinds(import: &Import) -> Vec<FaultKind> {
    import.faults.iter().map(|fault| fault.kind).collect()
}

#[test]
fn an_image_that_is_a_link_out_of_the_folder_is_left_out() {
    for format in Format::ALL {
        let (folder, outside) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
        let image = made(format, folder.path(), outside.path());
        assert_eq!(read_all(format, folder.path()).expect("readable").images.len(), 1, "{format}");
        fs::remove_file(&image).expect("removed");
        symlink(outside.path().join("secret.png"), &image).expect("linked");
        let import = read_all(format, folder.path()).expect("readable");
        assert_eq!(import.images.len(), 0, "{format}");
        assert_eq!(kinds(&import), [FaultKind::UnsafePath], "{format}");
    }
}

#[test]
fn a_folder_that_is_a_link_out_of_the_folder_is_not_followed() {
    let (folder, outside) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
    let image = made(Format::Coco, folder.path(), outside.path());
    fs::remove_file(image).expect("removed");
    symlink(outside.path(), folder.path().join("images")).expect("linked");
    fs::rename(outside.path().join("secret.png"), outside.path().join("1.png")).expect("renamed");
    let import = read_all(Format::Coco, folder.path()).expect("readable");
    assert_eq!((import.images.len(), kinds(&import)), (0, vec![FaultKind::UnsafePath]));
}

#[test]
fn a_link_to_another_place_in_the_folder_is_followed() {
    for format in Format::ALL {
        let (folder, outside) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
        let image = made(format, folder.path(), outside.path());
        let elsewhere = folder.path().join("store").join("0123");
        fs::create_dir_all(elsewhere.parent().expect("a folder")).expect("made");
        fs::rename(&image, &elsewhere).expect("moved");
        symlink(&elsewhere, &image).expect("linked");
        assert_eq!(read_all(format, folder.path()).expect("readable").images.len(), 1, "{format}");
    }
}

#[test]
fn the_data_sets_own_folder_may_be_a_link() {
    for format in Format::ALL {
        let (folder, outside) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
        made(format, folder.path(), outside.path());
        let link = outside.path().join("link");
        symlink(folder.path(), &link).expect("linked");
        assert_eq!(read_all(format, &link).expect("readable").images.len(), 1, "{format}");
    }
}

/// Files that describe the data set, one of each kind that is read.
const DESCRIPTIONS: [(Format, &str); 10] = [
    (Format::Coco, "annotations.json"),
    (Format::Voc, "Annotations/1.xml"),
    (Format::Voc, "labels.txt"),
    (Format::Voc, "ImageSets/Main/train.txt"),
    (Format::Yolo, "data.yaml"),
    (Format::Yolo, "labels/1.txt"),
    (Format::Yolo, "classes.txt"),
    (Format::Cvat, "annotations.xml"),
    (Format::LabelStudio, "tasks.json"),
    (Format::LabelStudio, "label_config.xml"),
];

#[test]
fn a_description_that_is_a_link_out_of_the_folder_is_not_read() {
    for (format, name) in DESCRIPTIONS {
        let (folder, outside) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
        made(format, folder.path(), outside.path());
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        let secret = "secret-word 0.5 0.5 0.1 0.1\n";
        fs::write(outside.path().join("secret"), secret).expect("written");
        _ = fs::remove_file(&path);
        symlink(outside.path().join("secret"), &path).expect("linked");
        let said = match read_all(format, folder.path()) {
            Ok(import) => format!("{:?} {:?}", import.faults, import.labels),
            Err(error) => error.to_string(),
        };
        assert!(!said.contains("secret-word"), "{name}: {said}");
    }
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    // Opening a pipe would wait for a writer; a socket cannot be opened.
    for (format, name) in DESCRIPTIONS {
        let (folder, outside) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
        made(format, folder.path(), outside.path());
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        _ = fs::remove_file(&path);
        pipe_at(&path);
        // An answer is all there is to ask for.
        let _ = read_all(format, folder.path()).map_err(|error| assert!(!error.to_string().is_empty()));
    }
    for format in Format::ALL {
        let (folder, outside) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
        let image = made(format, folder.path(), outside.path());
        fs::remove_file(&image).expect("removed");
        pipe_at(&image);
        assert_eq!(read_all(format, folder.path()).map_or(0, |import| import.images.len()), 0, "{format}");
        fs::remove_file(&image).expect("removed");
        let _socket = UnixListener::bind(&image).expect("bound");
        assert_eq!(read_all(format, folder.path()).map_or(0, |import| import.images.len()), 0, "{format}");
    }
}

fn pipe_at(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status().expect("started");
    assert!(made.success());
}

#[test]
fn deep_json_is_refused_and_not_followed_to_its_end() {
    let folder = tempfile::tempdir().expect("one");
    let deep = format!("{{\"images\": {}", "[".repeat(3_000_000));
    write(folder.path(), "annotations.json", deep);
    assert!(read_all(Format::Coco, folder.path()).is_err());
    let odd = format!("{{\"images\": [{{\"id\": {}{}}}]}}", "[".repeat(300_000), "]".repeat(300_000));
    write(folder.path(), "annotations.json", odd);
    // An id that is no id is passed over, not descended into.
    assert!(read_all(Format::Coco, folder.path()).is_ok_and(|import| import.images.is_empty()));
}
