//! What attributes of images and tracks say: sizes, splits, names.

use super::xml::Tag;
use domain::dataset::Split;

/// Width and height as the file has them.
pub(super) fn declared(tag: &Tag) -> Option<(u32, u32)> {
    let side = |name| tag.get(name)?.trim().parse().ok().filter(|side| *side > 0);
    side("width").zip(side("height"))
}

/// CVAT's subsets are free words: `Train`, `Validation`, `default`.
pub(super) fn split_of(subset: Option<&str>) -> Option<Split> {
    subset?.trim().parse().ok()
}

/// What an image may be called. A project has those of each subset in a folder
/// of their own, which their names do not say: two may have the same.
pub(super) fn names_of(tag: &Tag) -> Vec<String> {
    let name = tag.get("name").unwrap_or_default();
    let subset = tag.get("subset").map(str::trim).filter(|subset| !subset.is_empty());
    let in_subset = subset.map(|subset| [format!("{subset}/{name}"), format!("images/{subset}/{name}")]);
    in_subset.into_iter().flatten().chain([name.to_owned()]).collect()
}
