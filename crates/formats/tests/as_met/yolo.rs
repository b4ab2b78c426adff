//! Labels of Ultralytics, of trackers, of hand; in folders of every name.

use super::{LINE, import, import_with, set};
use formats::{Choices, ExtraColumns, Format::Yolo, Unlabelled, UnlistedClasses};

fn lines(yaml: &str, labels: &str) -> super::Outcome {
    let folder = set(&[("data.yaml", yaml), ("images/a.png", ""), ("labels/a.txt", labels)]);
    import(Yolo, folder.path(), "", "")
}

const YAML: &str = "names: [cup]\n";

#[test]
fn keypoints_are_no_outline() {
    for (shape, rest) in [
        ("[4, 3]", "0.9 0.9 2 0.95 0.1 2 0.05 0.95 2 0 0 0"),
        ("[2, 2]", "0.9 0.95 0.1 0.2"),
        ("[1, 3]", "0.9 0.9 2"),
        ("[1, 2]", "0.9 0.9"),
        ("[3, 2]", "0.9 0.95 0.1 0.2 0.0 0.0"),
    ] {
        lines(
            &format!("kpt_shape: {shape}\nnames: [cup]\n"),
            &format!("0 0.3125 0.3125 0.375 0.375 {rest}\n"),
        )
        .is(&["none a.png: cup 8,6,24,18"]);
    }
    lines("kpt_shape: [5, 3]\nnames: [cup]\n", "0 0.3125 0.3125 0.375 0.375 0.9 0.9\n")
        .is_refused("kpt_shape [5, 3] makes 19");
}

#[test]
fn outlines_and_turned_boxes_have_a_box_around_them() {
    for corners in ["0.125 0.125 0.5 0.125 0.5 0.5 0.125 0.5", "0.3 0.125 0.5 0.3 0.3 0.5 0.125 0.3 0.2 0.2"]
    {
        lines(YAML, &format!("0 {corners}\n")).is(&["none a.png: cup 8,6,24,18"]).says("bounding box");
    }
}

#[test]
fn a_sixth_column_is_read_over_and_said() {
    for sixth in ["0.91", "17", "1"] {
        lines(YAML, &format!("0 0.3125 0.3125 0.375 0.375 {sixth}\n"))
            .is(&["none a.png: cup 8,6,24,18"])
            .says("a sixth number is read over");
    }
}

#[test]
fn six_numbers_are_asked_about() {
    let labels = "0 0.125 0.125 0.5 0.125 0.5 0.5\n";
    lines(YAML, labels).is_refused("--extra-columns");
    let folder = set(&[("data.yaml", YAML), ("images/a.png", ""), ("labels/a.txt", labels)]);
    let with = |extra| Choices { extra_columns: Some(extra), ..Choices::default() };
    import_with(Yolo, folder.path(), "", "", with(ExtraColumns::Outline)).is(&["none a.png: cup 8,6,24,18"]);
    import_with(Yolo, folder.path(), "", "", with(ExtraColumns::Ignore)).says("only the first four");
}

#[test]
fn numbers_are_spelt_in_many_ways() {
    for line in [
        "0 3.125e-01 0.3125 0.375 0.375",
        "0.0 .3125 .3125 .375 .375",
        "00 +0.3125 0.31250000000000001 0.3750000000000000001 0.375",
        "0\t0.3125\t0.3125\t0.375\t0.375",
        "0\u{A0}0.3125\u{A0}0.3125\u{A0}0.375\u{A0}0.375\r",
        "\u{FEFF}0 0.3125 0.3125 0.375 0.375",
    ] {
        lines(YAML, line).is(&["none a.png: cup 8,6,24,18"]);
    }
    for (line, why) in [
        ("0 0,5 0,5 0,1 0,1", "not all fields are numbers"),
        ("0 0.5 0.5 0.1 nan", "not four finite numbers"),
        ("0 0.5 0.5 inf 0.1", "not four finite numbers"),
        ("0 0.5 0.5 -0.1 0.1", "no extent"),
        ("-1 0.5 0.5 0.1 0.1", "not a class index"),
        ("0 32 24 10 10", "are pixels?"),
        ("0 0.5 0.5 0.1 0.1 # a comment", "not all fields"),
        ("cup 0.5 0.5 0.1 0.1", "not a class index: it is the name of class 0, write that"),
        ("3 0.5 0.5 0.1 0.1", "not among the 1 names"),
        ("0 0.5 0.5", "a class and 2 numbers"),
    ] {
        lines(YAML, line).is_refused(why);
        lines(YAML, &format!("{LINE}{line}\n")).is_refused("1 of 2 boxes would be lost");
    }
}

#[test]
fn labels_lie_in_folders_of_many_names() {
    for (image, labels) in [
        ("train/images/a.png", "train/Labels/a.txt"),
        ("Train/Images/a.png", "Train/Labels/a.txt"),
        ("images/train/a.png", "labels/train/a.txt"),
        ("train/a.png", "train/a.txt"),
        ("train/images/a.png", "train/images/a.txt"),
        ("train/images/a.png", "train/labels/a.TXT"),
        ("train/images/a.png", "train/labels/a.png.txt"),
        ("train/JPEGImages/a.png", "train/labels/a.txt"),
        ("train/images/A.PNG", "train/labels/a.txt"),
        ("train/images/cafe\u{301}.png", "train/labels/café.txt"),
        ("train/images/a.png", "labels/train/a.txt"),
        ("train/data/a.png", "train/labels/a.txt"),
        ("train/images/deep/er/a.png", "train/labels/deep/er/a.txt"),
    ] {
        let folder = set(&[("data.yaml", YAML), (image, ""), (labels, LINE)]);
        let outcome = import(Yolo, folder.path(), "", "");
        let name = image.rsplit('/').next().expect("a name");
        assert_eq!(outcome.lines(), [format!("train {name}: cup 8,6,24,18")], "{labels}");
    }
}

#[test]
fn a_missing_file_is_not_an_empty_one() {
    let folder = set(&[
        ("data.yaml", YAML),
        ("images/a.png", ""),
        ("images/b.png", ""),
        ("images/c.png", ""),
        ("labels/a.txt", LINE),
        ("labels/b.txt", " \n"),
    ]);
    import(Yolo, folder.path(), "", "")
        .is(&["none a.png: cup 8,6,24,18", "none b.png: "])
        .says("1 of 3 images has no file");
    let choices = Choices { unlabelled: Unlabelled::Background, ..Choices::default() };
    import_with(Yolo, folder.path(), "", "", choices).is(&[
        "none a.png: cup 8,6,24,18",
        "none b.png: ",
        "none c.png: ",
    ]);
}

#[test]
fn a_split_without_any_label_stops_the_import() {
    let folder = set(&[
        ("data.yaml", "train: train/images\nval: val/images\nnames: [cup]\n"),
        ("train/images/a.png", ""),
        ("train/labels/a.txt", LINE),
        ("val/images/b.png", ""),
    ]);
    import(Yolo, folder.path(), "", "").is_refused("val: none of 1 image has a file of labels");
}

#[test]
fn what_systems_and_tools_leave_behind_is_no_data() {
    let folder = set(&[
        ("data.yaml", YAML),
        ("README.roboflow.txt", "cups\n\nThis dataset was exported\n"),
        ("train/images/a.png", ""),
        ("train/images/._a.png", "\u{0}\u{5}"),
        ("train/images/Thumbs.db", "x"),
        ("train/images/.DS_Store", "x"),
        ("train/images/.ipynb_checkpoints/a-checkpoint.png", ""),
        ("train/labels/a.txt", LINE),
        ("train/labels/._a.txt", "\u{0}\u{5}"),
        ("train/labels/classes.txt", "cup\n"),
        ("train/labels.cache", "x"),
        ("__MACOSX/train/images/._a.png", "x"),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train a.png: cup 8,6,24,18"]);
}

#[test]
fn classes_are_named_by_the_lists_of_many_tools() {
    for (name, content) in [
        ("data.yaml", "nc: 1\nnames: ['cup']\n"),
        ("dataset.yml", "names:\n  0: cup\n"),
        ("classes.txt", "cup\r\n"),
        ("labels/classes.txt", "\u{FEFF}cup\n"),
        ("obj.names", "cup"),
        ("_darknet.labels", "cup\n"),
        ("labels/_darknet.labels", "cup\n"),
    ] {
        let folder = set(&[(name, content), ("images/a.png", ""), ("labels/a.txt", LINE)]);
        let outcome = import(Yolo, folder.path(), "", "");
        assert_eq!(outcome.lines(), ["none a.png: cup 8,6,24,18"], "{name}");
    }
    let folder = set(&[("data.yaml", "nc: 1\n"), ("images/a.png", ""), ("labels/a.txt", LINE)]);
    import(Yolo, folder.path(), "", "").is(&["none a.png: 0 8,6,24,18"]).says("called by their numbers");
}

#[test]
fn labels_without_a_picture_are_told() {
    let folder =
        set(&[("data.yaml", YAML), ("images/a.png", ""), ("labels/a.txt", LINE), ("labels/b.txt", LINE)]);
    import(Yolo, folder.path(), "", "").is_refused("1 of 2 boxes would be lost");
}

#[test]
fn yaml_of_another_encoding_is_read_or_asked_about() {
    let folder = set(&[("images/a.png", ""), ("labels/a.txt", LINE)]);
    let yaml = "names: ['größe']\r\n";
    let wide: Vec<u8> = format!("\u{FEFF}{yaml}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path().join("data.yaml"), wide).expect("written");
    import(Yolo, folder.path(), "", "").is(&["none a.png: größe 8,6,24,18"]);
    let latin: Vec<u8> = yaml.chars().map(|c| c as u8).collect();
    std::fs::write(folder.path().join("data.yaml"), latin).expect("written");
    import(Yolo, folder.path(), "", "").is_refused("--encoding");
    let choices = Choices { encoding: "cp1252".parse().ok(), ..Choices::default() };
    import_with(Yolo, folder.path(), "", "", choices).is(&["none a.png: größe 8,6,24,18"]);
}

#[test]
fn an_index_beyond_the_names_is_named_with_the_option_that_calls_it_by_its_number() {
    let labels = format!("{LINE}4 0.5 0.5 0.25 0.25\n");
    lines(YAML, &labels).is_refused("--unlisted-classes by-number");
    let folder = set(&[("data.yaml", YAML), ("images/a.png", ""), ("labels/a.txt", &labels)]);
    let choices = Choices { unlisted: UnlistedClasses::ByNumber, ..Choices::default() };
    let outcome = import_with(Yolo, folder.path(), "", "", choices);
    outcome.is(&["none a.png: 4 24,18,16,12; cup 8,6,24,18"]);
    let labels = outcome.0.expect("read").labels;
    assert_eq!(labels.iter().map(|label| label.as_str().to_owned()).collect::<Vec<_>>(), ["cup", "4"]);
}
