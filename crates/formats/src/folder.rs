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
pub(crate) const IMAGE_EXTENSIONS: [&str; 11] =
    ["jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff", "heic", "avif", "jfif"];

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

/// Whether an operating system, an editor or a program put the file or folder
/// there beside the data.
pub(crate) fn is_stray(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "__macosx",
        ".ipynb_checkpoints",
        ".git",
        ".dvc",
        ".cache",
        "@eadir",
        "$recycle.bin",
        ".trash",
        ".ds_store",
        "thumbs.db",
        "desktop.ini",
        "lost+found",
    ];
    name.starts_with("._") || NAMES.iter().any(|stray| name.eq_ignore_ascii_case(stray))
}

/// Files and folders that a data set may consist of. One with more is read in
/// parts.
const MOST_ENTRIES: usize = 5_000_000;

/// All files below a folder, sorted by path; links to folders are not
/// followed, and stray files ([`is_stray`]) are not among them.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| FormatError::io(&folder, error))? {
            let entry = entry.map_err(|error| FormatError::io(&folder, error))?;
            if is_stray(&entry.file_name().to_string_lossy()) {
                continue;
            }
            if files.len() + folders.len() > MOST_ENTRIES {
                let why = format!("there are more than {MOST_ENTRIES} files below it; import a part of it");
                return Err(FormatError::NothingFound { folder, why });
            }
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

/// The split that a name as a whole names, as COCO's annotation files have it:
/// `instances_val2017`, `val`, `train_annotations.coco`. A word among others,
/// as in `test-drive` or `val_d_aosta`, names none.
pub(crate) fn split_in_name(name: &str) -> Option<Split> {
    const BEFORE: [&str; 8] = [
        "instances_",
        "person_keypoints_",
        "annotations_",
        "annotation_",
        "image_info_",
        "labels_",
        "coco_",
        // Open Images.
        "oidv6-",
    ];
    const AFTER: [&str; 9] = [
        "-annotations-bbox",
        "_annotations.coco",
        "_annotations",
        "_annotation",
        "_labels",
        "_coco",
        ".coco",
        "-coco",
        "_instances",
    ];
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    let rest = BEFORE.iter().find_map(|before| name.strip_prefix(before)).unwrap_or(name);
    let rest = AFTER.iter().find_map(|after| rest.strip_suffix(after)).unwrap_or(rest);
    split_of_folder(rest)
}

/// The split that a folder's whole name names: `train`, `valid`, `val2017`,
/// `test-dev2017`.
pub(crate) fn split_of_folder(name: &str) -> Option<Split> {
    let year =
        |text: &&str| text.len() == 4 && text.starts_with("20") && text.bytes().all(|b| b.is_ascii_digit());
    let without_year = name.split_at_checked(name.len().saturating_sub(4)).filter(|(_, end)| year(end));
    let word = without_year.map_or(name, |(word, _)| word.trim_end_matches(['_', '-']));
    match word.to_ascii_lowercase().as_str() {
        "test-dev" | "tests" => Some(Split::Test),
        "validate" | "validations" | "dev" => Some(Split::Val),
        "trains" => Some(Split::Train),
        word => word.parse().ok(),
    }
}

/// The split that the nearest folder of a file names, up to `root`.
pub(crate) fn split_in_folders(file: &Path, root: &Path) -> Option<Split> {
    let inside = file.strip_prefix(root).ok()?;
    let mut folders = inside.parent()?.components().rev();
    folders.find_map(|folder| split_of_folder(folder.as_os_str().to_str()?))
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
    }

    #[test]
    fn only_a_whole_name_names_a_split() {
        for (name, split) in [
            ("instances_val2017", Some(Split::Val)),
            ("Train", Some(Split::Train)),
            ("test_annotations.coco", Some(Split::Test)),
            ("validation", Some(Split::Val)),
            ("contestants", None),
            ("labels_test-drive-cars_2025-03-01", None),
            ("val_d_aosta", None),
            ("instances_default", None),
            ("2017", None),
        ] {
            assert_eq!(split_in_name(name), split, "{name}");
        }
        let root = Path::new("/d");
        assert_eq!(split_in_folders(Path::new("/d/valid/labels/a.xml"), root), Some(Split::Val));
        assert_eq!(split_in_folders(Path::new("/d/train2017/a.xml"), root), Some(Split::Train));
        assert_eq!(split_in_folders(Path::new("/d/train_new/a.xml"), root), None);
        assert_eq!(split_in_folders(Path::new("/d/a.xml"), root), None);
    }

    #[test]
    fn what_systems_leave_behind_is_no_data() {
        let folder = tempfile::tempdir().expect("a folder");
        let names =
            ["a.jpg", "._a.jpg", "__MACOSX/a.jpg", ".ipynb_checkpoints/a-checkpoint.jpg", "Thumbs.db"];
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, b"x").expect("written");
        }
        assert_eq!(files_below(folder.path()).expect("listed"), [folder.path().join("a.jpg")]);
    }
}
