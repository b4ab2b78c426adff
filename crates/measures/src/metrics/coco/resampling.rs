//! The same figures for thousands of resamples of the images: what does not
//! change with the images' multiplicities is worked out once.
//!
//! A detection that found nothing only adds to a running sum, and what comes
//! after the last hit adds nothing at all. So a resample costs one pass over
//! the images of the ranked detections, and one step for each hit.

mod ranking;

use super::accumulating::{Category, EVERY_AREA, RECALLS, category_figures, mean, recall_goals, summarise};
use super::{AREA_RANGES, Accumulator, Evaluation, THRESHOLDS};
use ranking::{Ranking, hits, weighted};

/// Matches of many images, ready to be summed under many multiplicities.
#[derive(Clone, Debug)]
pub struct Resampler {
    images: usize,
    categories: Vec<ResampledCategory>,
}

#[derive(Clone, Debug)]
struct ResampledCategory {
    ranges: [Ranking; AREA_RANGES],
    /// By threshold, truths found by the first and by the ten first
    /// detections of an image.
    first: [PerThreshold; 2],
}

/// By threshold: images and the number of truths found in them.
type PerThreshold = [Vec<(u32, u32)>; THRESHOLDS];

/// Memory that one resample leaves to the next.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    counted: Vec<u32>,
}

impl Accumulator {
    /// Works out what resamples have in common. About as dear as one
    /// [`Accumulator::evaluate`]; each resample after that is several times
    /// cheaper.
    #[must_use]
    pub fn resampler(&self) -> Resampler {
        let categories = self.categories.iter().map(ResampledCategory::new).collect();
        Resampler { images: self.images, categories }
    }
}

impl Resampler {
    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// Number of categories.
    #[must_use]
    pub fn categories(&self) -> usize {
        self.categories.len()
    }

    /// True boxes of each category that must be found, in all images once.
    #[must_use]
    pub fn truths(&self) -> Vec<u64> {
        let of = |category: &ResampledCategory| {
            let [all, ..] = &category.ranges;
            all.truths.iter().map(|(_, count)| u64::from(*count)).sum()
        };
        self.categories.iter().map(of).collect()
    }

    /// As [`Accumulator::evaluate`] with these weights, to the last bits.
    /// The sum of the weights must fit a `u32` for each box of an image.
    #[must_use]
    pub fn evaluate(&self, weights: &[u32], scratch: &mut Scratch) -> Evaluation {
        let curves: Vec<[Option<_>; AREA_RANGES]> = self
            .categories
            .iter()
            .map(|category| std::array::from_fn(|range| category.ranges.get(range)?.curve(weights, scratch)))
            .collect();
        let recalls = |which: usize| -> Vec<_> {
            self.categories.iter().map(|category| category.recall_of_first(which, weights)).collect()
        };
        let per_category = curves.iter().map(|[all, ..]| category_figures(all.as_ref()));
        Evaluation {
            summary: summarise(&curves, &recalls(0), &recalls(1)),
            per_category: per_category.collect(),
        }
    }

    /// The precision–recall curve of a category at the IoU threshold in place
    /// `at` (0: 0.50 … 9: 0.95), every area: the best precision at or beyond
    /// recall 0, 0.01 … 1, and 0 beyond the recall reached. `None` without
    /// truth. Its mean is the category's AP at that threshold.
    #[must_use]
    pub fn precision_curve(&self, category: usize, at: usize) -> Option<[f64; RECALLS]> {
        let ranking = self.categories.get(category)?.ranges.get(EVERY_AREA)?;
        let weights = vec![1; self.images];
        let goals = recall_goals(Some(weighted(&ranking.truths, &weights)).filter(|truths| *truths > 0)?);
        let mut scratch = Scratch::default();
        let counting = ranking.counting(&weights, &mut scratch);
        let at = ranking.at.get(at)?;
        let mut served = Vec::new();
        at.for_each_goal(at.right(&weights), &goals, &counting, |best| served.push(best));
        let mut curve = [0.0; RECALLS];
        curve.iter_mut().zip(served.iter().rev()).for_each(|(point, best)| *point = *best);
        Some(curve)
    }

    /// AP (IoU 0.50:0.95, every area) of each category; `None` without truth
    /// in the resample. All that a comparison of two models asks, at half the
    /// price of [`Resampler::evaluate`].
    #[must_use]
    pub fn average_precisions(&self, weights: &[u32], scratch: &mut Scratch) -> Vec<Option<f64>> {
        let mut of = |category: &ResampledCategory| {
            let curve = category.ranges.get(EVERY_AREA)?.curve(weights, scratch)?;
            Some(mean(curve.precision.iter().copied()))
        };
        self.categories.iter().map(&mut of).collect()
    }
}

/// The mean of the categories that have a figure; `None` when none has.
#[must_use]
pub fn mean_of_defined(figures: &[Option<f64>]) -> Option<f64> {
    let mean = mean(figures.iter().flatten().copied());
    figures.iter().any(Option::is_some).then_some(mean)
}

impl ResampledCategory {
    fn new(category: &Category) -> Self {
        let ranges = std::array::from_fn(|range| Ranking::new(category, range));
        let first = [1, 10].map(|most| found_by_first(category, most));
        Self { ranges, first }
    }

    fn recall_of_first(&self, which: usize, weights: &[u32]) -> Option<[f64; THRESHOLDS]> {
        let [all, ..] = &self.ranges;
        let truths = weighted(&all.truths, weights);
        let found = self.first.get(which)?;
        (truths > 0).then(|| {
            std::array::from_fn(|t| {
                let right = found.get(t).map_or(0, |found| weighted(found, weights));
                right as f64 / truths as f64
            })
        })
    }
}

fn found_by_first(category: &Category, most: u8) -> PerThreshold {
    let mut lists = PerThreshold::default();
    let mut first: Vec<_> = category.detections.iter().filter(|ranked| ranked.rank < most).collect();
    first.sort_by_key(|ranked| ranked.image);
    for ranked in first {
        let hits = hits(ranked.detection.matched, ranked.detection.ignored, EVERY_AREA).0;
        for (list, _) in lists.iter_mut().zip(0..).filter(|(_, t)| hits >> t & 1 == 1) {
            match list.last_mut().filter(|(image, _)| *image == ranked.image) {
                Some((_, count)) => *count += 1,
                None => list.push((ranked.image, 1)),
            }
        }
    }
    lists
}
