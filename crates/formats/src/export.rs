//! Writing a data set, image by image.

use crate::{
    FormatError,
    coco::CocoWriter,
    cvat::CvatWriter,
    label_studio::LabelStudioWriter,
    model::Format,
    safe_names::{SafeName, SafeNames},
    voc::VocWriter,
    written::{ExportImage, make_folder},
    yolo::YoloWriter,
};
use domain::{dataset::Annotation, name::Label};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Images.
    pub images: u64,
    /// Boxes, ignored ones included.
    pub boxes: u64,
    /// Images that could not keep their name: as they were called, as they
    /// are called now.
    pub renamed: Vec<(String, String)>,
    /// What the format has no place for, and what was done about it: sentences
    /// for people.
    pub notes: Vec<String>,
}

/// Writes a data set into a new folder: give it all images, then
/// [`finish`](Self::finish). Holds names and boxes, never more than one image.
///
/// COCO: `annotations.json`, `images/`, and
/// `annotations/instances_{train,val,test}.json` where there are several
/// splits. Pascal VOC: `JPEGImages/`,
/// `Annotations/`, `ImageSets/Main/{train,val,test}.txt`, and `labels.txt`,
/// since the format itself has no list of labels. YOLO: `data.yaml`,
/// `{images,labels,ignored}/{train,val,test}/`. CVAT: `annotations.xml`,
/// `images/{train,val,test}/`. Label Studio: `tasks.json`,
/// `label_config.xml`, `images/`.
pub struct Exporter {
    folder: PathBuf,
    labels: Vec<Label>,
    places: HashMap<Label, usize>,
    names: SafeNames,
    writer: Writer,
    format: Format,
    ignored: u64,
    report: ExportReport,
}

enum Writer {
    Coco(CocoWriter),
    Voc(VocWriter),
    Yolo(YoloWriter),
    Cvat(CvatWriter),
    LabelStudio(LabelStudioWriter),
}

impl Exporter {
    /// Makes the folder. `labels` in the order that gives classes their index.
    ///
    /// # Errors
    /// When it cannot be made, or is there and not empty: nothing is ever
    /// overwritten.
    pub fn new(format: Format, folder: &Path, labels: &[Label]) -> Result<Self, FormatError> {
        make_folder(folder)?;
        let mut entries = fs::read_dir(folder).map_err(|error| FormatError::io(folder, error))?;
        if entries.next().is_some() {
            let source = std::io::Error::new(
                std::io::ErrorKind::DirectoryNotEmpty,
                "the folder is not empty; name a new one",
            );
            return Err(FormatError::io(folder, source));
        }
        let writer = match format {
            Format::Coco => {
                make_folder(&folder.join("images"))?;
                Writer::Coco(CocoWriter::default())
            }
            Format::Voc => Writer::Voc(VocWriter::new(folder)?),
            Format::Yolo => Writer::Yolo(YoloWriter::default()),
            Format::Cvat => Writer::Cvat(CvatWriter::new(folder, labels)?),
            Format::LabelStudio => Writer::LabelStudio(LabelStudioWriter::new(folder, labels)?),
        };
        Ok(Self {
            folder: folder.to_owned(),
            labels: labels.to_vec(),
            places: labels.iter().cloned().zip(0..).collect(),
            names: SafeNames::default(),
            writer,
            format,
            ignored: 0,
            report: ExportReport::default(),
        })
    }

    /// Writes one image and its boxes: byte for byte, or as an upright PNG
    /// without transparency where other programs would see another picture.
    ///
    /// # Errors
    /// A label that the data set does not have; a disk that does not want.
    pub fn add(&mut self, image: &ExportImage, bytes: &[u8]) -> Result<(), FormatError> {
        let classes = self.classes_of(image)?;
        // What can be read no more is given as it came.
        let plain = imaging::plain_copy(bytes, &imaging::Limits::default()).ok().flatten();
        let bytes = plain.as_deref().unwrap_or(bytes);
        let extension = imaging::sniff(bytes).map_or("jpg", imaging::MediaType::extension);
        let name = self.names.claim(&image.filename, extension);
        match &mut self.writer {
            Writer::Coco(writer) => writer.add(&self.folder, &name.full(), image, &classes, bytes)?,
            Writer::Voc(writer) => writer.add(&self.folder, &name, image, bytes)?,
            Writer::Yolo(writer) => writer.add(&self.folder, &name, image, &classes, bytes)?,
            Writer::Cvat(writer) => writer.add(&self.folder, &name.full(), image, bytes)?,
            Writer::LabelStudio(writer) => writer.add(&self.folder, &name.full(), image, bytes)?,
        }
        self.count(image, &name);
        Ok(())
    }

    /// Writes what lists the images.
    ///
    /// # Errors
    /// A disk that does not want.
    pub fn finish(self) -> Result<ExportReport, FormatError> {
        match self.writer {
            Writer::Coco(writer) => writer.finish(&self.folder, &self.labels)?,
            Writer::Voc(writer) => writer.finish(&self.folder, &self.labels)?,
            Writer::Yolo(writer) => writer.finish(&self.folder, &self.labels)?,
            Writer::Cvat(writer) => writer.finish()?,
            Writer::LabelStudio(writer) => writer.finish()?,
        }
        let notes = Vec::from_iter(self.format.note_on_ignored(self.ignored));
        Ok(ExportReport { notes, ..self.report })
    }

    fn classes_of(&self, image: &ExportImage) -> Result<Vec<usize>, FormatError> {
        let place = |annotation: &Annotation| {
            self.places.get(&annotation.label).copied().ok_or_else(|| FormatError::UnknownLabel {
                image: image.filename.clone(),
                label: annotation.label.to_string(),
            })
        };
        image.annotations.iter().map(place).collect()
    }

    fn count(&mut self, image: &ExportImage, name: &SafeName) {
        self.report.images += 1;
        self.report.boxes += image.annotations.len() as u64;
        self.ignored += image.annotations.iter().filter(|annotation| annotation.ignore).count() as u64;
        let name = name.full();
        if name != image.filename {
            self.report.renamed.push((image.filename.clone(), name));
        }
    }
}
