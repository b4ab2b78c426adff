//! What else comes in, by hands and tools that know other rules.

use super::{LINE, import, png, set, write};
use formats::{
    Format::{Coco, Yolo},
    choose,
};

fn yolo(lines: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "images/a.png", png(64, 48, 1));
    write(folder.path(), "labels/a.txt", lines);
    write(folder.path(), "data.yaml", "train: images\nnames: [cup, plate]\n");
    folder
}

#[test]
fn comments_among_labels_are_no_boxes_and_a_class_by_its_name_is_told_its_number() {
    let folder = yolo("# made by hand\r\n0 0.25 0.25 0.25 0.25\r\n// and more\n1 0.5 0.5 0.5 0.5\n");
    import(Yolo, folder.path(), "", "").is(&["train a.png: cup 8,6,16,12; plate 16,12,32,24"]);
    let folder = yolo("plate 0.25 0.25 0.25 0.25\n");
    import(Yolo, folder.path(), "", "")
        .is_refused("\"plate\" is not a class index: it is the name of class 1");
}

fn coco(boxes: &[[u32; 4]]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.png", png(64, 48, 1));
    let boxes: Vec<String> = boxes
        .iter()
        .enumerate()
        .map(|(id, numbers)| {
            format!(r#"{{"id": {id}, "image_id": 1, "category_id": 1, "bbox": {numbers:?}}}"#)
        })
        .collect();
    let json = format!(
        r#"{{"images": [{{"id": 1, "file_name": "a.png", "width": 64, "height": 48}}],
        "categories": [{{"id": 1, "name": "cup"}}], "annotations": [{}]}}"#,
        boxes.join(", ")
    );
    write(folder.path(), "boxes.json", json);
    folder
}

#[test]
fn corners_in_the_place_of_sides_are_asked_about() {
    let folder = coco(&[[40, 30, 60, 45], [2, 3, 20, 30], [30, 20, 50, 40]]);
    import(Coco, folder.path(), "", "boxes.json").is_refused("all fit as corners x1, y1, x2, y2");
    // One that cannot be corners says what the others are.
    let folder = coco(&[[40, 30, 60, 45], [50, 3, 20, 30]]);
    import(Coco, folder.path(), "", "boxes.json").says("reaches outside the image");
}

#[test]
fn an_object_in_the_place_of_a_list_is_told_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "boxes.json", r#"{"images": [], "annotations": {"1": {}}, "categories": []}"#);
    import(Coco, folder.path(), "", "boxes.json").is_refused("an object stands where COCO has a list");
}

#[test]
fn annotations_that_are_not_read_are_named_with_what_to_do() {
    for (file, content, words) in [
        (
            "ds/ann/a.png.json",
            r#"{"objects": [{"classTitle": "cup"}]}"#,
            "Supervisely's: export the project as COCO",
        ),
        ("train/metadata.jsonl", "{}", "Hugging Face's datasets"),
        ("label_2/1.txt", "Car 0 0 -1.5 10 8 19 16 1.5 1.6 3.9 1 1.5 20 -1.5\n", "KITTI's labels"),
        ("train.txt", "a.png 8,6,24,18,0 1,2,3,4,1\n", "keras-yolo3"),
        ("labelTxt/a.txt", "1 2 3 4 5 6 7 8 plane 0\n", "DOTA's turned boxes"),
        ("train/instances/labels.txt", "cup\n", "MOTS"),
        ("instances_txt/0001.txt", "52 1005 1 375 1242 WSV:2d;1O10000O1\n", "MOTS"),
        ("train/gt_a.txt", "\u{feff}8,6,32,6,32,24,8,24,EXIT\n", "ICDAR's"),
        ("words/a.txt", "8, 6, 32, 24, \"EXIT\"\n", "ICDAR's"),
        ("gt.txt", "a.png, \"EXIT\"\n", "words of ICDAR's pictures, and no box"),
        ("gt/gt.txt", "1,-1,8,6,24,18,1,3,1.0\n", "tracks of MOT"),
        ("set.json", r#"[{"file_name": "a.png", "annotations": [{"bbox_mode": 0}]}]"#, "Detectron2"),
        ("set.json", r#"[{"filename": "a.png", "ann": {"bboxes": [[8, 6, 32, 24]]}}]"#, "MMDetection"),
        ("set.odgt", r#"{"ID": "a", "gtboxes": []}"#, "CrowdHuman's"),
        ("output.manifest", r#"{"source-ref": "s3://b/a.png"}"#, "Ground Truth's"),
        ("a.json", r#"{"annotations": [{"name": "cup", "bounding_box": {}}]}"#, "Darwin's"),
        ("a_gtFine_polygons.json", r#"{"imgHeight": 48, "objects": []}"#, "Cityscapes'"),
        ("bounding_boxes.labels", r#"{"boundingBoxes": {}}"#, "Edge Impulse's"),
        ("set.ndjson", r#"{"type": "dataset", "class_names": {}}"#, "convert_ndjson_to_yolo"),
        (
            "training.xml",
            "<dataset><images><image file='a.png'><box top='6'/></image></images></dataset>",
            "dlib's",
        ),
        ("vertex.csv", "TRAIN,gs://b/a.png,cup,0.1,0.1,,,0.5,0.5,,\n", "Vertex AI's"),
        ("train/_classes.csv", "filename, cup, plate\na.png, 1, 0\n", "classes of whole pictures"),
        ("annotations/a.txt", "8,6,24,18,1,4,0,0,\n", "VisDrone's"),
        ("Label/a.txt", "cup 8.0 6.0 32.0 24.0\n", "OIDv4"),
        ("SegmentationClass/a.png", "", "masks and no boxes"),
        ("data/train.parquet", "PAR1", "Parquet, Arrow or TFRecord"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), "a.png", png(64, 48, 1));
        write(folder.path(), file, content);
        let refused = choose(folder.path()).expect_err("no format").to_string();
        assert!(refused.contains(words), "{file}: {refused}");
    }
}

#[test]
fn data_sets_in_folders_of_their_own_are_not_one() {
    let own = |name: &str| format!("train: images\nnames: [{name}]\n");
    let folder = set(&[
        ("a/data.yaml", &own("cup")),
        ("a/images/a.png", ""),
        ("a/labels/a.txt", LINE),
        ("b/data.yaml", &own("plate")),
        ("b/images/b.png", ""),
        ("b/labels/b.txt", LINE),
    ]);
    import(Yolo, folder.path(), "", "").is_refused("import each by itself");
    import(Yolo, folder.path(), "b", "b").is(&["train b.png: plate 8,6,24,18"]);
}

#[test]
fn a_folder_with_the_names_of_classes_alone_is_no_data_set_of_its_own() {
    let folder = set(&[("config/data.yaml", "names: [cup]\n"), ("images/a.png", ""), ("labels/a.txt", LINE)]);
    import(Yolo, folder.path(), "", "")
        .is(&["none a.png: 0 8,6,24,18"])
        .says("config/data.yaml was not read");
    import(Yolo, folder.path(), "", "config/data.yaml").is(&["none a.png: cup 8,6,24,18"]);
}

#[test]
fn what_is_utf_16_is_recognised_by_what_it_says() {
    let folder = set(&[("a.png", "")]);
    let text: Vec<u8> = super::coco(&[("1", "a.png")]).encode_utf16().flat_map(u16::to_be_bytes).collect();
    write(folder.path(), "boxes.json", [&[0xFE, 0xFF][..], &text].concat());
    let (format, _) = formats::choose(folder.path()).expect("COCO");
    assert_eq!(format, Coco.into());
    import(Coco, folder.path(), "", "boxes.json").is(&["none a.png: cup 8,6,24,18"]);
}

#[test]
fn images_of_lvis_are_named_by_their_addresses() {
    let folder = set(&[("val2017/1.png", ""), ("train2017/1.png", "")]);
    let json = super::coco(&[("1", "x")])
        .replace("\"file_name\": \"x\"", "\"coco_url\": \"http://host/val2017/1.png\"");
    assert!(json.contains("coco_url"), "{json}");
    write(folder.path(), "lvis_v1_val.json", json);
    import(Coco, folder.path(), "", "lvis_v1_val.json").is(&["val 1.png: cup 8,6,24,18"]);
}
