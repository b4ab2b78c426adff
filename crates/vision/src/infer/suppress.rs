//! From a network's raw answer to boxes of the image.

use crate::{
    anchors::{Anchor, decode},
    kernels::activation::sigmoid,
    loss::ImageOutput,
    net::BINS,
};
use domain::{
    geometry::{Rect, Score, Size},
    inference::Detection,
};
use engine::{Candidate, Covering};
use imaging::Letterbox;

/// Least score that is told.
pub(crate) const LEAST_SCORE: f32 = 0.01;
/// Boxes of one class that overlap more than 0.65 are one object; at most 300
/// are told.
pub(crate) const SAME_OBJECT: Covering = Covering { iou: 0.65, per_class: true, class_shift: 0.0, most: 300 };
/// Best candidates that are looked at.
const CANDIDATES: usize = 1500;
/// Least side of a box in pixels of the image.
const LEAST_SIDE: f64 = 0.5;

/// All boxes with a score of at least [`LEAST_SCORE`], best first, at most
/// [`CANDIDATES`]; equal scores in the order of the anchors.
pub(crate) fn candidates(anchors: &[Anchor], classes: usize, output: &ImageOutput) -> Vec<Candidate> {
    let least = (LEAST_SCORE / (1.0 - LEAST_SCORE)).ln();
    let mut best: Vec<(usize, usize, f32)> = output
        .classes
        .chunks_exact(classes)
        .enumerate()
        .flat_map(|(anchor, logits)| {
            let sure = logits.iter().enumerate().filter(move |(_, logit)| **logit >= least);
            sure.map(move |(class, logit)| (anchor, class, *logit))
        })
        .collect();
    best.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
    best.truncate(CANDIDATES);
    best.into_iter()
        .filter_map(|(anchor, class, logit)| {
            let logits = output.boxes.get(anchor * 4 * BINS..(anchor + 1) * 4 * BINS)?;
            let corners = decode(*anchors.get(anchor)?, logits);
            Some(Candidate { class, score: sigmoid(logit), corners })
        })
        .collect()
}

/// The same boxes in pixels of the image, cut at its border.
pub(crate) fn to_image(survivors: &[Candidate], transform: &Letterbox, size: Size) -> Vec<Detection> {
    survivors
        .iter()
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

    #[test]
    fn boxes_end_at_the_border_of_the_image() {
        let size = Size { width: 100, height: 50 };
        let transform = Letterbox { scale_x: 0.5, scale_y: 0.5, dx: 0.0, dy: 10.0 };
        let candidate = |corners| Candidate { class: 1, score: 0.5, corners };
        let survivors = [
            candidate([-5.0, 5.0, 20.0, 60.0]),
            candidate([60.0, 10.0, 80.0, 20.0]),
            candidate([10.0, 20.0, 10.1, 30.0]),
            candidate([5.0, 15.0, f32::NAN, 30.0]),
        ];
        let detections = to_image(&survivors, &transform, size);
        assert_eq!(detections.len(), 1);
        assert!(detections[0].rect.is_inside(size, 0.0));
        assert_eq!((detections[0].rect.w(), detections[0].rect.h()), (40.0, 50.0));
    }
}
