//! How unusual an image is against the training data.
//!
//! The distance of an image is the mean Euclidean distance of its embedding to
//! its ten nearest training images, embeddings scaled to unit length (as in
//! Sun et al., "Out-of-Distribution Detection with Deep Nearest Neighbors",
//! ICML 2022, with the mean of the k distances in place of the k-th). What a
//! distance means is learned from calibration images that the model never
//! trained on: the score is the share of them that are less unusual (a
//! conformal p-value from the other side; Laxhammar 2014).

use serde::{Deserialize, Serialize};

/// Nearest training images that count.
pub const NEIGHBOURS: usize = 10;
/// Scores above it are flagged.
pub const FLAGGED_ABOVE: f64 = 0.99;
/// Calibration images below which nothing is flagged: of fewer, the share
/// cannot tell 99 % from all.
pub const LEAST_CALIBRATION: usize = 100;
/// Training images of an index; of more, as many are taken at equal steps.
pub const MOST_TRAINING_IMAGES: usize = 10_000;

/// Embeddings of training images, to find the nearest among.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingIndex {
    dimension: usize,
    /// Row by row, each of unit length.
    rows: Vec<f32>,
}

/// Why embeddings make no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Not enough to have ten neighbours.
    #[error("{0} training images are too few: at least {NEIGHBOURS} are needed")]
    TooFew(usize),
    /// They do not come from one embedder.
    #[error("an embedding has {found} numbers and not {expected}")]
    Dimension {
        /// Of the first one.
        expected: usize,
        /// Of another.
        found: usize,
    },
}

impl EmbeddingIndex {
    /// Takes the embeddings of training images.
    ///
    /// # Errors
    /// Fewer than ten, or of different lengths.
    pub fn new<'e>(embeddings: impl IntoIterator<Item = &'e [f32]>) -> Result<Self, IndexError> {
        let all: Vec<&[f32]> = embeddings.into_iter().collect();
        let expected = all.first().map_or(0, |first| first.len());
        if let Some(other) = all.iter().find(|embedding| embedding.len() != expected) {
            return Err(IndexError::Dimension { expected, found: other.len() });
        }
        if all.len() < NEIGHBOURS || expected == 0 {
            return Err(IndexError::TooFew(all.len()));
        }
        let step = all.len().div_ceil(MOST_TRAINING_IMAGES);
        let rows = all.into_iter().step_by(step).flat_map(unit);
        Ok(Self { dimension: expected, rows: rows.collect() })
    }

    /// Its rows as they are kept: `f32`, little endian, row by row.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.rows.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Reads what [`EmbeddingIndex::to_bytes`] wrote; `None` unless the bytes
    /// are whole rows of `dimension` numbers, ten rows at least.
    #[must_use]
    pub fn from_bytes(dimension: usize, bytes: &[u8]) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        let whole = rest.is_empty() && dimension > 0 && numbers.len().is_multiple_of(dimension);
        let rows: Vec<f32> = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
        (whole && rows.len() / dimension >= NEIGHBOURS).then_some(Self { dimension, rows })
    }

    /// Training images in the index.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len() / self.dimension.max(1)
    }

    /// Whether there is none; never of an index that was made by `new`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Numbers of an embedding.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The mean distance to the ten nearest, in [0, 2]; `None` of an embedding
    /// of another length.
    #[must_use]
    pub fn distance(&self, embedding: &[f32]) -> Option<f64> {
        if embedding.len() != self.dimension || self.dimension == 0 {
            return None;
        }
        let embedding: Vec<f32> = unit(embedding).collect();
        let squared = |row: &[f32]| row.iter().zip(&embedding).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        let mut squares: Vec<f32> = self.rows.chunks_exact(self.dimension).map(squared).collect();
        let count = NEIGHBOURS.min(squares.len());
        let (nearest, last, _) = squares.select_nth_unstable_by(count.checked_sub(1)?, f32::total_cmp);
        let sum: f64 = nearest.iter().chain([&*last]).map(|square| f64::from(*square).sqrt()).sum();
        Some(sum / count as f64)
    }
}

/// An embedding scaled to length 1; zeros stay zeros.
fn unit(embedding: &[f32]) -> impl Iterator<Item = f32> {
    let length = embedding.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
    let scale = if length > 0.0 { 1.0 / length } else { 0.0 };
    embedding.iter().map(move |x| (f64::from(*x) * scale) as f32)
}

/// Distances of images that the model never trained on, frozen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Rising.
    distances: Vec<f64>,
}

impl Calibration {
    /// Freezes distances; what is not finite is left out.
    #[must_use]
    pub fn freeze(distances: impl IntoIterator<Item = f64>) -> Self {
        let mut distances: Vec<f64> = distances.into_iter().filter(|d| d.is_finite()).collect();
        distances.sort_by(f64::total_cmp);
        Self { distances }
    }

    /// Calibration images.
    #[must_use]
    pub fn images(&self) -> usize {
        self.distances.len()
    }

    /// Rising.
    #[must_use]
    pub fn distances(&self) -> &[f64] {
        &self.distances
    }

    /// The share of calibration images that are less unusual, in [0, 1];
    /// `None` without any. Monotone in the distance; equal scores sort by it.
    #[must_use]
    pub fn score(&self, distance: f64) -> Option<f64> {
        let below = self.distances.partition_point(|known| *known < distance);
        (!self.distances.is_empty()).then(|| below as f64 / self.distances.len() as f64)
    }

    /// Whether an image of this score is called unusual.
    #[must_use]
    pub fn flags(&self, score: f64) -> bool {
        self.images() >= LEAST_CALIBRATION && score > FLAGGED_ABOVE
    }
}

/// How well distances tell unusual images from usual ones: the chance that an
/// unusual one has the greater distance, ties counting half (the area under
/// the ROC curve; Hanley and McNeil 1982). `None` when a side is empty.
#[must_use]
pub fn separation(usual: &[f64], unusual: &[f64]) -> Option<f64> {
    let mut sorted = usual.to_vec();
    sorted.sort_by(f64::total_cmp);
    let wins = |x: &f64| {
        let below = sorted.partition_point(|known| known < x);
        let at_most = sorted.partition_point(|known| known <= x);
        (below + at_most) as f64 / 2.0
    };
    let pairs = (usual.len() * unusual.len()) as f64;
    (pairs > 0.0).then(|| unusual.iter().map(wins).sum::<f64>() / pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::Dice;
    use proptest::prelude::*;

    fn cloud(seed: u64, centre: f64, count: usize) -> Vec<Vec<f32>> {
        let mut dice = Dice::new(seed);
        let mut point =
            || (0..16).map(|i| (dice.normal() + if i == 0 { centre } else { 0.0 }) as f32).collect();
        (0..count).map(|_| point()).collect()
    }

    fn index(cloud: &[Vec<f32>]) -> EmbeddingIndex {
        EmbeddingIndex::new(cloud.iter().map(Vec::as_slice)).expect("enough embeddings")
    }

    #[test]
    fn the_distance_is_the_mean_of_the_ten_nearest() {
        // Angles on a circle: the chord between two is 2 sin(difference / 2).
        let at = |degrees: f64| {
            vec![degrees.to_radians().cos() as f32 * 3.0, degrees.to_radians().sin() as f32 * 3.0]
        };
        let rows: Vec<_> = (0..30).map(|i| at(f64::from(i) * 5.0)).collect();
        let chord = |i: i32| 2.0 * (f64::from(i) * 2.5).to_radians().sin();
        let mean = (0..10).map(chord).sum::<f64>() / 10.0;
        let distance = index(&rows).distance(&at(0.0)).expect("the same length");
        assert!((distance - mean).abs() < 1e-6, "{distance} {mean}");
        assert_eq!(index(&rows).distance(&[1.0, 2.0, 3.0]), None);
    }

    #[test]
    fn an_index_needs_ten_embeddings_of_one_length() {
        let few = cloud(1, 0.0, 9);
        assert_eq!(EmbeddingIndex::new(few.iter().map(Vec::as_slice)), Err(IndexError::TooFew(9)));
        let mut mixed = cloud(1, 0.0, 12);
        mixed[5].pop();
        let refused = EmbeddingIndex::new(mixed.iter().map(Vec::as_slice));
        assert_eq!(refused, Err(IndexError::Dimension { expected: 16, found: 15 }));
    }

    #[test]
    fn usual_images_have_even_scores_and_unusual_ones_are_flagged() {
        let index = index(&cloud(1, 4.0, 300));
        let distances = |seed, centre, count| -> Vec<f64> {
            cloud(seed, centre, count).iter().map(|e| index.distance(e).expect("the same length")).collect()
        };
        let calibration = Calibration::freeze(distances(2, 4.0, 200));
        let usual: Vec<f64> = distances(3, 4.0, 1000).iter().filter_map(|d| calibration.score(*d)).collect();
        let mean = usual.iter().sum::<f64>() / 1000.0;
        let flagged = usual.iter().filter(|score| calibration.flags(**score)).count();
        assert!((mean - 0.5).abs() < 0.06 && flagged < 30, "{mean} {flagged}");
        let unusual = distances(4, -4.0, 100);
        let scores: Vec<f64> = unusual.iter().filter_map(|d| calibration.score(*d)).collect();
        assert!(scores.iter().all(|score| calibration.flags(*score)));
        assert!(separation(calibration.distances(), &unusual).expect("both sides") > 0.99);
    }

    #[test]
    fn an_index_comes_back_from_its_bytes() {
        let embeddings: Vec<Vec<f32>> = (0..12u8).map(|n| vec![f32::from(n), 1.0, -0.3]).collect();
        let index = EmbeddingIndex::new(embeddings.iter().map(Vec::as_slice)).expect("enough");
        assert_eq!(EmbeddingIndex::from_bytes(3, &index.to_bytes()), Some(index.clone()));
        for (dimension, length) in [(3, 143), (3, 9 * 12), (5, 144), (0, 0)] {
            assert_eq!(EmbeddingIndex::from_bytes(dimension, &index.to_bytes()[..length]), None);
        }
    }

    #[test]
    fn few_calibration_images_flag_nothing() {
        let known = |count: u32| Calibration::freeze((0..count).map(f64::from));
        assert_eq!(known(99).score(1e9), Some(1.0));
        assert!(!known(99).flags(1.0) && known(100).flags(1.0) && !known(100).flags(0.99));
        assert_eq!(known(0).score(1.0), None);
    }

    #[test]
    fn separation_is_the_area_under_the_curve() {
        // By hand: of nine pairs six are won and two are even.
        let area = separation(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0]).expect("both sides");
        assert!((area - 7.0 / 9.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn a_greater_distance_never_has_a_lower_score(
            known in prop::collection::vec(0.0f64..2.0, 1..50), a in 0.0f64..2.0, b in 0.0f64..2.0
        ) {
            let calibration = Calibration::freeze(known);
            let [low, high] = [a.min(b), a.max(b)].map(|d| calibration.score(d).expect("calibrated"));
            prop_assert!(low <= high && (0.0..=1.0).contains(&low));
        }
    }
}
