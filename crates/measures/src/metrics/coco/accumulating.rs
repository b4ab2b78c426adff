//! From matches to figures: COCOeval's `accumulate` and `summarize`.
//!
//! Only detections that found something move recall, and precision never
//! rises between them; so the curve is kept at those alone.

use super::{AREA_RANGES, CategoryAp, Evaluation, ImageMatches, Summary, THRESHOLDS, matching};
use matching::{DetectionMatch, falling};

/// Recall points: 0, 0.01 … 1.
pub const RECALLS: usize = 101;
/// Thresholds as bits.
pub(super) const ALL: u16 = (1 << THRESHOLDS) - 1;
/// Ranges by their place in [`super::AREAS`].
pub(super) const EVERY_AREA: usize = 0;
/// The place of IoU 0.75 among the thresholds.
const AT_75: usize = 5;

/// The matches of many images, sorted once, to be summed many times.
#[derive(Clone, Debug)]
pub struct Accumulator {
    pub(super) categories: Vec<Category>,
    pub(super) images: usize,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Category {
    /// By image, in order.
    pub(super) truths: Vec<(u32, [u32; AREA_RANGES])>,
    /// By falling score; equal ones in the order of images, then of boxes.
    pub(super) detections: Vec<Ranked>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    pub(super) image: u32,
    /// Place among the image's detections of the category.
    pub(super) rank: u8,
    pub(super) detection: DetectionMatch,
}

/// Figures of one category in one area range; `None` where there is no truth.
pub(super) type Curve = Option<CurveFigures>;

#[derive(Clone, Copy, Debug)]
pub(super) struct CurveFigures {
    /// Mean precision over the recall points, by threshold.
    pub(super) precision: [f64; THRESHOLDS],
    /// Greatest recall, by threshold.
    pub(super) recall: [f64; THRESHOLDS],
}

impl Accumulator {
    /// Sorts the matches of `images`, which come in the order of their ids.
    /// Categories not below `categories` are left out.
    #[must_use]
    pub fn new<'m>(categories: usize, images: impl IntoIterator<Item = &'m ImageMatches>) -> Self {
        let mut sorted = vec![Category::default(); categories];
        let mut count = 0u32;
        for matches in images {
            let image = count;
            count += 1;
            for matched_category in &matches.categories {
                let Some(category) = sorted.get_mut(matched_category.category) else { continue };
                category.truths.push((image, matched_category.truths));
                let ranked = matched_category.detections.iter().zip(0..);
                category.detections.extend(ranked.map(|(detection, rank)| Ranked {
                    image,
                    rank,
                    detection: *detection,
                }));
            }
        }
        for category in &mut sorted {
            category
                .detections
                .sort_by(|a, b| falling(a.detection.score).total_cmp(&falling(b.detection.score)));
        }
        Self { categories: sorted, images: count as usize }
    }

    /// Number of images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.images
    }

    /// The figures with each image counted `weights[image]` times, or once.
    /// Images beyond the end of `weights` are not counted.
    #[must_use]
    pub fn evaluate(&self, weights: Option<&[u32]>) -> Evaluation {
        let weight =
            |image: u32| weights.map_or(1, |weights| weights.get(image as usize).copied().unwrap_or(0));
        let mut buffers = Buffers::default();
        let curves: Vec<[Curve; AREA_RANGES]> = self
            .categories
            .iter()
            .map(|category| std::array::from_fn(|range| category.curve(range, &weight, &mut buffers)))
            .collect();
        let first: Vec<_> =
            self.categories.iter().map(|category| category.recall_of_first(1, &weight)).collect();
        let ten: Vec<_> =
            self.categories.iter().map(|category| category.recall_of_first(10, &weight)).collect();
        let per_category = curves.iter().map(|[all, ..]| category_figures(all.as_ref())).collect();
        Evaluation { summary: summarise(&curves, &first, &ten), per_category }
    }
}

/// Memory that one curve leaves to the next.
#[derive(Default)]
struct Buffers {
    /// By threshold: hits so far and precision, at each hit.
    hits: [Vec<(u64, f64)>; THRESHOLDS],
}

impl Category {
    fn truths(&self, range: usize, weight: &impl Fn(u32) -> u32) -> u64 {
        let count = |truths: &[u32; AREA_RANGES]| u64::from(truths.get(range).copied().unwrap_or(0));
        self.truths.iter().map(|(image, truths)| u64::from(weight(*image)) * count(truths)).sum()
    }

    fn curve(&self, range: usize, weight: &impl Fn(u32) -> u32, buffers: &mut Buffers) -> Curve {
        let truths = self.truths(range, weight);
        if truths == 0 {
            return None;
        }
        buffers.hits.iter_mut().for_each(Vec::clear);
        let mut counted = 0u64;
        let mut left_alone = [0u64; THRESHOLDS];
        let mut right = [0u64; THRESHOLDS];
        for Ranked { image, detection, .. } in &self.detections {
            let times = u64::from(weight(*image));
            if times == 0 {
                continue;
            }
            let ignored = detection.ignored.get(range).copied().unwrap_or(ALL);
            counted += times;
            for_each_bit(ignored, &mut left_alone, |count| *count += times);
            let hits = detection.matched.get(range).copied().unwrap_or(0) & !ignored;
            if hits == 0 {
                continue;
            }
            let places = right.iter_mut().zip(&left_alone).zip(&mut buffers.hits).enumerate();
            for (_, ((right, left_alone), list)) in places.filter(|(t, _)| hits >> t & 1 == 1) {
                *right += times;
                // The smallest spacing at 1 keeps COCOeval from dividing by 0.
                list.push((*right, *right as f64 / ((counted - left_alone) as f64 + f64::EPSILON)));
            }
        }
        let goals = recall_goals(truths);
        let mut figures =
            CurveFigures { precision: [0.0; THRESHOLDS], recall: right.map(|n| n as f64 / truths as f64) };
        for (precision, hits) in figures.precision.iter_mut().zip(&buffers.hits) {
            *precision = mean_precision(hits, &goals);
        }
        Some(figures)
    }

    /// Recall, by threshold, of the `most` best detections of each image.
    fn recall_of_first(&self, most: u8, weight: &impl Fn(u32) -> u32) -> Option<[f64; THRESHOLDS]> {
        let truths = self.truths(EVERY_AREA, weight);
        let mut right = [0u64; THRESHOLDS];
        for Ranked { image, detection, .. } in self.detections.iter().filter(|ranked| ranked.rank < most) {
            let ([matched, ..], [ignored, ..]) = (detection.matched, detection.ignored);
            let times = u64::from(weight(*image));
            for_each_bit(matched & !ignored, &mut right, |count| *count += times);
        }
        (truths > 0).then(|| right.map(|right| right as f64 / truths as f64))
    }
}

fn for_each_bit(bits: u16, counts: &mut [u64; THRESHOLDS], change: impl Fn(&mut u64)) {
    if bits != 0 {
        counts
            .iter_mut()
            .enumerate()
            .filter(|(t, _)| bits >> t & 1 == 1)
            .for_each(|(_, count)| change(count));
    }
}

/// For each recall point the hits that reach it: the least `n` for which
/// `n / truths`, as a float, is not below it.
pub(super) fn recall_goals(truths: u64) -> [u64; RECALLS] {
    std::array::from_fn(|i| {
        // As numpy's linspace(0, 1, 101) computes them.
        let point = if i + 1 == RECALLS { 1.0 } else { i as f64 * 0.01 };
        let reaches = |hits: u64| hits as f64 / truths as f64 >= point;
        let mut hits = (point * truths as f64) as u64;
        while hits > 0 && reaches(hits - 1) {
            hits -= 1;
        }
        while !reaches(hits) {
            hits += 1;
        }
        hits
    })
}

/// The mean over the recall points of the best precision at or beyond each;
/// 0 where recall does not reach.
fn mean_precision(hits: &[(u64, f64)], goals: &[u64; RECALLS]) -> f64 {
    let mut goals = goals.iter().rev().peekable();
    let mut best = 0.0_f64;
    let mut sum = 0.0;
    // From the last hit back: hit `i` serves the goals above the hits before.
    let before = hits.iter().rev().skip(1).map(|(count, _)| Some(*count)).chain([None]);
    for ((count, precision), before) in hits.iter().rev().zip(before) {
        best = best.max(*precision);
        while goals.next_if(|goal| **goal > *count).is_some() {}
        while goals.next_if(|goal| before.is_none_or(|before| **goal > before)).is_some() {
            sum += best;
        }
    }
    sum / RECALLS as f64
}

pub(super) fn category_figures(curve: Option<&CurveFigures>) -> CategoryAp {
    curve.map_or(CategoryAp { AP: -1.0, AP50: -1.0 }, |curve| {
        let [at_50, ..] = curve.precision;
        CategoryAp { AP: curve.precision.iter().sum::<f64>() / THRESHOLDS as f64, AP50: at_50 }
    })
}

pub(super) fn summarise(
    curves: &[[Curve; AREA_RANGES]],
    first: &[Option<[f64; THRESHOLDS]>],
    ten: &[Option<[f64; THRESHOLDS]>],
) -> Summary {
    let of_range =
        |range: usize| curves.iter().filter_map(move |curves| curves.get(range).and_then(Option::as_ref));
    let precision = |range: usize| mean(of_range(range).flat_map(|curve| curve.precision));
    let recall = |range: usize| mean(of_range(range).flat_map(|curve| curve.recall));
    let precision_at =
        |place: usize| mean(of_range(EVERY_AREA).filter_map(|curve| curve.precision.get(place).copied()));
    Summary {
        AP: precision(EVERY_AREA),
        AP50: precision_at(0),
        AP75: precision_at(AT_75),
        AP_small: precision(1),
        AP_medium: precision(2),
        AP_large: precision(3),
        AR_1: mean(first.iter().flatten().flatten().copied()),
        AR_10: mean(ten.iter().flatten().flatten().copied()),
        AR_100: recall(EVERY_AREA),
        AR_small: recall(1),
        AR_medium: recall(2),
        AR_large: recall(3),
    }
}

/// −1 of nothing, as COCOeval has it.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    if count == 0 { -1.0 } else { sum / f64::from(count) }
}
