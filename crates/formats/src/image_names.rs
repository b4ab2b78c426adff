//! Names of images as annotation files have them: what of them names a file,
//! and in which ways it may be spelt.

use crate::folder::below;
use std::{collections::HashSet, path::Path};
use unicode_normalization::UnicodeNormalization;

/// How many folders two paths have in common from their start.
pub(crate) fn common_start(one: &Path, other: &Path) -> usize {
    one.components().zip(other.components()).take_while(|(one, other)| one == other).count()
}

/// How many of the folder's last parts are these.
pub(crate) fn common_parts(folder: &Path, parts: &[String]) -> usize {
    let own = folder.components().rev().map(|part| part.as_os_str().to_string_lossy().into_owned());
    own.zip(parts.iter().rev()).take_while(|(own, part)| own == *part).count()
}

/// A name without regard to composition and case.
pub(crate) fn folded(name: &str) -> String {
    name.nfc().flat_map(char::to_lowercase).collect()
}

pub(crate) fn stem_of(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Ways to read a name, the likeliest first: as it is, with the slashes of
/// this system, as an address without its question, without its `%20`s.
pub(crate) fn spellings(name: &str) -> Vec<String> {
    let mut spellings =
        vec![name.to_owned(), name.replace('\\', "/"), path_of_address(name).replace('\\', "/")];
    let decoded: Vec<String> = spellings.iter().map(|name| without_percent(name)).collect();
    spellings.extend(decoded);
    let mut seen = HashSet::new();
    spellings.retain(|spelling| seen.insert(spelling.clone()));
    spellings
}

pub(crate) fn without_percent(name: &str) -> String {
    percent_encoding::percent_decode_str(name).decode_utf8().map_or_else(|_| name.to_owned(), Into::into)
}

/// The path in an address: without scheme and question, and what Label
/// Studio's local files ask for.
pub(crate) fn path_of_address(name: &str) -> &str {
    if let Some((_, path)) = name.split_once("?d=") {
        return path.split('&').next().unwrap_or(path);
    }
    match name.split_once("://") {
        Some((_, path)) => path.split(['?', '#']).next().unwrap_or(path),
        None => name,
    }
}

/// The parts of a path that name something.
pub(crate) fn parts_of(name: &str) -> Vec<String> {
    let path = path_of_address(name).replace('\\', "/");
    let named = |part: &&str| !part.is_empty() && !matches!(*part, "." | "..") && !part.ends_with(':');
    path.split('/').filter(named).map(str::to_owned).collect()
}

/// The last part of a name.
pub(crate) fn base_of(name: &str) -> String {
    parts_of(name).pop().unwrap_or_default()
}

/// Whether a name has folders of the data set itself, not of another machine.
pub(crate) fn has_folders(name: &str) -> bool {
    below(&name.replace('\\', "/")).is_some_and(|path| path.components().count() > 1)
        && !name.contains(':')
        && path_of_address(name) == name
}
