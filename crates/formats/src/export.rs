//! Writing a data set, image by image.

use crate::{
    FormatError,
    coco::CocoWriter,
    model::Format,
    safe_names::{SafeName, SafeNames},
    voc::VocWriter,
    yolo::YoloWriter,
};
use domain::{
    dataset::{Annotation, Split},
    geometry::Size,
    name::Label,
};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// One image to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportImage {
    /// What it is called; made harmless and unique where it must be.
    pub filename: String,
    /// Of the upright image.
    pub size: Size,
    /// What it is for.
    pub split: Split,
    /// Its true boxes.
    pub annotations: Vec<Annotation>,
}

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
}

/// Writes a data set into a new folder: give it all images, then
/// [`finish`](Self::finish). Holds names and boxes, never more than one image.
///
/// COCO: `annotations.json`, `images/`. Pascal VOC: `JPEGImages/`,
/// `Annotations/`, `ImageSets/Main/{train,val,test}.txt`, and `labels.txt`,
/// since the format itself has no list of labels. YOLO: `data.yaml`,
/// `{train,val,test}/{images,labels,ignored}/`.
pub struct Exporter {
    folder: PathBuf,
    labels: Vec<Label>,
    places: HashMap<Label, usize>,
    names: SafeNames,
    writer: Writer,
    report: ExportReport,
}

enum Writer {
    Coco(CocoWriter),
    Voc(VocWriter),
    Yolo(YoloWriter),
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
            Format::Yolo => Writer::Yolo(YoloWriter::new(folder)?),
        };
        Ok(Self {
            folder: folder.to_owned(),
            labels: labels.to_vec(),
            places: labels.iter().cloned().zip(0..).collect(),
            names: SafeNames::default(),
            writer,
            report: ExportReport::default(),
        })
    }

    /// Writes one image, byte for byte, and its boxes.
    ///
    /// # Errors
    /// A label that the data set does not have; a disk that does not want.
    pub fn add(&mut self, image: &ExportImage, bytes: &[u8]) -> Result<(), FormatError> {
        let classes = self.classes_of(image)?;
        let extension = imaging::sniff(bytes).map_or("jpg", imaging::MediaType::extension);
        let name = self.names.claim(&image.filename, extension);
        match &mut self.writer {
            Writer::Coco(writer) => writer.add(&self.folder, &name.full(), image, &classes, bytes)?,
            Writer::Voc(writer) => writer.add(&self.folder, &name, image, bytes)?,
            Writer::Yolo(writer) => writer.add(&self.folder, &name, image, &classes, bytes)?,
        }
        self.count(image, &name);
        Ok(())
    }

    /// Writes what lists the images.
    ///
    /// # Errors
    /// A disk that does not want.
    pub fn finish(self) -> Result<ExportReport, FormatError> {
        match &self.writer {
            Writer::Coco(writer) => writer.finish(&self.folder, &self.labels)?,
            Writer::Voc(writer) => writer.finish(&self.folder, &self.labels)?,
            Writer::Yolo(writer) => writer.finish(&self.folder, &self.labels)?,
        }
        Ok(self.report)
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
        let name = name.full();
        if name != image.filename {
            self.report.renamed.push((image.filename.clone(), name));
        }
    }
}

pub(crate) fn make_folder(folder: &Path) -> Result<(), FormatError> {
    fs::create_dir_all(folder).map_err(|error| FormatError::io(folder, error))
}

/// Writes a file that must not be there yet.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FormatError> {
    let write = || {
        use std::io::Write;
        fs::File::create_new(path)?.write_all(bytes)
    };
    write().map_err(|error| FormatError::io(path, error))
}
