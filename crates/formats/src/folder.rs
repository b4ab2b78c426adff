//! Finding files by names out of a data set, and never outside its folder.

use crate::FormatError;
use domain::dataset::Split;
use std::{
    ffi::OsStr,
    fs,
    path::{Component, Path, PathBuf},
};

/// Files that a folder of images is taken to consist of; some of these types
/// are not read, and are reported as such.
const IMAGE_EXTENSIONS: [&str; 11] =
    ["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "heic", "avif", "jfif"];

/// What looking for a file came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// There it is.
    File(PathBuf),
    /// The name is fine, the file is not there.
    Missing,
    /// The name leads out of the folder.
    Unsafe,
}

/// The name as a path below a folder; `None` when it is absolute, has `..`,
/// is empty or no file could have it.
pub(crate) fn below(name: &str) -> Option<PathBuf> {
    if name.contains('\0') || name.starts_with('\\') {
        return None;
    }
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (path.components().next().is_some()).then_some(path)
}

/// Looks for `name` below each of `folders`, then for its last part alone.
/// Names written on Windows are understood.
pub(crate) fn find(folders: &[&Path], name: &str) -> Found {
    let with_slashes = name.replace('\\', "/");
    let mut names = Vec::new();
    for name in [name, with_slashes.as_str()] {
        let Some(path) = below(name) else { return Found::Unsafe };
        if !names.contains(&path) {
            names.push(path);
        }
    }
    let alone: Vec<PathBuf> = names.iter().filter_map(|path| path.file_name()).map(PathBuf::from).collect();
    let candidates =
        names.iter().chain(&alone).flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|path| path.is_file()).map_or(Found::Missing, Found::File)
}

/// All files below a folder, sorted by path; links to folders are not
/// followed.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| FormatError::io(&folder, error))? {
            let entry = entry.map_err(|error| FormatError::io(&folder, error))?;
            let kind = entry.file_type().map_err(|error| FormatError::io(entry.path(), error))?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a file is named like an image.
pub(crate) fn is_named_like_an_image(path: &Path) -> bool {
    IMAGE_EXTENSIONS.iter().any(|extension| has_extension(path, extension))
}

/// Whether a file's name ends in `.extension`, in any case.
pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// The last part of a path, for people and for split names.
pub(crate) fn last_part(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The split that a word of the name names: `instances_val2017` is `val`.
pub(crate) fn split_in_name(name: &str) -> Option<Split> {
    name.split(|c: char| !c.is_ascii_alphabetic()).find_map(|word| word.parse().ok())
}

/// The split that the nearest folder of a file names, up to `root`.
pub(crate) fn split_in_folders(file: &Path, root: &Path) -> Option<Split> {
    let inside = file.strip_prefix(root).ok()?;
    let mut folders = inside.parent()?.components().rev();
    folders.find_map(|folder| folder.as_os_str().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_of_the_folder_are_not_followed() {
        for name in ["/etc/passwd", "../x.jpg", "a/../../x.jpg", "a\0.jpg", "", ".", "\\\\host\\x.jpg"] {
            assert_eq!(below(name), None, "{name:?}");
        }
        assert_eq!(below("./a/b c.jpg"), Some(PathBuf::from("a/b c.jpg")));
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(find(&[folder.path()], "..\\x.jpg"), Found::Unsafe);
    }

    #[test]
    fn a_name_with_backslashes_or_other_folders_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a").join("x.jpg");
        fs::create_dir_all(folder.path().join("a")).expect("a folder");
        fs::write(&file, b"x").expect("written");
        assert_eq!(find(&[folder.path()], "a\\x.jpg"), Found::File(file.clone()));
        assert_eq!(find(&[&folder.path().join("a")], "elsewhere/x.jpg"), Found::File(file));
        assert_eq!(find(&[folder.path()], "a/y.jpg"), Found::Missing);
    }

    #[test]
    fn a_word_of_a_name_may_name_the_split() {
        assert_eq!(split_in_name("instances_val2017"), Some(Split::Val));
        assert_eq!(split_in_name("Train"), Some(Split::Train));
        assert_eq!(split_in_name("contestants"), None);
        let root = Path::new("/d");
        assert_eq!(split_in_folders(Path::new("/d/valid/labels/a.xml"), root), Some(Split::Val));
        assert_eq!(split_in_folders(Path::new("/d/a.xml"), root), None);
    }
}
