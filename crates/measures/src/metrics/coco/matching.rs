//! Which detection of an image finds which true box: COCOeval's
//! `evaluateImg`, for all thresholds and area ranges at once.

use super::{AREA_RANGES, AREAS, DetectedBox, MAX_DETECTIONS, THRESHOLDS, TruthBox};
use serde::{Deserialize, Serialize};

/// What matching leaves of an image: small, and enough for any figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageMatches {
    /// Categories that occur in the image, by rising index.
    pub(super) categories: Vec<CategoryMatches>,
}

/// What became of one category's boxes in one image, at one IoU threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct CategoryOutcomes {
    /// Index of the category.
    pub category: usize,
    /// True boxes to be found.
    pub truths: u32,
    /// Score, and whether it found a true box; by falling score. Detections
    /// that count neither as right nor as wrong are left out.
    pub detections: Vec<(f64, bool)>,
}

impl ImageMatches {
    /// What became of the boxes at the IoU threshold in place `at` (0: 0.50 …
    /// 9: 0.95), every area. A detection's outcome does not depend on those
    /// with lower scores, so that cutting the list at a score gives what
    /// matching only the boxes above it would give.
    pub fn outcomes(&self, at: usize) -> impl Iterator<Item = CategoryOutcomes> {
        self.categories.iter().map(move |matches| {
            let ([truths, ..], bit) = (matches.truths, 1u16.checked_shl(at as u32).unwrap_or(0));
            let counted = matches
                .detections
                .iter()
                .filter(move |detection| detection.ignored.first().is_none_or(|i| i & bit == 0));
            let detections = counted
                .map(|detection| (detection.score, detection.matched.first().is_some_and(|m| m & bit != 0)));
            CategoryOutcomes { category: matches.category, truths, detections: detections.collect() }
        })
    }
}

/// One category in one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct CategoryMatches {
    pub(super) category: usize,
    /// True boxes to be found, by area range.
    pub(super) truths: [u32; AREA_RANGES],
    /// By falling score, at most [`MAX_DETECTIONS`].
    pub(super) detections: Vec<DetectionMatch>,
}

/// One detection: a bit for each threshold, a word for each area range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DetectionMatch {
    pub(super) score: f64,
    /// It found a true box.
    pub(super) matched: [u16; AREA_RANGES],
    /// It counts neither as right nor as wrong.
    pub(super) ignored: [u16; AREA_RANGES],
}

/// The IoU thresholds, computed as numpy's `linspace(.5, .95, 10)` does.
pub(super) fn thresholds() -> [f64; THRESHOLDS] {
    let step = (0.95 - 0.5) / (THRESHOLDS - 1) as f64;
    std::array::from_fn(|i| if i + 1 == THRESHOLDS { 0.95 } else { i as f64 * step + 0.5 })
}

/// A sort key by which higher scores come first; what is no number, last.
pub(super) fn falling(score: f64) -> f64 {
    if score.is_nan() { f64::NAN } else { 0.0 - score }
}

/// Matches one image's detections to its true boxes, category by category.
#[must_use]
pub fn match_image(truths: &[TruthBox], detections: &[DetectedBox]) -> ImageMatches {
    let mut truths: Vec<&TruthBox> = truths.iter().collect();
    truths.sort_by_key(|truth| truth.category);
    let mut detections: Vec<&DetectedBox> = detections.iter().collect();
    detections.sort_by(|a, b| {
        a.category.cmp(&b.category).then_with(|| falling(a.score).total_cmp(&falling(b.score)))
    });
    let mut scratch = Scratch { thresholds: thresholds(), near: Vec::new(), taken: Vec::new() };
    let mut categories = Vec::new();
    let (mut truths, mut detections) = (truths.as_slice(), detections.as_slice());
    while let Some(category) = lowest_category(truths, detections) {
        let (these_truths, other_truths) =
            truths.split_at(truths.partition_point(|t| t.category <= category));
        let (these, others) = detections.split_at(detections.partition_point(|d| d.category <= category));
        let these = these.get(..MAX_DETECTIONS).unwrap_or(these);
        categories.push(scratch.match_category(category, these_truths, these));
        (truths, detections) = (other_truths, others);
    }
    ImageMatches { categories }
}

fn lowest_category(truths: &[&TruthBox], detections: &[&DetectedBox]) -> Option<usize> {
    let first = truths.first().map(|truth| truth.category);
    first.into_iter().chain(detections.first().map(|detection| detection.category)).min()
}

/// Buffers that outlive a category, so that matching rarely allocates.
struct Scratch {
    thresholds: [f64; THRESHOLDS],
    /// For each detection, the true boxes within reach of the lowest threshold.
    near: Vec<Vec<Near>>,
    /// For each true box, the thresholds at which it is taken.
    taken: Vec<u16>,
}

#[derive(Clone, Copy)]
struct Near {
    truth: usize,
    iou: f64,
}

impl Scratch {
    fn match_category(
        &mut self,
        category: usize,
        truths: &[&TruthBox],
        detections: &[&DetectedBox],
    ) -> CategoryMatches {
        self.find_near(truths, detections);
        let mut result = CategoryMatches {
            category,
            truths: [0; AREA_RANGES],
            detections: detections
                .iter()
                .map(|d| DetectionMatch {
                    score: d.score,
                    matched: [0; AREA_RANGES],
                    ignored: [0; AREA_RANGES],
                })
                .collect(),
        };
        for (range, area) in AREAS.into_iter().enumerate() {
            let ignored: Vec<bool> = truths.iter().map(|t| t.crowd || outside(t.area, area)).collect();
            if let Some(count) = result.truths.get_mut(range) {
                *count = ignored.iter().filter(|ignored| !**ignored).count() as u32;
            }
            self.taken.clear();
            self.taken.resize(truths.len(), 0);
            for ((outcome, detection), near) in result.detections.iter_mut().zip(detections).zip(&self.near) {
                let (matched, left_alone) = assign(near, truths, &ignored, &mut self.taken, &self.thresholds);
                let [_, _, w, h] = detection.bbox;
                let stray = if outside(w * h, area) { ALL & !matched } else { 0 };
                if let (Some(m), Some(i)) = (outcome.matched.get_mut(range), outcome.ignored.get_mut(range)) {
                    (*m, *i) = (matched, left_alone | stray);
                }
            }
        }
        result
    }

    fn find_near(&mut self, truths: &[&TruthBox], detections: &[&DetectedBox]) {
        let [lowest, ..] = self.thresholds;
        if self.near.len() < detections.len() {
            self.near.resize_with(detections.len(), Vec::new);
        }
        for (near, detection) in self.near.iter_mut().zip(detections) {
            near.clear();
            let overlaps =
                truths.iter().enumerate().map(|(truth, t)| Near { truth, iou: overlap(detection, t) });
            near.extend(overlaps.filter(|near| near.iou >= lowest));
        }
    }
}

/// A bit for each threshold.
const ALL: u16 = (1 << THRESHOLDS) - 1;

/// Gives a detection, at each threshold, the best true box that is left: one
/// that counts if any is in reach, else one that does not; among equals the
/// last. Returns the thresholds at which it matched and those at which the
/// match does not count.
fn assign(
    near: &[Near],
    truths: &[&TruthBox],
    ignored: &[bool],
    taken: &mut [u16],
    thresholds: &[f64; THRESHOLDS],
) -> (u16, u16) {
    let (mut matched, mut left_alone) = (0, 0);
    let Some(nearest) = near.iter().map(|near| near.iou).max_by(f64::total_cmp) else { return (0, 0) };
    for (t, threshold) in thresholds.iter().enumerate() {
        if nearest < *threshold {
            break;
        }
        let bit = 1 << t;
        let pick = |ignorable: bool| {
            let mut best = None;
            let mut reach = *threshold;
            for Near { truth, iou } in near {
                let fits = ignored.get(*truth) == Some(&ignorable) && *iou >= reach;
                let crowd = truths.get(*truth).is_some_and(|truth| truth.crowd);
                if fits && (crowd || taken.get(*truth).is_some_and(|taken| taken & bit == 0)) {
                    (best, reach) = (Some(*truth), *iou);
                }
            }
            best
        };
        let (truth_index, ignorable) = match pick(false) {
            Some(truth_index) => (truth_index, false),
            None => match pick(true) {
                Some(truth_index) => (truth_index, true),
                None => continue,
            },
        };
        if let Some(taken) = taken.get_mut(truth_index) {
            *taken |= bit;
        }
        if truths.get(truth_index).is_some_and(|truth| !truth.hollow) {
            matched |= bit;
        }
        if ignorable {
            left_alone |= bit;
        }
    }
    (matched, left_alone)
}

fn outside(area: f64, (least, most): (f64, f64)) -> bool {
    area < least || area > most
}

/// Intersection over union; over the detection's own area for a crowd.
pub(in crate::metrics) fn overlap(detection: &DetectedBox, truth: &TruthBox) -> f64 {
    let ([dx, dy, dw, dh], [tx, ty, tw, th]) = (detection.bbox, truth.bbox);
    let w = (dw + dx).min(tw + tx) - dx.max(tx);
    if w <= 0.0 {
        return 0.0;
    }
    let h = (dh + dy).min(th + ty) - dy.max(ty);
    if h <= 0.0 {
        return 0.0;
    }
    let shared = w * h;
    let whole = if truth.crowd { dw * dh } else { dw * dh + tw * th - shared };
    shared / whole
}
