//! Writing COCO: `annotations.json` beside the folder `images`.

use crate::{ExportImage, FormatError, export::write_file};
use domain::name::Label;
use serde::Serialize;
use std::{fs, io::Write, path::Path};

#[derive(Serialize)]
struct File<'a> {
    info: Info,
    licenses: [(); 0],
    images: &'a [Image],
    annotations: &'a [Annotation],
    categories: Vec<Category<'a>>,
}

#[derive(Serialize)]
struct Info {
    description: &'static str,
}

#[derive(Serialize)]
struct Image {
    id: u64,
    file_name: String,
    width: u32,
    height: u32,
    split: &'static str,
}

#[derive(Serialize)]
struct Annotation {
    id: u64,
    image_id: u64,
    category_id: u64,
    bbox: [f64; 4],
    area: f64,
    iscrowd: u8,
}

#[derive(Serialize)]
struct Category<'a> {
    id: u64,
    name: &'a str,
}

/// Ids count from 1: categories in the order of labels, images and
/// annotations in the order they are added.
#[derive(Default)]
pub(crate) struct CocoWriter {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
}

impl CocoWriter {
    /// `classes` are the label indices of the image's annotations.
    pub(crate) fn add(
        &mut self,
        folder: &Path,
        name: &str,
        image: &ExportImage,
        classes: &[usize],
        bytes: &[u8],
    ) -> Result<(), FormatError> {
        write_file(&folder.join("images").join(name), bytes)?;
        let image_id = self.images.len() as u64 + 1;
        self.images.push(Image {
            id: image_id,
            file_name: format!("images/{name}"),
            width: image.size.width,
            height: image.size.height,
            split: image.split.as_str(),
        });
        for (annotation, class) in image.annotations.iter().zip(classes) {
            let rect = &annotation.rect;
            self.annotations.push(Annotation {
                id: self.annotations.len() as u64 + 1,
                image_id,
                category_id: *class as u64 + 1,
                bbox: [rect.x(), rect.y(), rect.w(), rect.h()],
                area: rect.area(),
                iscrowd: u8::from(annotation.ignore),
            });
        }
        Ok(())
    }

    pub(crate) fn finish(&self, folder: &Path, labels: &[Label]) -> Result<(), FormatError> {
        let path = folder.join("annotations.json");
        let categories =
            labels.iter().zip(1..).map(|(label, id)| Category { id, name: label.as_str() }).collect();
        let file = File {
            info: Info { description: "Exported by Fovea" },
            licenses: [],
            images: &self.images,
            annotations: &self.annotations,
            categories,
        };
        let failed = |error: std::io::Error| FormatError::io(&path, error);
        let mut target = std::io::BufWriter::new(fs::File::create(&path).map_err(failed)?);
        serde_json::to_writer(&mut target, &file).map_err(|error| failed(error.into()))?;
        target.flush().map_err(failed)
    }
}
