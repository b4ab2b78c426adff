//! Images by the names that annotation tools give them: paths of another
//! machine, addresses of a server, names with a prefix. Only files that lie in
//! the data set's folders are ever found.

pub(crate) use crate::tool_boxes::{NoBox, ToolBoxes, shape_label};

use crate::{
    FaultKind, FormatError, folder,
    intake::{Intake, RawImage},
    name_index::NameIndex,
};
use domain::dataset::Split;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// An image as an annotation tool has it.
#[derive(Clone, Debug)]
pub(crate) struct ToolImage<'a> {
    /// The file that speaks of it, and where.
    pub(crate) file: &'a Path,
    pub(crate) place: String,
    /// What it may be called, the likeliest first; the first is shown.
    pub(crate) names: Vec<String>,
    /// Width and height as the file has them.
    pub(crate) declared: Option<(u32, u32)>,
    pub(crate) split: Option<Split>,
    pub(crate) boxes: ToolBoxes,
}

/// The image files of a data set, to be taken in.
#[derive(Debug)]
pub(crate) struct ImageFiles {
    names: ImageNames,
    /// Each has a file of annotations of its own, which is called as it is.
    has_own_files: bool,
}

/// Image files by their names.
#[derive(Debug)]
pub(crate) struct ImageNames {
    root: PathBuf,
    files: Vec<Arc<Path>>,
    /// By their last part in lower case.
    by_name: NameIndex,
}

/// What looking for a name came to.
#[derive(Debug, PartialEq, Eq)]
enum Match<'a> {
    One(&'a Arc<Path>),
    /// As the first, but for upper and lower case.
    OtherCase(&'a Arc<Path>),
    /// Several end in the name, and none is it.
    Several(usize),
    None,
}

impl ImageFiles {
    /// Lists the folder of the images and that of the annotations.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(crate) fn list(intake: &mut Intake<'_>, annotations: &Path) -> Result<Self, FormatError> {
        let root = intake.folder.to_owned();
        let beside = if annotations.is_dir() { Some(annotations) } else { annotations.parent() };
        if let Some(beside) = beside {
            intake.files.allow(beside);
        }
        let mut files = folder::files_below(&root)?;
        if let Some(beside) = beside.filter(|beside| beside.is_dir() && !is_below(beside, &root)) {
            files.extend(folder::files_below(beside)?);
        }
        let names = ImageNames::of(&root, files);
        intake.expect_mention(&names.files);
        Ok(Self { names, has_own_files: false })
    }

    /// Of a format with a file of annotations for each image: its name is the
    /// image's, and says nothing of splits.
    pub(crate) fn with_own_files(self) -> Self {
        Self { has_own_files: true, ..self }
    }

    /// All of them, by path.
    pub(crate) fn all(&self) -> Vec<&Path> {
        let mut all: Vec<&Path> = self.names.files.iter().map(|file| &**file).collect();
        all.sort_unstable();
        all
    }

    /// The split that the file of annotations is of by its whole name or its
    /// folder, else that of the picture's folder.
    fn split_by_names(&self, file: &Path, picture: &Path, intake: &mut Intake<'_>) -> Option<Split> {
        let root = &self.names.root;
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let in_name = || folder::split_in_name(&stem).filter(|_| !self.has_own_files);
        if let Some(split) = folder::split_in_folders(file, root).or_else(in_name) {
            let name = file.strip_prefix(root).unwrap_or(file).display();
            intake.note(format!("The images of {name} are in the split {split}, by its name or folder."));
            return Some(split);
        }
        let split = folder::split_in_folders(picture, root)?;
        let folder = picture.parent().unwrap_or(picture);
        let folder = folder.strip_prefix(root).unwrap_or(folder).display();
        intake.note(format!("The images of the folder {folder} are in the split {split}, by its name."));
        Some(split)
    }

    /// Whether one of the names means a file.
    pub(crate) fn has(&self, file: &Path, names: &[String]) -> bool {
        self.path_of(file, names).is_some()
    }

    /// The file that the likeliest of the names means.
    pub(crate) fn path_of(&self, file: &Path, names: &[String]) -> Option<&Path> {
        self.look_for(file, names).0.map(|(path, _)| &**path)
    }

    /// The file that the likeliest of the names means, and whether only but for
    /// upper and lower case; else how many it may be.
    fn look_for(&self, file: &Path, names: &[String]) -> (Option<(&Arc<Path>, bool)>, usize) {
        let beside = file.parent().unwrap_or(file);
        let exact = |name: &String| {
            let below = |folder| self.names.below(folder, name);
            below(beside).or_else(|| below(&self.names.root)).map(|path| (path, false))
        };
        if let Some(found) = names.iter().find_map(exact) {
            return (Some(found), 0);
        }
        let mut several = 0;
        for name in names {
            match self.names.find(name) {
                Match::One(path) => return (Some((path, false)), several),
                Match::OtherCase(path) => return (Some((path, true)), several),
                Match::Several(number) => several = several.max(number),
                Match::None => {}
            }
        }
        (None, several)
    }

    /// Takes in an image with its boxes, or says what is wrong with its name.
    pub(crate) fn add(&self, image: ToolImage<'_>, intake: &mut Intake<'_>) {
        let ToolImage { file, place, names, declared, split, boxes } = image;
        let ToolBoxes { boxes, reduced, lost } = boxes;
        let shown = names.first().map_or("", String::as_str);
        let (found, several) = self.look_for(file, &names);
        let Some((path, other_case)) = found else {
            let root = self.names.root.display();
            let (kind, message) = match several {
                0 => (
                    FaultKind::MissingImage,
                    format!("the image {shown:?} is not in {root}; left out with its boxes"),
                ),
                several => {
                    let message =
                        format!("{several} images may be meant by {shown:?}; left out with its boxes");
                    (FaultKind::AmbiguousName, message)
                }
            };
            intake.log.error(kind, file, &place, message);
            return intake.leave_out(boxes.len());
        };
        if other_case {
            let message = format!("{shown:?} is taken to be {}", folder::last_part(path));
            intake.log.warning(FaultKind::NameAdapted, file, &place, message);
        }
        if reduced > 0 {
            let name = folder::last_part(path);
            let message =
                format!("{reduced} shapes of {name} are no upright boxes: the boxes around them are kept");
            intake.log.warning(FaultKind::OutlineReduced, file, &place, message);
        }
        for raw in &boxes {
            intake.labels.add(&raw.label);
        }
        let split = split.or_else(|| self.split_by_names(file, path, intake));
        intake.add(RawImage { file, place, path: path.clone(), declared, split, boxes, lost });
    }
}

impl ImageNames {
    /// Lists a folder.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(crate) fn list(root: &Path) -> Result<Self, FormatError> {
        Ok(Self::of(root, folder::files_below(root)?))
    }

    /// The one file that a name may mean.
    pub(crate) fn path_of(&self, name: &str) -> Option<PathBuf> {
        match self.find(name) {
            Match::One(path) | Match::OtherCase(path) => Some(path.to_path_buf()),
            Match::Several(_) | Match::None => None,
        }
    }

    fn of(root: &Path, files: Vec<PathBuf>) -> Self {
        let images = files.into_iter().filter(|file| folder::is_named_like_an_image(file));
        let files: Vec<Arc<Path>> = images.map(Arc::from).collect();
        let by_name = NameIndex::new(files.iter().map(|file| folder::last_part(file).to_lowercase()));
        Self { root: root.to_owned(), files, by_name }
    }

    /// Files with this last part, which is in lower case.
    fn called(&self, name: &str) -> Vec<&Arc<Path>> {
        let files = self.by_name.of(name).filter_map(|position| self.files.get(position));
        files.filter(|file| folder::last_part(file).to_lowercase() == name).collect()
    }

    /// The file of exactly this name below a folder.
    fn below(&self, folder: &Path, name: &str) -> Option<&Arc<Path>> {
        let path = folder.join(folder::below(&name.replace('\\', "/"))?);
        let called = self.called(&folder::last_part(&path).to_lowercase());
        called.into_iter().find(|file| ***file == *path)
    }

    /// The file whose path ends in most of the name's parts.
    fn find(&self, name: &str) -> Match<'_> {
        let parts = parts_of(name);
        let Some(last) = parts.last() else { return Match::None };
        let files = self.called(&last.to_lowercase());
        if files.is_empty() {
            return Match::None;
        }
        let exact: Vec<&Arc<Path>> =
            files.iter().copied().filter(|file| folder::last_part(file) == **last).collect();
        let candidates = if exact.is_empty() { files.clone() } else { exact.clone() };
        let longest = candidates.iter().map(|file| self.common_parts(file, &parts)).max().unwrap_or_default();
        let best: Vec<&Arc<Path>> =
            candidates.into_iter().filter(|file| self.common_parts(file, &parts) == longest).collect();
        match best.as_slice() {
            [one] if is_relative(name) && longest < parts.len() && files.len() > 1 => {
                // A file of that name in another folder is another image.
                let _ = one;
                Match::Several(files.len())
            }
            [one] if exact.is_empty() => Match::OtherCase(one),
            [one] => Match::One(one),
            several => self.in_root(several, &parts).map_or(Match::Several(several.len()), Match::One),
        }
    }

    /// A name without folders means the file directly in the folder of images.
    fn in_root<'a>(&self, files: &[&'a Arc<Path>], parts: &[&str]) -> Option<&'a Arc<Path>> {
        files.iter().copied().find(|file| parts.len() == 1 && file.parent() == Some(&self.root))
    }

    /// How many parts at the end of the file's path are those of the name.
    fn common_parts(&self, file: &Path, parts: &[&str]) -> usize {
        let inside = file.strip_prefix(&self.root).unwrap_or(file);
        let own = inside.components().rev().map(|part| part.as_os_str().to_string_lossy().to_lowercase());
        own.zip(parts.iter().rev()).take_while(|(own, part)| *own == part.to_lowercase()).count()
    }
}

fn is_below(inner: &Path, outer: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(inner).starts_with(real(outer))
}

/// Whether a name was meant below the folder that the tool had.
fn is_relative(name: &str) -> bool {
    !name.starts_with(['/', '\\']) && !name.contains(':') && !name.contains("..")
}

/// The parts of a path that name something.
fn parts_of(name: &str) -> Vec<&str> {
    let named = |part: &&str| !part.is_empty() && !matches!(*part, "." | "..") && !part.ends_with(':');
    name.split(['/', '\\']).filter(named).collect()
}

/// The names that an address may stand for: `?d=` of Label Studio's local
/// files, the path of any other address; as it is and without its `%20`s.
pub(crate) fn names_of_address(address: &str) -> Vec<String> {
    let path = match address.split_once("?d=") {
        Some((_, path)) => path.split('&').next().unwrap_or(path),
        None if address.contains("://") || address.starts_with("/data/") => {
            address.split(['?', '#']).next().unwrap_or(address)
        }
        None => address,
    };
    let mut names = vec![path.to_owned()];
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    if decoded != path {
        names.push(decoded.into_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> ImageNames {
        ImageNames::of(Path::new("/set"), names.iter().map(|name| Path::new("/set").join(name)).collect())
    }

    fn path(path: &str) -> Arc<Path> {
        Path::new(path).into()
    }

    #[test]
    fn a_path_of_another_machine_is_found_by_its_end() {
        let files = files(&["a.jpg", "cam1/0001.jpg", "cam2/0001.jpg"]);
        for name in
            ["a.jpg", "C:\\photos\\a.jpg", "..\\images\\a.jpg", "/Users/me/a.jpg", "s3://bucket/x/a.jpg"]
        {
            assert_eq!(files.find(name), Match::One(&path("/set/a.jpg")), "{name}");
        }
        assert_eq!(files.find("/data/cam2/0001.jpg"), Match::One(&path("/set/cam2/0001.jpg")));
        assert_eq!(files.find("A.JPG"), Match::OtherCase(&path("/set/a.jpg")));
        assert_eq!(files.find("b.jpg"), Match::None);
        assert_eq!(files.find(".."), Match::None);
    }

    #[test]
    fn a_file_of_the_same_name_elsewhere_is_not_taken() {
        let files = files(&["0001.jpg", "cam1/0001.jpg", "cam2/0001.jpg"]);
        assert_eq!(files.find("cam3/0001.jpg"), Match::Several(3));
        assert_eq!(files.find("/data/upload/0001.jpg"), Match::Several(3));
        assert_eq!(files.find("0001.jpg"), Match::One(&path("/set/0001.jpg")));
    }

    #[test]
    fn addresses_are_names_without_their_questions() {
        assert_eq!(names_of_address("/data/local-files/?d=set/a%20b.jpg"), ["set/a%20b.jpg", "set/a b.jpg"]);
        assert_eq!(names_of_address("https://host/x/a.jpg?X-Amz=1"), ["https://host/x/a.jpg"]);
        assert_eq!(names_of_address("what?.jpg"), ["what?.jpg"]);
    }
}
