//! COCO files of pandas, of hand, of Roboflow, of segmentation tools.

use super::{coco, import, import_with, set};
use formats::{Choices, Format::Coco, Sizes, UnlistedClasses};

fn file(image: &str, annotation: &str, categories: &str) -> String {
    format!("{{\"images\": [{image}], \"annotations\": [{annotation}], \"categories\": [{categories}]}}")
}

const IMAGE: &str = "{\"id\": 1, \"file_name\": \"a.png\", \"width\": 64, \"height\": 48}";
const CUP: &str = "{\"id\": 1, \"name\": \"cup\"}";

fn one(annotation: &str) -> super::Outcome {
    let json = file(IMAGE, annotation, CUP);
    let folder = set(&[("images/a.png", ""), ("boxes.json", &json)]);
    import(Coco, folder.path(), "images", "boxes.json")
}

#[test]
fn ids_may_be_floats_and_texts() {
    for (image, annotation) in [("1.0", "1"), ("1", "1.0"), ("\"1\"", "1"), ("1", "\"1\""), ("\"1.0\"", "1")]
    {
        let json = file(
            &format!("{{\"id\": {image}, \"file_name\": \"a.png\"}}"),
            &format!(
                "{{\"id\": \"7\", \"image_id\": {annotation}, \"category_id\": 1.0, \"bbox\": [8, 6, 24, 18]}}"
            ),
            "{\"id\": \"1\", \"name\": \"cup\"}",
        );
        let folder = set(&[("images/a.png", ""), ("boxes.json", &json)]);
        import(Coco, folder.path(), "images", "boxes.json").is(&["none a.png: cup 8,6,24,18"]);
    }
}

#[test]
fn ids_of_64_bits_are_told_apart() {
    let images = [
        ("9007199254740992", "a.png"),
        ("9007199254740993", "b.png"),
        ("18446744073709551615", "c.png"),
        ("-7", "d.png"),
    ];
    let folder = set(&[
        ("i/a.png", ""),
        ("i/b.png", ""),
        ("i/c.png", ""),
        ("i/d.png", ""),
        ("boxes.json", &coco(&images)),
    ]);
    import(Coco, folder.path(), "i", "boxes.json").is(&[
        "none a.png: cup 8,6,24,18",
        "none b.png: cup 8,6,24,18",
        "none c.png: cup 8,6,24,18",
        "none d.png: cup 8,6,24,18",
    ]);
}

#[test]
fn numbers_may_be_texts() {
    one("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [\"8\", \" 6.0\", \"2.4e1\", 18]}")
        .is(&["none a.png: cup 8,6,24,18"]);
}

#[test]
fn an_outline_stands_for_a_missing_box() {
    for bbox in ["", "\"bbox\": [], ", "\"bbox\": null, ", "\"bbox\": [0, 0, 0, 0], "] {
        for outline in [
            "[[8, 6, 32, 6, 32, 24, 8, 24]]",
            "[8, 6, 32, 6, 32, 24]",
            "[[8, 6, 9, 6, 9, 7], [31, 23, 32, 23, 32, 24]]",
            "{\"size\": [48, 64], \"counts\": [390, 18, 1086, 18, 1560]}",
        ] {
            let annotation = format!(
                "{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, {bbox}\"segmentation\": {outline}}}"
            );
            one(&annotation).is(&["none a.png: cup 8,6,24,18"]).says("the box around it");
        }
    }
}

#[test]
fn what_is_no_box_is_refused_unless_told_to_go_on() {
    for bbox in [
        "[[8, 6, 24, 18]]",
        "{\"x\": 8}",
        "[8, 6, 24]",
        "[8, 6, 24, 18, 30]",
        "[8, 6, 24, NaN]",
        "[[8, 6, 24, 18]]",
        "\"8 6 24 18\"",
    ] {
        let annotation = format!("{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": {bbox}}}");
        one(&annotation).is_refused("none of the 1 boxes");
    }
    let boxes = "{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 6, 24, 18]}, \
                 {\"id\": 2, \"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 6, 24]}";
    one(boxes).is_refused("1 of 2 boxes would be lost");
    let json = file(IMAGE, boxes, CUP);
    let folder = set(&[("images/a.png", ""), ("boxes.json", &json)]);
    let choices = Choices { keep_going: true, ..Choices::default() };
    import_with(Coco, folder.path(), "images", "boxes.json", choices).is(&["none a.png: cup 8,6,24,18"]);
}

#[test]
fn an_image_that_loses_all_its_boxes_is_no_image_without_objects() {
    let json = file(
        "{\"id\": 1, \"file_name\": \"a.png\"}, {\"id\": 2, \"file_name\": \"b.png\"}, {\"id\": 3, \"file_name\": \"c.png\"}",
        "{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 6, 24, 18]}, \
         {\"id\": 2, \"image_id\": 2, \"category_id\": 9, \"bbox\": [8, 6, 24, 18]}",
        CUP,
    );
    let folder = set(&[("a.png", ""), ("b.png", ""), ("c.png", ""), ("boxes.json", &json)]);
    let choices = Choices { keep_going: true, ..Choices::default() };
    import_with(Coco, folder.path(), "", "boxes.json", choices)
        .is(&["none a.png: cup 8,6,24,18", "none c.png: "])
        .says("none of the 1 boxes of b.png can be kept");
}

#[test]
fn lists_may_be_null_and_elements_too() {
    let folder = set(&[
        ("a.png", ""),
        (
            "null.json",
            "{\"images\": [{\"id\": 1, \"file_name\": \"a.png\"}, null, 7], \"annotations\": null}",
        ),
    ]);
    import(Coco, folder.path(), "", "null.json").is(&["none a.png: "]).says("images[1]");
}

#[test]
fn a_key_twice_and_a_comma_too_many_are_refused_with_their_place() {
    let folder = set(&[
        ("a.png", ""),
        ("twice.json", "{\"images\": [],\n \"annotations\": [{}],\n \"annotations\": []}"),
        ("comma.json", "{\"images\": [],\n \"annotations\": [],\n}"),
        ("cut.json", "{\"images\": [{\"id\": 1"),
        ("field.json", "{\"images\": [{\"id\": 1,\n \"id\": 2}]}"),
    ]);
    let of = |name| import(Coco, folder.path(), "", name);
    of("twice.json").is_refused("\"annotations\" occurs twice");
    of("twice.json").is_refused("line 3");
    of("comma.json").is_refused("line 3, column");
    of("cut.json").is_refused("not sound JSON");
    of("field.json").is_refused("duplicate field `id`");
}

#[test]
fn files_of_other_tools_are_named_by_what_they_have() {
    let folder = set(&[
        ("a.png", ""),
        ("via.json", "{\"_via_settings\": {}, \"_via_img_metadata\": {}}"),
        ("list.json", "[{\"image_id\": 1, \"bbox\": [1, 2, 3, 4], \"score\": 0.5}]"),
        ("xml.json", "<annotations/>"),
    ]);
    import(Coco, folder.path(), "", "via.json").is_refused("_via_img_metadata");
    import(Coco, folder.path(), "", "list.json").is_refused("not a COCO file");
    import(Coco, folder.path(), "", "xml.json").is_refused("not sound JSON");
}

#[test]
fn marks_and_utf_16_are_read() {
    let json = coco(&[("1", "größe.png")]);
    let folder = set(&[("größe.png", ""), ("bom.json", &format!("\u{FEFF}{json}"))]);
    let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path().join("wide.json"), [vec![0xFF, 0xFE], wide].concat()).expect("written");
    for name in ["bom.json", "wide.json"] {
        import(Coco, folder.path(), "", name).is(&["none größe.png: cup 8,6,24,18"]);
    }
    let latin: Vec<u8> = json.chars().map(|c| c as u8).collect();
    std::fs::write(folder.path().join("latin.json"), latin).expect("written");
    import(Coco, folder.path(), "", "latin.json").is_refused("--encoding");
    let choices = Choices { encoding: "windows-1252".parse().ok(), ..Choices::default() };
    import_with(Coco, folder.path(), "", "latin.json", choices).is(&["none größe.png: cup 8,6,24,18"]);
}

#[test]
fn a_category_above_the_others_is_no_label() {
    let json = file(
        IMAGE,
        "{\"id\": 0, \"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 6, 24, 18]}",
        "{\"id\": 0, \"name\": \"cups\", \"supercategory\": \"none\"}, \
         {\"id\": 1, \"name\": \"cup\", \"supercategory\": \"cups\"}, \
         {\"id\": 2, \"name\": \"plate\", \"supercategory\": \"cups\"}",
    );
    let folder = set(&[("images/a.png", ""), ("boxes.json", &json)]);
    let outcome = import(Coco, folder.path(), "images", "boxes.json");
    outcome.says("cups (0) is no label");
    let labels = outcome.0.expect("read").labels;
    assert_eq!(labels.iter().map(domain::name::Label::as_str).collect::<Vec<_>>(), ["cup", "plate"]);
    // One that has boxes is a label, and so is one that merely has none.
    let json = file(
        IMAGE,
        "{\"id\": 1, \"image_id\": 1, \"category_id\": 0, \"bbox\": [8, 6, 24, 18]}",
        "{\"id\": 0, \"name\": \"cups\"}, {\"id\": 1, \"name\": \"cup\", \"supercategory\": \"cups\"}",
    );
    let folder = set(&[("images/a.png", ""), ("boxes.json", &json)]);
    assert_eq!(import(Coco, folder.path(), "images", "boxes.json").0.expect("read").labels.len(), 2);
}

#[test]
fn boxes_for_another_size_of_the_picture_are_scaled() {
    for (width, height, bbox) in [("128", "96", "[16, 12, 48, 36]"), ("32.0", "\"24\"", "[4, 3, 12, 9]")] {
        let json = file(
            &format!("{{\"id\": 1, \"file_name\": \"a.png\", \"width\": {width}, \"height\": {height}}}"),
            &format!("{{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": {bbox}}}"),
            CUP,
        );
        let folder = set(&[("a.png", ""), ("boxes.json", &json)]);
        import(Coco, folder.path(), "", "boxes.json").is(&["none a.png: cup 8,6,24,18"]).says("scaled");
    }
}

#[test]
fn a_size_of_another_shape_is_asked_about() {
    for (width, height) in [("48", "64"), ("640", "640"), ("64", "64")] {
        let json = file(
            &format!("{{\"id\": 1, \"file_name\": \"a.png\", \"width\": {width}, \"height\": {height}}}"),
            "{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 6, 24, 18]}",
            CUP,
        );
        let folder = set(&[("a.png", ""), ("boxes.json", &json)]);
        import(Coco, folder.path(), "", "boxes.json").is_refused("--sizes ignore");
        let choices = Choices { sizes: Sizes::Ignore, ..Choices::default() };
        import_with(Coco, folder.path(), "", "boxes.json", choices).is(&["none a.png: cup 8,6,24,18"]);
    }
}

#[test]
fn sizes_of_nothing_say_nothing() {
    for size in ["\"width\": 0, \"height\": 0", "\"width\": null", "\"width\": -1, \"height\": 48"] {
        let json = file(
            &format!("{{\"id\": 1, \"file_name\": \"a.png\", {size}}}"),
            "{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 6, 24, 18]}",
            CUP,
        );
        let folder = set(&[("a.png", ""), ("boxes.json", &json)]);
        import(Coco, folder.path(), "", "boxes.json").is(&["none a.png: cup 8,6,24,18"]);
    }
}

#[test]
fn shares_of_the_image_are_no_pixels() {
    one("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [0.125, 0.125, 0.375, 0.375]}")
        .is_refused("shares of the image");
}

#[test]
fn an_image_listed_twice_has_the_boxes_of_both() {
    let json = file(
        "{\"id\": 1, \"file_name\": \"a.png\"}, {\"id\": 2, \"file_name\": \"a.png\"}",
        "{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [8, 6, 24, 18]}, \
         {\"id\": 2, \"image_id\": 2, \"category_id\": 1, \"bbox\": [40, 10, 12, 12]}, \
         {\"id\": 3, \"image_id\": 2, \"category_id\": 1, \"bbox\": [8, 6, 24, 18]}",
        CUP,
    );
    let folder = set(&[("a.png", ""), ("boxes.json", &json)]);
    import(Coco, folder.path(), "", "boxes.json")
        .is(&["none a.png: cup 40,10,12,12; cup 8,6,24,18"])
        .says("listed before");
}

#[test]
fn the_two_files_of_an_evaluation_are_read_as_leniently() {
    let truth = "\u{FEFF}{\"images\": [{\"id\": 1.0}], \"categories\": [{\"id\": \"1\"}], \"annotations\": \
                 [{\"id\": 1.0, \"image_id\": \"1\", \"category_id\": 1, \"bbox\": [\"8\", 6, 24, 18.0]}]}";
    let detections =
        "\u{FEFF}[{\"image_id\": 1.0, \"category_id\": 1.0, \"bbox\": [8, 6, 24, 18], \"score\": 0.9}]";
    let evaluation = formats::coco_eval(truth.as_bytes(), detections.as_bytes()).expect("read");
    assert_eq!(evaluation.per_category.keys().collect::<Vec<_>>(), [&1]);
    assert!((evaluation.summary.AP - 1.0).abs() < 1e-9);
    let odd = detections.replace("1.0,", "1.5,");
    let error = formats::coco_eval(truth.as_bytes(), odd.as_bytes()).expect_err("no id").to_string();
    assert!(error.contains("1.5 is not a whole number"), "{error}");
}

#[test]
fn classes_without_a_name_are_named_with_the_option_that_calls_them_by_their_id() {
    let boxes = "{\"id\": 1, \"image_id\": 1, \"category_id\": 7, \"bbox\": [8, 6, 24, 18]}";
    let json = format!("{{\"images\": [{IMAGE}], \"annotations\": [{boxes}], \"categories\": null}}");
    let folder = set(&[("images/a.png", ""), ("boxes.json", &json)]);
    import(Coco, folder.path(), "images", "boxes.json").is_refused("--unlisted-classes by-number");
    let choices = Choices { unlisted: UnlistedClasses::ByNumber, ..Choices::default() };
    import_with(Coco, folder.path(), "images", "boxes.json", choices).is(&["none a.png: 7 8,6,24,18"]);
}

#[test]
fn a_box_in_two_pairs_of_brackets_is_named_with_the_command_that_mends_it() {
    one("{\"id\": 1, \"image_id\": 1, \"category_id\": 1, \"bbox\": [[8, 6, 24, 18]]}").is_refused("jq '");
}
