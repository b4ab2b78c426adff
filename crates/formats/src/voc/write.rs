//! Writing Pascal VOC. `ignore` becomes `difficult`, the flag by which VOC's
//! own evaluation leaves an object alone.

use crate::{
    ExportImage, FormatError,
    safe_names::SafeName,
    written::{make_folder, write_file},
};
use domain::{dataset::Split, name::Label};
use quick_xml::escape::escape;
use std::{collections::BTreeMap, fmt::Write, path::Path};

/// Remembers which image goes into which list.
pub(crate) struct VocWriter {
    stems: BTreeMap<Split, Vec<String>>,
}

impl VocWriter {
    pub(crate) fn new(folder: &Path) -> Result<Self, FormatError> {
        for name in ["JPEGImages", "Annotations", "ImageSets/Main"] {
            make_folder(&folder.join(name))?;
        }
        Ok(Self { stems: Split::ALL.into_iter().map(|split| (split, Vec::new())).collect() })
    }

    pub(crate) fn add(
        &mut self,
        folder: &Path,
        name: &SafeName,
        image: &ExportImage,
        bytes: &[u8],
    ) -> Result<(), FormatError> {
        write_file(&folder.join("JPEGImages").join(name.full()), bytes)?;
        let text = document(&name.full(), image);
        write_file(&folder.join("Annotations").join(format!("{}.xml", name.stem)), text.as_bytes())?;
        self.stems.entry(image.split).or_default().push(name.stem.clone());
        Ok(())
    }

    pub(crate) fn finish(&self, folder: &Path, labels: &[Label]) -> Result<(), FormatError> {
        for (split, stems) in &self.stems {
            let path = folder.join("ImageSets").join("Main").join(format!("{split}.txt"));
            write_file(&path, lines(stems.iter().map(String::as_str)).as_bytes())?;
        }
        // CVAT and Datumaro refuse labels that are not VOC's twenty unless this
        // file lists them. It has no way to write a colon.
        let fits = |label: &Label| !label.as_str().contains(':') && !label.as_str().starts_with('#');
        if labels.iter().all(fits) {
            let map = labels.iter().fold(String::new(), |text, label| text + label.as_str() + ":::\n");
            write_file(&folder.join("labelmap.txt"), map.as_bytes())?;
        }
        write_file(&folder.join("labels.txt"), lines(labels.iter().map(Label::as_str)).as_bytes())
    }
}

fn lines<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.fold(String::new(), |text, item| text + item + "\n")
}

fn document(name: &str, image: &ExportImage) -> String {
    let (width, height) = (image.size.width, image.size.height);
    let mut text = format!(
        "<annotation>\n\t<folder>JPEGImages</folder>\n\t<filename>{}</filename>\n\t<size>\n\t\t<width>{width}</width>\n\
         \t\t<height>{height}</height>\n\t\t<depth>3</depth>\n\t</size>\n\t<segmented>0</segmented>\n",
        escape(name)
    );
    for annotation in &image.annotations {
        let (rect, label) = (&annotation.rect, escape(annotation.label.as_str()));
        let (difficult, right, bottom) = (u8::from(annotation.ignore), rect.right(), rect.bottom());
        let (left, top) = (rect.x(), rect.y());
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "\t<object>\n\t\t<name>{label}</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n\
             \t\t<difficult>{difficult}</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>{left}</xmin>\n\t\t\t<ymin>{top}</ymin>\n\
             \t\t\t<xmax>{right}</xmax>\n\t\t\t<ymax>{bottom}</ymax>\n\t\t</bndbox>\n\t</object>\n"
        );
    }
    text + "</annotation>\n"
}
