//! How far champion and shadow differ on one image.

use super::PredictedBox;
use crate::name::Label;
use units::geometry::{Rect, Score};

/// In [0, 1]: 0 where both say the same at or above `threshold` (also both
/// nothing), 1 where nothing matches. Symmetric in the two models.
#[must_use]
pub fn disagreement(one: &[PredictedBox], other: &[PredictedBox], threshold: Score) -> f64 {
    measures::metrics::disagreement::disagreement(&visible(one, threshold), &visible(other, threshold))
}

fn visible(boxes: &[PredictedBox], threshold: Score) -> Vec<(&Label, Rect)> {
    boxes.iter().filter(|b| b.score >= threshold).map(|b| (&b.label, b.rect)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_boxes_at_or_above_the_threshold_count() {
        let at = |score: f64| PredictedBox {
            label: Label::new("a").unwrap(),
            score: Score::new(score).unwrap(),
            rect: Rect::new(0.0, 0.0, 10.0, 10.0).unwrap(),
        };
        let threshold = Score::new(0.5).unwrap();
        assert_eq!(disagreement(&[], &[], threshold), 0.0);
        assert_eq!(disagreement(&[at(0.4)], &[], threshold), 0.0);
        assert_eq!(disagreement(&[at(0.5)], &[], threshold), 1.0);
        assert_eq!(disagreement(&[at(0.9)], &[at(0.6), at(0.2)], threshold), 0.0);
    }
}
