//! Which YAML file of a data set counts.

use super::data_yaml::{self, DataYaml};
use crate::{FormatError, files::Files, folder, intake::Intake, text};
use std::path::{Path, PathBuf};

/// The `data.yaml` that was named or lies in one of the folders. One further
/// up names the classes too, but its splits are not what was asked for.
pub(super) fn read_yaml(
    annotations: &Path,
    intake: &Intake<'_>,
) -> Result<(Option<PathBuf>, DataYaml), FormatError> {
    let within = if annotations.is_file() {
        let is_yaml = folder::has_extension(annotations, "yaml") || folder::has_extension(annotations, "yml");
        is_yaml.then(|| annotations.to_owned())
    } else {
        match yaml_in(annotations, intake)? {
            Some(path) => Some(path),
            None => yaml_in(intake.folder, intake)?,
        }
    };
    let mut above = None;
    for folder in annotations.ancestors().skip(1).take(2).filter(|_| within.is_none()) {
        above = usual_yaml(folder);
        if above.is_some() {
            break;
        }
    }
    let splits_count = within.is_some();
    let Some(path) = within.or(above) else { return Ok((None, DataYaml::default())) };
    let mut data = parse_yaml(&path, intake)?;
    if !splits_count {
        data.splits.clear();
    }
    Ok((Some(path), data))
}

/// Data sets of their own in folders inside are not one data set, and what
/// their classes are called is not said here. A folder with a `data.yaml` and
/// no image is none: it is named, for its names may be meant.
///
/// # Errors
/// When there is one.
pub(super) fn refuse_inner_sets(folder: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    let mut yamls: Vec<PathBuf> = entries.filter_map(|entry| usual_yaml(&entry.ok()?.path())).collect();
    yamls.sort();
    let (inner, alone): (Vec<PathBuf>, Vec<PathBuf>) =
        yamls.into_iter().partition(|yaml| yaml.parent().is_some_and(holds_images));
    let Some(first) = inner.first() else {
        for yaml in &alone {
            let yaml = yaml.display();
            intake.note(format!(
                "{yaml} was not read: --annotations {yaml} takes the names of classes from it."
            ));
        }
        return Ok(());
    };
    let shown: Vec<String> = inner.iter().take(3).map(|path| path.display().to_string()).collect();
    let own = first.parent().unwrap_or(first).display();
    let why = format!(
        "data sets of their own are in it ({}): import each by itself, as fovea import {own}",
        shown.join(", ")
    );
    Err(FormatError::NothingFound { folder: folder.to_owned(), why })
}

fn holds_images(folder: &Path) -> bool {
    let files = folder::files_below(folder).unwrap_or_default();
    files.iter().any(|file| folder::is_named_like_an_image(file))
}

fn parse_yaml(path: &Path, intake: &Intake<'_>) -> Result<DataYaml, FormatError> {
    /// Bytes of a `data.yaml`: ten thousand names have a tenth of it.
    const YAML_BYTES: u64 = 4 << 20;
    // Its folder may be further up than those that were named.
    let mut files = Files::new(intake.files.encoding);
    files.allow(path.parent().unwrap_or(path));
    let bytes = files.read(path, YAML_BYTES).map_err(|error| FormatError::io(path, error))?;
    let content = text::decode(bytes, None, files.encoding);
    let content = content.map_err(|why| FormatError::malformed(path, "text", why))?;
    data_yaml::parse(&content)
        .map_err(|(line, why)| FormatError::malformed(path, format!("line {line}"), why))
}

fn usual_yaml(folder: &Path) -> Option<PathBuf> {
    let usual = ["data.yaml", "dataset.yaml", "data.yml", "dataset.yml"].map(|name| folder.join(name));
    usual.into_iter().find(|path| path.is_file())
}

/// The file of the usual name, or the only YAML file that names classes.
fn yaml_in(folder: &Path, intake: &Intake<'_>) -> Result<Option<PathBuf>, FormatError> {
    if let Some(path) = usual_yaml(folder) {
        return Ok(Some(path));
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(None) };
    let mut files: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|path| {
        path.is_file() && (folder::has_extension(path, "yaml") || folder::has_extension(path, "yml"))
    });
    files.sort();
    let names_classes = |path: &PathBuf| {
        parse_yaml(path, intake).is_ok_and(|data| !data.names.is_empty() || !data.splits.is_empty())
    };
    files.retain(names_classes);
    match files.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        [first, second, ..] => {
            let why = format!(
                "{} and {} both name classes; name the one that counts with --annotations",
                folder::last_part(first),
                folder::last_part(second)
            );
            Err(FormatError::NothingFound { folder: folder.to_owned(), why })
        }
    }
}
