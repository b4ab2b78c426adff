//! XML files of labelImg, of scripts, of systems that write other encodings.

use super::{CORNERS, import, import_with, set, voc};
use formats::{Choices, Format::Voc, Unlabelled};

fn one(xml: &str) -> super::Outcome {
    let folder = set(&[("i/a.png", ""), ("x/a.xml", xml)]);
    import(Voc, folder.path(), "i", "x")
}

#[test]
fn corners_in_reverse_order_are_put_right() {
    for corners in [["32", "24", "8", "6"], ["32", "6", "8", "24"], ["8.0", "24", "3.2e1", "6"]] {
        one(&voc("a.png", corners)).is(&["none a.png: cup 8,6,24,18"]).says("put right");
    }
}

#[test]
fn corners_that_are_no_numbers_are_refused() {
    for corner in ["8,5", "", "nan", "inf", "eight"] {
        one(&voc("a.png", [corner, "6", "32", "24"])).is_refused("xmin, ymin, xmax and ymax");
    }
}

#[test]
fn other_shapes_have_a_box_around_them() {
    for shape in [
        "<polygon><x1>8</x1><y1>6</y1><x2>32</x2><y2>6</y2><x3>32</x3><y3>24</y3></polygon>",
        "<polygon><pt><x>8</x><y>6</y></pt><pt><x>32</x><y>6</y></pt><pt><x>8</x><y>24</y></pt></polygon>",
        "<robndbox><cx>20</cx><cy>15</cy><w>24</w><h>18</h><angle>0</angle></robndbox>",
    ] {
        let xml = format!(
            "<annotation><filename>a.png</filename><object><name>cup</name>{shape}</object></annotation>"
        );
        one(&xml).is(&["none a.png: cup 8,6,24,18"]).says("only its bounding box is kept");
    }
}

#[test]
fn the_image_is_found_whatever_the_file_calls_it() {
    for name in ["a", "a.jpg", "C:\\Users\\me\\a.png", "https://example.org/a.png", "", "renamed.png"] {
        one(&voc(name, CORNERS)).is(&["none a.png: cup 8,6,24,18"]);
    }
}

#[test]
fn encodings_are_those_that_the_file_tells() {
    let xml = voc("a.png", CORNERS).replace("cup", "größe");
    let folder = set(&[("i/a.png", ""), ("x/a.xml", "")]);
    let file = folder.path().join("x/a.xml");
    let latin =
        |declaration: &str| -> Vec<u8> { format!("{declaration}{xml}").chars().map(|c| c as u8).collect() };
    let wide: Vec<u8> = format!("\u{FEFF}{xml}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [
        latin("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"),
        latin("<?xml version='1.0' encoding = 'windows-1252' ?>"),
        wide,
        format!("\u{FEFF}<?xml version=\"1.0\"?>{xml}").into_bytes(),
        format!("<?xml version=\"1.0\" encoding=\"ascii\"?>{xml}").into_bytes(),
    ] {
        std::fs::write(&file, bytes).expect("written");
        import(Voc, folder.path(), "i", "x").is(&["none a.png: größe 8,6,24,18"]);
    }
    std::fs::write(&file, latin("")).expect("written");
    import(Voc, folder.path(), "i", "x").is_refused("--encoding");
}

#[test]
fn sizes_scale_boxes_in_xml_too() {
    let xml =
        voc("a.png", ["16", "12", "64", "48"]).replace("64</width><height>48", "128.0</width><height>96");
    one(&xml).is(&["none a.png: cup 8,6,24,18"]).says("scaled");
    one(&voc("a.png", CORNERS).replace("64</width><height>48", "0</width><height>0"))
        .is(&["none a.png: cup 8,6,24,18"]);
}

#[test]
fn an_xml_file_without_objects_is_an_image_without_any_and_no_xml_file_is_none() {
    let empty = "<annotation><filename>b.png</filename></annotation>";
    let folder = set(&[
        ("i/a.png", ""),
        ("i/b.png", ""),
        ("i/c.png", ""),
        ("x/a.xml", &voc("a.png", CORNERS)),
        ("x/b.xml", empty),
    ]);
    import(Voc, folder.path(), "i", "x")
        .is(&["none a.png: cup 8,6,24,18", "none b.png: "])
        .says("1 image has no XML file");
    let choices = Choices { unlabelled: Unlabelled::Background, ..Choices::default() };
    import_with(Voc, folder.path(), "i", "x", choices).is(&[
        "none a.png: cup 8,6,24,18",
        "none b.png: ",
        "none c.png: ",
    ]);
}

#[test]
fn an_image_that_is_listed_and_has_no_xml_file_is_told_of_once_or_taken() {
    let folder = set(&[
        ("JPEGImages/a.png", ""),
        ("JPEGImages/c.png", ""),
        ("Annotations/a.xml", &voc("a.png", CORNERS)),
        ("ImageSets/Main/val.txt", "a\nc\n"),
    ]);
    import(Voc, folder.path(), "JPEGImages", "Annotations")
        .is(&["val a.png: cup 8,6,24,18"])
        .says("1 image has no XML file and is left out (")
        .has_left_out(1);
    let choices = Choices { unlabelled: Unlabelled::Background, ..Choices::default() };
    import_with(Voc, folder.path(), "JPEGImages", "Annotations", choices)
        .is(&["val a.png: cup 8,6,24,18", "val c.png: "])
        .has_left_out(0);
}

#[test]
fn xml_of_another_tool_is_not_taken_for_it() {
    let folder =
        set(&[("i/a.png", ""), ("x/annotations.xml", "<annotations><image name=\"a.png\"/></annotations>")]);
    import(Voc, folder.path(), "i", "x").is_refused("--format auto");
}
