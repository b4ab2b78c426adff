//! Files of several formats in one folder. Where all of them say the same, one
//! meaning is left, and it is read; otherwise the question is asked, with what
//! each of them says.

use crate::{
    FormatError, Import, ImportFormat, Options,
    reader::Recognition,
    readers::{choose, surest},
};
use domain::{dataset::Split, geometry::Rect};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// How far apart the edges of the same box may be, in pixels: shares of an
/// image in a text file have six digits, corners are often whole pixels.
const SAME_PX: f64 = 0.6;
/// Images that are named where formats disagree.
const NAMED: usize = 3;

/// The format to read the files as, and why, as the end of the sentence "There
/// is …".
///
/// # Errors
/// As [`choose`]; where several formats are there and say different things,
/// what each says, and what to choose from.
pub fn settle(
    images: &Path,
    annotations: &Path,
    options: &Options,
) -> Result<(ImportFormat, String), FormatError> {
    let sure = surest(annotations)?;
    if sure.len() < 2 {
        return choose(annotations).map(|(format, recognition)| (format, recognition.saw));
    }
    let options = Options { strict: false, ..*options };
    let read = |(format, recognition): (ImportFormat, Recognition)| Reading {
        format,
        saw: recognition.saw,
        import: crate::read(format, images, annotations, &options, &mut |_| {}),
    };
    let readings: Vec<Reading> = sure.into_iter().map(read).collect();
    match agreement(&readings) {
        Some(best) => {
            let seen: Vec<String> =
                readings.iter().map(|one| format!("{} ({})", one.saw, one.format)).collect();
            Ok((best.format, format!("{}, which say the same", seen.join(", and "))))
        }
        None => Err(question(annotations, &readings)),
    }
}

/// What the files are as one format.
struct Reading {
    format: ImportFormat,
    saw: String,
    import: Result<Import, FormatError>,
}

/// The reading to take if all are the same data set: one that says splits
/// before one that does not.
fn agreement(readings: &[Reading]) -> Option<&Reading> {
    let mut imports = readings.iter().map(|one| one.import.as_ref().ok());
    let first = imports.next()??;
    // What both leave out is told by the import itself.
    let all_agree = imports.all(|other| {
        other.is_some_and(|other| other.left_out == first.left_out && difference(first, other).is_none())
    });
    let says_splits = |one: &&Reading| one.import.as_ref().is_ok_and(|import| splits(import).is_some());
    // Those that say splits must say the same ones.
    let known: BTreeSet<_> =
        readings.iter().filter(says_splits).filter_map(|one| splits(one.import.as_ref().ok()?)).collect();
    if !all_agree || known.len() > 1 {
        return None;
    }
    readings.iter().find(says_splits).or(readings.first())
}

/// The split of every image by its file, if any image has one.
fn splits(import: &Import) -> Option<Vec<(&Path, Option<Split>)>> {
    let mut splits: Vec<_> = import.images.iter().map(|image| (&*image.path, image.split)).collect();
    splits.sort();
    splits.iter().any(|(_, split)| split.is_some()).then_some(splits)
}

/// Where two readings are not the same images with the same boxes; `None`
/// where they are.
fn difference(one: &Import, other: &Import) -> Option<String> {
    let by_path = |import: &'_ Import| -> BTreeMap<_, _> {
        import.images.iter().map(|image| (image.path.clone(), image.clone())).collect()
    };
    let (one_images, other_images) = (by_path(one), by_path(other));
    let other_paths: BTreeSet<_> = one_images.keys().chain(other_images.keys()).collect();
    let mut differing = Vec::new();
    for path in other_paths {
        let boxes = |images: &BTreeMap<_, crate::ImportedImage>| {
            images.get(path).map(|image| image.annotations.len())
        };
        let same = match (one_images.get(path), other_images.get(path)) {
            (Some(one), Some(other)) => same_boxes(one, other),
            _ => false,
        };
        if !same {
            differing.push((path.clone(), boxes(&one_images), boxes(&other_images)));
        }
    }
    let count = differing.len();
    let in_words = |boxes: Option<usize>| match boxes {
        None => "not there".to_owned(),
        Some(1) => "1 box".to_owned(),
        Some(boxes) => format!("{boxes} boxes"),
    };
    let named = differing.iter().take(NAMED).map(|(path, one, other)| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if one == other {
            format!("{name} ({}, which lie elsewhere or are called otherwise)", in_words(*one))
        } else {
            format!("{name} ({} against {})", in_words(*one), in_words(*other))
        }
    });
    let named: Vec<String> = named.collect();
    match count {
        0 => None,
        1 => Some(format!("1 image differs: {}", named.join(", "))),
        _ => Some(format!("{count} images differ, such as {}", named.join(", "))),
    }
}

/// Whether the boxes are the same, in any order.
fn same_boxes(one: &crate::ImportedImage, other: &crate::ImportedImage) -> bool {
    if one.annotations.len() != other.annotations.len() {
        return false;
    }
    let mut left: Vec<_> = other.annotations.iter().collect();
    one.annotations.iter().all(|a| {
        let same =
            left.iter().position(|b| a.label == b.label && a.ignore == b.ignore && near(&a.rect, &b.rect));
        same.map(|index| left.swap_remove(index)).is_some()
    })
}

fn near(a: &Rect, b: &Rect) -> bool {
    let edges = |r: &Rect| [r.x(), r.y(), r.right(), r.bottom()];
    edges(a).into_iter().zip(edges(b)).all(|(a, b)| (a - b).abs() <= SAME_PX)
}

/// What each format says, where they differ, and how to choose.
fn question(folder: &Path, readings: &[Reading]) -> FormatError {
    let mut lines = vec!["several formats are there, and they say different things:".to_owned()];
    lines.extend(readings.iter().map(|one| format!("  --format {}: {}", one.format, said(one))));
    let sound: Vec<(&Reading, &Import)> =
        readings.iter().filter_map(|one| Some((one, one.import.as_ref().ok()?))).collect();
    for pair in sound.windows(2) {
        let &[(first, one), (second, other)] = pair else { continue };
        let what = difference(one, other).or_else(|| {
            let differ = splits(one).is_some() && splits(other).is_some() && splits(one) != splits(other);
            differ.then(|| "the boxes are the same, the splits are not".to_owned())
        });
        if let Some(what) = what {
            lines.push(format!("  {} and {}: {what}", first.format, second.format));
        }
    }
    let commands = readings.iter().map(|one| format!("--format {}", one.format));
    lines.push(format!("Choose one: {}.", commands.collect::<Vec<_>>().join(" or ")));
    FormatError::SeveralFormats { folder: folder.to_owned(), why: lines.join("\n") }
}

/// `364 images (train 205, val 87) with 4888 boxes of 3 labels, from …`.
fn said(reading: &Reading) -> String {
    let import = match &reading.import {
        Ok(import) => import,
        Err(error) => return format!("{}, which cannot be read: {error}", reading.saw),
    };
    let mut by_split: BTreeMap<&str, usize> = BTreeMap::new();
    for image in &import.images {
        *by_split.entry(image.split.map_or("no split", Split::as_str)).or_default() += 1;
    }
    let by_split: Vec<String> =
        by_split.into_iter().map(|(split, count)| format!("{split} {count}")).collect();
    let left_out = match import.left_out {
        crate::LeftOut { images: 0, boxes: 0 } => String::new(),
        crate::LeftOut { images, boxes } => format!("; {images} images and {boxes} boxes left out"),
    };
    format!(
        "{} images ({}) with {} boxes of {} labels, from {}{left_out}",
        import.images.len(),
        by_split.join(", "),
        import.boxes(),
        import.labels.len(),
        reading.saw
    )
}
