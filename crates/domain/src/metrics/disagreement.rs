//! How far two models differ on one image.
//!
//! 1 − F1 of their boxes, either side taken as the truth: F1 is the Dice
//! coefficient 2·M / (A + B) of M matched boxes, so it does not matter which.
//! A pair matches at IoU ≥ 0.5 with the same label, each box once, and M is the
//! largest number of pairs there can be: no order of the boxes plays a part.

use crate::{geometry::Score, prediction::PredictedBox};

/// Overlap from which two boxes mean the same thing.
const SAME: f64 = 0.5;

/// In [0, 1]: 0 where both see the same at or above `threshold` (also both
/// nothing), 1 where nothing matches. Symmetric in the two models.
#[must_use]
pub fn disagreement(one: &[PredictedBox], other: &[PredictedBox], threshold: Score) -> f64 {
    let seen = |boxes: &[PredictedBox]| -> Vec<PredictedBox> {
        boxes.iter().filter(|b| b.score >= threshold).cloned().collect()
    };
    let (one, other) = (seen(one), seen(other));
    let total = one.len() + other.len();
    if total == 0 {
        return 0.0;
    }
    1.0 - 2.0 * matched(&one, &other) as f64 / total as f64
}

/// The most pairs that can be formed, by augmenting paths (Kuhn 1955).
fn matched(one: &[PredictedBox], other: &[PredictedBox]) -> usize {
    let meets = |a: &PredictedBox| -> Vec<usize> {
        let same = |b: &PredictedBox| b.label == a.label && b.rect.iou(&a.rect) >= SAME;
        other.iter().enumerate().filter(|(_, b)| same(b)).map(|(j, _)| j).collect()
    };
    let partners: Vec<Vec<usize>> = one.iter().map(meets).collect();
    let mut taken = vec![None; other.len()];
    (0..one.len()).filter(|&i| find_partner(i, &partners, &mut taken, &mut vec![false; other.len()])).count()
}

/// Gives box `i` a partner, moving others to their next choice if need be.
fn find_partner(i: usize, partners: &[Vec<usize>], taken: &mut [Option<usize>], asked: &mut [bool]) -> bool {
    for &j in partners.get(i).into_iter().flatten() {
        let Some(asked_already) = asked.get_mut(j) else { continue };
        if std::mem::replace(asked_already, true) {
            continue;
        }
        let holder = taken.get(j).copied().flatten();
        if holder.is_none_or(|holder| find_partner(holder, partners, taken, asked)) {
            if let Some(place) = taken.get_mut(j) {
                *place = Some(i);
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{geometry::Rect, name::Label};
    use proptest::prelude::*;

    fn seen(label: &str, score: f64, x: f64) -> PredictedBox {
        PredictedBox {
            label: Label::new(label).unwrap(),
            score: Score::new(score).unwrap(),
            rect: Rect::new(x, 0.0, 10.0, 10.0).unwrap(),
        }
    }

    fn check(one: &[PredictedBox], other: &[PredictedBox], expected: f64) {
        let found = disagreement(one, other, Score::new(0.5).unwrap());
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn only_boxes_that_are_seen_count() {
        check(&[], &[], 0.0);
        check(&[seen("a", 0.4, 0.0)], &[], 0.0);
        check(&[seen("a", 0.5, 0.0)], &[], 1.0);
    }

    #[test]
    fn a_match_needs_the_label_and_half_the_overlap() {
        let one = [seen("a", 0.9, 0.0)];
        check(&one, &[seen("a", 0.6, 3.0)], 0.0);
        check(&one, &[seen("b", 0.6, 0.0)], 1.0);
        check(&one, &[seen("a", 0.6, 4.0)], 1.0);
    }

    #[test]
    fn each_box_matches_once_and_as_many_as_can() {
        let other = [seen("a", 0.9, 2.0), seen("a", 0.6, 0.0)];
        check(&[seen("a", 0.9, 0.0)], &other, 1.0 - 2.0 / 3.0);
        check(&[seen("a", 0.9, 0.0), seen("a", 0.9, 5.0)], &other, 0.0);
        check(&[seen("a", 0.9, 5.0), seen("a", 0.9, 0.0)], &other, 0.0);
    }

    fn boxes() -> impl Strategy<Value = Vec<PredictedBox>> {
        let one = (prop::sample::select(vec!["a", "b"]), 0.0..=1.0, 0.0..60.0);
        prop::collection::vec(one.prop_map(|(label, score, x)| seen(label, score, x)), 0..8)
    }

    proptest! {
        #[test]
        fn it_is_symmetric_bounded_and_zero_for_the_same(one in boxes(), other in boxes(), at in 0.0..=1.0) {
            let threshold = Score::new(at).unwrap();
            let backwards: Vec<_> = one.iter().rev().cloned().collect();
            let found = disagreement(&one, &other, threshold);
            prop_assert!((0.0..=1.0).contains(&found));
            prop_assert_eq!(found, disagreement(&other, &one, threshold));
            prop_assert_eq!(found, disagreement(&backwards, &other, threshold));
            prop_assert_eq!(disagreement(&one, &one, threshold), 0.0);
        }
    }
}
