//! Writing Label Studio's JSON: `tasks.json`, `label_config.xml` with the
//! labelling set-up, and the folder `images`, which Label Studio serves as
//! local files. The split is a member of the task's data; a box that is
//! ignored has the remark `ignore`.

use crate::{
    ExportImage, FormatError,
    written::{ListFile, WrittenBox, make_folder, write_file},
};
use domain::{geometry::Size, name::Label};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use quick_xml::escape::escape;
use serde_json::{Value, json};
use std::{fmt::Write as _, path::Path};

/// What must not stand in an address as it is.
const ESCAPED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'&').add(b'+').add(b'<').add(b'>').add(b'?');

/// Writes tasks as they come.
pub(crate) struct LabelStudioWriter {
    list: ListFile,
    tasks: u64,
}

impl LabelStudioWriter {
    pub(crate) fn new(folder: &Path, labels: &[Label]) -> Result<Self, FormatError> {
        make_folder(&folder.join("images"))?;
        write_file(&folder.join("label_config.xml"), label_config(labels).as_bytes())?;
        let mut list = ListFile::create(folder.join("tasks.json"))?;
        list.write("[")?;
        Ok(Self { list, tasks: 0 })
    }

    pub(crate) fn add(
        &mut self,
        folder: &Path,
        name: &str,
        image: &ExportImage,
        bytes: &[u8],
    ) -> Result<(), FormatError> {
        write_file(&folder.join("images").join(name), bytes)?;
        self.tasks += 1;
        let before = if self.tasks > 1 { ",\n" } else { "\n" };
        let task = task(self.tasks, name, image);
        self.list.write(&format!("{before}{task}"))
    }

    pub(crate) fn finish(self) -> Result<(), FormatError> {
        self.list.finish("\n]\n")
    }
}

/// The labelling set-up that the tasks belong to.
fn label_config(labels: &[Label]) -> String {
    let mut text = "<View>\n  <Image name=\"image\" value=\"$image\"/>\n  <RectangleLabels name=\"label\" toName=\"image\">\n".to_owned();
    for label in labels {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "    <Label value=\"{}\"/>", escape(label.as_str()));
    }
    text + "  </RectangleLabels>\n</View>\n"
}

/// Where Label Studio finds a file below the folder that it serves.
#[must_use]
pub fn local_file(name: &str) -> String {
    format!("/data/local-files/?d={}", utf8_percent_encode(name, ESCAPED))
}

fn task(id: u64, name: &str, image: &ExportImage) -> Value {
    let boxes: Vec<WrittenBox<'_>> = image.annotations.iter().map(WrittenBox::from).collect();
    json!({
        "id": id,
        "data": { "image": local_file(&format!("images/{name}")), "split": image.split.as_str() },
        "annotations": [
            { "id": id, "was_cancelled": false, "ground_truth": false, "result": results(&boxes, image.size, RegionNames::USUAL) }
        ],
        "predictions": [],
    })
}

/// How a project calls the control that regions come from, and the picture
/// that they are on.
#[derive(Clone, Copy, Debug)]
pub struct RegionNames<'a> {
    /// The control.
    pub from_name: &'a str,
    /// The picture.
    pub to_name: &'a str,
}

impl RegionNames<'static> {
    /// Those of the set-up that is written here.
    pub const USUAL: Self = Self { from_name: "label", to_name: "image" };
}

/// Boxes as regions of an image.
#[must_use]
pub fn results(boxes: &[WrittenBox<'_>], size: Size, names: RegionNames<'_>) -> Value {
    boxes.iter().zip(1..).map(|(one, number)| result(number, one, size, names)).collect()
}

fn result(number: u64, one: &WrittenBox<'_>, size: Size, names: RegionNames<'_>) -> Value {
    let WrittenBox { label, rect, ignore, score } = one;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let mut result = json!({
        "id": format!("box{number}"),
        "from_name": names.from_name,
        "to_name": names.to_name,
        "type": "rectanglelabels",
        "original_width": size.width,
        "original_height": size.height,
        "image_rotation": 0,
        "value": {
            "x": 100.0 * rect.x() / width,
            "y": 100.0 * rect.y() / height,
            "width": 100.0 * rect.w() / width,
            "height": 100.0 * rect.h() / height,
            "rotation": 0,
            "rectanglelabels": [label.as_str()],
        },
    });
    if let Some(object) = result.as_object_mut() {
        if *ignore {
            object.insert("meta".to_owned(), json!({ "text": ["ignore"] }));
        }
        object.extend(score.map(|score| ("score".to_owned(), json!(score))));
    }
    result
}
