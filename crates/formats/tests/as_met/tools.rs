//! Data sets as the tools export them, by the first command that one would
//! try: the folder for both, or the two folders it has.

use super::{CORNERS, LINE, coco, import, set, voc};
use formats::Format::{Coco, Voc, Yolo};

#[test]
fn roboflow_yolo() {
    let yaml = "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n\nnc: 1\nnames: ['cup']\n\n\
                roboflow:\n  workspace: w\n  project: cups\n  version: 1\n  license: CC BY 4.0\n";
    let folder = set(&[
        ("data.yaml", yaml),
        ("README.dataset.txt", "# cups > v1\nhttps://example.org\n"),
        ("train/images/a_jpg.rf.0af.jpg", ""),
        ("train/labels/a_jpg.rf.0af.txt", LINE),
        ("valid/images/b_jpg.rf.1bc.jpg", ""),
        ("valid/labels/b_jpg.rf.1bc.txt", ""),
    ]);
    import(Yolo, folder.path(), "", "")
        .is(&["train a_jpg.rf.0af.jpg: cup 8,6,24,18", "val b_jpg.rf.1bc.jpg: "]);
    import(Yolo, folder.path(), "", "data.yaml")
        .is(&["train a_jpg.rf.0af.jpg: cup 8,6,24,18", "val b_jpg.rf.1bc.jpg: "]);
}

#[test]
fn roboflow_darknet() {
    let folder = set(&[
        (
            "README.roboflow.txt",
            "\ncups - v1\n==\nThis dataset was exported via roboflow.com\nIt includes 2 images.\n",
        ),
        ("train/_darknet.labels", "cup\n"),
        ("train/a.jpg", ""),
        ("train/a.txt", LINE),
        ("valid/_darknet.labels", "cup\n"),
        ("valid/b.jpg", ""),
        ("valid/b.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train a.jpg: cup 8,6,24,18", "val b.jpg: cup 8,6,24,18"]);
}

#[test]
fn roboflow_coco_and_voc() {
    let (a, b) = (coco(&[("0", "a.jpg")]), coco(&[("0", "b.jpg")]));
    let folder = set(&[
        ("README.dataset.txt", "cups\n"),
        ("train/_annotations.coco.json", &a),
        ("train/a.jpg", ""),
        ("test/_annotations.coco.json", &b),
        ("test/b.jpg", ""),
    ]);
    import(Coco, folder.path(), "", "").is(&["test b.jpg: cup 8,6,24,18", "train a.jpg: cup 8,6,24,18"]);
    import(Coco, folder.path(), "train", "train/_annotations.coco.json").is(&["train a.jpg: cup 8,6,24,18"]);
    let folder = set(&[
        ("train/a.jpg", ""),
        ("train/a.xml", &voc("a.jpg", CORNERS)),
        ("valid/b.jpg", ""),
        ("valid/b.xml", &voc("b.jpg", CORNERS)),
    ]);
    import(Voc, folder.path(), "", "").is(&["train a.jpg: cup 8,6,24,18", "val b.jpg: cup 8,6,24,18"]);
}

#[test]
fn cvat_coco_and_voc() {
    let folder = set(&[
        ("images/default/frame_000000.jpg", ""),
        ("annotations/instances_default.json", &coco(&[("1", "frame_000000.jpg")])),
    ]);
    for (images, annotations) in
        [("", ""), ("images", "annotations"), ("images", "annotations/instances_default.json")]
    {
        import(Coco, folder.path(), images, annotations).is(&["none frame_000000.jpg: cup 8,6,24,18"]);
    }
    let folder = set(&[
        ("JPEGImages/f0.jpg", ""),
        ("Annotations/f0.xml", &voc("f0.jpg", CORNERS)),
        ("ImageSets/Main/default.txt", "f0\n"),
        ("labelmap.txt", "# label:color_rgb:parts:actions\ncup:0,0,0::\n"),
    ]);
    for (images, annotations) in [("", ""), ("JPEGImages", "Annotations")] {
        import(Voc, folder.path(), images, annotations).is(&["none f0.jpg: cup 8,6,24,18"]);
    }
}

#[test]
fn cvat_ultralytics() {
    let folder = set(&[
        ("data.yaml", "names:\n  0: cup\npath: .\ntrain: train.txt\nval: val.txt\n"),
        ("train.txt", "data/images/train/f0.jpg\n"),
        ("val.txt", "data/images/val/f1.jpg\n"),
        ("images/train/f0.jpg", ""),
        ("images/val/f1.jpg", ""),
        ("labels/train/f0.txt", LINE),
        ("labels/val/f1.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train f0.jpg: cup 8,6,24,18", "val f1.jpg: cup 8,6,24,18"]);
}

#[test]
fn label_studio() {
    let folder = set(&[
        ("classes.txt", "cup\nplate"),
        ("notes.json", "{\"categories\": [{\"id\": 0, \"name\": \"cup\"}]}"),
        ("images/0f1e2d-a.jpg", ""),
        ("labels/0f1e2d-a.txt", "0 0.3125 0.3125 0.375 0.375"),
    ]);
    import(Yolo, folder.path(), "", "").is(&["none 0f1e2d-a.jpg: cup 8,6,24,18"]);
    import(Yolo, folder.path(), "images", "labels").is(&["none 0f1e2d-a.jpg: cup 8,6,24,18"]);
    for name in
        ["images/0f1e2d-a.jpg", "images\\0f1e2d-a.jpg", "/label-studio/data/media/upload/7/0f1e2d-a.jpg"]
    {
        let folder = set(&[("result.json", &coco(&[("0", name)])), ("images/0f1e2d-a.jpg", "")]);
        import(Coco, folder.path(), "", "").is(&["none 0f1e2d-a.jpg: cup 8,6,24,18"]);
        import(Coco, folder.path(), "images", "result.json").is(&["none 0f1e2d-a.jpg: cup 8,6,24,18"]);
    }
    let folder =
        set(&[("images/0f1e2d-a.jpg", ""), ("Annotations/0f1e2d-a.xml", &voc("0f1e2d-a.jpg", CORNERS))]);
    import(Voc, folder.path(), "", "").is(&["none 0f1e2d-a.jpg: cup 8,6,24,18"]);
}

#[test]
fn label_img_beside_the_pictures() {
    let xml = voc("a.jpg", CORNERS).replace(
        "<size>",
        "<path>C:\\Users\\me\\a.jpg</path><source><database>Unknown</database></source><size>",
    );
    let folder = set(&[("a.jpg", ""), ("a.xml", &xml)]);
    import(Voc, folder.path(), "", "").is(&["none a.jpg: cup 8,6,24,18"]);
    let folder = set(&[("a.jpg", ""), ("a.txt", LINE), ("classes.txt", "cup\n")]);
    import(Yolo, folder.path(), "", "").is(&["none a.jpg: cup 8,6,24,18"]);
}

#[test]
fn vott_writes_voc() {
    let folder = set(&[
        ("JPEGImages/a.jpg", ""),
        ("Annotations/a.xml", &voc("a.jpg", ["8.000000000000002", "6", "32", "24"])),
        ("ImageSets/Main/cup_train.txt", "a.jpg 1\n"),
        ("ImageSets/Main/cup_val.txt", ""),
        ("pascal_label_map.pbtxt", "item { id: 1 name: 'cup' }\n"),
    ]);
    import(Voc, folder.path(), "", "").is(&["none a.jpg: cup 8,6,24,18"]);
}

#[test]
fn fifty_one() {
    let folder = set(&[("data/000001.jpg", ""), ("labels.json", &coco(&[("1", "000001.jpg")]))]);
    for (images, annotations) in [("", ""), ("data", "labels.json"), ("", "labels.json")] {
        import(Coco, folder.path(), images, annotations).is(&["none 000001.jpg: cup 8,6,24,18"]);
    }
    let folder = set(&[("data/000001.jpg", ""), ("labels/000001.xml", &voc("000001.jpg", CORNERS))]);
    for (images, annotations) in [("", ""), ("data", "labels")] {
        import(Voc, folder.path(), images, annotations).is(&["none 000001.jpg: cup 8,6,24,18"]);
    }
    let folder = set(&[
        ("dataset.yaml", "names:\n  0: cup\npath: /tmp/export\ntrain: ./images/train/\nval: ./images/val/\n"),
        ("images/train/1.jpg", ""),
        ("labels/train/1.txt", LINE),
        ("images/val/2.jpg", ""),
        ("labels/val/2.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train 1.jpg: cup 8,6,24,18", "val 2.jpg: cup 8,6,24,18"]);
    let folder = set(&[
        ("obj.names", "cup\n"),
        ("images.txt", "data/1.jpg\n"),
        ("data/1.jpg", ""),
        ("data/1.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is(&["none 1.jpg: cup 8,6,24,18"]);
}

#[test]
fn ultralytics_coco8() {
    let yaml = "# Ultralytics\npath: ../datasets/coco8 # dataset root dir\ntrain: images/train # train images\n\
                val: images/val # val images\ntest: # test images (optional)\n\n# Classes\nnames:\n  0: cup\n  1: plate\n\n\
                download: https://example.org/coco8.zip\n";
    let folder = set(&[
        ("coco8.yaml", yaml),
        ("images/train/1.jpg", ""),
        ("images/val/2.jpg", ""),
        ("labels/train/1.txt", LINE),
        ("labels/val/2.txt", LINE),
        ("labels/train.cache", "x"),
    ]);
    import(Yolo, folder.path(), "", "").is(&["train 1.jpg: cup 8,6,24,18", "val 2.jpg: cup 8,6,24,18"]);
    import(Yolo, folder.path(), "", "coco8.yaml")
        .is(&["train 1.jpg: cup 8,6,24,18", "val 2.jpg: cup 8,6,24,18"]);
}
