//! The ranked detections of one category in one area range, boiled down to what
//! a resample needs.

use super::super::accumulating::{ALL, Category, Curve, CurveFigures, recall_goals};
use super::super::{AREA_RANGES, THRESHOLDS};
use super::Scratch;

/// A category in one area range.
#[derive(Clone, Debug)]
pub(super) struct Ranking {
    /// Images with truth, and how much.
    pub(super) truths: Vec<(u32, u32)>,
    /// The image of each detection that counts at any threshold, by falling
    /// score, up to the last that found something.
    images: Vec<u32>,
    pub(super) at: [AtThreshold; THRESHOLDS],
}

#[derive(Clone, Debug, Default)]
pub(super) struct AtThreshold {
    /// Detections that found a truth.
    hits: Vec<Hit>,
    /// Places in the ranking of detections that do not count here, though
    /// they do at other thresholds.
    left_alone: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Hit {
    place: u32,
    image: u32,
}

/// The thresholds at which a detection is right, and at which it does not count.
pub(super) fn hits(matched: [u16; AREA_RANGES], ignored: [u16; AREA_RANGES], range: usize) -> (u16, u16) {
    let ignored = ignored.get(range).copied().unwrap_or(ALL);
    (matched.get(range).copied().unwrap_or(0) & !ignored, ignored)
}

impl Ranking {
    pub(super) fn new(category: &Category, range: usize) -> Self {
        let truths = category.truths.iter().filter_map(|(image, counts)| {
            let count = counts.get(range).copied().filter(|count| *count > 0)?;
            Some((*image, count))
        });
        let mut ranking = Self {
            truths: truths.collect(),
            images: Vec::new(),
            at: std::array::from_fn(|_| AtThreshold::default()),
        };
        let mut last_hit = 0;
        for ranked in &category.detections {
            let (hits, ignored) = hits(ranked.detection.matched, ranked.detection.ignored, range);
            if ignored & ALL == ALL {
                continue;
            }
            let (place, image) = (ranking.images.len() as u32, ranked.image);
            ranking.images.push(image);
            for (at, t) in ranking.at.iter_mut().zip(0..) {
                if hits >> t & 1 == 1 {
                    at.hits.push(Hit { place, image });
                    last_hit = ranking.images.len();
                } else if ignored >> t & 1 == 1 {
                    at.left_alone.push(place);
                }
            }
        }
        ranking.images.truncate(last_hit);
        ranking
    }

    /// `None` where there is no truth.
    pub(super) fn curve(&self, weights: &[u32], scratch: &mut Scratch) -> Curve {
        let truths = weighted(&self.truths, weights);
        if truths == 0 {
            return None;
        }
        let counting = self.counting(weights, scratch);
        let goals = recall_goals(truths);
        let mut figures = CurveFigures { precision: [0.0; THRESHOLDS], recall: [0.0; THRESHOLDS] };
        let places = figures.precision.iter_mut().zip(&mut figures.recall).zip(&self.at);
        for ((precision, recall), at) in places {
            let right = at.right(weights);
            *recall = right as f64 / truths as f64;
            *precision = at.mean_precision(right, &goals, &counting);
        }
        Some(figures)
    }

    pub(super) fn counting<'a>(&'a self, weights: &'a [u32], scratch: &'a mut Scratch) -> Counting<'a> {
        scratch.counted.clear();
        scratch.counted.extend(self.images.iter().scan(0u32, |sum, image| {
            *sum += weight(weights, *image);
            Some(*sum)
        }));
        Counting { sums: &scratch.counted, images: &self.images, weights }
    }
}

impl AtThreshold {
    pub(super) fn right(&self, weights: &[u32]) -> u64 {
        self.hits.iter().map(|hit| u64::from(weight(weights, hit.image))).sum()
    }

    fn mean_precision(&self, right: u64, goals: &[u64], counting: &Counting<'_>) -> f64 {
        let mut sum = 0.0;
        self.for_each_goal(right, goals, counting, |best| sum += best);
        sum / goals.len() as f64
    }

    /// Calls `serve` for the recall points from the highest that is reached
    /// down to 0, with the best precision at or beyond each. From the last hit
    /// back: a hit serves the points above what the hits before it reach. A
    /// hit of weight 0 serves none, and its precision is not above that of the
    /// one before.
    pub(super) fn for_each_goal(
        &self,
        mut right: u64,
        goals: &[u64],
        counting: &Counting<'_>,
        mut serve: impl FnMut(f64),
    ) {
        let mut alone: u32 = self.left_alone.iter().map(|place| counting.weight_at(*place)).sum();
        let mut left_alone = self.left_alone.iter().rev().peekable();
        let mut unserved = goals.partition_point(|goal| *goal <= right);
        let mut best = 0.0_f64;
        for hit in self.hits.iter().rev() {
            while let Some(place) = left_alone.next_if(|place| **place > hit.place) {
                alone -= counting.weight_at(*place);
            }
            let wrong_and_right = counting.sums.get(hit.place as usize).copied().unwrap_or(0) - alone;
            // The smallest spacing at 1 keeps COCOeval from dividing by 0.
            best = best.max(right as f64 / (f64::from(wrong_and_right) + f64::EPSILON));
            right -= u64::from(weight(counting.weights, hit.image));
            while unserved > 0 && goals.get(unserved - 1).is_some_and(|goal| *goal > right) {
                unserved -= 1;
                serve(best);
            }
        }
        // Recall 0 is reached by whatever comes first.
        (0..unserved).for_each(|_| serve(best));
    }
}

/// How many detections were counted up to each place of a ranking.
pub(super) struct Counting<'a> {
    sums: &'a [u32],
    images: &'a [u32],
    weights: &'a [u32],
}

impl Counting<'_> {
    fn weight_at(&self, place: u32) -> u32 {
        self.images.get(place as usize).map_or(0, |image| weight(self.weights, *image))
    }
}

fn weight(weights: &[u32], image: u32) -> u32 {
    weights.get(image as usize).copied().unwrap_or(0)
}

pub(super) fn weighted(counts: &[(u32, u32)], weights: &[u32]) -> u64 {
    counts.iter().map(|(image, count)| u64::from(weight(weights, *image)) * u64::from(*count)).sum()
}
