//! Which classes a model takes for which.
//!
//! The rule, as pages write it: boxes by falling score, whatever their class;
//! each takes the free true box that it overlaps most, if IoU ≥ 0.5. What is
//! left of the boxes was seen where nothing is; what is left of the truth was
//! missed. A box that found no true box and lies in an ignored region counts
//! nowhere.

use super::coco::{DetectedBox, TruthBox, overlap};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Least IoU at which a box and a true box are the same thing.
pub const IOU: f64 = 0.5;

/// What was seen of each true box of an image, at any threshold: kept beside
/// the image, cut at a threshold when somebody asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImagePairs {
    /// Categories of the true boxes.
    truths: Vec<usize>,
    /// By falling score.
    detections: Vec<Paired>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Paired {
    category: usize,
    score: f64,
    /// Place among the true boxes.
    truth: Option<usize>,
}

impl ImagePairs {
    /// Pairs an image's boxes. A box's partner does not depend on boxes with
    /// lower scores.
    #[must_use]
    pub fn new(truths: &[TruthBox], detections: &[DetectedBox]) -> Self {
        let (ignored, real): (Vec<&TruthBox>, Vec<_>) = truths.iter().partition(|truth| truth.crowd);
        let mut ranked: Vec<&DetectedBox> = detections.iter().collect();
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut free: Vec<Option<&TruthBox>> = real.iter().copied().map(Some).collect();
        let mut pairs =
            Self { truths: real.iter().map(|truth| truth.category).collect(), detections: Vec::new() };
        for detection in ranked {
            let reach = |truth: &TruthBox| Some(overlap(detection, truth)).filter(|iou| *iou >= IOU);
            let near = free.iter().enumerate().filter_map(|(place, truth)| Some((place, reach((*truth)?)?)));
            // The first of those that overlap equally.
            let best = near.reduce(|best, other| if other.1 > best.1 { other } else { best });
            if let Some(taken) = best.and_then(|(place, _)| free.get_mut(place)) {
                *taken = None;
            } else if ignored.iter().any(|region| reach(region).is_some()) {
                continue;
            }
            let (category, score) = (detection.category, detection.score);
            pairs.detections.push(Paired { category, score, truth: best.map(|(place, _)| place) });
        }
        pairs
    }

    /// Each true box with what it was taken for, and each box that found
    /// none: the true class and the predicted one, `None` for nothing.
    #[must_use]
    pub fn at(&self, threshold: f64) -> Vec<Pair> {
        let mut taken_for = vec![None; self.truths.len()];
        let mut pairs = Vec::new();
        for paired in self.detections.iter().take_while(|paired| paired.score >= threshold) {
            match paired.truth.and_then(|place| taken_for.get_mut(place)) {
                Some(taken) => *taken = Some(paired.category),
                None => pairs.push((None, Some(paired.category))),
            }
        }
        let truths = self.truths.iter().map(|truth| Some(*truth)).zip(taken_for);
        truths.chain(pairs).collect()
    }
}

/// The true class and the predicted one; `None` for nothing.
pub type Pair = (Option<usize>, Option<usize>);

/// Counts by true class (row) and predicted class (column), with one more of
/// each for nothing, and the images behind every count.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfusionMatrix<K> {
    cells: BTreeMap<Pair, (u64, BTreeSet<K>)>,
}

/// A cell that counts something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfusionCell<K> {
    /// The true class; `None` where nothing is.
    pub truth: Option<usize>,
    /// The predicted class; `None` where nothing was seen.
    pub predicted: Option<usize>,
    /// Boxes.
    pub count: u64,
    /// The images they are in, rising.
    pub images: Vec<K>,
}

impl<K> Default for ConfusionMatrix<K> {
    fn default() -> Self {
        Self { cells: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> ConfusionMatrix<K> {
    /// Counts an image at a threshold of the score.
    pub fn add(&mut self, image: &K, pairs: &ImagePairs, threshold: f64) {
        for pair in pairs.at(threshold) {
            let (count, images) = self.cells.entry(pair).or_default();
            *count += 1;
            images.insert(image.clone());
        }
    }

    /// Adds what was counted of other images.
    pub fn merge(&mut self, other: Self) {
        for (pair, (more, others)) in other.cells {
            let (count, images) = self.cells.entry(pair).or_default();
            *count += more;
            images.extend(others);
        }
    }

    /// All counts, `categories + 1` rows of as many columns; the last of both
    /// is nothing. The very last cell is always 0.
    #[must_use]
    pub fn counts(&self, categories: usize) -> Vec<Vec<u64>> {
        let mut rows = vec![vec![0; categories + 1]; categories + 1];
        for ((truth, predicted), (count, _)) in &self.cells {
            let row = rows.get_mut(truth.unwrap_or(categories));
            if let Some(cell) = row.and_then(|row| row.get_mut(predicted.unwrap_or(categories))) {
                *cell += count;
            }
        }
        rows
    }

    /// The cells that count something.
    pub fn cells(&self) -> impl Iterator<Item = ConfusionCell<K>> {
        self.cells.iter().map(|((truth, predicted), (count, images))| ConfusionCell {
            truth: *truth,
            predicted: *predicted,
            count: *count,
            images: images.iter().cloned().collect(),
        })
    }
}
