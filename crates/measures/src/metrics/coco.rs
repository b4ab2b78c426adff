//! COCO average precision and recall, exactly as COCOeval (bbox) of
//! pycocotools 2.0 counts them. Source: Lin et al., "Microsoft COCO", ECCV
//! 2014, and the reference program itself where the paper is silent.
//!
//! Two layers, since matching is dear and summing is cheap: [`match_image`]
//! looks at one image and never again; [`Accumulator`] sorts all matches once
//! and then sums them as often as wanted, each time with other multiplicities
//! of the images (a bootstrap). [`evaluate`] is both in one call.
//!
//! Images in the order of their ids, categories as indices in the order of
//! theirs: ties between equal scores are broken by these orders.

mod accumulating;
mod matching;
mod packing;
mod resampling;

pub use accumulating::{Accumulator, RECALLS};
pub(super) use matching::overlap;
pub use matching::{CategoryOutcomes, ImageMatches, match_image};
pub use packing::UnreadableMatches;
pub use resampling::{Resampler, Scratch, mean_of_defined};

use serde::{Deserialize, Serialize};
use units::geometry::{Rect, Score};

/// Number of IoU thresholds: 0.50, 0.55 … 0.95.
pub const THRESHOLDS: usize = 10;
/// Number of area ranges: all, small, medium, large.
pub const AREA_RANGES: usize = 4;
/// Detections that count per image and category.
pub const MAX_DETECTIONS: usize = 100;

/// Square pixels, both ends included: a box on the border is in two ranges.
const AREAS: [(f64, f64); AREA_RANGES] = [(0.0, 1e10), (0.0, 1024.0), (1024.0, 9216.0), (9216.0, 1e10)];

/// A true box.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TruthBox {
    /// Index of the category.
    pub category: usize,
    /// `x, y, w, h` in pixels, taken as they are: even an empty box must be
    /// found by somebody.
    pub bbox: [f64; 4],
    /// Square pixels; decides the area range. Of the outline where there is
    /// one, of the box otherwise.
    pub area: f64,
    /// A region that takes any number of detections and counts none
    /// (`iscrowd`).
    pub crowd: bool,
    /// Whether a detection matched to it counts as unmatched. Never set but
    /// to reproduce what COCOeval does with an annotation whose id is 0.
    #[serde(default)]
    pub hollow: bool,
}

impl TruthBox {
    /// An annotation of ours; `ignore` makes it a crowd.
    #[must_use]
    pub fn new(category: usize, rect: &Rect, ignore: bool) -> Self {
        let bbox = [rect.x(), rect.y(), rect.w(), rect.h()];
        Self { category, bbox, area: rect.area(), crowd: ignore, hollow: false }
    }
}

/// A box that a model saw.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectedBox {
    /// Index of the category.
    pub category: usize,
    /// `x, y, w, h` in pixels.
    pub bbox: [f64; 4],
    /// Any scale; only the order counts.
    pub score: f64,
}

impl DetectedBox {
    /// A detection of ours.
    #[must_use]
    pub fn new(category: usize, rect: &Rect, score: Score) -> Self {
        Self { category, bbox: [rect.x(), rect.y(), rect.w(), rect.h()], score: score.get() }
    }
}

/// What is true of an image and what was seen in it, both in file order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageBoxes {
    /// True boxes.
    pub truths: Vec<TruthBox>,
    /// Boxes that a model saw.
    pub detections: Vec<DetectedBox>,
}

/// All figures of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The twelve figures.
    pub summary: Summary,
    /// By index of the category.
    pub per_category: Vec<CategoryAp>,
}

/// Measures detections against the truth. `images` in the order of their
/// ids; boxes of a category not below `categories` are left out.
#[must_use]
pub fn evaluate(categories: usize, images: &[ImageBoxes]) -> Evaluation {
    let matches: Vec<_> = images.iter().map(|image| match_image(&image.truths, &image.detections)).collect();
    Accumulator::new(categories, &matches).evaluate(None)
}

/// The twelve figures of COCOeval; −1 where undefined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the field's own names, as scripts read them")]
pub struct Summary {
    /// AP averaged over IoU 0.50:0.05:0.95.
    pub AP: f64,
    /// AP at IoU 0.50.
    pub AP50: f64,
    /// AP at IoU 0.75.
    pub AP75: f64,
    /// AP of true boxes below 32² px.
    pub AP_small: f64,
    /// AP of true boxes from 32² to 96² px.
    pub AP_medium: f64,
    /// AP of true boxes above 96² px.
    pub AP_large: f64,
    /// Recall with 1 detection an image.
    pub AR_1: f64,
    /// Recall with 10 detections an image.
    pub AR_10: f64,
    /// Recall with 100 detections an image.
    pub AR_100: f64,
    /// Recall of small boxes.
    pub AR_small: f64,
    /// Recall of medium boxes.
    pub AR_medium: f64,
    /// Recall of large boxes.
    pub AR_large: f64,
}

/// The name of one of the twelve figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(non_camel_case_types, missing_docs, reason = "the names of [`Summary`]'s fields, where they are explained")]
#[rustfmt::skip]
pub enum Figure {
    AP, AP50, AP75, AP_small, AP_medium, AP_large, AR_1, AR_10, AR_100, AR_small, AR_medium, AR_large,
}

impl Figure {
    /// All twelve, in the order in which COCOeval prints them.
    #[rustfmt::skip]
    pub const ALL: [Self; 12] = [
        Self::AP, Self::AP50, Self::AP75, Self::AP_small, Self::AP_medium, Self::AP_large,
        Self::AR_1, Self::AR_10, Self::AR_100, Self::AR_small, Self::AR_medium, Self::AR_large,
    ];

    /// Its name: stored and relied on, so never changed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AP => "AP",
            Self::AP50 => "AP50",
            Self::AP75 => "AP75",
            Self::AP_small => "AP_small",
            Self::AP_medium => "AP_medium",
            Self::AP_large => "AP_large",
            Self::AR_1 => "AR_1",
            Self::AR_10 => "AR_10",
            Self::AR_100 => "AR_100",
            Self::AR_small => "AR_small",
            Self::AR_medium => "AR_medium",
            Self::AR_large => "AR_large",
        }
    }
}

impl Summary {
    /// One figure by its name; −1 where undefined.
    #[must_use]
    pub fn get(&self, figure: Figure) -> f64 {
        match figure {
            Figure::AP => self.AP,
            Figure::AP50 => self.AP50,
            Figure::AP75 => self.AP75,
            Figure::AP_small => self.AP_small,
            Figure::AP_medium => self.AP_medium,
            Figure::AP_large => self.AP_large,
            Figure::AR_1 => self.AR_1,
            Figure::AR_10 => self.AR_10,
            Figure::AR_100 => self.AR_100,
            Figure::AR_small => self.AR_small,
            Figure::AR_medium => self.AR_medium,
            Figure::AR_large => self.AR_large,
        }
    }
}

/// AP of one category; −1 where undefined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the field's own names, as scripts read them")]
pub struct CategoryAp {
    /// AP averaged over IoU 0.50:0.05:0.95.
    pub AP: f64,
    /// AP at IoU 0.50.
    pub AP50: f64,
}

#[cfg(test)]
mod tests;
