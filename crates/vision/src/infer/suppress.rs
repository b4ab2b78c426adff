//! From a network's raw answer to boxes of the image.

use crate::{
    anchors::{Anchor, Corners, decode, iou},
    kernels::activation::sigmoid,
    loss::ImageOutput,
    net::BINS,
};
use domain::{
    geometry::{Rect, Score, Size},
    inference::Detection,
};
use imaging::Letterbox;

/// Least score that is told.
pub(crate) const LEAST_SCORE: f32 = 0.01;
/// Most boxes that are told.
pub(crate) const MOST_BOXES: usize = 300;
/// Boxes of one class that overlap more than this are one object.
const SAME_OBJECT: f32 = 0.65;
/// Best candidates that are looked at.
const CANDIDATES: usize = 1500;
/// Least side of a box in pixels of the image.
const LEAST_SIDE: f64 = 0.5;

/// A box before it is known to be the only one there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) class: usize,
    pub(crate) score: f32,
    pub(crate) corners: Corners,
}

/// All boxes with a score of at least [`LEAST_SCORE`], best first, at most
/// [`CANDIDATES`]; equal scores in the order of the anchors.
pub(crate) fn candidates(anchors: &[Anchor], classes: usize, output: &ImageOutput) -> Vec<Candidate> {
    let least = (LEAST_SCORE / (1.0 - LEAST_SCORE)).ln();
    let mut found: Vec<(usize, usize, f32)> = output
        .classes
        .chunks_exact(classes)
        .enumerate()
        .flat_map(|(anchor, logits)| {
            let sure = logits.iter().enumerate().filter(move |(_, logit)| **logit >= least);
            sure.map(move |(class, logit)| (anchor, class, *logit))
        })
        .collect();
    found.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
    found.truncate(CANDIDATES);
    found
        .into_iter()
        .filter_map(|(anchor, class, logit)| {
            let logits = output.boxes.get(anchor * 4 * BINS..(anchor + 1) * 4 * BINS)?;
            let corners = decode(*anchors.get(anchor)?, logits);
            Some(Candidate { class, score: sigmoid(logit), corners })
        })
        .collect()
}

/// Greedy non-maximum suppression within each class: of candidates, best
/// first, those that no better one covers; at most [`MOST_BOXES`].
pub(crate) fn suppress(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let covered = kept
            .iter()
            .any(|k| k.class == candidate.class && iou(&k.corners, &candidate.corners) > SAME_OBJECT);
        if !covered {
            kept.push(candidate);
            if kept.len() == MOST_BOXES {
                break;
            }
        }
    }
    kept
}

/// The same boxes in pixels of the image, cut at its border.
pub(crate) fn to_image(kept: &[Candidate], transform: &Letterbox, size: Size) -> Vec<Detection> {
    kept.iter()
        .filter_map(|candidate| {
            let [x0, y0, x1, y1] = candidate.corners.map(f64::from);
            let (w, h) = (x1 - x0, y1 - y0);
            let rect = transform.to_image(&Rect::new(x0, y0, w, h).ok()?)?.clamp_to(size)?;
            let score = Score::new(f64::from(candidate.score))?;
            let wide = rect.w() >= LEAST_SIDE && rect.h() >= LEAST_SIDE;
            wide.then_some(Detection { class: candidate.class, score, rect })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(count: usize) -> Vec<Candidate> {
        let mut state = 7u32;
        let mut next = move |most: f32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0 * most
        };
        let mut all: Vec<Candidate> = (0..count)
            .map(|_| {
                let (x, y) = (next(200.0), next(200.0));
                let corners = [x, y, x + 5.0 + next(60.0), y + 5.0 + next(60.0)];
                Candidate { class: next(2.99) as usize, score: next(1.0), corners }
            })
            .collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        all
    }

    #[test]
    fn suppression_keeps_the_best_and_nothing_that_it_covers() {
        let all = boxes(250);
        let kept = suppress(all.clone());
        assert_eq!(kept[0], all[0]);
        for (index, a) in kept.iter().enumerate() {
            assert!(all.contains(a));
            for b in &kept[index + 1..] {
                assert!(a.score >= b.score);
                assert!(a.class != b.class || iou(&a.corners, &b.corners) <= SAME_OBJECT);
            }
        }
        // What is gone is covered by something better that stayed.
        for gone in all.iter().filter(|c| !kept.contains(c)) {
            assert!(kept.iter().any(|k| k.class == gone.class
                && k.score >= gone.score
                && iou(&k.corners, &gone.corners) > SAME_OBJECT));
        }
    }

    #[test]
    fn suppressing_twice_changes_nothing() {
        let once = suppress(boxes(400));
        assert_eq!(suppress(once.clone()), once);
    }

    #[test]
    fn at_most_three_hundred_boxes_stay() {
        let grid = (0..40).flat_map(|y| (0..40).map(move |x| (x as f32 * 10.0, y as f32 * 10.0)));
        let all = grid.map(|(x, y)| Candidate { class: 0, score: 0.5, corners: [x, y, x + 8.0, y + 8.0] });
        assert_eq!(suppress(all.collect()).len(), MOST_BOXES);
    }

    #[test]
    fn boxes_end_at_the_border_of_the_image() {
        let size = Size { width: 100, height: 50 };
        let transform = Letterbox { scale_x: 0.5, scale_y: 0.5, dx: 0.0, dy: 10.0 };
        let candidate = |corners| Candidate { class: 1, score: 0.5, corners };
        let kept = [
            candidate([-5.0, 5.0, 20.0, 60.0]),
            candidate([60.0, 10.0, 80.0, 20.0]),
            candidate([10.0, 20.0, 10.1, 30.0]),
            candidate([5.0, 15.0, f32::NAN, 30.0]),
        ];
        let found = to_image(&kept, &transform, size);
        assert_eq!(found.len(), 1);
        assert!(found[0].rect.is_inside(size, 0.0));
        assert_eq!((found[0].rect.w(), found[0].rect.h()), (40.0, 50.0));
    }
}
