//! Reading COCO. Elements that are odd are faults; only a file that is no
//! JSON, or has none of COCO's lists, cannot be read.

use super::{
    boxes::{self, Boxes},
    categories,
    elements::Image,
    sources::{Source, no_coco, parent_of, read_file, read_folder, source_of},
};
use crate::{
    FaultKind, FormatError, UnlistedClasses,
    finder::{FileMatch, Finder, Query},
    folder,
    intake::{Intake, RawBox, RawImage},
};
use domain::dataset::Split;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

/// An image that is listed, before its file is looked for.
struct ListedImage<'a> {
    source: &'a Source,
    image: &'a Image,
    position: u32,
    name: &'a str,
    boxes: Boxes,
    /// Those of the same image listed again.
    more: Vec<RawBox>,
}

/// Reads a JSON file, or the JSON files of a folder.
pub(super) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let folder = if annotations.is_dir() { annotations } else { parent_of(annotations) };
    intake.files.allow(folder);
    let mut sources = if annotations.is_dir() {
        read_folder(annotations, intake)?
    } else {
        let file = read_file(annotations, intake)?;
        if file.images.is_none() {
            return Err(no_coco(annotations, &file));
        }
        vec![source_of(annotations.to_owned(), file, intake)]
    };
    for source in &mut sources {
        let mut labels = categories::read_categories(&source.path, &source.file, intake);
        if intake.options.choices.unlisted == UnlistedClasses::ByNumber {
            categories::call_unlisted_by_number(&source.path, &source.file, &mut labels, intake);
        }
        source.categories = labels;
    }
    let images = sources.iter().filter_map(|source| source.file.images.as_ref());
    let mut listed = Vec::with_capacity(images.map(Vec::len).sum());
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
    listed: &mut Vec<ListedImage<'a>>,
    intake: &mut Intake<'_>,
) {
    let path = &source.path;
    let positions = boxes::positions(&source.file);
    let boxes = boxes::of_file(source, &positions, used, intake);
    let images = source.file.images.iter().flatten();
    for ((image, boxes), position) in images.zip(boxes).zip(0..) {
        let Some(image) = image.get() else {
            let message = "it is no object; left out";
            intake.log.error(FaultKind::Unreadable, path, format!("images[{position}]"), message);
            continue;
        };
        let first = image.id.as_ref().and_then(|id| positions.get(id)).copied();
        if let Some(first) = first.filter(|first| *first != position) {
            let first = source.file.images.as_ref().and_then(|images| images.get(first as usize)?.get());
            let place = image.place(position);
            let message = "a second image with this id; left out, its boxes belong to the first";
            intake.log.error(FaultKind::Duplicate, path, &place, message);
            if first.is_none_or(|first| first.file_name != image.file_name) {
                intake.problem(format!("{place} of {} is two images", folder::last_part(path)));
                intake.left_out.images += 1;
            }
            continue;
        }
        match image.file_name.as_deref() {
            Some(name) => listed.push(ListedImage { source, image, position, name, boxes, more: Vec::new() }),
            None => {
                let message = "the image has no file_name; left out with its boxes";
                intake.log.error(FaultKind::Unreadable, path, image.place(position), message);
                intake.left_out.images += 1;
                intake.left_out.boxes += boxes.sound.len() as u64;
            }
        }
    }
}

impl Image {
    fn place(&self, position: u32) -> String {
        match &self.id {
            Some(id) => format!("image {id}"),
            None => format!("images[{position}]"),
        }
    }
}

impl ListedImage<'_> {
    fn place(&self) -> String {
        self.image.place(self.position)
    }

    /// Its boxes, those of other listings included.
    fn raw_boxes(&self) -> Vec<RawBox> {
        let own = self.boxes.sound.iter().filter_map(|position| self.source.raw_box(*position));
        own.chain(self.more.iter().cloned()).collect()
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
    mut listed: Vec<ListedImage<'_>>,
    annotations: &Path,
    intake: &mut Intake<'_>,
) -> Result<(), FormatError> {
    let finder = Finder::new(intake.folder, annotations)?;
    intake.expect_mention(finder.all());
    let hints: HashMap<&Path, Vec<String>> =
        listed.iter().map(|image| (image.source.path.as_path(), hints_of(image.source))).collect();
    let queries: Vec<Query<'_>> = listed
        .iter()
        .map(|image| Query {
            name: image.name,
            beside: parent_of(&image.source.path),
            hints: hints.get(image.source.path.as_path()).map(Vec::as_slice).unwrap_or_default(),
        })
        .collect();
    let found = finder.find_all(&queries, &intake.files);
    drop(queries);
    let joined = join_same(&mut listed, &found, intake);
    for ((image, found), position) in listed.into_iter().zip(found).zip(0..) {
        if !joined.contains(&position) {
            add_image(&image, found, &finder, intake);
        }
    }
    Ok(())
}

/// Gives the boxes of each image that is listed again to its first listing;
/// the positions of the others.
fn join_same(listed: &mut [ListedImage<'_>], found: &[FileMatch], intake: &mut Intake<'_>) -> HashSet<usize> {
    let mut first_of: HashMap<Arc<Path>, usize> = HashMap::new();
    let mut joined = HashSet::new();
    for (found, position) in found.iter().zip(0..) {
        let (FileMatch::File(path) | FileMatch::Otherwise(path)) = found else { continue };
        let first = *first_of.entry(path.clone()).or_insert(position);
        if first == position {
            continue;
        }
        let (before, from_second) = listed.split_at_mut(position);
        if let (Some(first), Some(second)) = (before.get_mut(first), from_second.first()) {
            join(first, second, intake);
            joined.insert(position);
        }
    }
    joined
}

/// An image that is listed twice has the boxes of both.
fn join(first: &mut ListedImage<'_>, second: &ListedImage<'_>, intake: &mut Intake<'_>) {
    let message =
        format!("the image {} is listed before as {}; it has the boxes of both", second.name, first.place());
    intake.log.warning(FaultKind::Duplicate, &second.source.path, second.place(), message);
    if first.source.split != second.source.split {
        let [one, other] =
            [first.source.split, second.source.split].map(|split| split.unwrap_or(Split::Train));
        intake.problem(format!("the image {} is in the split {one} and in the split {other}", second.name));
    }
    let sizes = [&*first, second].map(|image| (image.image.width, image.image.height));
    if sizes.first() != sizes.last() {
        intake.problem(format!("the image {} is listed with two sizes", second.name));
    }
    let known = first.raw_boxes();
    for raw in second.raw_boxes() {
        if known.iter().chain(&first.more).any(|other| other.is_same(&raw)) {
            intake.leave_out_harmless_box();
        } else {
            first.more.push(raw);
        }
    }
    first.boxes.lost += second.boxes.lost;
}

fn add_image(image: &ListedImage<'_>, found: FileMatch, finder: &Finder, intake: &mut Intake<'_>) {
    let (place, boxes, lost) = (image.place(), image.raw_boxes(), image.boxes.lost as usize);
    let ListedImage { source, image, name, .. } = image;
    let file = source.path.as_path();
    let Some(path) = intake.found(found, name, file, &place, finder) else {
        return intake.leave_out(boxes.len());
    };
    let declared = image.width.zip(image.height);
    let own = image.split.as_deref().and_then(|word| word.parse().ok());
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
    intake.add(RawImage { file, place, path, declared, split, boxes, lost });
}
