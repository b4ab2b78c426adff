//! Writing YOLO: `data.yaml`, `images/<split>/`, `labels/<split>/`, as
//! Ultralytics has it. CVAT and Datumaro read that whole, too (in Roboflow's
//! `<split>/images/` Datumaro passes over images without objects). Numbers have
//! as many digits as they need to come back as they were. An ignored box goes
//! to `ignored/` instead of `labels/`: written as an object it would be learnt,
//! left out it would be lost.

use crate::{
    ExportImage, FormatError,
    safe_names::SafeName,
    written::{make_folder, write_file},
};
use domain::{dataset::Split, name::Label};
use std::{collections::BTreeSet, fmt::Write, path::Path};

/// Remembers which splits have images: a split without any is not named, for
/// programs that train take it for one that is there.
#[derive(Default)]
pub(crate) struct YoloWriter {
    splits: BTreeSet<Split>,
}

impl YoloWriter {
    /// `classes` are the label indices of the image's annotations.
    pub(crate) fn add(
        &mut self,
        folder: &Path,
        name: &SafeName,
        image: &ExportImage,
        classes: &[usize],
        bytes: &[u8],
    ) -> Result<(), FormatError> {
        let of = |what: &str| folder.join(what).join(image.split.as_str());
        if self.splits.insert(image.split) {
            make_folder(&of("images"))?;
            make_folder(&of("labels"))?;
        }
        write_file(&of("images").join(name.full()), bytes)?;
        let text_name = format!("{}.txt", name.stem);
        write_file(&of("labels").join(&text_name), lines(image, classes, false).as_bytes())?;
        let ignored = lines(image, classes, true);
        if ignored.is_empty() {
            return Ok(());
        }
        make_folder(&of("ignored"))?;
        write_file(&of("ignored").join(text_name), ignored.as_bytes())
    }

    pub(crate) fn finish(&self, folder: &Path, labels: &[Label]) -> Result<(), FormatError> {
        let mut text = String::new();
        for split in &self.splits {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{split}: images/{split}");
        }
        if !self.splits.contains(&Split::Val) {
            text += "# No image is for validation. Programs that train want a folder for it: val: …\n";
        }
        let _ = writeln!(text, "nc: {}\nnames:", labels.len());
        for (index, label) in labels.iter().enumerate() {
            let escaped = label.as_str().replace('\\', "\\\\").replace('"', "\\\"");
            let _ = writeln!(text, "  {index}: \"{escaped}\"");
        }
        write_file(&folder.join("data.yaml"), text.as_bytes())
    }
}

fn lines(image: &ExportImage, classes: &[usize], ignore: bool) -> String {
    let (width, height) = (f64::from(image.size.width), f64::from(image.size.height));
    let mut text = String::new();
    for (annotation, class) in image.annotations.iter().zip(classes).filter(|(a, _)| a.ignore == ignore) {
        let rect = &annotation.rect;
        let (cx, cy) = ((rect.x() + rect.w() / 2.0) / width, (rect.y() + rect.h() / 2.0) / height);
        let _ = writeln!(text, "{class} {cx} {cy} {} {}", rect.w() / width, rect.h() / height);
    }
    text
}
