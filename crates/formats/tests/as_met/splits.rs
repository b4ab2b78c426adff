//! Splits are what the files say, and never a word in a name.

use super::{CORNERS, LINE, coco, import, import_with, set, voc};
use formats::{
    Choices,
    Format::{Coco, Voc, Yolo},
};

#[test]
fn lists_and_surfaces_beside_instances_are_passed_over() {
    let boxes = coco(&[("1", "a.png")]);
    let list =
        "{\"images\": [{\"id\": 1, \"file_name\": \"a.png\"}], \"annotations\": [], \"categories\": []}";
    let folder = set(&[
        ("train2017/a.png", ""),
        ("annotations/image_info_train2017.json", list),
        ("annotations/instances_train2017.json", &boxes),
        ("annotations/stuff_train2017.json", &boxes),
    ]);
    import(Coco, folder.path(), "", "annotations")
        .is(&["train a.png: cup 8,6,24,18"])
        .says("stuff_train2017.json");
}

#[test]
fn only_lists_of_the_same_pictures_in_the_same_folder_are_passed_over() {
    let list = "{\"images\": [{\"id\": 1, \"file_name\": \"a.png\"}, {\"id\": 2, \"file_name\": \"b.png\"}], \
                \"annotations\": [], \"categories\": []}";
    let folder = set(&[
        ("i/a.png", ""),
        ("i/b.png", ""),
        ("x/image_info_train2017.json", list),
        ("x/instances_train2017.json", &coco(&[("1", "a.png")])),
    ]);
    import(Coco, folder.path(), "i", "x").is_refused("name the one file");
    let folder = set(&[
        ("i/a.png", ""),
        ("i/b.png", ""),
        ("x/instances_train.json", &coco(&[("1", "a.png")])),
        ("y/person_keypoints_train.json", &coco(&[("1", "b.png")])),
    ]);
    import(Coco, folder.path(), "i", "").is(&["train a.png: cup 8,6,24,18", "train b.png: cup 8,6,24,18"]);
}

#[test]
fn only_whole_names_of_json_files_are_splits() {
    for (name, split) in [
        ("instances_val2017.json", "val"),
        ("val.json", "val"),
        ("test_annotations.coco.json", "test"),
        ("labels_test-drive-cars_2025-03-01.json", "none"),
        ("val_d_aosta.json", "none"),
        ("instances_default.json", "none"),
        ("training_cups.json", "none"),
    ] {
        let folder = set(&[("i/a.png", ""), (name, &coco(&[("1", "a.png")]))]);
        import(Coco, folder.path(), "i", name).is(&[&format!("{split} a.png: cup 8,6,24,18")]);
    }
}

#[test]
fn coco_2017_as_everybody_downloads_it() {
    let json = coco(&[("1", "1.png")]);
    let captions = "{\"images\": [{\"id\": 1, \"file_name\": \"1.png\"}], \"annotations\": [{\"image_id\": 1, \"caption\": \"A cup.\"}]}";
    let folder = set(&[
        ("train2017/1.png", ""),
        ("val2017/1.png", ""),
        ("annotations/captions_train2017.json", captions),
        ("annotations/instances_train2017.json", &json),
        ("annotations/instances_val2017.json", &json),
        ("annotations/person_keypoints_val2017.json", &json),
    ]);
    import(Coco, folder.path(), "", "annotations")
        .is(&["train 1.png: cup 8,6,24,18", "val 1.png: cup 8,6,24,18"])
        .says("captions?")
        .says("person_keypoints_val2017.json was passed over");
}

#[test]
fn two_files_for_the_same_pictures_are_asked_about() {
    let json = coco(&[("1", "a.png")]);
    let folder = set(&[("i/a.png", ""), ("x/old.json", &json), ("x/new.json", &json)]);
    import(Coco, folder.path(), "i", "x").is_refused("name the one file");
    import(Coco, folder.path(), "i", "x/new.json").is(&["none a.png: cup 8,6,24,18"]);
}

#[test]
fn other_json_files_beside_it_do_not_matter_but_a_damaged_one_does() {
    let json = coco(&[("1", "a.png")]);
    let folder = set(&[
        ("i/a.png", ""),
        ("x/instances_train.json", &json),
        ("x/results.json", "[]"),
        ("x/licenses.json", "{}"),
        ("x/._instances_train.json", "\u{0}\u{5}"),
        ("x/package.json", "not even JSON"),
    ]);
    import(Coco, folder.path(), "i", "x").is(&["train a.png: cup 8,6,24,18"]);
    super::write(folder.path(), "x/instances_val.json", json.get(..json.len() - 9).expect("ASCII"));
    import(Coco, folder.path(), "i", "x").is_refused("instances_val.json");
}

#[test]
fn darknets_lists_are_the_splits() {
    for (train, names) in [
        ("data/obj_train_data/", "data/obj.names"),
        ("obj_train_data\\", "obj.names"),
        ("/Users/me/obj_train_data/", "/Users/me/obj.names"),
    ] {
        let folder = set(&[
            (
                "obj.data",
                &format!("classes = 2\ntrain = data/train.txt\nvalid = data/valid.txt\nnames = {names}\n"),
            ),
            ("obj.names", "cup\nplate\n"),
            ("train.txt", &format!("{train}f0.png\r\n{train}f1.png\r\n")),
            ("valid.txt", "data/obj_valid_data/f0.png\n"),
            ("obj_train_data/f0.png", ""),
            ("obj_train_data/f0.txt", LINE),
            ("obj_train_data/f1.png", ""),
            ("obj_train_data/f1.txt", LINE),
            ("obj_train_data/unlisted.png", ""),
            ("obj_train_data/unlisted.txt", LINE),
            ("obj_valid_data/f0.png", ""),
            ("obj_valid_data/f0.txt", "1 0.3125 0.3125 0.375 0.375\n"),
        ]);
        import(Yolo, folder.path(), "", "")
            .is(&[
                "train f0.png: cup 8,6,24,18",
                "train f1.png: cup 8,6,24,18",
                "val f0.png: plate 8,6,24,18",
            ])
            .says("1 image is in no list");
    }
}

#[test]
fn lists_alone_are_the_splits_too() {
    let folder = set(&[
        ("classes.txt", "cup\n"),
        ("train.txt", "\u{FEFF}# made by a script\n./images/a.png\n"),
        ("val.txt", "./images/b.png\n"),
        ("images/a.png", ""),
        ("images/b.png", ""),
        ("labels/a.txt", LINE),
        ("labels/b.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train a.png: cup 8,6,24,18", "val b.png: cup 8,6,24,18"]);
}

fn two_folders(yaml: &str, train: &str, val: &str) -> tempfile::TempDir {
    set(&[
        ("data.yaml", yaml),
        (&format!("{train}/images/a.png"), ""),
        (&format!("{train}/labels/a.txt"), LINE),
        (&format!("{val}/images/b.png"), ""),
        (&format!("{val}/labels/b.txt"), LINE),
    ])
}

#[test]
fn data_yaml_in_every_way_that_yaml_has() {
    for yaml in [
        "train: set_a/images\nval: set_b/images\nnames: [cup]\n",
        "train: >-\n  set_a/images\nval: |\n  set_b/images\nnames:\n- cup\n",
        "a: &t set_a/images\ntrain: *t\nval: &v set_b/images\nnames: {0: cup}\n",
        "{\"train\": \"set_a/images\", \"val\": \"set_b/images\", \"nc\": 1, \"names\": [\"cup\"]}",
        "train:\tset_a/images\nval:\tset_b/images\nnames:\n\t0:\tcup\n",
        "train: set_a/images\rval: set_b/images\rnames: [cup]\r",
        "\u{FEFF}train: [set_a/images]\r\nval:\r\n  - set_b\\images\r\nnames: {cup: 0}\r\n",
        "path: D:\\cups\ntrain: set_a\\images\nval: set_b\\images\nnames: cup\n",
        "path: /content/cups\ntrain: set_a/images\nval: set_b/images\nnames: [cup]\n",
        "train: /content/cups/set_a/images\nval: /content/cups/set_b/images\nnames: [cup]\n",
        "%YAML 1.2\n---\ntrain: './set_a/images'\nval: \"../set_b/images\" # b\nnames: [cup]\n...\n",
        "train: &t set_a/images\nval: set_b/images\nnames: !!seq [!!str cup]\n",
    ] {
        let folder = two_folders(yaml, "set_a", "set_b");
        let outcome = import(Yolo, folder.path(), "", "");
        assert_eq!(outcome.lines(), ["train a.png: cup 8,6,24,18", "val b.png: cup 8,6,24,18"], "{yaml}");
    }
}

#[test]
fn a_split_that_is_not_there_is_the_folder_that_is_called_so() {
    let yaml = "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnames: [cup]\n";
    let folder = two_folders(yaml, "train", "validate");
    import(Yolo, folder.path(), "", "")
        .is(&["train a.png: cup 8,6,24,18", "val b.png: cup 8,6,24,18"])
        .says("is not in");
    // A test folder that nothing is missing for is no trouble.
    let folder = two_folders(yaml, "train", "valid");
    import(Yolo, folder.path(), "", "").is(&["train a.png: cup 8,6,24,18", "val b.png: cup 8,6,24,18"]);
}

#[test]
fn pictures_in_no_split_stop_the_import() {
    let folder = two_folders("train: set_a/images\nval: gone/images\nnames: [cup]\n", "set_a", "set_b");
    import(Yolo, folder.path(), "", "").is_refused("gone/images is not there");
    let choices = Choices { keep_going: true, ..Choices::default() };
    import_with(Yolo, folder.path(), "", "", choices).is(&["train a.png: cup 8,6,24,18"]);
}

#[test]
fn the_same_folder_for_two_splits_stays_in_the_first() {
    let folder = set(&[
        ("data.yaml", "train: images\nval: images\nnames: [cup]\n"),
        ("images/a.png", ""),
        ("labels/a.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train a.png: cup 8,6,24,18"]).says("in another split already");
}

#[test]
fn a_yaml_file_of_any_name_counts_if_it_is_the_only_one() {
    let folder = set(&[
        ("FruitDetective.yaml", "train: a/images\nval: b/images\nnames: [cup]\n"),
        ("docker-compose.yaml", "services: {}\n"),
        ("a/images/1.png", ""),
        ("a/labels/1.txt", LINE),
        ("b/images/2.png", ""),
        ("b/labels/2.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train 1.png: cup 8,6,24,18", "val 2.png: cup 8,6,24,18"]);
    super::write(folder.path(), "other.yaml", "names: [plate]\n");
    import(Yolo, folder.path(), "", "").is_refused("both name classes");
}

#[test]
fn the_lists_of_voc_are_the_splits_and_one_image_in_two_is_asked_about() {
    let (a, b) = (voc("a.png", CORNERS), voc("b.png", CORNERS));
    let folder = set(&[
        ("JPEGImages/a.png", ""),
        ("JPEGImages/b.png", ""),
        ("Annotations/a.xml", &a),
        ("Annotations/b.xml", &b),
        ("ImageSets/Main/train.txt", "a\n"),
        ("ImageSets/Main/val.txt", "b\r\n"),
        ("ImageSets/Main/trainval.txt", "a\nb\n"),
    ]);
    import(Voc, folder.path(), "", "").is(&["train a.png: cup 8,6,24,18", "val b.png: cup 8,6,24,18"]);
    super::write(folder.path(), "ImageSets/Main/test.txt", "b\n");
    import(Voc, folder.path(), "", "").is_refused("in another list, too");
}

#[test]
fn the_same_bytes_in_two_splits_are_told() {
    let folder = two_folders("train: a/images\nval: b/images\nnames: [cup]\n", "a", "b");
    let bytes = std::fs::read(folder.path().join("a/images/a.png")).expect("read");
    super::write(folder.path(), "b/images/b.png", bytes);
    import(Yolo, folder.path(), "", "").says("in two splits, byte for byte");
}

#[test]
#[cfg(unix)]
fn links_into_a_store_of_the_data_set_are_pictures_of_their_own() {
    let folder = set(&[
        (".dvc/cache/files/md5/aa/1.png", ""),
        ("data.yaml", "train: train/images\nval: val/images\nnames: [cup]\n"),
        ("train/labels/z.txt", LINE),
        ("val/labels/z.txt", LINE),
    ]);
    for split in ["train", "val"] {
        let images = folder.path().join(split).join("images");
        std::fs::create_dir_all(&images).expect("made");
        std::os::unix::fs::symlink("../../.dvc/cache/files/md5/aa/1.png", images.join("z.png"))
            .expect("linked");
    }
    import(Yolo, folder.path(), "", "")
        .is(&["train z.png: cup 8,6,24,18", "val z.png: cup 8,6,24,18"])
        .says("in two splits, byte for byte");
}

#[test]
fn a_data_set_within_another_is_one_of_its_own() {
    let folder = set(&[
        ("data.yaml", "train: train/images\nnames: [cup]\n"),
        ("train/images/a.png", ""),
        ("train/labels/a.txt", LINE),
        ("old/data.yaml", "train: pictures\nnames: [plate]\n"),
        ("old/pictures/b.png", ""),
        ("old/pictures/b.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "")
        .is(&["train a.png: cup 8,6,24,18"])
        .says("1 image is of a data set of its own");
}

#[test]
fn the_parts_that_our_own_writer_leaves_beside_the_whole_are_passed_over() {
    let whole = coco(&[("1", "images/a.png"), ("2", "images/b.png")])
        .replace("\"id\": 1, \"file_name\"", "\"split\": \"train\", \"id\": 1, \"file_name\"")
        .replace("\"id\": 2, \"file_name\"", "\"split\": \"val\", \"id\": 2, \"file_name\"");
    let part = coco(&[("1", "images/a.png")])
        .replace("\"id\": 1, \"file_name\"", "\"split\": \"train\", \"id\": 1, \"file_name\"");
    let folder = set(&[
        ("annotations.json", &whole),
        ("annotations/instances_train.json", &part),
        ("images/a.png", ""),
        ("images/b.png", ""),
    ]);
    import(Coco, folder.path(), "", "")
        .is(&["train a.png: cup 8,6,24,18", "val b.png: cup 8,6,24,18"])
        .says("instances_train.json was passed over");
    import(Coco, folder.path(), "", "annotations/instances_train.json").is(&["train a.png: cup 8,6,24,18"]);
}
