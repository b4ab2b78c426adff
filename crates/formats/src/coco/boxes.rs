//! The boxes of a COCO file, by the image that they are of.

use super::{
    categories::dummy_of,
    elements::{Annotation, Image, Shape},
    form::{Element, File},
    scalar::Id,
    sources::Source,
};
use crate::{
    FaultKind, FormatError,
    intake::{Intake, Numbers, RawBox},
};
use domain::name::Label;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

/// The boxes of an image, by where they stand in the file's list: a box of its
/// own takes twenty times as much.
#[derive(Clone, Default)]
pub(super) struct Boxes {
    pub(super) sound: Vec<u32>,
    /// How many could not be read.
    pub(super) lost: u32,
}

/// Mends boxes in two pairs of brackets.
const FLATTEN: &str = "jq '.annotations[].bbox |= flatten' FILE > mended.json";

/// A box that cannot be read: what is wrong, and where its image stands.
struct Lost {
    kind: FaultKind,
    message: String,
    image: Option<u32>,
}

/// Where the first image of each id stands in the file's list.
pub(super) type Positions<'a> = HashMap<&'a Id, u32>;

/// Where each id's image stands.
pub(super) fn positions(file: &File) -> Positions<'_> {
    let mut positions = Positions::new();
    for (element, position) in file.images.iter().flatten().zip(0..) {
        if let Some(id) = element.get().and_then(|image| image.id.as_ref()) {
            positions.entry(id).or_insert(position);
        }
    }
    positions
}

/// Boxes as shares of the image are not COCO's, and look the same.
///
/// # Errors
/// When all boxes of images of some size are inside the first pixel.
pub(super) fn check_scale(path: &Path, file: &File) -> Result<(), FormatError> {
    let boxes = || {
        let annotations = file.annotations.iter().flatten().filter_map(Element::get);
        annotations.filter_map(|annotation| match annotation.shape {
            Shape::Box(numbers) if numbers != [0.0; 4] => Some(numbers),
            _ => None,
        })
    };
    let is_share = |numbers: [f64; 4]| numbers.iter().all(|number| (0.0..=1.0).contains(number));
    let is_broken = |numbers: [f64; 4]| numbers.iter().any(|number| number.fract() != 0.0);
    let mut images = file.images.iter().flatten().filter_map(Element::get);
    let is_tiny = |side: Option<u32>| side.is_none_or(|side| side < 16);
    let tiny = images.any(|image| is_tiny(image.width) || is_tiny(image.height));
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
    let sides = |image: &Image| image.width.zip(image.height);
    let sizes: HashMap<&Id, (u32, u32)> =
        images.filter_map(|image| image.id.as_ref().zip(sides(image))).collect();
    let annotations = file.annotations.iter().flatten().filter_map(Element::get);
    let (mut all, mut outside) = (0_u64, 0_u64);
    for annotation in annotations {
        let Shape::Box([x, y, w, h]) = annotation.shape else { continue };
        let Some((width, height)) = annotation.image_id.as_ref().and_then(|id| sizes.get(id)) else {
            continue;
        };
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

/// The boxes of a file by the position of their image, and its labels in the
/// order of their ids.
pub(super) fn of_file(
    source: &Source,
    positions: &Positions<'_>,
    used_before: &mut BTreeSet<Label>,
    intake: &mut Intake<'_>,
) -> Vec<Boxes> {
    let Source { file, categories, .. } = source;
    let boxes = read_annotations(source, positions, used_before, intake);
    let dummy = dummy_of(file, categories, used_before);
    for (id, label) in categories {
        match label {
            Some(label) if dummy == Some(id) => {
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

/// Boxes by the position of their image. Their labels become used ones.
fn read_annotations(
    source: &Source,
    positions: &Positions<'_>,
    used: &mut BTreeSet<Label>,
    intake: &mut Intake<'_>,
) -> Vec<Boxes> {
    let Source { path, file, categories, .. } = source;
    let mut boxes = vec![Boxes::default(); file.images.as_deref().unwrap_or_default().len()];
    let mut seen: HashMap<&Id, &Annotation> = HashMap::new();
    for (annotation, position) in file.annotations.iter().flatten().zip(0..) {
        let Some(annotation) = annotation.get() else {
            let message = "it is no object; left out";
            intake.log.error(FaultKind::Unreadable, path, format!("annotations[{position}]"), message);
            continue;
        };
        if !annotation.check_id(position, &mut seen, path, intake) {
            continue;
        }
        match annotation.sound(categories, positions) {
            Ok((image, label)) => {
                if matches!(annotation.shape, Shape::Around(_)) {
                    let message = "it has an outline and no box; the box around it is kept";
                    intake.log.warning(FaultKind::OutlineReduced, path, annotation.place(position), message);
                }
                if !used.contains(label) {
                    used.insert(label.clone());
                }
                boxes.get_mut(image as usize).into_iter().for_each(|boxes| boxes.sound.push(position));
            }
            Err(Lost { kind, message, image }) => {
                intake.log.error(kind, path, annotation.place(position), message);
                intake.left_out.boxes += 1;
                if let Some(boxes) = image.and_then(|image| boxes.get_mut(image as usize)) {
                    boxes.lost += 1;
                }
            }
        }
    }
    boxes
}

impl Source {
    /// The box at a position of the list; there for those of [`Boxes`].
    pub(super) fn raw_box(&self, position: u32) -> Option<RawBox> {
        let annotation = self.file.annotations.as_ref()?.get(position as usize)?.get()?;
        let label = self.categories.get(annotation.category_id.as_ref()?)?.clone()?;
        let numbers = Numbers::Pixels(annotation.numbers().ok()?);
        Some(RawBox { place: annotation.place(position).into(), label, numbers, ignore: annotation.is_crowd })
    }
}

impl Annotation {
    fn place(&self, position: u32) -> String {
        match &self.id {
            Some(id) => format!("annotation {id}"),
            None => format!("annotations[{position}]"),
        }
    }

    /// Whether to read on: `false` for what is there twice.
    fn check_id<'a>(
        &'a self,
        position: u32,
        seen: &mut HashMap<&'a Id, &'a Self>,
        path: &Path,
        intake: &mut Intake<'_>,
    ) -> bool {
        if self.id == Some(Id::Number(0)) {
            let message = "the id is 0, which COCO tools take for \"no match\"; renumbered";
            intake.log.warning(FaultKind::IdZero, path, self.place(position), message);
        }
        let Some(first) = self.id.as_ref().and_then(|id| seen.insert(id, self)) else { return true };
        if first.is_same_box(self) {
            let message = "the same annotation again; left out";
            intake.log.error(FaultKind::Duplicate, path, self.place(position), message);
            intake.leave_out_harmless_box();
            return false;
        }
        let message = "another annotation with this id; renumbered";
        intake.log.warning(FaultKind::Duplicate, path, self.place(position), message);
        true
    }

    fn is_same_box(&self, other: &Self) -> bool {
        self.image_id == other.image_id && self.category_id == other.category_id && self.shape == other.shape
    }

    /// Where its image stands, and its label, if it is a box of both.
    fn sound<'c>(
        &self,
        categories: &'c BTreeMap<Id, Option<Label>>,
        positions: &Positions<'_>,
    ) -> Result<(u32, &'c Label), Lost> {
        let shown = |id: &Option<Id>| id.as_ref().map_or_else(|| "none".to_owned(), Id::to_string);
        let Some(image) = self.image_id.as_ref().and_then(|id| positions.get(id)).copied() else {
            let message = format!("its image {} is not listed; left out", shown(&self.image_id));
            return Err(Lost { kind: FaultKind::UnknownImage, message, image: None });
        };
        let lost = |kind, message: String| Lost { kind, message, image: Some(image) };
        let category = || shown(&self.category_id);
        let label = match self.category_id.as_ref().and_then(|id| categories.get(id)) {
            Some(Some(label)) => label,
            Some(None) => {
                let message = format!("its category {} has no usable name; left out", category());
                return Err(lost(FaultKind::InvalidLabel, message));
            }
            None => {
                let message = format!(
                    "its category {} is not listed; left out (--unlisted-classes by-number calls it by its id)",
                    category()
                );
                return Err(lost(FaultKind::UnknownClass, message));
            }
        };
        self.numbers().map_err(|why| lost(FaultKind::NotABox, format!("{why}; left out")))?;
        Ok((image, label))
    }

    /// The box, or that around the outline of an annotation without one.
    fn numbers(&self) -> Result<[f64; 4], String> {
        match self.shape {
            Shape::Box(numbers) | Shape::Around(numbers) => Ok(numbers),
            Shape::OddOutline => {
                Err("it has no bbox, and its segmentation is no outline that can be read".to_owned())
            }
            Shape::Absent => Err("it has neither a bbox nor an outline".to_owned()),
            Shape::Count(5) => Err("its bbox has five numbers: a turned box?".to_owned()),
            Shape::Count(count) => Err(format!("its bbox has {count} numbers, not four")),
            Shape::Nested => {
                Err(format!("its bbox is a list within a list: {FLATTEN} takes the inner brackets away"))
            }
            Shape::Odd => Err("its bbox is not four finite numbers".to_owned()),
        }
    }
}
