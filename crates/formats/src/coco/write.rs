//! Writing COCO: `annotations.json` beside the folder `images`, and a file for
//! each split in `annotations`.

use crate::{
    ExportImage, FormatError,
    written::{make_folder, write_file},
};
use domain::{dataset::Split, name::Label};
use serde::Serialize;
use std::{collections::HashSet, fs, io::Write, path::Path};

#[derive(Serialize)]
struct File<'a> {
    info: Info,
    licenses: [(); 0],
    images: Vec<&'a Image>,
    annotations: Vec<&'a Annotation>,
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

    /// `annotations.json` has all; where there are several splits, a file for
    /// each besides, as other programs want them.
    pub(crate) fn finish(&self, folder: &Path, labels: &[Label]) -> Result<(), FormatError> {
        self.write(&folder.join("annotations.json"), labels, |_| true)?;
        let used = |split: &Split| self.images.iter().any(|image| image.split == split.as_str());
        let splits: Vec<Split> = Split::ALL.into_iter().filter(used).collect();
        if splits.len() < 2 {
            return Ok(());
        }
        let parts = folder.join("annotations");
        make_folder(&parts)?;
        for split in splits {
            let of_split = |image: &Image| image.split == split.as_str();
            self.write(&parts.join(format!("instances_{split}.json")), labels, of_split)?;
        }
        Ok(())
    }

    fn write(
        &self,
        path: &Path,
        labels: &[Label],
        of_part: impl Fn(&Image) -> bool,
    ) -> Result<(), FormatError> {
        let images: Vec<&Image> = self.images.iter().filter(|image| of_part(image)).collect();
        let ids: HashSet<u64> = images.iter().map(|image| image.id).collect();
        let annotations =
            self.annotations.iter().filter(|annotation| ids.contains(&annotation.image_id)).collect();
        let categories =
            labels.iter().zip(1..).map(|(label, id)| Category { id, name: label.as_str() }).collect();
        let info = Info { description: "Exported by Fovea" };
        let file = File { info, licenses: [], images, annotations, categories };
        let failed = |error: std::io::Error| FormatError::io(path, error);
        let mut target = std::io::BufWriter::new(fs::File::create(path).map_err(failed)?);
        serde_json::to_writer(&mut target, &file).map_err(|error| failed(error.into()))?;
        target.flush().map_err(failed)
    }
}
