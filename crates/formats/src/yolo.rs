//! YOLO: a text file an image, `data.yaml` for classes and splits.

mod classes;
mod darknet;
mod data_yaml;
mod find_yaml;
mod label_files;
mod layout;
mod lines;
mod read;
mod write;
mod yaml;

pub(crate) use write::YoloWriter;

use crate::{
    FormatError, folder,
    intake::Intake,
    reader::{Confidence, Folder, Reader, Recognition},
};
use std::path::Path;

/// Reads YOLO.
pub(crate) struct Yolo;

impl Reader for Yolo {
    fn name(&self) -> &'static str {
        "yolo"
    }

    fn help(&self) -> &'static str {
        "YOLO: a text file for each image, with data.yaml or obj.data"
    }

    fn recognise(&self, folder: &Folder) -> Option<Recognition> {
        let yamls = folder.with_extension("yaml").chain(folder.with_extension("yml"));
        let named =
            yamls.take(20).find(|path| folder.head(path).lines().any(|line| line.starts_with("names:")));
        if let Some(path) = named.or_else(|| folder.named("obj.data")) {
            let saw = format!("{} with the names of classes", folder.shown(path));
            return Some(Recognition::new(Confidence::Certain, saw));
        }
        let labels = folder.with_extension("txt").take(200).find(|path| {
            let head = folder.head(path);
            let line = head.lines().next().unwrap_or_default();
            let numbers = line.split_whitespace().map(str::parse::<f64>).collect::<Result<Vec<_>, _>>();
            numbers.is_ok_and(|numbers| {
                numbers.len() >= 5 && numbers.iter().skip(1).all(|n| (0.0..=1.0).contains(n))
            })
        })?;
        let in_labels =
            labels.parent().map(folder::last_part).is_some_and(|name| name.eq_ignore_ascii_case("labels"));
        let confidence = if in_labels { Confidence::Certain } else { Confidence::Likely };
        Some(Recognition::new(confidence, format!("a class and four shares in {}", folder.shown(labels))))
    }

    fn read(&self, annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        read::read(annotations, intake)
    }
}
