//! Confusion matrices.

use crate::sample::{CATEGORIES, images};
use measures::metrics::{
    coco::{DetectedBox, TruthBox},
    confusion::{ConfusionMatrix, ImagePairs},
};
use proptest::prelude::*;

fn truth(category: usize, x: f64) -> TruthBox {
    TruthBox { category, bbox: [x, 0.0, 40.0, 40.0], area: 1600.0, crowd: false, hollow: false }
}

fn seen(category: usize, x: f64, score: f64) -> DetectedBox {
    DetectedBox { category, bbox: [x, 0.0, 40.0, 40.0], score }
}

#[test]
fn rows_are_true_and_columns_predicted_and_cells_know_their_images() {
    let mut matrix = ConfusionMatrix::default();
    let first = ImagePairs::new(
        &[truth(0, 0.0), truth(1, 100.0), truth(1, 300.0)],
        &[seen(0, 2.0, 0.9), seen(0, 98.0, 0.8), seen(1, 500.0, 0.7), seen(1, 301.0, 0.2)],
    );
    let second = ImagePairs::new(&[truth(0, 0.0)], &[seen(0, 0.0, 0.5)]);
    matrix.add(&"first", &first, 0.25);
    matrix.add(&"second", &second, 0.25);
    // Rows and columns: class 0, class 1, nothing.
    assert_eq!(matrix.counts(2), [[2, 0, 0], [1, 0, 1], [0, 1, 0]]);
    let right = matrix.cells().find(|cell| (cell.truth, cell.predicted) == (Some(0), Some(0)));
    assert_eq!(right.expect("the cell counts two").images, ["first", "second"]);
    let mut lower = ConfusionMatrix::default();
    lower.add(&"first", &first, 0.2);
    assert_eq!(lower.counts(2), [[1, 0, 0], [1, 1, 0], [0, 1, 0]]);
}

#[test]
fn the_surest_box_takes_the_truth_it_overlaps_most_whatever_the_class() {
    let pairs = ImagePairs::new(&[truth(0, 0.0), truth(0, 10.0)], &[seen(1, 8.0, 0.9), seen(0, 8.0, 0.8)]);
    assert_eq!(pairs.at(0.0), [(Some(0), Some(0)), (Some(0), Some(1))]);
    let crowd = TruthBox { crowd: true, ..truth(0, 200.0) };
    let pairs = ImagePairs::new(&[crowd], &[seen(1, 200.0, 0.9), seen(1, 400.0, 0.9)]);
    assert_eq!(pairs.at(0.0), [(None, Some(1))]);
}

proptest! {
    #[test]
    fn rows_sum_to_the_truth_and_columns_to_the_boxes(seed in any::<u64>(), percent in 0..100u8) {
        let (sample, threshold) = (images(seed, 6, false), f64::from(percent) / 100.0);
        let mut matrix = ConfusionMatrix::default();
        for (image, (truths, detections)) in sample.iter().enumerate() {
            matrix.add(&image, &ImagePairs::new(truths, detections), threshold);
        }
        let counts = matrix.counts(CATEGORIES);
        for category in 0..CATEGORIES {
            let true_boxes = sample.iter().flat_map(|(truths, _)| truths).filter(|t| t.category == category).count();
            let boxes = sample.iter().flat_map(|(_, seen)| seen);
            let boxes = boxes.filter(|d| d.category == category && d.score >= threshold).count();
            prop_assert_eq!(counts[category].iter().sum::<u64>(), true_boxes as u64);
            prop_assert_eq!(counts.iter().map(|row| row[category]).sum::<u64>(), boxes as u64);
        }
        prop_assert_eq!(counts[CATEGORIES][CATEGORIES], 0);
    }

    #[test]
    fn cutting_at_a_threshold_is_pairing_only_the_boxes_above_it(seed in any::<u64>(), percent in 0..100u8) {
        let (sample, threshold) = (images(seed, 4, true), f64::from(percent) / 100.0);
        for (truths, detections) in sample {
            let above: Vec<_> = detections.iter().filter(|d| d.score >= threshold).copied().collect();
            prop_assert_eq!(ImagePairs::new(&truths, &detections).at(threshold), ImagePairs::new(&truths, &above).at(0.0));
        }
    }

    #[test]
    fn merged_matrices_count_all_images(seed in any::<u64>(), cut in 0..8usize) {
        let pairs: Vec<_> = images(seed, 8, true).iter().map(|(t, d)| ImagePairs::new(t, d)).collect();
        let count = |range: std::ops::Range<usize>| {
            let mut matrix = ConfusionMatrix::default();
            range.for_each(|image| matrix.add(&image, &pairs[image], 0.1));
            matrix
        };
        let mut merged = count(0..cut);
        merged.merge(count(cut..8));
        prop_assert_eq!(merged, count(0..8));
    }
}
