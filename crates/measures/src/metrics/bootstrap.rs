//! Intervals of COCO figures by resampling images.
//!
//! Images are drawn with replacement, as many as there are; an image drawn
//! twice counts twice and is never copied. A category without truth in a
//! resample leaves that resample's mean; a figure that is undefined in a
//! resample has none there. Source: Efron and Tibshirani, "An Introduction to
//! the Bootstrap", 1993; two models are compared on the same resamples
//! (paired), so that what they share cancels out.

use super::coco::{Accumulator, CategoryAp, Evaluation, Figure, Resampler, Scratch, mean_of_defined};
use crate::{randomness::Dice, statistics::Estimate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// How often; 1,000 unless there is a reason.
    pub resamples: u32,
    /// What share of the resampled figures the interval holds, in (0, 1).
    pub confidence: f64,
    /// The same seed gives the same intervals.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 1_000, confidence: 0.95, seed: 0 }
    }
}

impl Bootstrap {
    /// Calls `each` with the multiplicities of every resample of `images`.
    pub fn for_each_resample(&self, images: usize, mut each: impl FnMut(&[u32])) {
        let mut dice = Dice::new(self.seed);
        let mut weights = vec![0u32; images];
        for _ in 0..self.resamples {
            weights.fill(0);
            for _ in 0..images {
                if let Some(weight) = weights.get_mut(dice.place(images)) {
                    *weight += 1;
                }
            }
            each(&weights);
        }
    }

    fn estimate(&self, value: f64, resampled: Vec<f64>) -> Option<Estimate> {
        Estimate::percentile(value, resampled, self.confidence)
    }
}

/// All figures of one model with their intervals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationIntervals {
    /// Images that were measured.
    pub images: u64,
    /// By name; undefined ones are absent.
    pub summary: BTreeMap<Figure, Estimate>,
    /// By index of the category.
    pub per_category: Vec<CategoryIntervals>,
}

/// The figures of one category.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the field's own names, as scripts read them")]
pub struct CategoryIntervals {
    /// True boxes that must be found.
    pub truths: u64,
    /// AP averaged over IoU 0.50:0.05:0.95; `None` without truth.
    pub AP: Option<Estimate>,
    /// AP at IoU 0.50; `None` without truth.
    pub AP50: Option<Estimate>,
}

/// Figures and intervals of one model.
#[must_use]
pub fn intervals(matches: &Accumulator, bootstrap: &Bootstrap) -> EvaluationIntervals {
    let resampler = matches.resampler();
    let mut resamples: Vec<Vec<f64>> = Vec::new();
    let mut scratch = Scratch::default();
    let evaluation = matches.evaluate(None);
    let values = figures(&evaluation);
    resamples.resize_with(values.len(), Vec::new);
    bootstrap.for_each_resample(resampler.images(), |weights| {
        let figures = figures(&resampler.evaluate(weights, &mut scratch));
        for (list, figure) in resamples.iter_mut().zip(figures) {
            list.extend(figure);
        }
    });
    let estimates = values.into_iter().zip(resamples);
    let mut estimates = estimates.map(|(value, resampled)| bootstrap.estimate(value?, resampled));
    let summary = Figure::ALL.into_iter().zip(estimates.by_ref());
    let summary = summary.filter_map(|(figure, estimate)| Some((figure, estimate?))).collect();
    let per_category = resampler.truths().into_iter().map(|truths| CategoryIntervals {
        truths,
        AP: estimates.next().flatten(),
        AP50: estimates.next().flatten(),
    });
    EvaluationIntervals { images: resampler.images() as u64, summary, per_category: per_category.collect() }
}

/// The twelve figures, then AP and AP50 of each category; −1 becomes `None`.
fn figures(evaluation: &Evaluation) -> Vec<Option<f64>> {
    let summary = Figure::ALL.map(|figure| evaluation.summary.get(figure));
    let categories = evaluation.per_category.iter().flat_map(|CategoryAp { AP, AP50 }| [*AP, *AP50]);
    summary.into_iter().chain(categories).map(|figure| (figure >= 0.0).then_some(figure)).collect()
}

/// How much better one model is than another on the same images: AP of the
/// second minus AP of the first (IoU 0.50:0.95, every area).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Images on which both were measured.
    pub images: u64,
    /// Of the mean over the categories asked for; `None` without truth.
    pub mean: Option<Estimate>,
    /// By index of the category; `None` without truth.
    pub per_category: Vec<Option<Estimate>>,
}

/// Two lists of images that are not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the models were measured on {first} and {second} images, or on other categories")]
pub struct NotPaired {
    /// Images of the first.
    pub first: usize,
    /// Images of the second.
    pub second: usize,
}

/// Compares `second` with `first`. Both hold the same images in the same
/// order, with the same truth. `in_mean` says which categories the mean holds.
///
/// # Errors
/// When the numbers of images or of categories differ.
pub fn difference(
    first: &Resampler,
    second: &Resampler,
    in_mean: impl Fn(usize) -> bool,
    bootstrap: &Bootstrap,
) -> Result<Difference, NotPaired> {
    let (images, categories) = (first.images(), first.categories());
    if images != second.images() || categories != second.categories() {
        return Err(NotPaired { first: images, second: second.images() });
    }
    let mut scratch = Scratch::default();
    let mut at = |weights: &[u32]| -> Vec<Option<f64>> {
        let pair = [first, second].map(|model| model.average_precisions(weights, &mut scratch));
        let [mean_first, mean_second] = pair.each_ref().map(|figures| {
            let gated = figures.iter().enumerate().map(|(i, figure)| figure.filter(|_| in_mean(i)));
            mean_of_defined(&gated.collect::<Vec<_>>())
        });
        let [first, second] = pair;
        let per_category = first.into_iter().zip(second).map(|(first, second)| Some(second? - first?));
        let mean = mean_second.zip(mean_first).map(|(second, first)| second - first);
        std::iter::once(mean).chain(per_category).collect()
    };
    let values = at(&vec![1; images]);
    let mut resamples = vec![Vec::new(); values.len()];
    bootstrap.for_each_resample(images, |weights| {
        for (list, figure) in resamples.iter_mut().zip(at(weights)) {
            list.extend(figure);
        }
    });
    let estimates = values.into_iter().zip(resamples);
    let mut estimates = estimates.map(|(value, resampled)| bootstrap.estimate(value?, resampled));
    let mean = estimates.next().flatten();
    Ok(Difference { images: images as u64, mean, per_category: estimates.collect() })
}
