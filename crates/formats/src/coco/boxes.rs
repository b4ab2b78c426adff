//! The boxes of a COCO file, by the image that they are of.

use super::{
    form::{Annotation, Bbox, Category, Element, File, Image},
    outline::Outline,
    scalar::Id,
};
use crate::{
    FaultKind, FormatError,
    intake::{Intake, Numbers, RawBox},
    labels::label_of,
};
use domain::name::Label;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
};

/// The boxes of an image.
#[derive(Default)]
pub(super) struct Boxes {
    pub(super) sound: Vec<RawBox>,
    /// How many could not be read.
    pub(super) lost: usize,
}

/// A box that cannot be read: what is wrong, and which image it is of.
struct Lost {
    kind: FaultKind,
    message: String,
    image: Option<Id>,
}

/// Boxes as shares of the image are not COCO's, and look the same.
///
/// # Errors
/// When all boxes of images of some size are inside the first pixel.
pub(super) fn check_scale(path: &Path, file: &File) -> Result<(), FormatError> {
    let boxes = || {
        let annotations = file.annotations.iter().flatten().filter_map(Element::get);
        annotations.filter_map(|annotation| match annotation.bbox {
            Bbox::Numbers(numbers) if numbers != [0.0; 4] => Some(numbers),
            _ => None,
        })
    };
    let is_share = |numbers: [f64; 4]| numbers.iter().all(|number| (0.0..=1.0).contains(number));
    let is_broken = |numbers: [f64; 4]| numbers.iter().any(|number| number.fract() != 0.0);
    let mut images = file.images.iter().flatten().filter_map(Element::get);
    let is_tiny = |side: Option<u32>| side.is_none_or(|side| side < 16);
    let tiny = images.any(|image| is_tiny(image.width.side()) || is_tiny(image.height.side()));
    if tiny || !boxes().any(is_broken) || !boxes().all(is_share) {
        return Ok(());
    }
    let why = "all boxes are between 0 and 1: they are shares of the image, and COCO's are pixels. Multiply x and w \
               by the image's width, y and h by its height";
    Err(FormatError::malformed(path, "annotations", why))
}

/// Corners are not COCO's, and look the same where they lie far from the edge.
/// Where many boxes reach outside their image, and all would fit as corners,
/// two things may be meant.
///
/// # Errors
/// When that is so.
pub(super) fn check_corners(path: &Path, file: &File) -> Result<(), FormatError> {
    let images = file.images.iter().flatten().filter_map(Element::get);
    let sides = |image: &Image| Some((image.width.side()?, image.height.side()?));
    let sizes: HashMap<Id, (u32, u32)> =
        images.filter_map(|image| Some((image.id.id()?, sides(image)?))).collect();
    let annotations = file.annotations.iter().flatten().filter_map(Element::get);
    let (mut all, mut outside) = (0_u64, 0_u64);
    for annotation in annotations {
        let Bbox::Numbers([x, y, w, h]) = annotation.bbox else { continue };
        let Some((width, height)) = annotation.image_id.id().and_then(|id| sizes.get(&id)) else { continue };
        // A pixel more is a matter of counting.
        let (width, height) = (f64::from(*width) + 1.0, f64::from(*height) + 1.0);
        if w <= x || h <= y || w > width || h > height {
            return Ok(());
        }
        all += 1;
        outside += u64::from(x + w > width || y + h > height);
    }
    if outside * 3 < all || outside == 0 {
        return Ok(());
    }
    let why = format!(
        "{outside} of {all} boxes reach outside their images as x, y, width and height, and all fit as corners x1, y1, \
         x2, y2. COCO's boxes are the former: if these are corners, subtract x1 from x2 and y1 from y2"
    );
    Err(FormatError::malformed(path, "annotations", why))
}

/// The boxes of a file, and its labels in the order of their ids.
pub(super) fn of_file(
    path: &Path,
    file: &File,
    used_before: &mut BTreeSet<Label>,
    intake: &mut Intake<'_>,
) -> HashMap<Id, Boxes> {
    let categories = read_categories(path, file, intake);
    let boxes = read_annotations(path, file, &categories, intake);
    used_before.extend(boxes.values().flat_map(|boxes| boxes.sound.iter().map(|raw| raw.label.clone())));
    let dummy = dummy_of(file, &categories, used_before);
    for (id, label) in &categories {
        match label {
            Some(label) if dummy.as_ref() == Some(id) => {
                intake.note(format!(
                    "The category {label} ({id}) is no label: no box has it, and it only stands above the others."
                ));
            }
            Some(label) => _ = intake.labels.add(label),
            None => {}
        }
    }
    boxes
}

/// Roboflow's first category: without boxes, and the supercategory of others.
fn dummy_of(file: &File, categories: &BTreeMap<Id, Option<Label>>, used: &BTreeSet<Label>) -> Option<Id> {
    let all = || file.categories.iter().flatten().filter_map(Element::get);
    let above: HashSet<String> = all().filter_map(|category| category.supercategory.text()).collect();
    let is_dummy = |category: &&Category| {
        let name = category.name.text().unwrap_or_default();
        let own = category.supercategory.text().unwrap_or_default();
        let unused = category
            .id
            .id()
            .and_then(|id| categories.get(&id)?.clone())
            .is_some_and(|label| !used.contains(&label));
        unused && above.contains(&name) && own != name
    };
    all().find(is_dummy).and_then(|category| category.id.id())
}

/// Labels by id.
fn read_categories(path: &Path, file: &File, intake: &mut Intake<'_>) -> BTreeMap<Id, Option<Label>> {
    let mut by_id = BTreeMap::new();
    for (index, category) in file.categories.iter().flatten().enumerate() {
        let Some((category, id)) = category.get().and_then(|category| Some((category, category.id.id()?)))
        else {
            let place = format!("categories[{index}]");
            intake.log.error(FaultKind::Unreadable, path, place, "a category without an id; left out");
            continue;
        };
        let place = format!("category {id}");
        let name = category.name.text().map_or(Err("it has no name".to_owned()), |name| label_of(&name));
        if let Err(why) = &name {
            let message = format!("the category's boxes are left out: {why}");
            intake.log.error(FaultKind::InvalidLabel, path, &place, message);
        }
        match by_id.get(&id) {
            Some(first) if *first == name.as_ref().ok().cloned() => {
                intake.log.warning(FaultKind::Duplicate, path, &place, "the same category again");
            }
            Some(_) => {
                let message = "a second category with this id; the id's boxes are left out";
                intake.log.error(FaultKind::Duplicate, path, &place, message);
                by_id.insert(id, None);
            }
            None => _ = by_id.insert(id, name.ok()),
        }
    }
    let mut own = HashSet::new();
    for (id, label) in &by_id {
        if let Some(label) = label.as_ref().filter(|label| !own.insert(*label)) {
            let message = format!("a second category named {label}; the two are one from here on");
            intake.log.warning(FaultKind::Duplicate, path, format!("category {id}"), message);
        }
    }
    by_id
}

/// Boxes by the id of their image.
fn read_annotations(
    path: &Path,
    file: &File,
    categories: &BTreeMap<Id, Option<Label>>,
    intake: &mut Intake<'_>,
) -> HashMap<Id, Boxes> {
    let images = file.images.iter().flatten().filter_map(Element::get);
    let mut boxes: HashMap<Id, Boxes> =
        images.filter_map(|image| Some((image.id.id()?, Boxes::default()))).collect();
    let mut seen: HashMap<Id, &Annotation> = HashMap::new();
    for (index, annotation) in file.annotations.iter().flatten().enumerate() {
        let Some(annotation) = annotation.get() else {
            let message = "it is no object; left out";
            intake.log.error(FaultKind::Unreadable, path, format!("annotations[{index}]"), message);
            continue;
        };
        let id = annotation.id.id();
        let place =
            id.as_ref().map_or_else(|| format!("annotations[{index}]"), |id| format!("annotation {id}"));
        if id == Some(Id::Number(0)) {
            let message = "the id is 0, which COCO tools take for \"no match\"; renumbered";
            intake.log.warning(FaultKind::IdZero, path, &place, message);
        }
        if let Some(first) = id.and_then(|id| seen.insert(id, annotation)) {
            if first.is_same_box(annotation) {
                intake.log.error(FaultKind::Duplicate, path, &place, "the same annotation again; left out");
                intake.leave_out_harmless_box();
                continue;
            }
            let message = "another annotation with this id; renumbered";
            intake.log.warning(FaultKind::Duplicate, path, &place, message);
        }
        match annotation.to_raw(&place, categories, &boxes) {
            Ok((image, raw)) => {
                if matches!(annotation.bbox, Bbox::Absent | Bbox::Numbers([0.0, 0.0, 0.0, 0.0])) {
                    let message = "it has an outline and no box; the box around it is kept";
                    intake.log.warning(FaultKind::OutlineReduced, path, &place, message);
                }
                boxes.entry(image).or_default().sound.push(raw);
            }
            Err(Lost { kind, message, image }) => {
                intake.log.error(kind, path, &place, message);
                intake.left_out.boxes += 1;
                if let Some(boxes) = image.and_then(|image| boxes.get_mut(&image)) {
                    boxes.lost += 1;
                }
            }
        }
    }
    boxes
}

impl Annotation {
    fn is_same_box(&self, other: &Self) -> bool {
        self.image_id.id() == other.image_id.id()
            && self.category_id.id() == other.category_id.id()
            && self.bbox == other.bbox
            && self.segmentation == other.segmentation
    }

    fn to_raw(
        &self,
        place: &str,
        categories: &BTreeMap<Id, Option<Label>>,
        images: &HashMap<Id, Boxes>,
    ) -> Result<(Id, RawBox), Lost> {
        let shown = |id: &Option<Id>| id.as_ref().map_or_else(|| "none".to_owned(), Id::to_string);
        let image = self.image_id.id();
        let Some(image) = image.clone().filter(|id| images.contains_key(id)) else {
            let message = format!("its image {} is not listed; left out", shown(&image));
            return Err(Lost { kind: FaultKind::UnknownImage, message, image: None });
        };
        let lost = |kind, message: String| Lost { kind, message, image: Some(image.clone()) };
        let category = self.category_id.id();
        let label = match category.as_ref().and_then(|id| categories.get(id)) {
            Some(Some(label)) => label.clone(),
            Some(None) => {
                let message = format!("its category {} has no usable name; left out", shown(&category));
                return Err(lost(FaultKind::InvalidLabel, message));
            }
            None => {
                let message = format!("its category {} is not listed; left out", shown(&category));
                return Err(lost(FaultKind::UnknownClass, message));
            }
        };
        let numbers = self.numbers().map_err(|why| lost(FaultKind::NotABox, format!("{why}; left out")))?;
        let ignore = self.iscrowd.is_set();
        let raw = RawBox { place: place.to_owned(), label, numbers: Numbers::Pixels(numbers), ignore };
        Ok((image, raw))
    }

    /// The box, or that around the outline of an annotation without one.
    fn numbers(&self) -> Result<[f64; 4], String> {
        match (self.bbox, self.segmentation) {
            (Bbox::Absent | Bbox::Numbers([0.0, 0.0, 0.0, 0.0]), Outline::Around(numbers)) => Ok(numbers),
            (Bbox::Numbers(numbers), _) => Ok(numbers),
            (Bbox::Absent, Outline::Odd) => {
                Err("it has no bbox, and its segmentation is no outline that can be read".to_owned())
            }
            (Bbox::Absent, _) => Err("it has neither a bbox nor an outline".to_owned()),
            (Bbox::Count(5), _) => Err("its bbox has five numbers: a turned box?".to_owned()),
            (Bbox::Count(count), _) => Err(format!("its bbox has {count} numbers, not four")),
            (Bbox::Odd, _) => Err("its bbox is not four finite numbers".to_owned()),
        }
    }
}
