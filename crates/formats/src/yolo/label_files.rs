//! Where the labels of an image are. The rule, as `docs/datasets.md` has it: a
//! folder of labels that was named counts, and no other; else the folder
//! `labels` in place of `images`, then beside the image, then the only file of
//! that name. Names are compared without regard to case and composition.

use crate::{
    FormatError, folder,
    image_names::folded,
    name_index::{NameIndex, hash_of},
};
use std::{
    collections::HashSet,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// Names of folders that hold images, in whose place `labels` may stand.
const IMAGE_FOLDERS: [&str; 6] = ["images", "jpegimages", "image", "imgs", "img", "data"];

/// The text files of a data set.
pub(super) struct LabelFiles {
    /// No two are the same but for case and composition.
    files: Vec<Arc<Path>>,
    /// By folded path.
    by_path: NameIndex,
    /// By folded name.
    by_name: NameIndex,
    /// Base names of images that several images have, folded: their hashes.
    shared: HashSet<u64>,
    images: PathBuf,
    annotations: PathBuf,
    /// A folder of labels was named: no other counts.
    only_named: bool,
}

impl LabelFiles {
    /// Lists text files. `annotations` is the folder that was named.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(super) fn list(
        images: &Path,
        annotations: &Path,
        only_named: bool,
        all_images: &[Arc<Path>],
    ) -> Result<Self, FormatError> {
        let mut files = folder::files_below(annotations)?;
        if !only_named {
            files.extend(folder::files_below(images)?);
            // Labels beside the folder of images: `images` itself was named.
            if let Some(above) = images.parent().filter(|above| !above.as_os_str().is_empty()) {
                for name in ["labels", "Labels", "ignored"] {
                    let beside = above.join(name);
                    if beside.is_dir() {
                        files.extend(folder::files_below(&beside)?);
                    }
                }
            }
        }
        files.retain(|file| folder::has_extension(file, "txt"));
        let mut seen = HashSet::new();
        files.retain(|file| seen.insert(hash_of(&key_of(file))));
        let files: Vec<Arc<Path>> = files.into_iter().map(Arc::from).collect();
        let by_path = NameIndex::new(files.iter().map(|file| key_of(file)));
        let by_name = NameIndex::new(files.iter().map(|file| folded(&folder::last_part(file))));
        seen.clear();
        let stems = all_images.iter().map(|image| hash_of(&folded(&stem_of(image))));
        let shared = stems.filter(|stem| !seen.insert(*stem)).collect();
        let (images, annotations) = (images.to_owned(), annotations.to_owned());
        Ok(Self { files, by_path, by_name, shared, images, annotations, only_named })
    }

    /// All text files, sorted.
    pub(super) fn all(&self) -> Vec<&Arc<Path>> {
        let mut all: Vec<&Arc<Path>> = self.files.iter().collect();
        all.sort_unstable();
        all
    }

    /// The labels of an image.
    pub(super) fn of(&self, image: &Path) -> Option<&Arc<Path>> {
        let candidates = if self.only_named { self.in_named(image) } else { self.usual(image) };
        let texts = candidates.iter().flat_map(|path| names_of(path));
        texts.into_iter().find_map(|path| self.get(&path)).or_else(|| self.by_stem(image))
    }

    /// What is to be ignored in an image: as our own writer leaves it.
    pub(super) fn ignored(&self, image: &Path) -> Option<&Arc<Path>> {
        if self.only_named {
            return None;
        }
        self.get(&in_place_of_images(image, "ignored")?.with_extension("txt"))
    }

    fn get(&self, path: &Path) -> Option<&Arc<Path>> {
        let key = key_of(path);
        let mut files = self.by_path.of(&key).filter_map(|position| self.files.get(position));
        files.find(|file| key_of(file) == key)
    }

    /// Places by the usual layouts, without extension of a text.
    fn usual(&self, image: &Path) -> Vec<PathBuf> {
        let mut candidates = Vec::new();
        candidates.extend(in_place_of_images(image, "labels"));
        candidates.push(image.to_owned());
        if let (Some(name), Some(folder)) = (image.file_name(), image.parent()) {
            candidates.extend(folder.parent().map(|above| above.join("labels").join(name)));
            candidates.push(folder.join("labels").join(name));
        }
        candidates.extend(self.in_named(image));
        candidates
    }

    /// Places below the folder of labels that was named.
    fn in_named(&self, image: &Path) -> Vec<PathBuf> {
        let sibling = in_place_of_images(image, "labels").filter(|path| path.starts_with(&self.annotations));
        let mut candidates: Vec<PathBuf> = sibling.into_iter().collect();
        if let Ok(inside) = image.strip_prefix(&self.images) {
            let without_images: PathBuf =
                inside.components().filter(|part| !is_image_folder(part)).map(Component::as_os_str).collect();
            for base in [self.annotations.clone(), self.annotations.join("labels")] {
                candidates.extend([base.join(inside), base.join(&without_images)]);
            }
        }
        candidates
    }

    /// The only text file called like the image, if the image is the only one.
    fn by_stem(&self, image: &Path) -> Option<&Arc<Path>> {
        if self.shared.contains(&hash_of(&folded(&stem_of(image)))) {
            return None;
        }
        let name = folded(&folder::last_part(&image.with_extension("txt")));
        let files = self.by_name.of(&name).filter_map(|position| self.files.get(position));
        let mut called = files.filter(|file| folded(&folder::last_part(file)) == name);
        called.next().filter(|_| called.next().is_none())
    }
}

/// `a.txt` and `a.jpg.txt`.
fn names_of(image: &Path) -> [PathBuf; 2] {
    let mut whole = image.as_os_str().to_owned();
    whole.push(".txt");
    [image.with_extension("txt"), PathBuf::from(whole)]
}

fn key_of(path: &Path) -> String {
    folded(&path.to_string_lossy())
}

pub(super) fn stem_of(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_image_folder(part: &Component<'_>) -> bool {
    let name = part.as_os_str().to_string_lossy().to_lowercase();
    IMAGE_FOLDERS.contains(&name.as_str())
}

/// The image's path with another folder in place of the last `images`.
fn in_place_of_images(image: &Path, other: &str) -> Option<PathBuf> {
    let parts: Vec<Component<'_>> = image.components().collect();
    let folders = parts.get(..parts.len().saturating_sub(1))?;
    let is_images = |part: &&Component<'_>| part.as_os_str().to_string_lossy().eq_ignore_ascii_case("images");
    let at = folders
        .iter()
        .rposition(|part| is_images(&part))
        .or_else(|| folders.iter().rposition(is_image_folder))?;
    let replaced = parts.iter().enumerate();
    Some(replaced.map(|(index, part)| if index == at { other.as_ref() } else { part.as_os_str() }).collect())
}
