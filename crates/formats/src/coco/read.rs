//! Reading COCO. Elements that are odd are faults; only a file that is no
//! JSON, or has none of COCO's lists, cannot be read.

use super::{
    boxes::{self, Boxes},
    form::Image,
    scalar::Id,
    sources::{Source, no_coco, parent_of, read_file, read_folder, source_of},
};
use crate::{
    FaultKind, FormatError,
    finder::{Finder, Found, Query},
    folder,
    intake::{Intake, RawImage},
};
use domain::dataset::Split;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

/// An image that is listed, before its file is looked for.
struct Listed<'a> {
    source: &'a Source,
    image: &'a Image,
    place: String,
    name: String,
    boxes: Boxes,
}

/// Reads a JSON file, or the JSON files of a folder.
pub(super) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let folder = if annotations.is_dir() { annotations } else { parent_of(annotations) };
    intake.files.allow(folder);
    let sources = if annotations.is_dir() {
        read_folder(annotations, intake)?
    } else {
        let file = read_file(annotations, intake)?;
        if file.images.is_none() {
            return Err(no_coco(annotations, &file));
        }
        vec![source_of(annotations.to_owned(), file, intake)]
    };
    let mut listed = Vec::new();
    let mut used = BTreeSet::new();
    for source in &sources {
        boxes::check_scale(&source.path, &source.file)?;
        boxes::check_corners(&source.path, &source.file)?;
        list_images(source, &mut used, &mut listed, intake);
    }
    intake.expect(listed.len());
    add_images(listed, folder, intake)
}

/// Lists the images of a file, each with its boxes.
fn list_images<'a>(
    source: &'a Source,
    used: &mut BTreeSet<domain::name::Label>,
    listed: &mut Vec<Listed<'a>>,
    intake: &mut Intake<'_>,
) {
    let path = &source.path;
    let mut by_image = boxes::of_file(path, &source.file, used, intake);
    let mut seen: BTreeMap<Id, &Image> = BTreeMap::new();
    for (index, image) in source.file.images.iter().flatten().enumerate() {
        let Some(image) = image.get() else {
            let message = "it is no object; left out";
            intake.log.error(FaultKind::Unreadable, path, format!("images[{index}]"), message);
            continue;
        };
        let id = image.id.id();
        let place = id.as_ref().map_or_else(|| format!("images[{index}]"), |id| format!("image {id}"));
        let first = id.as_ref().and_then(|id| seen.insert(id.clone(), image));
        if let Some(first) = first {
            let same = first.file_name == image.file_name;
            let message = "a second image with this id; left out, its boxes belong to the first";
            intake.log.error(FaultKind::Duplicate, path, &place, message);
            if !same {
                intake.problem(format!("{place} of {} is two images", folder::last_part(path)));
                intake.left_out.images += 1;
            }
            continue;
        }
        let boxes = id.as_ref().and_then(|id| by_image.remove(id)).unwrap_or_default();
        match image.file_name.text() {
            Some(name) => listed.push(Listed { source, image, place, name, boxes }),
            None => {
                let message = "the image has no file_name; left out with its boxes";
                intake.log.error(FaultKind::Unreadable, path, &place, message);
                intake.left_out.images += 1;
                intake.left_out.boxes += boxes.sound.len() as u64;
            }
        }
    }
    for boxes in by_image.into_values() {
        intake.left_out.boxes += boxes.sound.len() as u64;
    }
}

/// Folders that a JSON file speaks of by its name: `train2017`, `val`.
fn hints_of(source: &Source) -> Vec<String> {
    let stem = source.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut hints: Vec<String> = source.split.iter().map(|split| split.as_str().to_owned()).collect();
    hints.extend(stem.rsplit_once('_').map(|(_, end)| end.to_owned()));
    hints.push(stem);
    hints.extend(source.path.parent().map(folder::last_part));
    if source.split == Some(Split::Val) {
        hints.extend(["valid", "validation"].map(str::to_owned));
    }
    hints.retain(|hint| folder::below(hint).is_some());
    hints
}

fn add_images(
    listed: Vec<Listed<'_>>,
    annotations: &Path,
    intake: &mut Intake<'_>,
) -> Result<(), FormatError> {
    let finder = Finder::new(intake.folder, annotations)?;
    let hints: HashMap<&Path, Vec<String>> =
        listed.iter().map(|image| (image.source.path.as_path(), hints_of(image.source))).collect();
    let queries: Vec<Query<'_>> = listed
        .iter()
        .map(|image| Query {
            name: &image.name,
            beside: parent_of(&image.source.path),
            hints: hints.get(image.source.path.as_path()).map(Vec::as_slice).unwrap_or_default(),
        })
        .collect();
    let found = finder.find_all(&queries, &intake.files);
    drop(queries);
    let mut first_of: HashMap<PathBuf, usize> = HashMap::new();
    let mut images: Vec<(Listed<'_>, Found)> = Vec::new();
    for (image, found) in listed.into_iter().zip(found) {
        let path = match &found {
            Found::File(path) | Found::Otherwise(path) => path.clone(),
            _ => {
                images.push((image, found));
                continue;
            }
        };
        match first_of.get(&path).and_then(|index| images.get_mut(*index)) {
            Some((first, _)) => join(first, image, intake),
            None => {
                first_of.insert(path, images.len());
                images.push((image, found));
            }
        }
    }
    for (image, found) in images {
        add_image(image, found, &finder, intake);
    }
    Ok(())
}

/// An image that is listed twice has the boxes of both.
fn join(first: &mut Listed<'_>, second: Listed<'_>, intake: &mut Intake<'_>) {
    let message =
        format!("the image {} is listed before as {}; it has the boxes of both", second.name, first.place);
    intake.log.warning(FaultKind::Duplicate, &second.source.path, &second.place, message);
    if first.source.split != second.source.split {
        let [one, other] =
            [first.source.split, second.source.split].map(|split| split.unwrap_or(Split::Train));
        intake.problem(format!("the image {} is in the split {one} and in the split {other}", second.name));
    }
    let sizes = [&*first, &second].map(|image| (image.image.width.side(), image.image.height.side()));
    if sizes.first() != sizes.last() {
        intake.problem(format!("the image {} is listed with two sizes", second.name));
    }
    for raw in second.boxes.sound {
        if first.boxes.sound.iter().any(|other| other.is_same(&raw)) {
            intake.leave_out_harmless_box();
        } else {
            first.boxes.sound.push(raw);
        }
    }
    first.boxes.lost += second.boxes.lost;
}

fn add_image(image: Listed<'_>, found: Found, finder: &Finder, intake: &mut Intake<'_>) {
    let Listed { source, image, place, name, boxes } = image;
    let file = source.path.as_path();
    let Some(path) = intake.found(found, &name, file, &place, finder) else {
        return intake.leave_out(boxes.sound.len());
    };
    let declared = image.width.side().zip(image.height.side());
    let own = image.split.text().and_then(|word| word.parse().ok());
    let of_folder = || folder::split_in_folders(&path, intake.folder);
    let split = match own.or(source.split) {
        Some(split) => Some(split),
        None => {
            let split = of_folder();
            if let Some(split) = split {
                let folder = path.parent().map(|folder| finder.shown(folder)).unwrap_or_default();
                intake.note(format!(
                    "The images of the folder {folder} are in the split {split}, by its name."
                ));
            }
            split
        }
    };
    intake.add(RawImage { file, place, path, declared, split, boxes: boxes.sound, lost: boxes.lost });
}
