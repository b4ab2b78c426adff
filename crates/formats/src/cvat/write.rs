//! Writing CVAT for images 1.1: `annotations.xml` beside the folder `images`.
//! The split becomes the image's `subset`. Whether a box is ignored is an
//! attribute of it, which every label declares.

use crate::{
    ExportImage, FormatError,
    written::{ListFile, WrittenBox, make_folder, write_file},
};
use domain::{dataset::Split, geometry::Size, name::Label};
use quick_xml::escape::escape;
use std::{fmt::Write as _, path::Path};

/// Writes images as they come.
pub(crate) struct CvatWriter {
    document: ListFile,
    images: u64,
}

impl CvatWriter {
    pub(crate) fn new(folder: &Path, labels: &[Label]) -> Result<Self, FormatError> {
        make_folder(&folder.join("images"))?;
        let mut document = ListFile::create(folder.join("annotations.xml"))?;
        document.write(&head(labels, BoxAttributes::Truth))?;
        Ok(Self { document, images: 0 })
    }

    pub(crate) fn add(
        &mut self,
        folder: &Path,
        name: &str,
        image: &ExportImage,
        bytes: &[u8],
    ) -> Result<(), FormatError> {
        write_file(&folder.join("images").join(name), bytes)?;
        let boxes: Vec<WrittenBox<'_>> = image.annotations.iter().map(WrittenBox::from).collect();
        self.document.write(&image_element(self.images, name, Some(image.split), image.size, &boxes))?;
        self.images += 1;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<(), FormatError> {
        self.document.finish(TAIL)
    }
}

/// What is said of a box beside its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxAttributes {
    /// Whether it is ignored.
    Truth,
    /// Also how sure the model is.
    Scores,
}

/// How a label declares that its boxes may have a score.
const SCORE_ATTRIBUTE: &str = "            <attribute>\n              <name>score</name>\n              \
    <mutable>False</mutable>\n              <input_type>text</input_type>\n              \
    <default_value></default_value>\n              <values></values>\n            </attribute>\n";

/// The document's end.
pub const TAIL: &str = "</annotations>\n";

/// The document up to its first image: the labels, as CVAT shows and takes
/// them.
#[must_use]
pub fn head(labels: &[Label], attributes: BoxAttributes) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n\
         \x20     <name>Exported by Fovea</name>\n      <mode>annotation</mode>\n      <labels>\n"
        .to_owned();
    for label in labels {
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "        <label>\n          <name>{}</name>\n          <type>any</type>\n          <attributes>\n\
             \x20           <attribute>\n              <name>ignore</name>\n              <mutable>False</mutable>\n\
             \x20             <input_type>checkbox</input_type>\n              <default_value>false</default_value>\n\
             \x20             <values>false</values>\n            </attribute>\n{}          </attributes>\n        </label>\n",
            escape(label.as_str()),
            if attributes == BoxAttributes::Scores { SCORE_ATTRIBUTE } else { "" },
        );
    }
    text + "      </labels>\n    </task>\n  </meta>\n"
}

/// An image with its boxes.
#[must_use]
pub fn image_element(
    id: u64,
    name: &str,
    split: Option<Split>,
    size: Size,
    boxes: &[WrittenBox<'_>],
) -> String {
    let subset = split.map(|split| format!(" subset=\"{split}\"")).unwrap_or_default();
    let mut text = format!(
        "  <image id=\"{id}\" name=\"{}\"{subset} width=\"{}\" height=\"{}\">\n",
        escape(name),
        size.width,
        size.height
    );
    for one in boxes {
        text.push_str(&box_element(one));
    }
    text + "  </image>\n"
}

fn box_element(one: &WrittenBox<'_>) -> String {
    let WrittenBox { label, rect, ignore, score } = one;
    let source = if score.is_some() { "auto" } else { "manual" };
    let score = score.map(|score| format!("      <attribute name=\"score\">{score}</attribute>\n"));
    format!(
        "    <box label=\"{}\" source=\"{source}\" occluded=\"0\" xtl=\"{}\" ytl=\"{}\" xbr=\"{}\" ybr=\"{}\" \
         z_order=\"0\">\n      <attribute name=\"ignore\">{ignore}</attribute>\n{}    </box>\n",
        escape(label.as_str()),
        rect.x(),
        rect.y(),
        rect.right(),
        rect.bottom(),
        score.unwrap_or_default(),
    )
}
