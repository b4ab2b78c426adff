//! The lists beside Pascal VOC's XML files: images by split, and labels in
//! their order.

use crate::{FaultKind, FormatError, folder, intake::Intake, labels::label_of, text};
use domain::{dataset::Split, words::counted};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Which images are in which list.
#[derive(Default)]
pub(super) struct Lists {
    /// By the image's name without folders and extension.
    splits: HashMap<String, Split>,
    /// In the order of the lists: list, line, name.
    entries: Vec<(PathBuf, usize, String)>,
}

impl Lists {
    /// Reads `ImageSets/Main/{train,val,test}.txt`, or lists of these names
    /// above.
    pub(super) fn read(root: &Path, intake: &mut Intake<'_>) -> Result<Self, FormatError> {
        let sets = root.join("ImageSets");
        for folder in [sets.join("Main"), sets, root.to_owned()] {
            let mut lists = Self::default();
            for (path, split) in lists_in(&folder) {
                lists.read_list(&path, split, intake)?;
            }
            if lists.is_there() {
                let shown = folder.strip_prefix(root).unwrap_or(&folder).display().to_string();
                let shown = if shown.is_empty() { "the data set's folder".to_owned() } else { shown };
                intake.note(format!("Splits are those of the lists in {shown}."));
                return Ok(lists);
            }
        }
        Ok(Self::default())
    }

    /// Whether there is any list.
    pub(super) fn is_there(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The split that an XML file or an image is listed in.
    pub(super) fn split_of(&self, file: &Path) -> Option<Split> {
        self.splits.get(&stem_of(file)).copied()
    }

    fn read_list(&mut self, path: &Path, split: Split, intake: &mut Intake<'_>) -> Result<(), FormatError> {
        let content = intake.files.read_text(path).map_err(|error| FormatError::io(path, error))?;
        let mut in_two = 0;
        for (name, line) in text::lines(&content).zip(1..) {
            let name = name.trim();
            if name.is_empty() {
                continue;
            }
            let name = stem_of(Path::new(&name.replace('\\', "/")));
            self.entries.push((path.to_owned(), line, name.clone()));
            let first = *self.splits.entry(name.clone()).or_insert(split);
            if first != split {
                let message = format!("{name} is in the list {first} already, and stays there");
                intake.log.warning(FaultKind::Duplicate, path, format!("line {line}"), message);
                in_two += 1;
            }
        }
        if in_two > 0 {
            let images = counted(in_two, "image", "images");
            intake.problem(format!("of {}, {images} in another list, too", folder::last_part(path)));
        }
        Ok(())
    }

    /// What is listed and is no file at all. An image without an XML file is
    /// told with the others of that kind.
    pub(super) fn report_unknown(&self, files: &[PathBuf], images: &[Arc<Path>], intake: &mut Intake<'_>) {
        let files = files.iter().map(|file| stem_of(file));
        let known: HashSet<String> = files.chain(images.iter().map(|image| stem_of(image))).collect();
        for (path, line, name) in &self.entries {
            if !known.contains(name) {
                let message = format!("there is no XML file of {name} and no image; left out");
                intake.log.error(FaultKind::UnknownImage, path, format!("line {line}"), message);
                intake.left_out.images += 1;
            }
        }
    }
}

/// Text files of a folder that are named after a split.
fn lists_in(folder: &Path) -> Vec<(PathBuf, Split)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    let texts = files.filter(|path| folder::has_extension(path, "txt") && path.is_file());
    let texts: Vec<PathBuf> = texts.collect();
    let split_of = |path: &PathBuf| folder::split_of_folder(&stem_of(path));
    // Where nothing says which of them are for validation, all are for training.
    let both = texts.iter().find(|path| stem_of(path).eq_ignore_ascii_case("trainval"));
    let has_own = texts.iter().any(|path| matches!(split_of(path), Some(Split::Train | Split::Val)));
    let mut lists: Vec<(PathBuf, Split)> =
        texts.iter().filter_map(|path| split_of(path).map(|split| (path.clone(), split))).collect();
    lists.extend(both.filter(|_| !has_own).map(|path| (path.clone(), Split::Train)));
    lists.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
    lists
}

/// A name without folders, and without the extension of an image or XML file:
/// other dots are part of the name.
fn stem_of(file: &Path) -> String {
    let has_known = folder::is_named_like_an_image(file)
        || folder::has_extension(file, "xml")
        || folder::has_extension(file, "txt");
    let part = if has_known { file.file_stem() } else { file.file_name() };
    part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
}

/// `labels.txt`, as our own writer leaves it; whether there was one.
pub(super) fn read_labels(root: &Path, intake: &mut Intake<'_>) -> bool {
    let path = root.join("labels.txt");
    let content = match intake.files.read_text(&path) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return false,
        Err(error) => {
            intake.log.error(FaultKind::Unreadable, &path, "", format!("{error}; left out"));
            return false;
        }
    };
    for (line, number) in text::lines(&content).zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
        match label_of(line) {
            Ok(label) => _ = intake.labels.add(&label),
            Err(why) => {
                intake.log.error(
                    FaultKind::InvalidLabel,
                    &path,
                    format!("line {number}"),
                    format!("{why}; left out"),
                );
            }
        }
    }
    true
}
