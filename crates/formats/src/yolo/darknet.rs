//! Darknet's `obj.data` and lists of images, and files by the names in them.

use crate::{FormatError, folder, intake::Intake, text};
use domain::dataset::Split;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Lists of images: those that `obj.data` names, or that are named after a
/// split.
pub(super) fn darknet_lists(
    roots: &[PathBuf],
    annotations: &Path,
    intake: &Intake<'_>,
) -> Result<BTreeMap<Split, PathBuf>, FormatError> {
    let mut lists = BTreeMap::new();
    for (key, value) in darknet_data(&[intake.folder, annotations], intake)? {
        let Ok(split) = key.parse::<Split>() else { continue };
        lists.extend(found_below(&value, roots).filter(|path| path.is_file()).map(|path| (split, path)));
    }
    if !lists.is_empty() {
        return Ok(lists);
    }
    for root in [intake.folder, annotations] {
        for name in ["train.txt", "val.txt", "valid.txt", "validation.txt", "test.txt"] {
            let path = root.join(name);
            let Some(split) = name.strip_suffix(".txt").and_then(|word| word.parse().ok()) else { continue };
            let content = if path.is_file() {
                intake.files.read_text(&path).unwrap_or_default()
            } else {
                String::new()
            };
            let first =
                text::lines(&content).map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
            if first.is_some_and(|line| folder::is_named_like_an_image(Path::new(line))) {
                lists.entry(split).or_insert(path);
            }
        }
    }
    Ok(lists)
}

/// Keys and values of darknet's `obj.data`, or of the only `.data` file.
pub(super) fn darknet_data(
    folders: &[&Path],
    intake: &Intake<'_>,
) -> Result<Vec<(String, String)>, FormatError> {
    let Some(path) = folders.iter().find_map(|folder| data_file(folder)) else { return Ok(Vec::new()) };
    let content = intake.files.read_text(&path).map_err(|error| FormatError::io(&path, error))?;
    let pairs = text::lines(&content).filter_map(|line| line.split_once('='));
    Ok(pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect())
}

fn data_file(folder: &Path) -> Option<PathBuf> {
    let usual = folder.join("obj.data");
    if usual.is_file() {
        return Some(usual);
    }
    let entries = std::fs::read_dir(folder).ok()?;
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut data = files.filter(|path| folder::has_extension(path, "data") && path.is_file());
    data.next().filter(|_| data.next().is_none())
}

/// The file or folder of that name below one of the folders; of a path of
/// another machine, the longest end that is there.
pub(super) fn found_below(name: &str, roots: &[PathBuf]) -> Option<PathBuf> {
    let plain = without_dots(&name.trim().replace('\\', "/"));
    let parts: Vec<&str> = plain.split('/').filter(|part| !part.is_empty() && !part.ends_with(':')).collect();
    let names_split = |parts: &[&str]| parts.iter().any(|part| folder::split_of_folder(part).is_some());
    (0..parts.len()).find_map(|skipped| {
        let rest = parts.get(skipped..)?;
        // `images` is not what is left of `train/images`.
        let end = folder::below(&rest.join("/")).filter(|_| names_split(rest) || !names_split(&parts))?;
        roots.iter().map(|root| root.join(&end)).find(|path| path.exists())
    })
}

/// Exporters write `../train/images` for a folder beside the file.
pub(super) fn without_dots(name: &str) -> String {
    let mut rest = name.trim();
    while let Some(shorter) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("./")) {
        rest = shorter;
    }
    rest.to_owned()
}
