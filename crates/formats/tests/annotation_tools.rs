//! What annotation tools write, read as they write it: the places of boxes,
//! which of several annotations counts, and a fault for each thing that is no
//! box.

mod common;

use common::{kinds, png, write};
use domain::dataset::Split;
use formats::{FaultKind, Import, ImportFormat, Options, Severity, choose};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A folder with pictures of 100×50 pixels under these names.
fn pictures(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, seed) in names.iter().zip(0..) {
        write(folder.path(), name, png(100, 50, seed));
    }
    folder
}

fn read(word: &str, folder: &Path) -> Import {
    let format: ImportFormat = word.parse().expect("a format");
    let (chosen, recognition) = choose(folder).expect("one format is sure");
    assert_eq!(chosen, format, "{}", recognition.saw);
    formats::read(format, folder, folder, &Options::default(), &mut |_| {}).expect("readable")
}

/// `name: label x,y,w,h` of every box, to the hundredth of a pixel.
fn boxes(import: &Import) -> Vec<String> {
    let of_image = |image: &formats::ImportedImage| -> Vec<String> {
        image
            .annotations
            .iter()
            .map(|one| {
                let numbers = [one.rect.x(), one.rect.y(), one.rect.w(), one.rect.h()];
                let numbers = numbers.map(|number| ((number * 100.0).round() / 100.0).to_string()).join(",");
                let ignore = if one.ignore { " ignored" } else { "" };
                format!("{}: {} {numbers}{ignore}", image.filename(), one.label)
            })
            .collect()
    };
    import.images.iter().flat_map(of_image).collect()
}

fn labels(import: &Import) -> Vec<&str> {
    import.labels.iter().map(domain::name::Label::as_str).collect()
}

fn fault_kinds(import: &Import) -> Vec<FaultKind> {
    import.faults.iter().map(|fault| fault.kind).collect()
}

#[test]
fn every_format_stands_in_the_docs() {
    let docs = include_str!("../../../docs/formats.md");
    for format in ImportFormat::all() {
        let word = format!("`{}`", format.as_str());
        assert!(docs.contains(&word), "docs/formats.md says nothing of {word}");
    }
}

const CVAT_IMAGES: &str = r##"<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>7</id><name>a task</name><size>3</size><mode>annotation</mode><overlap>0</overlap><bugtracker></bugtracker>
      <created>2026-01-01 00:00:00+00:00</created><subset>Train</subset><start_frame>0</start_frame><stop_frame>2</stop_frame>
      <labels>
        <label><name>car</name><color>#ff0000</color><type>any</type><attributes>
          <attribute><name>make</name><mutable>False</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute>
        </attributes></label>
        <label><name>bus &amp; tram</name><color>#00ff00</color><type>rectangle</type><attributes></attributes></label>
        <label><name>weather</name><color>#00ff00</color><type>tag</type><attributes></attributes></label>
      </labels>
      <segments><segment><id>1</id><start>0</start><stop>2</stop><url>http://localhost/api/jobs/1</url></segment></segments>
      <owner><username>me</username><email></email></owner>
    </task>
    <dumped>2026-01-02 00:00:00+00:00</dumped>
  </meta>
  <image id="0" name="a.png" width="100" height="50">
    <box label="car" source="manual" occluded="0" xtl="10.00" ytl="5.00" xbr="30.00" ybr="15.00" z_order="0">
      <attribute name="make">x</attribute>
    </box>
    <box label="bus &amp; tram" source="manual" occluded="1" rotation="90.00" xtl="40.00" ytl="20.00" xbr="60.00" ybr="30.00" z_order="0"></box>
    <tag label="weather" source="manual"></tag>
  </image>
  <image id="1" name="sub/b.png" subset="Validation" width="100" height="50">
    <polygon label="car" source="manual" occluded="0" points="10.00,10.00;20.00,10.00;15.00,30.00" z_order="0"></polygon>
    <ellipse label="car" source="manual" occluded="0" cx="50.00" cy="20.00" rx="10.00" ry="5.00" z_order="0"></ellipse>
    <mask label="car" source="semi-auto" occluded="0" rle="3, 5" left="70" top="8" width="4" height="2" z_order="0"></mask>
    <polyline label="car" source="manual" occluded="0" points="1.00,1.00;2.00,2.00" z_order="0"></polyline>
    <points label="car" source="manual" occluded="0" points="1.00,1.00" z_order="0"></points>
    <skeleton label="car" source="manual" z_order="0"><points label="1" source="manual" outside="0" occluded="0" points="4.00,4.00"></points></skeleton>
  </image>
  <image id="2" name="gone.png" width="100" height="50">
    <box label="car" source="manual" occluded="0" xtl="1" ytl="1" xbr="2" ybr="2" z_order="0"></box>
  </image>
</annotations>
"##;

#[test]
fn cvat_images_keep_boxes_and_the_boxes_around_other_shapes() {
    let folder = pictures(&["a.png", "sub/b.png"]);
    write(folder.path(), "annotations.xml", CVAT_IMAGES);
    let import = read("cvat", folder.path());
    assert_eq!(labels(&import), ["car", "bus & tram"]);
    assert_eq!(
        boxes(&import),
        [
            "a.png: car 10,5,20,10",
            "a.png: bus & tram 45,15,10,20",
            "b.png: car 10,10,10,20",
            "b.png: car 40,15,20,10",
            "b.png: car 70,8,4,2",
        ]
    );
    let splits: Vec<_> = import.images.iter().map(|image| image.split).collect();
    assert_eq!(splits, [Some(Split::Train), Some(Split::Val)]);
    assert_eq!(
        kinds(&import),
        [
            (FaultKind::OutlineReduced, "image 0", Severity::Warning),
            (FaultKind::OtherShape, "image 1, polyline 4", Severity::Error),
            (FaultKind::OtherShape, "image 1, points 4", Severity::Error),
            (FaultKind::OtherShape, "image 1, skeleton 4", Severity::Error),
            (FaultKind::OutlineReduced, "image 1", Severity::Warning),
            (FaultKind::MissingImage, "image 2", Severity::Error),
        ]
    );
    assert_eq!((import.left_out.images, import.left_out.boxes), (1, 4));
}

#[test]
fn a_task_of_a_project_says_nothing_of_the_images_of_another() {
    let folder = pictures(&["images/default/a.png", "images/Train/b.png"]);
    let image = |id: u32, name: &str, subset: &str| {
        format!(
            "<image id=\"{id}\" name=\"{name}\" subset=\"{subset}\" task_id=\"{id}\" width=\"100\" height=\"50\">\
         <box label=\"car\" xtl=\"1\" ytl=\"1\" xbr=\"9\" ybr=\"9\"/></image>"
        )
    };
    let head = "<annotations><version>1.1</version><meta><project><labels><label><name>car</name></label></labels>\
         <subsets>default\nTrain</subsets><tasks><task><id>1</id><subset>default</subset></task>\
         <task><id>2</id><subset>Train</subset></task></tasks></project></meta>";
    let images = image(1, "a.png", "default") + &image(2, "b.png", "Train");
    write(folder.path(), "annotations.xml", format!("{head}{images}</annotations>"));
    let import = read("cvat", folder.path());
    let splits: Vec<_> = import.images.iter().map(|image| (image.filename(), image.split)).collect();
    assert_eq!(splits, [("a.png".to_owned(), None), ("b.png".to_owned(), Some(Split::Train))]);
}

/// A project's element for a picture of this subset, with a box of this label.
fn of_subset(id: u32, subset: &str, label: &str) -> String {
    format!(
        "<image id=\"{id}\" name=\"0001.png\"{subset} task_id=\"{id}\" width=\"100\" height=\"50\">\
         <box label=\"{label}\" xtl=\"1\" ytl=\"1\" xbr=\"9\" ybr=\"9\"/></image>"
    )
}

#[test]
fn two_images_of_one_name_are_told_apart_by_their_subsets() {
    for folders in ["images/", "", "export/"] {
        let [train, val] = ["Train", "Validation"].map(|subset| format!("{folders}{subset}/0001.png"));
        let folder = pictures(&[&train, &val]);
        let images =
            of_subset(1, " subset=\"Validation\"", "bus") + &of_subset(2, " subset=\"Train\"", "car");
        write(
            folder.path(),
            "annotations.xml",
            format!("<annotations><version>1.1</version>{images}</annotations>"),
        );
        let import = read("cvat", folder.path());
        assert_eq!(import.faults, [], "{folders}");
        let [first, second] = import.images.as_slice() else { panic!("two images: {:?}", import.images) };
        assert!(first.path.ends_with(&val) && second.path.ends_with(&train), "{:?}", import.images);
        assert_eq!(boxes(&import), ["0001.png: bus 1,1,8,8", "0001.png: car 1,1,8,8"]);
        assert_eq!([first.split, second.split], [Some(Split::Val), Some(Split::Train)]);
    }
}

#[test]
fn images_whose_name_may_mean_several_are_not_said_to_be_named_by_nothing() {
    let folder = pictures(&["cam1/0001.png", "cam2/0001.png"]);
    let image = of_subset(1, "", "car");
    write(
        folder.path(),
        "annotations.xml",
        format!("<annotations><version>1.1</version>{image}</annotations>"),
    );
    let import = read("cvat", folder.path());
    assert_eq!(kinds(&import), [(FaultKind::AmbiguousName, "image 1", Severity::Error)]);
    let told =
        "2 image files are left out: no annotation was matched to them (cam1/0001.png, cam2/0001.png).";
    assert!(import.notes.iter().any(|note| note == told), "{:?}", import.notes);
}

fn cvat_video(tracks: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n<version>1.1</version>\n<meta><task><id>1</id>\
         <size>8</size><mode>interpolation</mode><start_frame>0</start_frame><stop_frame>7</stop_frame>\
         <labels><label><name>car</name><type>any</type></label></labels>\
         <original_size><width>100</width><height>50</height></original_size></task></meta>\n{tracks}</annotations>\n"
    )
}

fn tracked(frame: u32, outside: u8, left: f64) -> String {
    let right = left + 10.0;
    format!(
        "<box frame=\"{frame}\" keyframe=\"1\" outside=\"{outside}\" occluded=\"0\" xtl=\"{left}\" ytl=\"5\" \
         xbr=\"{right}\" ybr=\"15\" z_order=\"0\"><attribute name=\"ignore\">false</attribute></box>\n"
    )
}

#[test]
fn cvat_tracks_move_evenly_between_keyframes_and_vanish_when_outside() {
    let folder = pictures(&[
        "images/frame_000000.PNG",
        "images/frame_000001.PNG",
        "images/frame_000002.PNG",
        "images/frame_000004.PNG",
        "images/frame_000006.PNG",
        "images/frame_000007.PNG",
    ]);
    let shapes =
        [tracked(0, 0, 10.0), tracked(2, 0, 30.0), tracked(3, 1, 30.0), tracked(5, 0, 50.0)].concat();
    let track = format!("<track id=\"0\" label=\"car\" source=\"manual\">\n{shapes}</track>\n");
    write(folder.path(), "annotations.xml", cvat_video(&track));
    let import = read("cvat", folder.path());
    assert_eq!(
        boxes(&import),
        [
            "frame_000000.PNG: car 10,5,10,10",
            "frame_000001.PNG: car 20,5,10,10",
            "frame_000002.PNG: car 30,5,10,10",
            "frame_000006.PNG: car 50,5,10,10",
            "frame_000007.PNG: car 50,5,10,10",
        ]
    );
    assert_eq!(import.images.len(), 6, "a frame without objects is an image without boxes");
    let [missing] = import.faults.as_slice() else { panic!("one fault: {:?}", import.faults) };
    assert_eq!(missing.kind, FaultKind::MissingImage);
    assert!(
        missing.message.contains("frames 5,") && missing.message.contains("frame_000005.png"),
        "{missing}"
    );
    assert_eq!((import.left_out.images, import.left_out.boxes), (1, 1));
}

#[test]
fn a_track_of_a_project_says_its_split() {
    let folder = pictures(&["frame_000000.png"]);
    let track = format!(
        "<track id=\"0\" label=\"car\" source=\"manual\" task_id=\"1\" subset=\"Validation\">\n{}</track>\n",
        tracked(0, 0, 10.0)
    );
    let video = cvat_video(&track).replace("<meta><task>", "<meta><project><tasks><task>");
    let video =
        video.replace("</task></meta>", "<subset>Validation</subset></task></tasks></project></meta>");
    assert!(video.contains("</project>"), "{video}");
    write(folder.path(), "annotations.xml", video);
    let import = read("cvat", folder.path());
    assert_eq!(boxes(&import), ["frame_000000.png: car 10,5,10,10"]);
    assert_eq!(import.images[0].split, Some(Split::Val));
}

#[test]
fn pictures_of_the_same_number_are_asked_about_unless_one_is_called_frame() {
    let folder = pictures(&["frame_000000.png", "left_000000.png", "left_000001.png", "right_000001.png"]);
    let shapes = [tracked(0, 0, 10.0), tracked(1, 0, 30.0)].concat();
    let track = format!("<track id=\"0\" label=\"car\">\n{shapes}</track>\n");
    write(folder.path(), "annotations.xml", cvat_video(&track));
    let import = read("cvat", folder.path());
    assert_eq!(boxes(&import), ["frame_000000.png: car 10,5,10,10"]);
    assert_eq!(kinds(&import), [(FaultKind::AmbiguousName, "frame 1", Severity::Error)]);
    assert_eq!((import.left_out.images, import.left_out.boxes), (1, 1));
}

#[test]
fn a_track_through_a_thousand_million_frames_takes_no_memory() {
    let folder = pictures(&["frame_000001.png"]);
    let shapes = [tracked(0, 0, 10.0), tracked(4_000_000_000, 0, 10.0)].concat();
    let track = format!("<track id=\"0\" label=\"car\">\n{shapes}</track>\n");
    write(folder.path(), "annotations.xml", cvat_video(&track).replace("<stop_frame>7</stop_frame>", ""));
    let import = read("cvat", folder.path());
    assert_eq!(boxes(&import), ["frame_000001.png: car 10,5,10,10"]);
}

fn studio_region(id: &str, value: &Value) -> Value {
    json!({
        "id": id, "from_name": "label", "to_name": "image", "type": "rectanglelabels", "origin": "manual",
        "original_width": 100, "original_height": 50, "image_rotation": 0, "value": value,
    })
}

fn studio_box([x, y, width, height]: [f64; 4], label: &str) -> Value {
    json!({"x": x, "y": y, "width": width, "height": height, "rotation": 0, "rectanglelabels": [label]})
}

fn studio_annotation(updated: &str, cancelled: bool, truth: bool, result: &[Value]) -> Value {
    json!({
        "id": 1, "completed_by": 1, "result": result, "was_cancelled": cancelled, "ground_truth": truth,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": updated, "draft_created_at": null, "lead_time": 3.5,
        "prediction": {}, "result_count": 0, "task": 1, "parent_prediction": null, "parent_annotation": null,
    })
}

fn studio_task(id: u32, image: &str, annotations: &[Value]) -> Value {
    let guess = studio_region("guess", &studio_box([1.0, 1.0, 9.0, 9.0], "guessed"));
    json!({
        "id": id, "annotations": annotations, "file_upload": image.rsplit('/').next(), "drafts": [],
        "predictions": [{"id": 5, "model_version": "v1", "score": 0.9, "result": [guess]}],
        "data": {"image": image}, "meta": {}, "created_at": "2026-01-01T00:00:00Z", "inner_id": id, "project": 1,
    })
}

#[test]
fn label_studio_takes_the_latest_finished_annotation_and_no_prediction() {
    let folder = pictures(&["a.png", "b.png", "c.png", "sets/d e.png"]);
    let one = |x, label| vec![studio_region("r", &studio_box([x, 10.0, 20.0, 40.0], label))];
    let tasks = json!([
        studio_task(
            1,
            "/data/upload/7/1a2b3c4d-a.png",
            &[
                studio_annotation("2026-01-02T00:00:00Z", false, false, &one(10.0, "old")),
                studio_annotation("2026-01-03T00:00:00Z", false, false, &one(20.0, "cat")),
                studio_annotation("2026-01-04T00:00:00Z", true, false, &one(30.0, "cancelled")),
            ]
        ),
        studio_task(
            2,
            "/data/upload/7/00ff00ff-b.png",
            &[
                studio_annotation("2026-01-02T00:00:00Z", false, true, &one(10.0, "dog")),
                studio_annotation("2026-01-09T00:00:00Z", false, false, &one(20.0, "late")),
            ]
        ),
        studio_task(
            3,
            "/data/upload/7/00ff00fe-c.png",
            &[studio_annotation("2026-01-02T00:00:00Z", true, false, &[]),]
        ),
        studio_task(
            4,
            "/data/local-files/?d=my/sets/d%20e.png",
            &[studio_annotation("2026-01-02T00:00:00Z", false, false, &[]),]
        ),
        studio_task(
            5,
            "s3://bucket/gone.png",
            &[studio_annotation("2026-01-02T00:00:00Z", false, false, &one(10.0, "dog")),]
        ),
    ]);
    write(folder.path(), "project-1-at-2026-01-05.json", tasks.to_string());
    let import = read("label-studio", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 20,5,20,20", "b.png: dog 10,5,20,20"]);
    let names: Vec<String> = import.images.iter().map(formats::ImportedImage::filename).collect();
    assert_eq!(names, ["a.png", "b.png", "d e.png"]);
    assert_eq!(labels(&import), ["cat", "dog"]);
    assert_eq!(
        kinds(&import),
        [
            (FaultKind::Duplicate, "task 1", Severity::Warning),
            (FaultKind::Duplicate, "task 2", Severity::Warning),
            (FaultKind::NotAnnotated, "task 3", Severity::Warning),
            (FaultKind::MissingImage, "task 5", Severity::Error),
        ]
    );
    assert_eq!((import.left_out.images, import.left_out.boxes), (2, 1));
}

#[test]
fn label_studio_regions_of_every_kind() {
    let folder = pictures(&["a.png"]);
    let turned =
        json!({"x": 50, "y": 20, "width": 10, "height": 20, "rotation": 90, "rectanglelabels": ["a"]});
    let polygon = json!({"points": [[10, 10], [30, 10], [20, 50]], "closed": true, "polygonlabels": ["a"]});
    let ellipse =
        json!({"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "rotation": 0, "ellipselabels": ["a"]});
    let brush = json!({"format": "rle", "rle": [0, 1, 2], "brushlabels": ["a"]});
    let point = json!({"x": 50, "y": 50, "width": 0.5, "keypointlabels": ["a"]});
    let mut lying = studio_region("lying", &studio_box([1.0, 1.0, 9.0, 9.0], "a"));
    lying["image_rotation"] = json!(90);
    let mut ignored = studio_region("ignored", &studio_box([80.0, 0.0, 10.0, 10.0], "b"));
    ignored["meta"] = json!({"text": ["ignore"]});
    let results = [
        studio_region("turned", &turned),
        studio_region("polygon", &polygon),
        studio_region("ellipse", &ellipse),
        studio_region("brush", &brush),
        studio_region("point", &point),
        lying,
        ignored,
        json!({"id": "c", "from_name": "c", "to_name": "image", "type": "choices", "value": {"choices": ["good"]}}),
    ];
    let task = studio_task(1, "a.png", &[studio_annotation("2026-01-02T00:00:00Z", false, false, &results)]);
    write(folder.path(), "export.json", json!([task]).to_string());
    let import = read("label-studio", folder.path());
    assert_eq!(
        boxes(&import),
        ["a.png: a 40,10,10,10", "a.png: a 10,5,20,20", "a.png: a 40,20,20,10", "a.png: b 80,0,10,5 ignored"]
    );
    assert_eq!(
        kinds(&import),
        [
            (FaultKind::NotABox, "task 1, region brush", Severity::Error),
            (FaultKind::OtherShape, "task 1, region point", Severity::Error),
            (FaultKind::TurnedBoxes, "task 1, region lying", Severity::Error),
            (FaultKind::OutlineReduced, "task 1", Severity::Warning),
        ]
    );
}

#[test]
fn label_studio_min_has_a_row_for_each_annotation() {
    let folder = pictures(&["a.png", "b.png"]);
    let row = |id: u32, image: &str, updated: &str, x: f64| {
        let mut value = studio_box([x, 10.0, 20.0, 40.0], "cat");
        value["original_width"] = json!(100);
        value["original_height"] = json!(50);
        json!({
            "image": image, "id": id, "label": [value], "annotator": 1, "annotation_id": id * 10,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": updated, "lead_time": 2.5,
        })
    };
    let rows = json!([
        row(1, "/data/upload/1/1a2b3c4d-a.png", "2026-01-03T00:00:00Z", 10.0),
        row(1, "/data/upload/1/1a2b3c4d-a.png", "2026-01-02T00:00:00Z", 20.0),
        row(2, "/data/upload/1/1a2b3c4d-b.png", "2026-01-02T00:00:00Z", 30.0),
    ]);
    write(folder.path(), "project-min.json", rows.to_string());
    let import = read("label-studio", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10,5,20,20", "b.png: cat 30,5,20,20"]);
    assert_eq!(import.faults, []);
}

/// In LabelMe's own order: the picture comes after what was drawn.
fn labelme(image: &str, shapes: &Value) -> String {
    let (image, pixels) = (json!(image), "A".repeat(100_000));
    format!(
        "{{\"version\": \"5.4.1\", \"flags\": {{}}, \"shapes\": {shapes}, \"imagePath\": {image}, \
         \"imageData\": \"{pixels}\", \"imageHeight\": 50, \"imageWidth\": 100}}"
    )
}

fn labelme_shape(kind: &str, label: &str, points: &Value) -> Value {
    json!({
        "label": label, "points": points, "group_id": null, "description": "", "shape_type": kind, "flags": {},
        "mask": null,
    })
}

#[test]
fn a_picture_inside_a_labelme_file_is_named_with_the_command_that_writes_it_out() {
    let folder = pictures(&["a.png"]);
    let shapes = json!([labelme_shape("rectangle", "cat", &json!([[30.5, 20], [10.5, 5]]))]);
    write(folder.path(), "a.json", labelme("a.png", &shapes));
    write(folder.path(), "b.json", labelme("..\\photos\\b.png", &shapes));
    let import = read("labelme", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10.5,5,20,15"]);
    assert!(import.faults[0].message.contains("is inside this file (imageData)"), "{:?}", import.faults);
    let refused = import.check(false).expect_err("a box would be lost").to_string();
    assert!(
        refused.contains("1 pictures are inside their JSON files") && refused.contains("python3 -c"),
        "{refused}"
    );
}

#[test]
fn labelme_rectangles_polygons_and_circles() {
    let folder = pictures(&["train/a.png", "val/b.png"]);
    let shapes = json!([
        // Drawn from the lower right.
        labelme_shape("rectangle", "cat", &json!([[30.5, 20], [10.5, 5]])),
        labelme_shape("polygon", "dog", &json!([[1, 1], [5, 1], [3, 9]])),
        labelme_shape("circle", "dog", &json!([[50, 20], [53, 24]])),
        labelme_shape("line", "dog", &json!([[50, 20], [53, 24]])),
        labelme_shape("rectangle", "dog", &json!([[50, "x"], [53, 24]])),
    ]);
    write(folder.path(), "train/a.json", labelme("a.png", &shapes));
    write(folder.path(), "val/b.json", labelme("..\\photos\\b.png", &json!([])));
    write(folder.path(), "notes.json", "{\"about\": [1, 2]}");
    let import = read("labelme", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10.5,5,20,15", "a.png: dog 1,1,4,8", "a.png: dog 45,15,10,10"]);
    let splits: Vec<_> = import.images.iter().map(|image| image.split).collect();
    assert_eq!(splits, [Some(Split::Train), Some(Split::Val)]);
    let expected =
        [FaultKind::Unreadable, FaultKind::OtherShape, FaultKind::NotABox, FaultKind::OutlineReduced];
    assert_eq!(fault_kinds(&import), expected);
}

#[test]
fn via_2_as_project_export_and_table() {
    let rect = json!({"name": "rect", "x": 10, "y": 5, "width": 20, "height": 10});
    let polygon = json!({"name": "polygon", "all_points_x": [1, 5, 3], "all_points_y": [1, 1, 9]});
    let circle = json!({"name": "circle", "cx": 50, "cy": 20, "r": 5});
    let point = json!({"name": "point", "cx": 50, "cy": 20});
    let region = |shape: &Value, class: Value| json!({"shape_attributes": shape, "region_attributes": {"class": class, "note": ""}});
    let regions = [
        region(&rect, json!("cat")),
        region(&polygon, json!({"dog": true, "cat": false})),
        region(&circle, json!("dog")),
        region(&point, json!("dog")),
    ];
    let metadata =
        json!({"a.png1234": {"filename": "a.png", "size": 1234, "regions": regions, "file_attributes": {}}});
    let project =
        json!({"_via_settings": {"core": {}}, "_via_img_metadata": metadata, "_via_attributes": {}});
    let quoted = |value: &Value| format!("\"{}\"", value.to_string().replace('"', "\"\""));
    let head = "filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes\n";
    let rows = regions.iter().enumerate().map(|(id, region)| {
        let (shape, attributes) = (quoted(&region["shape_attributes"]), quoted(&region["region_attributes"]));
        format!("a.png,1234,\"{{}}\",4,{id},{shape},{attributes}\n")
    });
    let table = format!("{head}{}b.png,99,\"{{}}\",0,0,\"{{}}\",\"{{}}\"\n", rows.collect::<String>());
    let expected = ["a.png: cat 10,5,20,10", "a.png: dog 1,1,4,8", "a.png: dog 45,15,10,10"];
    for (name, text, images) in
        [("p.json", project.to_string(), 1), ("e.json", metadata.to_string(), 1), ("e.csv", table, 2)]
    {
        let folder = pictures(&["a.png", "b.png"]);
        write(folder.path(), name, text);
        let import = read("via", folder.path());
        assert_eq!(boxes(&import), expected, "{name}");
        assert_eq!(import.images.len(), images, "{name}");
        assert_eq!(fault_kinds(&import), [FaultKind::OtherShape, FaultKind::OutlineReduced], "{name}");
    }
}

#[test]
fn via_3_as_project_and_table() {
    let attribute = json!({"1": {
        "aname": "label", "anchor_id": "FILE1_Z0_XY1", "type": 3, "desc": "", "options": {"0": "cat", "1": "dog"},
        "default_option_id": "",
    }});
    let project = json!({
        "project": {"pid": "__VIA_PROJECT_ID__", "vid_list": ["1", "2"], "data_format_version": "3.1.1"},
        "config": {}, "attribute": attribute,
        "file": {
            "1": {"fid": "1", "fname": "a.png", "type": 2, "loc": 1, "src": ""},
            "2": {"fid": 2, "fname": "b.png", "type": 2, "loc": 1, "src": ""},
        },
        "view": {"1": {"fid_list": ["1"]}, "2": {"fid_list": [2]}},
        "metadata": {
            "1_a": {"vid": "1", "flg": 0, "z": [], "xy": [2, 10, 5, 20, 10], "av": {"1": "0"}},
            "1_b": {"vid": "1", "flg": 0, "z": [], "xy": [7, 1, 1, 5, 1, 3, 9], "av": {"1": "1"}},
            "1_c": {"vid": "1", "flg": 0, "z": [], "xy": [1, 7, 7], "av": {"1": "1"}},
            "1_d": {"vid": "1", "flg": 0, "z": [1.5], "xy": [], "av": {"1": "1"}},
        },
    });
    let table = format!(
        "# Exported using VGG Image Annotator (http://www.robots.ox.ac.uk/~vgg/software/via)\n\
         # SHAPE_ID = {{\"POINT\":1,\"RECTANGLE\":2}}\n# ATTRIBUTE = {attribute}\n\
         # CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata\n\
         \"1_a\",\"[\"\"a.png\"\"]\",0,\"[]\",\"[2,10,5,20,10]\",\"{{\"\"1\"\":\"\"0\"\"}}\"\n\
         \"1_b\",\"[\"\"a.png\"\"]\",0,\"[]\",\"[7,1,1,5,1,3,9]\",\"{{\"\"1\"\":\"\"1\"\"}}\"\n\
         \"1_c\",\"[\"\"a.png\"\"]\",0,\"[]\",\"[1,7,7]\",\"{{\"\"1\"\":\"\"1\"\"}}\"\n\
         \"2_d\",\"[\"\"b.png\"\"]\",0,\"[]\",\"[]\",\"{{}}\"\n"
    );
    for (name, text) in [("p.json", project.to_string()), ("e.csv", table)] {
        let folder = pictures(&["a.png", "b.png"]);
        write(folder.path(), name, text);
        let import = read("via", folder.path());
        assert_eq!(boxes(&import), ["a.png: cat 10,5,20,10", "a.png: dog 1,1,4,8"], "{name}");
        assert_eq!(import.images.len(), 2, "{name}");
        assert_eq!(fault_kinds(&import), [FaultKind::OtherShape, FaultKind::OutlineReduced], "{name}");
    }
}

#[test]
fn createml_boxes_are_centre_and_extent() {
    let folder = pictures(&["train/a.png", "valid/a.png"]);
    let coordinates = json!({"x": 20, "y": 10, "width": 20, "height": 10});
    let annotations = json!([
        {"label": "cat", "coordinates": coordinates},
        {"label": "cat", "coordinates": {"x": 20, "y": 10}},
    ]);
    let file = json!([{"image": "a.png", "annotations": annotations}]).to_string();
    write(folder.path(), "train/_annotations.createml.json", &file);
    write(folder.path(), "valid/_annotations.createml.json", &file);
    let import = read("createml", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10,5,20,10", "a.png: cat 10,5,20,10"]);
    let splits: Vec<_> = import.images.iter().map(|image| image.split).collect();
    assert_eq!(splits, [Some(Split::Train), Some(Split::Val)]);
    assert!(import.images[0].path.ends_with("train/a.png") && import.images[1].path.ends_with("valid/a.png"));
    assert_eq!(fault_kinds(&import), [FaultKind::NotABox; 2]);
}

#[test]
fn vott_has_a_box_for_each_tag() {
    let folder = pictures(&["a b.png"]);
    let region = |kind: &str, tags: &[&str]| {
        json!({
            "id": "r", "type": kind, "tags": tags, "points": [],
            "boundingBox": {"left": 10, "top": 5, "width": 20, "height": 10},
        })
    };
    let asset = json!({
        "asset": {
            "format": "png", "id": "0", "name": "a%20b.png", "path": "file:C:/photos/a%20b.png",
            "size": {"width": 100, "height": 50}, "state": 2, "type": 1,
        },
        "regions": [region("RECTANGLE", &["cat", "dog"]), region("POLYGON", &["cat"]), region("RECTANGLE", &[])],
        "version": "2.2.0",
    });
    let export = json!({
        "name": "p", "provider": "x", "exportFormat": {"providerType": "vottJson"},
        "tags": [{"name": "dog", "color": "#fff"}, {"name": "cat", "color": "#000"}], "assets": {"0": asset},
    });
    write(folder.path(), "0-asset.json", asset.to_string());
    let expected = ["a b.png: cat 10,5,20,10", "a b.png: dog 10,5,20,10", "a b.png: cat 10,5,20,10"];
    assert_eq!(boxes(&read("vott", folder.path())), expected);
    write(folder.path(), "vott-json-export/p-export.json", export.to_string());
    let import = read("vott", folder.path());
    assert_eq!(boxes(&import), expected, "the asset files are not read once more");
    assert_eq!(labels(&import), ["dog", "cat"]);
    assert_eq!(fault_kinds(&import), [FaultKind::InvalidLabel, FaultKind::OutlineReduced]);
}

#[test]
fn fiftyone_boxes_are_shares_and_predictions_are_no_truth() {
    let folder = pictures(&["data/a.png", "data/b.png"]);
    let detection = |label: &str, crowd: u8| {
        json!({
            "_id": {"$oid": "x"}, "_cls": "Detection", "attributes": {}, "tags": [], "label": label,
            "bounding_box": [0.1, 0.1, 0.2, 0.2], "iscrowd": crowd,
        })
    };
    let mut guess = detection("guessed", 0);
    guess["confidence"] = json!(0.9);
    let sample = |name: &str, tag: &str, truths: &[Value]| {
        json!({
            "_id": {"$oid": "y"}, "filepath": format!("data/{name}"), "tags": [tag], "_media_type": "image",
            "metadata": null, "objects": {"_cls": "Detections", "detections": truths},
            "model": {"_cls": "Detections", "detections": [guess]},
        })
    };
    let samples = json!({"samples": [
        sample("a.png", "train", &[detection("cat", 0), detection("dog", 1)]),
        sample("b.png", "validation", &[]),
    ]});
    write(folder.path(), "samples.json", samples.to_string());
    write(
        folder.path(),
        "metadata.json",
        json!({"name": "x", "default_classes": ["dog", "cat"]}).to_string(),
    );
    let import = read("fiftyone", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10,5,20,10", "a.png: dog 10,5,20,10 ignored"]);
    assert_eq!(labels(&import), ["dog", "cat"]);
    let splits: Vec<_> = import.images.iter().map(|image| image.split).collect();
    assert_eq!(splits, [Some(Split::Train), Some(Split::Val)]);

    let folder = pictures(&["data/a.png"]);
    let list = json!({"classes": ["dog", "cat"], "labels": {"a": [
        {"label": 1, "bounding_box": [0.1, 0.1, 0.2, 0.2]}, {"label": 7, "bounding_box": [0.1, 0.1, 0.2, 0.2]},
    ]}});
    write(folder.path(), "labels.json", list.to_string());
    let import = read("fiftyone", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10,5,20,10"]);
    assert_eq!(fault_kinds(&import), [FaultKind::UnknownClass]);
}

#[test]
fn tables_of_five_tools() {
    let open_images = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside\n\
                       a,xclick,/m/01yrx,1,0.1,0.3,0.1,0.3,0,0,1,0,0\n";
    let tables = [
        (
            "_annotations.csv",
            "filename,width,height,class,xmin,ymin,xmax,ymax\r\na.png,100,50,cat,10,5,30,15\r\n",
        ),
        (
            "vott.csv",
            "\"image\",\"xmin\",\"ymin\",\"xmax\",\"ymax\",\"label\"\n\"a.png\",10,5,30,15,\"cat\"\n",
        ),
        ("labels_my-project.csv", "cat,10,5,20,10,a.png,100,50\n"),
        ("retina.csv", "/content/a.png,10,5,30,15,cat\n/content/b.png,,,,,\n"),
        ("boxes.csv", open_images),
    ];
    for (name, text) in tables {
        let folder = pictures(&["a.png", "b.png"]);
        if name == "boxes.csv" {
            fs::rename(folder.path().join("a.png"), folder.path().join("a.jpg")).expect("renamed");
            write(folder.path(), "class-descriptions-boxable.csv", "/m/01yrx,cat\n");
        }
        write(folder.path(), name, text);
        let import = read("csv", folder.path());
        let found = boxes(&import);
        assert!(
            found.len() == 1 && found[0].contains(": cat 10,5,20,10"),
            "{name}: {found:?} {:?}",
            import.faults
        );
        assert_eq!(found[0].ends_with("ignored"), name == "boxes.csv");
        assert_eq!(import.images.len(), if name == "retina.csv" { 2 } else { 1 }, "{name}");
        assert_eq!(import.faults, [], "{name}");
    }
}

#[test]
fn a_table_with_scores_is_read_where_there_is_no_other_and_left_alone_beside_one_of_its_images() {
    let folder = pictures(&["a.png", "b.png"]);
    write(folder.path(), "guesses.csv", "image,label,score,x1,y1,x2,y2\na.png,cat,0.9,10,5,30,15\n");
    let import = read("csv", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10,5,20,10"]);
    let says = |import: &Import, words: &str| import.notes.iter().any(|note| note.contains(words));
    assert!(
        says(&import, "guesses.csv has scores") && says(&import, "import-predictions"),
        "{:?}",
        import.notes
    );
    let labels = "image,label,x1,y1,x2,y2\nb.png,dog,10,5,30,15\n/photos/a.png,dog,10,5,30,15\n";
    write(folder.path(), "labels.csv", labels);
    let import = read("csv", folder.path());
    assert_eq!(boxes(&import), ["a.png: dog 10,5,20,10", "b.png: dog 10,5,20,10"]);
    assert!(says(&import, "guesses.csv was not read"), "{:?}", import.notes);
}

#[test]
fn a_table_with_scores_is_read_beside_one_of_other_images() {
    let folder = pictures(&["a.png", "b.png"]);
    let train = "filename,class,confidence,xmin,ymin,xmax,ymax\na.png,cat,0.8,10,5,30,15\n";
    write(folder.path(), "train.csv", train);
    write(folder.path(), "val.csv", "filename,class,xmin,ymin,xmax,ymax\nb.png,cat,10,5,30,15\n");
    let import = read("csv", folder.path());
    assert_eq!(boxes(&import), ["a.png: cat 10,5,20,10", "b.png: cat 10,5,20,10"]);
    let splits: Vec<_> = import.images.iter().map(|image| image.split).collect();
    assert_eq!(splits, [Some(Split::Train), Some(Split::Val)]);
    let is_told = |note: &String| note.starts_with("train.csv has scores, which were not read");
    assert!(import.notes.iter().any(is_told), "{:?}", import.notes);
}

#[test]
fn a_table_with_scores_that_shares_some_images_with_another_is_asked_about() {
    let why =
        refusal("filename,class,score,xmin,ymin,xmax,ymax\na.png,cat,0.9,1,1,9,9\nc.png,cat,0.9,1,1,9,9\n");
    let words = "it has scores, and 1 of its 2 images are in a table without scores";
    assert!(why.contains("b.csv") && why.contains(words), "{why}");
}

#[test]
fn images_that_no_row_names_are_told() {
    let folder = pictures(&["a.png", "more/b.png", "c.png", "d.png", "e.png"]);
    write(folder.path(), "labels.csv", "image,label,x1,y1,x2,y2\na.png,cat,10,5,30,15\n");
    let import = read("csv", folder.path());
    let told = "4 image files are left out: no annotation was matched to them (c.png, d.png, e.png …).";
    assert!(import.notes.iter().any(|note| note == told), "{:?}", import.notes);
}

#[test]
fn rows_that_are_no_box_are_faults_with_their_line() {
    let folder = pictures(&["a.png"]);
    let head = "filename,width,height,class,xmin,ymin,xmax,ymax\n";
    let rows = "a.png,100,50,cat,10,x,30,15\na.png,100,50,,10,5,30,15\ngone.png,100,50,cat,1,1,2,2\n";
    write(folder.path(), "train_labels.csv", format!("{head}a.png,100,50,cat,10,5,30,15\n{rows}"));
    let import = read("csv", folder.path());
    assert_eq!(
        kinds(&import),
        [
            (FaultKind::NotABox, "line 3", Severity::Error),
            (FaultKind::InvalidLabel, "line 4", Severity::Error),
            (FaultKind::MissingImage, "line 5", Severity::Error),
        ]
    );
    assert_eq!(import.images[0].split, Some(Split::Train));
}

#[test]
fn two_sure_formats_are_asked_about_and_none_says_what_is_there() {
    let folder = pictures(&["a.png"]);
    let error = choose(folder.path()).expect_err("nothing is there").to_string();
    assert!(error.contains("1 .png") && error.contains("label-studio"), "{error}");
    write(folder.path(), "a.json", labelme("a.png", &json!([])));
    write(folder.path(), "annotations.xml", CVAT_IMAGES);
    let error = choose(folder.path()).expect_err("two are sure").to_string();
    assert!(error.contains("--format cvat or --format labelme"), "{error}");
}

#[test]
fn bombs_are_refused_at_once() {
    let entities = "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]>\n\
                    <annotations><meta><task><subset>&c;</subset></task></meta></annotations>";
    let deep = format!("<annotations><meta>{}", "<a>".repeat(1_000_000));
    let wide =
        format!("[{{\"data\": {{\"image\": \"a.png\"}}, \"annotations\": [{}0]}}]", "{},".repeat(1_000_000));
    let nested = format!("[{}", "[".repeat(1_000_000));
    let cases: [(&str, &str, &str); 5] = [
        ("cvat", "x.xml", entities),
        ("cvat", "x.xml", &deep),
        ("label-studio", "x.json", &wide),
        ("label-studio", "x.json", &nested),
        ("labelme", "x.json", &nested),
    ];
    for (word, name, text) in cases {
        let folder = pictures(&["a.png"]);
        write(folder.path(), name, text);
        let format: ImportFormat = word.parse().expect("a format");
        let begun = std::time::Instant::now();
        let result = formats::read(format, folder.path(), folder.path(), &Options::default(), &mut |_| {});
        assert!(result.is_err(), "{word}: {result:?}");
        assert!(begun.elapsed().as_secs() < 10, "{word}: {:?}", begun.elapsed());
    }
}

#[test]
fn tables_with_extents_instead_of_corners() {
    for head in ["image,label,x,y,w,h", "filename,class,left,top,width,height"] {
        let folder = pictures(&["a.png"]);
        write(folder.path(), "boxes.csv", format!("{head}\na.png,cat,10,5,20,15\n"));
        assert_eq!(boxes(&read("csv", folder.path())), ["a.png: cat 10,5,20,15"], "{head}");
    }
    let folder = pictures(&["a.png"]);
    let head = "label_name,bbox_x,bbox_y,bbox_width,bbox_height,image_name,image_width,image_height";
    write(folder.path(), "boxes.csv", format!("{head}\ncat,10,5,20,15,a.png,100,50\n"));
    assert_eq!(boxes(&read("csv", folder.path())), ["a.png: cat 10,5,20,15"]);
}

#[test]
fn splits_are_those_of_the_file_of_annotations_or_of_the_folders_of_pictures() {
    let line = "a.png,100,50,cat,10,5,30,20\n";
    let head = "filename,width,height,class,xmin,ymin,xmax,ymax\n";
    let folder = pictures(&["images/test/a.png"]);
    write(folder.path(), "boxes.csv", format!("{head}{line}"));
    assert_eq!(read("csv", folder.path()).images[0].split, Some(Split::Test));
    let folder = pictures(&["images/a.png"]);
    write(
        folder.path(),
        "val-annotations-bbox.csv",
        "ImageID,LabelName,XMin,XMax,YMin,YMax\na,cat,0.1,0.3,0.1,0.4\n",
    );
    assert_eq!(read("csv", folder.path()).images[0].split, Some(Split::Val));
    let folder = pictures(&["images/a.png"]);
    let image = "<image id=\"0\" name=\"a.png\" width=\"100\" height=\"50\">\
                 <box label=\"cat\" xtl=\"1\" ytl=\"1\" xbr=\"9\" ybr=\"9\"></box></image>";
    write(folder.path(), "train.xml", format!("<annotations><version>1.1</version>{image}</annotations>"));
    assert_eq!(read("cvat", folder.path()).images[0].split, Some(Split::Train));
}

#[test]
fn a_file_of_labelme_is_called_as_its_picture_and_says_no_split() {
    let folder = pictures(&["train.png", "photos/val.png"]);
    write(folder.path(), "train.json", labelme("train.png", &json!([])));
    write(folder.path(), "photos/val.json", labelme("val.png", &json!([])));
    let import = read("labelme", folder.path());
    assert_eq!(import.images.iter().map(|image| image.split).collect::<Vec<_>>(), [None, None]);
}

/// Why a table beside a sound one is not read.
fn refusal(table: &str) -> String {
    let folder = pictures(&["a.png", "b.png", "c.png"]);
    write(folder.path(), "a.csv", "filename,class,xmin,ymin,xmax,ymax\nc.png,cat,10,5,30,15\n");
    write(folder.path(), "b.csv", table);
    let format: ImportFormat = "csv".parse().expect("a format");
    let read = formats::read(format, folder.path(), folder.path(), &Options::default(), &mut |_| {});
    read.expect_err(table).to_string()
}

#[test]
fn shares_in_tables_of_pixels_are_asked_about() {
    for head in ["filename,class,x1,y1,x2,y2", "filename,class,xmin,ymin,xmax,ymax"] {
        let why = refusal(&format!("{head}\na.png,cat,0.1,0.1,0.3,0.3\nb.png,cat,0,0,1,1\n"));
        assert!(
            why.contains("b.csv") && why.contains("Call the columns ImageID, LabelName"),
            "{head}: {why}"
        );
    }
    for head in ["image,label,x,y,w,h", "image,label,x_center,y_center,width,height"] {
        let why = refusal(&format!("{head}\na.png,cat,0.1,0.1,0.3,0.3\n"));
        assert!(why.contains("Multiply x and w by the image's width"), "{head}: {why}");
    }
    let folder = pictures(&["a.png"]);
    let table = "ImageID,LabelName,XMin,YMin,XMax,YMax\na.png,cat,0.1,0.1,0.3,0.3\n";
    write(folder.path(), "boxes.csv", table);
    assert_eq!(boxes(&read("csv", folder.path())), ["a.png: cat 10,5,20,10"]);
}

#[test]
fn centres_under_the_names_x_and_y_are_asked_about() {
    let rows = "a.png,cat,80,30,40,30\nb.png,cat,20,10,40,20\n";
    let why = refusal(&format!("image,label,x,y,w,h\n{rows}"));
    assert!(why.contains("1 of 2 boxes reach outside") && why.contains("x_center, y_center"), "{why}");
    for (head, rows, expected) in [
        ("x_center,y_center,w,h", rows, ["a.png: cat 60,15,40,30", "b.png: cat 0,0,40,20"]),
        ("left,top,w,h", rows, ["a.png: cat 80,30,20,20", "b.png: cat 20,10,40,20"]),
        // A box near the left edge is no centre.
        (
            "x,y,w,h",
            "a.png,cat,80,30,40,30\nb.png,cat,5,10,40,20\n",
            ["a.png: cat 80,30,20,20", "b.png: cat 5,10,40,20"],
        ),
    ] {
        let folder = pictures(&["a.png", "b.png"]);
        write(folder.path(), "boxes.csv", format!("image,label,{head}\n{rows}"));
        assert_eq!(boxes(&read("csv", folder.path())), expected, "{head}");
    }
}

#[test]
fn a_table_of_guesses_does_not_stand_against_a_format_that_is_sure() {
    let guesses = "image,label,score,x1,y1,x2,y2\na.png,cat,0.9,10,5,30,15\n";
    let coco = json!({"images": [{"id": 1, "file_name": "a.png"}], "annotations": [], "categories": []});
    for (format, name, text) in [
        ("coco", "boxes.json", coco.to_string()),
        ("yolo", "data.yaml", "names: [cat]\n".to_owned()),
        // Nothing names these classes, so that this is not sure itself.
        ("yolo", "a.txt", "0 0.2 0.2 0.2 0.2\n".to_owned()),
        ("csv", "train_labels.csv", "filename,class,xmin,ymin,xmax,ymax\na.png,cat,10,5,30,15\n".to_owned()),
    ] {
        let folder = pictures(&["a.png"]);
        write(folder.path(), "predictions.csv", guesses);
        write(folder.path(), name, text);
        let (chosen, recognition) = choose(folder.path()).expect("one format is surest");
        assert_eq!(chosen.as_str(), format, "{name}: {}", recognition.saw);
    }
    let folder = pictures(&["a.png"]);
    write(folder.path(), "boxes.csv", guesses.replace("score", "source"));
    assert_eq!(choose(folder.path()).expect("nothing else is there").0.as_str(), "csv");
}
