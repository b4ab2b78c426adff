//! Writing CVAT for images 1.1, as CVAT exports a project: `annotations.xml`
//! beside `images/<split>/`, a task for each split. CVAT and Datumaro find the
//! images of a `subset` only where the head names it, and in its folder; in
//! the form of a single task they read none that has one. Whether a box is
//! ignored is an attribute of it, which every label declares.

use crate::{
    ExportImage, FormatError,
    written::{ListFile, WrittenBox, make_folder, write_file},
};
use domain::{dataset::Split, geometry::Size, name::Label};
use quick_xml::escape::escape;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// Writes images as they come. Their elements wait in a file of their own: the
/// head, which names the splits, comes before them.
pub(crate) struct CvatWriter {
    document: PathBuf,
    elements: ListFile,
    labels: Vec<Label>,
    splits: BTreeSet<Split>,
    images: u64,
}

impl CvatWriter {
    pub(crate) fn new(folder: &Path, labels: &[Label]) -> Result<Self, FormatError> {
        make_folder(&folder.join("images"))?;
        let document = folder.join("annotations.xml");
        let elements = ListFile::create(document.with_extension("xml.part"))?;
        Ok(Self { document, elements, labels: labels.to_vec(), splits: BTreeSet::new(), images: 0 })
    }

    pub(crate) fn add(
        &mut self,
        folder: &Path,
        name: &str,
        image: &ExportImage,
        bytes: &[u8],
    ) -> Result<(), FormatError> {
        let images = folder.join("images").join(image.split.as_str());
        if self.splits.insert(image.split) {
            make_folder(&images)?;
        }
        write_file(&images.join(name), bytes)?;
        let boxes: Vec<WrittenBox<'_>> = image.annotations.iter().map(WrittenBox::from).collect();
        self.elements.write(&image_element(self.images, name, Some(image.split), image.size, &boxes))?;
        self.images += 1;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<(), FormatError> {
        let mut document = ListFile::create(self.document)?;
        document.write(&project_head(&self.labels, &self.splits))?;
        document.append(self.elements)?;
        document.finish(TAIL)
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
    format!(
        "{BEGINNING}    <task>\n      <name>Exported by Fovea</name>\n      <mode>annotation</mode>\n{}    </task>\n  \
         </meta>\n",
        label_elements(labels, attributes)
    )
}

const BEGINNING: &str =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n";

/// The same of a data set with splits.
fn project_head(labels: &[Label], splits: &BTreeSet<Split>) -> String {
    let names: Vec<&str> = splits.iter().map(|split| split.as_str()).collect();
    let mut tasks = String::new();
    for (id, split) in (1..).zip(splits) {
        // Writing into a String cannot fail.
        let _ = write!(
            tasks,
            "        <task>\n          <id>{id}</id>\n          <name>{split}</name>\n          \
             <mode>annotation</mode>\n          <subset>{split}</subset>\n        </task>\n"
        );
    }
    format!(
        "{BEGINNING}    <project>\n      <name>Exported by Fovea</name>\n{}      <subsets>{}</subsets>\n      \
         <tasks>\n{tasks}      </tasks>\n    </project>\n  </meta>\n",
        label_elements(labels, BoxAttributes::Truth),
        names.join("\n"),
    )
}

fn label_elements(labels: &[Label], attributes: BoxAttributes) -> String {
    let mut text = "      <labels>\n".to_owned();
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
    text + "      </labels>\n"
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
