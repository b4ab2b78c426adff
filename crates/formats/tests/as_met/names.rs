//! Which picture is meant by a name: never another one of the same name.

use super::{CORNERS, LINE, coco, import, set, voc};
use formats::Format::{Coco, Voc, Yolo};

fn read(files: &[&str], names: &[(&str, &str)]) -> super::Outcome {
    let json = coco(names);
    let mut all: Vec<(&str, &str)> = files.iter().map(|name| (*name, "")).collect();
    all.push(("boxes.json", &json));
    let folder = set(&all);
    import(Coco, folder.path(), "images", "boxes.json")
}

#[test]
fn paths_of_other_machines_are_taken_by_their_ends() {
    for name in [
        "..\\..\\images\\a.png",
        "../images/a.png",
        "/Users/me/data/images/a.png",
        "C:\\data\\images\\a.png",
        "/data/local-files/?d=images/a.png",
        "https://example.org/images/a.png?X-Sig=1",
        "images/./a.png",
        "file:///data/images/a.png",
        "s3://bucket/key/a.png",
        "train/a.png",
    ] {
        read(&["images/a.png", "images/b.png"], &[("1", name)]).is(&["none a.png: cup 8,6,24,18"]);
    }
}

#[test]
fn a_missing_picture_is_not_the_stray_one_of_the_same_name() {
    let names = [("1", "cam1/0001.png"), ("2", "cam2/0001.png"), ("3", "cam3/0001.png")];
    let files = ["images/cam1/0001.png", "images/cam2/0001.png", "images/0001.png"];
    read(&files, &names).is_refused("cam3/0001.png");
    // Also when it is the only one that is left.
    read(&["images/cam1/0002.png", "images/0001.png"], &[("1", "cam1/0002.png"), ("2", "cam3/0001.png")])
        .is_refused("cam3/0001.png");
    // And with paths of another machine.
    let names = [("1", "/d/cam1/0001.png"), ("2", "/d/cam3/0001.png")];
    read(&["images/cam1/0001.png", "images/cam2/0001.png"], &names).is_refused("cam3/0001.png");
}

#[test]
fn pictures_of_the_same_name_are_told_apart_by_their_folders() {
    for (one, two) in [("cam1/0001.png", "cam2/0001.png"), ("D:\\x\\cam1\\0001.png", "D:\\x\\cam2\\0001.png")]
    {
        read(&["images/cam1/0001.png", "images/cam2/0001.png"], &[("1", one), ("2", two)])
            .is(&["none 0001.png: cup 8,6,24,18", "none 0001.png: cup 8,6,24,18"]);
    }
}

#[test]
fn a_name_that_two_pictures_have_is_asked_about() {
    read(&["images/x/a.png", "images/y/a.png"], &[("1", "a.png")]).is_refused("2 images may be meant");
}

#[test]
fn pictures_in_folders_below_are_found_and_the_nearest_is_meant() {
    read(&["images/x/y/a.png"], &[("1", "a.png")]).is(&["none a.png: cup 8,6,24,18"]);
    let json = coco(&[("1", "a.png")]);
    let folder = set(&[
        ("train/a.png", ""),
        ("train/_annotations.coco.json", &json),
        ("valid/a.png", ""),
        ("valid/_annotations.coco.json", &json),
    ]);
    import(Coco, folder.path(), "", "").is(&["train a.png: cup 8,6,24,18", "val a.png: cup 8,6,24,18"]);
}

#[test]
fn accents_case_and_percent_signs_are_spellings() {
    read(&["images/cafe\u{301}.png"], &[("1", "café.png")]).is(&["none cafe\u{301}.png: cup 8,6,24,18"]);
    read(&["images/café.png"], &[("1", "cafe\u{301}.png")]).is(&["none café.png: cup 8,6,24,18"]);
    read(&["images/IMG_1.PNG"], &[("1", "img_1.png")])
        .is(&["none IMG_1.PNG: cup 8,6,24,18"])
        .says("taken to be");
    read(&["images/two words.png"], &[("1", "two%20words.png")]).is(&["none two words.png: cup 8,6,24,18"]);
    read(&["images/100%.png", "images/a+b.png"], &[("1", "100%.png"), ("2", "a+b.png")])
        .is(&["none 100%.png: cup 8,6,24,18", "none a+b.png: cup 8,6,24,18"]);
    // Where both spellings are there, each is itself.
    read(&["images/A.png", "images/a.png"], &[("1", "a.png")]).is(&["none a.png: cup 8,6,24,18"]);
}

#[test]
fn a_near_name_is_told_and_not_taken() {
    read(&["images/0001.png"], &[("1", "0001.jpg")]).is_refused("but 0001.png is");
}

#[test]
fn nothing_outside_is_opened() {
    read(&["images/a.png"], &[("1", "../../../etc/passwd"), ("2", "a.png")])
        .is_refused("leads out of the folder");
}

#[test]
fn an_xml_file_is_of_the_picture_of_its_own_name() {
    let (of_a, of_b) = (voc("a.png", ["8", "6", "24", "24"]), voc("b.png", ["28", "6", "44", "24"]));
    let folder = set(&[
        ("JPEGImages/a.png", ""),
        ("JPEGImages/b.png", ""),
        ("JPEGImages/c.png", ""),
        ("Annotations/a.xml", &of_a),
        ("Annotations/b.xml", &of_a),
        ("Annotations/c.xml", &of_b),
    ]);
    import(Voc, folder.path(), "", "")
        .is(&["none a.png: cup 8,6,16,18", "none b.png: cup 8,6,16,18", "none c.png: cup 28,6,16,18"])
        .says("another image");
}

#[test]
fn an_xml_file_does_not_take_the_picture_of_another_one() {
    let of_a = voc("a.png", CORNERS);
    let folder = set(&[("i/a.png", ""), ("x/a.xml", &of_a), ("x/b.xml", &of_a)]);
    import(Voc, folder.path(), "i", "x").is_refused("the image of another annotation file");
}

#[test]
fn xml_files_and_pictures_in_folders_beside_each_other() {
    let (one, two) = (voc("a.png", CORNERS), voc("C:\\x\\a.png", ["0", "0", "10", "10"]));
    let folder = set(&[
        ("train/images/a.png", ""),
        ("train/annots/a.xml", &one),
        ("val/images/a.png", ""),
        ("val/annots/a.xml", &two),
    ]);
    import(Voc, folder.path(), "", "").is(&["train a.png: cup 8,6,24,18", "val a.png: cup 0,0,10,10"]);
}

#[test]
fn labels_are_those_of_the_folder_that_was_named() {
    let folder = set(&[
        ("data.yaml", "names: [cup]\n"),
        ("images/a.png", ""),
        ("labels/a.txt", "0 0.5 0.5 0.9 0.9\n"),
        ("labels_v2/a.txt", LINE),
    ]);
    import(Yolo, folder.path(), "images", "labels_v2").is(&["none a.png: cup 8,6,24,18"]);
    import(Yolo, folder.path(), "images", "labels").is(&["none a.png: cup 3.2,2.4,57.6,43.2"]);
}

#[test]
fn labels_of_another_split_are_not_those_of_this_one() {
    let folder = set(&[
        ("data.yaml", "train: train/images\nval: valid/images\nnames: [cup]\n"),
        ("train/images/a.png", ""),
        ("train/labels/a.txt", LINE),
        ("valid/images/b.png", ""),
        ("valid/labels/b.txt", LINE),
    ]);
    import(Yolo, folder.path(), "train/images", "valid/labels")
        .is_refused("none of 1 image has a file of labels");
}

#[test]
fn pictures_beside_the_annotations_do_not_count_where_the_folder_of_images_has_one() {
    let json = coco(&[("1", "café.png")]);
    let folder = set(&[("images/cafe\u{301}.png", ""), ("other/café.png", ""), ("boxes.json", &json)]);
    import(Coco, folder.path(), "images", "boxes.json").is(&["none cafe\u{301}.png: cup 8,6,24,18"]);
}
