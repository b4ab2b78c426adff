//! Precision, recall and F1 at a threshold of the score, and over all of them.
//!
//! A detection is right as COCOeval matches at IoU ≥ 0.50, class by class.
//! Everything is a count of whole numbers, so that images and classes add up.

use super::{bootstrap::Bootstrap, coco::ImageMatches};
use crate::statistics::Estimate;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// The place of IoU 0.50 among COCO's thresholds.
const AT_50: usize = 0;

/// Boxes at or above a threshold, against the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Detections that found a true box.
    pub right: u64,
    /// Detections that found none.
    pub wrong: u64,
    /// True boxes that nobody found.
    pub missed: u64,
}

impl Counts {
    /// Share of the detections that are right; `None` without detections.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.right + self.wrong)
    }

    /// Share of the truth that was found; `None` without truth.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.right, self.right + self.missed)
    }

    /// Harmonic mean of precision and recall; `None` with neither detections
    /// nor truth.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    pub(super) fn times(self, weight: u32) -> Self {
        let weight = u64::from(weight);
        Self { right: self.right * weight, wrong: self.wrong * weight, missed: self.missed * weight }
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

/// Counts over rising thresholds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperatingCurves {
    /// Rising scores, each in [0, 1].
    pub thresholds: Vec<f64>,
    /// All categories together, by threshold.
    pub overall: Vec<Counts>,
    /// By index of the category, then by threshold.
    pub per_category: Vec<Vec<Counts>>,
}

impl OperatingCurves {
    /// Counts nothing yet; `thresholds` are put in rising order.
    #[must_use]
    pub fn new(categories: usize, mut thresholds: Vec<f64>) -> Self {
        thresholds.sort_by(f64::total_cmp);
        let none = vec![Counts::default(); thresholds.len()];
        Self { overall: none.clone(), per_category: vec![none; categories], thresholds }
    }

    /// 0.01, 0.02 … 0.99: what a chart shows.
    #[must_use]
    pub fn percents(categories: usize) -> Self {
        Self::new(categories, (1..100u8).map(|percent| f64::from(percent) / 100.0).collect())
    }

    /// Counts one more image. Categories beyond the last are left out.
    pub fn add(&mut self, image: &ImageMatches) {
        for outcomes in image.outcomes(AT_50) {
            let Some(curve) = self.per_category.get_mut(outcomes.category) else { continue };
            let places = self.thresholds.iter().zip(curve.iter_mut()).zip(&mut self.overall);
            // By falling score: the higher a threshold, the fewer are left.
            let mut at_or_above = outcomes.detections.as_slice();
            let mut right = at_or_above.iter().filter(|(_, right)| *right).count() as u64;
            for ((threshold, count), overall) in places {
                while let Some(((score, was_right), rest)) = at_or_above.split_last() {
                    if score >= threshold {
                        break;
                    }
                    right -= u64::from(*was_right);
                    at_or_above = rest;
                }
                let wrong = at_or_above.len() as u64 - right;
                let counts =
                    Counts { right, wrong, missed: u64::from(outcomes.truths).saturating_sub(right) };
                *count += counts;
                *overall += counts;
            }
        }
    }

    /// Adds what was counted of other images over the same thresholds.
    pub fn merge(&mut self, other: &Self) {
        let mine = self.per_category.iter_mut().chain([&mut self.overall]);
        let others = other.per_category.iter().chain([&other.overall]);
        for (mine, other) in mine.zip(others) {
            mine.iter_mut().zip(other).for_each(|(mine, other)| *mine += *other);
        }
    }
}

/// Precision, recall and F1 with their intervals; undefined ones are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperatingPoint {
    /// What was counted.
    pub counts: Counts,
    /// Share of the detections that are right.
    pub precision: Option<Estimate>,
    /// Share of the truth that was found.
    pub recall: Option<Estimate>,
    /// Harmonic mean of both.
    pub f1: Option<Estimate>,
}

/// The figures at one threshold: of all categories together first, then of
/// each. Intervals by resampling images.
#[must_use]
pub fn at_threshold(
    categories: usize,
    images: &[&ImageMatches],
    threshold: f64,
    bootstrap: &Bootstrap,
) -> (OperatingPoint, Vec<OperatingPoint>) {
    let per_image: Vec<Vec<Counts>> =
        images.iter().map(|image| counts(categories, image, threshold)).collect();
    let sum = |weights: &[u32]| {
        let mut sums = vec![Counts::default(); categories + 1];
        for (counts, weight) in per_image.iter().zip(weights).filter(|(_, weight)| **weight > 0) {
            sums.iter_mut().zip(counts).for_each(|(sum, counts)| *sum += counts.times(*weight));
        }
        sums
    };
    let measured = sum(&vec![1; images.len()]);
    let mut resamples = vec![[const { Vec::new() }; 3]; categories + 1];
    bootstrap.for_each_resample(images.len(), |weights| {
        for (lists, counts) in resamples.iter_mut().zip(sum(weights)) {
            let figures = [counts.precision(), counts.recall(), counts.f1()];
            lists.iter_mut().zip(figures).for_each(|(list, figure)| list.extend(figure));
        }
    });
    let points = measured.into_iter().zip(resamples).map(|(counts, [precision, recall, f1])| {
        let estimate =
            |value: Option<f64>, resampled| Estimate::percentile(value?, resampled, bootstrap.confidence);
        OperatingPoint {
            counts,
            precision: estimate(counts.precision(), precision),
            recall: estimate(counts.recall(), recall),
            f1: estimate(counts.f1(), f1),
        }
    });
    let mut points: Vec<_> = points.collect();
    let overall = points.remove(0);
    (overall, points)
}

/// All categories together, then each.
fn counts(categories: usize, image: &ImageMatches, threshold: f64) -> Vec<Counts> {
    let mut curves = OperatingCurves::new(categories, vec![threshold]);
    curves.add(image);
    let all = std::iter::once(&curves.overall).chain(&curves.per_category);
    all.map(|counts| counts.first().copied().unwrap_or_default()).collect()
}
