//! Reading COCO. Elements that are odd are faults; only a file that is no
//! JSON, or has no images, cannot be read.

use super::form::{Annotation, Category, File, Id, Image, blank_out_non_numbers};
use crate::{
    FaultKind, FormatError,
    folder::{self, Found},
    intake::{Intake, Numbers, RawBox, RawImage},
    labels::label_of,
};
use domain::{dataset::Split, name::Label};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

/// Bytes of a JSON file. COCO's own have 450 MB; while one is read it lies in
/// memory, with what is read of it.
const JSON_BYTES: u64 = 4 << 30;

/// Reads a JSON file, or all JSON files of a folder, one split each.
pub(crate) fn read(annotations: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let folder = if annotations.is_dir() { annotations } else { annotations.parent().unwrap_or(annotations) };
    intake.files.allow(folder);
    let files = if annotations.is_dir() { json_files(annotations)? } else { vec![annotations.to_owned()] };
    if files.is_empty() {
        let why = "there is no .json file; name the file with the annotations".to_owned();
        return Err(FormatError::NothingFound { folder: annotations.to_owned(), why });
    }
    for path in files {
        read_file(&path, intake)?;
    }
    Ok(())
}

/// JSON files in the folder and in folders named after splits.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, FormatError> {
    let files = folder::files_below(folder)?;
    let is_ours = |path: &&PathBuf| {
        path.parent() == Some(folder)
            || path.parent().and_then(Path::parent) == Some(folder)
                && folder::split_in_folders(path, folder).is_some()
    };
    Ok(files.iter().filter(|path| folder::has_extension(path, "json")).filter(is_ours).cloned().collect())
}

fn read_file(path: &Path, intake: &mut Intake<'_>) -> Result<(), FormatError> {
    let mut bytes = intake.files.read(path, JSON_BYTES).map_err(|error| FormatError::io(path, error))?;
    blank_out_non_numbers(&mut bytes);
    let file: File = serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        FormatError::malformed(path, place, format!("not a COCO file: {error}"))
    })?;
    drop(bytes);
    let split = path.file_stem().and_then(|stem| folder::split_in_name(&stem.to_string_lossy()));
    let split = split.or_else(|| folder::split_in_folders(path, path.parent()?.parent()?));
    let categories = read_categories(path, &file.categories, intake);
    let mut boxes = read_annotations(path, &file, &categories, intake);
    intake.expect(file.images.len());
    let mut seen = std::collections::HashSet::new();
    for image in &file.images {
        let id = image.id.get();
        let place = id.map_or_else(String::new, |id| format!("image {id}"));
        if id.is_some_and(|id| !seen.insert(id.clone())) {
            let message = "a second image with this id; left out, its boxes belong to the first";
            intake.log.error(FaultKind::Duplicate, path, &place, message);
            intake.leave_out(0);
            continue;
        }
        let boxes = id.and_then(|id| boxes.remove(id)).unwrap_or_default();
        read_image(path, image, place, split, boxes, intake);
    }
    for boxes in boxes.into_values() {
        intake.left_out.boxes += boxes.len() as u64;
    }
    Ok(())
}

/// Labels by id; added in the order of ids.
fn read_categories(
    path: &Path,
    categories: &[Category],
    intake: &mut Intake<'_>,
) -> HashMap<Id, Option<Label>> {
    let mut by_id = BTreeMap::new();
    for category in categories {
        let Some(id) = category.id.get() else {
            intake.log.error(FaultKind::Unreadable, path, "categories", "a category without an id; left out");
            continue;
        };
        let place = format!("category {id}");
        let name = category.name.get().map_or(Err("it has no name".to_owned()), |name| label_of(name));
        if let Err(why) = &name {
            let message = format!("the category's boxes are left out: {why}");
            intake.log.error(FaultKind::InvalidLabel, path, &place, message);
        }
        if by_id.contains_key(id) {
            intake.log.error(FaultKind::Duplicate, path, &place, "a second category with this id; left out");
            continue;
        }
        by_id.insert(id.clone(), name.ok());
    }
    let mut own = std::collections::HashSet::new();
    for (id, label) in &by_id {
        let Some(label) = label else { continue };
        intake.labels.add(label);
        if !own.insert(label) {
            let message = format!("a second category named {label}; the two are one from here on");
            intake.log.warning(FaultKind::Duplicate, path, format!("category {id}"), message);
        }
    }
    by_id.into_iter().collect()
}

/// Boxes by the id of their image.
fn read_annotations(
    path: &Path,
    file: &File,
    categories: &HashMap<Id, Option<Label>>,
    intake: &mut Intake<'_>,
) -> HashMap<Id, Vec<RawBox>> {
    let mut boxes: HashMap<Id, Vec<RawBox>> =
        file.images.iter().filter_map(|image| Some((image.id.get()?.clone(), Vec::new()))).collect();
    let mut seen: HashMap<&Id, &Annotation> = HashMap::new();
    for (index, annotation) in file.annotations.iter().enumerate() {
        let id = annotation.id.get();
        let place = id.map_or_else(|| format!("annotations[{index}]"), |id| format!("annotation {id}"));
        if id == Some(&Id::Number(0)) {
            let message = "the id is 0, which COCO tools take for \"no match\"; renumbered";
            intake.log.warning(FaultKind::IdZero, path, &place, message);
        }
        if let Some(first) = id.and_then(|id| seen.insert(id, annotation)) {
            if first.is_same_box(annotation) {
                intake.log.error(FaultKind::Duplicate, path, &place, "the same annotation again; left out");
                intake.left_out.boxes += 1;
                continue;
            }
            intake.log.warning(
                FaultKind::Duplicate,
                path,
                &place,
                "another annotation with this id; renumbered",
            );
        }
        match annotation.to_raw(&place, categories, &mut boxes) {
            Ok((of_image, raw)) => of_image.push(raw),
            Err((kind, message)) => {
                intake.log.error(kind, path, &place, message);
                intake.left_out.boxes += 1;
            }
        }
    }
    boxes
}

impl Annotation {
    fn is_same_box(&self, other: &Self) -> bool {
        self.image_id.get() == other.image_id.get()
            && self.category_id.get() == other.category_id.get()
            && self.bbox.get() == other.bbox.get()
    }

    fn to_raw<'b>(
        &self,
        place: &str,
        categories: &HashMap<Id, Option<Label>>,
        boxes: &'b mut HashMap<Id, Vec<RawBox>>,
    ) -> Result<(&'b mut Vec<RawBox>, RawBox), (FaultKind, String)> {
        let shown = |id: Option<&Id>| id.map_or_else(|| "none".to_owned(), Id::to_string);
        let image = self.image_id.get();
        let of_image = image.and_then(|id| boxes.get_mut(id)).ok_or_else(|| {
            (FaultKind::UnknownImage, format!("its image {} is not listed; left out", shown(image)))
        })?;
        let category = self.category_id.get();
        let label = category.and_then(|id| categories.get(id)).ok_or_else(|| {
            (FaultKind::UnknownClass, format!("its category {} is not listed; left out", shown(category)))
        })?;
        let label = label.clone().ok_or_else(|| {
            (
                FaultKind::InvalidLabel,
                format!("its category {} has no usable name; left out", shown(category)),
            )
        })?;
        let numbers =
            self.bbox.get().copied().ok_or_else(|| {
                (FaultKind::NotABox, "the box is not four finite numbers; left out".to_owned())
            })?;
        let ignore = self.iscrowd.get().is_some_and(|flag| flag.is_set());
        Ok((of_image, RawBox { place: place.to_owned(), label, numbers: Numbers::Pixels(numbers), ignore }))
    }
}

fn read_image(
    path: &Path,
    image: &Image,
    place: String,
    split: Option<Split>,
    boxes: Vec<RawBox>,
    intake: &mut Intake<'_>,
) {
    let Some(name) = image.file_name.get() else {
        let message = "the image has no file_name; left out with its boxes";
        intake.log.error(FaultKind::Unreadable, path, &place, message);
        return intake.leave_out(boxes.len());
    };
    let root = intake.folder;
    let beside = path.parent().unwrap_or(root);
    let in_split = split.map(|split| root.join(split.as_str()));
    let images = root.join("images");
    let folders: Vec<&Path> =
        [root].into_iter().chain(in_split.as_deref()).chain([images.as_path(), beside]).collect();
    let found = match folder::find(&folders, name) {
        Found::File(found) => found,
        Found::Missing => {
            let message = format!("the image {name} is not in {}; left out with its boxes", root.display());
            intake.log.error(FaultKind::MissingImage, path, &place, message);
            return intake.leave_out(boxes.len());
        }
        Found::Unsafe => {
            let message = format!("the name {name:?} leads out of the folder; left out with its boxes");
            intake.log.error(FaultKind::UnsafePath, path, &place, message);
            return intake.leave_out(boxes.len());
        }
    };
    let declared = image.width.get().copied().zip(image.height.get().copied());
    let split = image.split.get().and_then(|word| word.parse().ok()).or(split);
    intake.add(RawImage { file: path, place, path: found, declared, split, boxes });
}
