//! What a training does where nobody says it: the network's input, the images
//! of a step, passes, variation and balance, as they follow from the pictures
//! and their boxes.
//!
//! A plan is a function of the parameters and the data alone, so that a
//! training that was interrupted goes on with the same one, on any machine.

mod input;
mod record;

pub use record::PlanRecord;

use super::{TrainImage, TrainParams};
use crate::{dataset::Split, name::Label, words::counted};
use input::{USUAL_PIXELS, choose_input, scale};
use std::collections::BTreeMap;

/// What a box's shorter side should have in pixels of the input: below that
/// it is less than a pixel of the finest map.
const LEAST_BOX_PX: f64 = 8.0;
/// The share of boxes that may be smaller: the smallest are often mistakes.
const SMALLER_BOXES: f64 = 0.1;
/// Pixels of all images that two ordinary cores learn from in a second, at
/// width 1. Only what fits into a time limit hangs on it.
const PIXELS_PER_SECOND: f64 = 2.0e6;
const USUAL_BATCH: u32 = 8;
const USUAL_EPOCHS: f64 = 60.0;
/// Fewer images than this are shown more often, more than that less often.
const FEW_IMAGES: f64 = 100.0;
const MANY_IMAGES: f64 = 1000.0;
/// From so many passes on, pictures repeat themselves, and some are made of
/// four to be new again.
const MANY_PASSES: f64 = 150.0;
/// The share of images that each label should be in (Gupta et al. 2019,
/// "LVIS", section 4.2, there 0.001 for 1,203 labels).
const BALANCED_SHARE: f64 = 0.1;
/// How often a pass shows an image at most for the sake of a rare label.
const MOST_REPEATS: f64 = 4.0;
/// With fewer images to measure by, an interval says of nearly everything that
/// it is no better.
const ENOUGH_HELD: usize = 30;
/// With fewer measurements, all but two of them are over while the rate is
/// still high: of six, the fifth comes at a twelfth of its peak.
const ENOUGH_MEASUREMENTS: u32 = 6;
/// Pixels of the maps that are given to one box while it is learnt.
const ANCHORS_OF_A_BOX: f64 = 10.0;
/// Pixels of the maps at strides 8, 16 and 32 for one of the input.
const ANCHORS_PER_PIXEL: f64 = 1.0 / 64.0 + 1.0 / 256.0 + 1.0 / 1024.0;
/// Sizes of pictures that are looked at.
const MOST_SIZES: usize = 512;

/// What a training will do.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainPlan {
    /// As given, with a value for everything that was left to the data.
    pub params: TrainParams,
    /// The share of the maps' pixels that a label's boxes take: what its score
    /// is at first. In the order of the labels.
    pub priors: Vec<f64>,
    /// Images of a pass: the places of the images that are trained on, those
    /// with rare labels repeated.
    pub shown: Vec<usize>,
    /// Images that weights are fitted to.
    pub images: usize,
    /// The most common size of theirs.
    pub picture: (u32, u32),
    /// Nine of ten boxes have a shorter side of at least this many pixels of
    /// the input; `None` without boxes.
    pub box_px: Option<f64>,
    /// Images that measurements choose weights by.
    pub held: usize,
    /// What there is to be said of the data.
    pub notes: Vec<String>,
}

/// Whether weights are fitted to images of this split.
fn fits(params: &TrainParams, split: Split) -> bool {
    split == Split::Train || (params.train_on_val && split == Split::Val)
}

/// The images that weights are fitted to, counted.
struct Counts {
    images: usize,
    /// Pictures of each size.
    sizes: Vec<((u32, u32), usize)>,
    /// The shorter side of each box, and the size of its picture.
    boxes: Vec<(f64, (u32, u32))>,
    /// Boxes of each label.
    by_label: Vec<usize>,
    /// Images with each label.
    images_by_label: Vec<usize>,
    /// The labels of each image.
    labels_of: Vec<Vec<usize>>,
}

impl Counts {
    fn new(params: &TrainParams, labels: &[Label], images: &[TrainImage]) -> Self {
        let places: BTreeMap<&Label, usize> = labels.iter().enumerate().map(|(i, l)| (l, i)).collect();
        let mut sizes: BTreeMap<(u32, u32), usize> = BTreeMap::new();
        let (mut boxes, mut labels_of) = (Vec::new(), Vec::new());
        let (mut by_label, mut images_by_label) = (vec![0; labels.len()], vec![0; labels.len()]);
        for image in images.iter().filter(|image| fits(params, image.split)) {
            let size = (image.size.width.max(1), image.size.height.max(1));
            *sizes.entry(size).or_default() += 1;
            let mut own = Vec::new();
            for annotation in image.annotations.iter().filter(|annotation| !annotation.ignore) {
                let Some(place) = places.get(&annotation.label).copied() else { continue };
                own.push(place);
                boxes.push((annotation.rect.w().min(annotation.rect.h()), size));
                by_label.get_mut(place).into_iter().for_each(|count| *count += 1);
            }
            own.sort_unstable();
            own.dedup();
            for place in &own {
                images_by_label.get_mut(*place).into_iter().for_each(|count| *count += 1);
            }
            labels_of.push(own);
        }
        let images = labels_of.len();
        let mut sizes: Vec<_> = sizes.into_iter().collect();
        sizes.sort_by_key(|(size, count)| (std::cmp::Reverse(*count), *size));
        sizes.truncate(MOST_SIZES);
        Self { images, sizes, boxes, by_label, images_by_label, labels_of }
    }

    /// The value below which the given share of the boxes' sides lies, each
    /// times what `scale` says for its picture.
    fn side(&self, share: f64, scale: impl Fn((u32, u32)) -> f64) -> Option<f64> {
        let mut sides: Vec<f64> = self.boxes.iter().map(|(side, size)| side * scale(*size)).collect();
        sides.sort_by(f64::total_cmp);
        sides.get((sides.len() as f64 * share) as usize).copied()
    }
}

fn choose_epochs(images: usize) -> u32 {
    let images = images.max(1) as f64;
    let epochs = if images < FEW_IMAGES {
        USUAL_EPOCHS * FEW_IMAGES / images
    } else {
        USUAL_EPOCHS * (MANY_IMAGES / images).min(1.0).sqrt()
    };
    epochs.round().clamp(12.0, 600.0) as u32
}

/// Passes that there will be, by the time limit, or by `epochs` and the steps
/// that are the most.
fn expected_passes(params: &TrainParams, images: usize) -> f64 {
    if params.time_limit_s == 0 {
        let shown = f64::from(params.max_steps) * f64::from(params.batch_size);
        let most = if params.max_steps > 0 { shown / images.max(1) as f64 } else { f64::INFINITY };
        return f64::from(params.epochs).min(most);
    }
    let pixels = f64::from(params.input_width) * f64::from(params.input_height);
    let learnt = params.time_limit_s as f64 * PIXELS_PER_SECOND / params.width.max(0.1).powi(2);
    learnt / pixels.max(1.0) / images.max(1) as f64
}

/// Images of a pass. One whose rarest label is in the share f of all images
/// is shown √(share / f) times, rounded: section 4.2 of Gupta et al. 2019.
fn balanced(counts: &Counts, share: f64) -> Vec<usize> {
    let images = counts.images.max(1) as f64;
    let repeats = |labels: &Vec<usize>| {
        let rarest = labels.iter().filter_map(|label| counts.images_by_label.get(*label)).min();
        let often = rarest.map_or(1.0, |count| (share * images / (*count).max(1) as f64).sqrt());
        often.clamp(1.0, MOST_REPEATS).round() as usize
    };
    let places = counts.labels_of.iter().enumerate();
    places.flat_map(|(place, labels)| std::iter::repeat_n(place, repeats(labels))).collect()
}

fn priors(counts: &Counts, input: (u32, u32)) -> Vec<f64> {
    let anchors = f64::from(input.0) * f64::from(input.1) * ANCHORS_PER_PIXEL * counts.images.max(1) as f64;
    let prior = |boxes: &usize| (*boxes as f64 * ANCHORS_OF_A_BOX / anchors.max(1.0)).clamp(1e-3, 0.05);
    counts.by_label.iter().map(prior).collect()
}

/// All measurements but two: the rate comes down towards the end, where most
/// trainings get better once more, so that nothing but a first measurement that
/// none after it surpasses is an end, and that just before the last. 0, never,
/// where the images or the measurements are too few to tell.
fn choose_patience(params: &TrainParams, held: usize) -> i32 {
    if held < ENOUGH_HELD || params.evaluations < ENOUGH_MEASUREMENTS {
        return 0;
    }
    (params.evaluations - 2).min(1000).cast_signed()
}

fn notes(counts: &Counts, labels: &[Label]) -> Vec<String> {
    let mut notes = Vec::new();
    let without: Vec<&str> =
        labels.iter().zip(&counts.by_label).filter(|(_, n)| **n == 0).map(|(l, _)| l.as_str()).collect();
    if !without.is_empty() {
        let (shown, more) = (without.iter().take(5).copied().collect::<Vec<_>>(), without.len().max(5) - 5);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        notes.push(format!(
            "no image to train on has a box of {}{more}: it will not be found in pictures",
            shown.join(", ")
        ));
    }
    if counts.images < 10 {
        let images = counted(counts.images, "image", "images");
        notes.push(format!("{images} to train on: what comes out knows these pictures and little else"));
    }
    notes
}

impl TrainPlan {
    /// The plan for these parameters and images. What is given by hand stays:
    /// `input_width`, `input_height`, `batch_size` and `epochs` where they are
    /// not 0, `mosaic`, `zoom`, `balance` and `patience` where they are not
    /// negative.
    ///
    /// # Errors
    /// A sentence that says what is missing: an image to train on, or a box.
    pub fn new(params: &TrainParams, labels: &[Label], images: &[TrainImage]) -> Result<Self, String> {
        let counts = Counts::new(params, labels, images);
        let Some(((width, height), _)) = counts.sizes.first().copied() else {
            return Err("there is no image to train on: put some into the train split".to_owned());
        };
        if counts.boxes.is_empty() {
            return Err("no image to train on has a box: draw some first".to_owned());
        }
        let mut params = params.clone();
        let input = choose_input(&params, &counts);
        (params.input_width, params.input_height) = input;
        if params.batch_size == 0 {
            // Large inputs: more steps of fewer images learn faster than few of many.
            let pixels = f64::from(input.0) * f64::from(input.1);
            params.batch_size = if pixels > 3.0 * USUAL_PIXELS { USUAL_BATCH / 2 } else { USUAL_BATCH };
        }
        if params.epochs == 0 {
            params.epochs = choose_epochs(counts.images);
        }
        let box_px = counts.side(SMALLER_BOXES, |size| scale(input, size));
        if params.mosaic < 0.0 {
            let repeated = expected_passes(&params, counts.images) > MANY_PASSES;
            params.mosaic = if repeated { 0.25 } else { 0.0 };
        }
        if params.zoom < 0.0 {
            // A box that just fits must not be made smaller still.
            params.zoom = if box_px.is_some_and(|side| side < 1.5 * LEAST_BOX_PX) { 0.2 } else { 0.4 };
        }
        if params.balance < 0.0 {
            params.balance = BALANCED_SHARE;
        }
        let held = images.iter().filter(|image| image.split == Split::Val).count();
        let held = if params.train_on_val { 0 } else { held };
        if params.patience < 0 {
            params.patience = choose_patience(&params, held);
        }
        Ok(Self {
            priors: priors(&counts, input),
            shown: balanced(&counts, params.balance),
            images: counts.images,
            picture: (width, height),
            box_px,
            held,
            notes: notes(&counts, labels),
            params,
        })
    }

    /// Steps that one pass takes.
    #[must_use]
    pub fn steps_of_a_pass(&self) -> u32 {
        (self.shown.len() as u64).div_ceil(u64::from(self.params.batch_size.max(1))).max(1) as u32
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
