//! Which pixels answer for which true box.
//!
//! Task-aligned assignment (Feng et al. 2021, "TOOD", section 3.2): a pixel
//! inside a true box is as fit for it as `score^α · IoU^β`; the fittest few
//! answer, each for one box, and their classification target is their fitness,
//! scaled so that the best reaches its IoU. A score learnt so is a statement
//! about the box's quality too.

use crate::anchors::{Anchor, Corners, iou};

/// Exponent of the score.
const ALPHA: f32 = 0.5;
/// Exponent of the IoU.
const BETA: i32 = 6;
/// Pixels that may answer for one box.
const FITTEST: usize = 10;

/// A true box in input pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Truth {
    pub(crate) class: usize,
    pub(crate) corners: Corners,
    /// A region where nothing counts.
    pub(crate) ignore: bool,
}

/// A pixel that answers for a true box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// Index of the true box.
    pub(super) truth: usize,
    /// What the score of its class should be, in [0, 1].
    pub(super) target: f32,
}

#[derive(Clone, Copy)]
struct Candidate {
    anchor: usize,
    fitness: f32,
    iou: f32,
}

fn inside(anchor: &Anchor, [x0, y0, x1, y1]: &Corners) -> bool {
    anchor.x > *x0 && anchor.x < *x1 && anchor.y > *y0 && anchor.y < *y1
}

/// Whether nothing that is seen at `anchor` can be wrong.
pub(super) fn ignored(anchor: &Anchor, truths: &[Truth]) -> bool {
    truths.iter().any(|truth| truth.ignore && inside(anchor, &truth.corners))
}

fn distance2(anchor: &Anchor, [x0, y0, x1, y1]: &Corners) -> f32 {
    (anchor.x - (x0 + x1) / 2.0).powi(2) + (anchor.y - (y0 + y1) / 2.0).powi(2)
}

/// The fittest pixels for one true box, fittest first. A box so small that no
/// pixel's centre lies in it is answered for by the nearest one.
fn fittest(
    truth: &Truth,
    anchors: &[Anchor],
    boxes: &[Corners],
    score: &impl Fn(usize, usize) -> f32,
) -> Vec<Candidate> {
    let candidate = |anchor: usize, corners: &Corners| {
        let iou = iou(corners, &truth.corners);
        Candidate { anchor, fitness: score(anchor, truth.class).powf(ALPHA) * iou.powi(BETA), iou }
    };
    let all = || anchors.iter().zip(boxes).enumerate();
    let mut fittest_anchors: Vec<Candidate> = all()
        .filter(|(_, (anchor, _))| inside(anchor, &truth.corners))
        .map(|(index, (_, corners))| candidate(index, corners))
        .collect();
    if fittest_anchors.is_empty() {
        let nearest = all().min_by(|(_, (a, _)), (_, (b, _))| {
            distance2(a, &truth.corners).total_cmp(&distance2(b, &truth.corners))
        });
        fittest_anchors.extend(nearest.map(|(index, (_, corners))| candidate(index, corners)));
    }
    fittest_anchors.sort_by(|a, b| b.fitness.total_cmp(&a.fitness).then(a.anchor.cmp(&b.anchor)));
    fittest_anchors.truncate(FITTEST);
    fittest_anchors
}

/// For each anchor, what it answers for. `boxes` are the present predictions,
/// `score(anchor, class)` the present scores in [0, 1].
pub(super) fn assign(
    anchors: &[Anchor],
    boxes: &[Corners],
    score: impl Fn(usize, usize) -> f32,
    truths: &[Truth],
) -> Vec<Option<Match>> {
    let mut claims: Vec<Option<(usize, Candidate)>> = vec![None; anchors.len()];
    for (index, truth) in truths.iter().enumerate().filter(|(_, truth)| !truth.ignore) {
        for candidate in fittest(truth, anchors, boxes, &score) {
            if let Some(claim) = claims.get_mut(candidate.anchor) {
                // Two boxes want it: the one it fits better gets it.
                if claim.is_none_or(|(_, other)| candidate.iou > other.iou) {
                    *claim = Some((index, candidate));
                }
            }
        }
    }
    let mut best = vec![(0.0f32, 0.0f32); truths.len()];
    for (truth, candidate) in claims.iter().flatten() {
        if let Some((fitness, iou)) = best.get_mut(*truth) {
            *fitness = fitness.max(candidate.fitness);
            *iou = iou.max(candidate.iou);
        }
    }
    let finish = |(truth, candidate): (usize, Candidate)| {
        let (fitness, iou) = best.get(truth).copied().unwrap_or_default();
        Match { truth, target: (candidate.fitness / fitness.max(1e-9) * iou).clamp(0.0, 1.0) }
    };
    claims.into_iter().map(|claim| claim.map(finish)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchors::anchors;

    fn truth(corners: Corners) -> Truth {
        Truth { class: 0, corners, ignore: false }
    }

    fn around(anchors: &[Anchor], half: f32) -> Vec<Corners> {
        anchors.iter().map(|a| [a.x - half, a.y - half, a.x + half, a.y + half]).collect()
    }

    #[test]
    fn every_true_box_has_an_answering_pixel_however_small() {
        let anchors = anchors(64, 64);
        let truths = [truth([10.0, 10.0, 30.0, 30.0]), truth([40.2, 40.2, 42.0, 42.0])];
        let matches = assign(&anchors, &around(&anchors, 8.0), |_, _| 0.1, &truths);
        for index in 0..truths.len() {
            assert!(matches.iter().flatten().any(|m| m.truth == index), "{index}");
        }
        assert!(matches.iter().flatten().filter(|m| m.truth == 0).count() <= FITTEST);
    }

    #[test]
    fn the_best_target_of_a_box_is_its_best_iou() {
        let anchors = anchors(64, 64);
        let boxes = around(&anchors, 9.0);
        let truths = [truth([8.0, 8.0, 28.0, 28.0])];
        let matches = assign(&anchors, &boxes, |_, _| 0.5, &truths);
        let best = matches.iter().flatten().map(|m| m.target).fold(0.0, f32::max);
        let ious = boxes.iter().zip(&matches).filter(|(_, m)| m.is_some());
        let top = ious.map(|(b, _)| iou(b, &truths[0].corners)).fold(0.0, f32::max);
        assert!((best - top).abs() < 1e-6 && best > 0.5);
    }

    #[test]
    fn an_ignored_region_is_nobodys_task() {
        let anchors = anchors(64, 64);
        let truths = [Truth { ignore: true, ..truth([0.0, 0.0, 32.0, 32.0]) }];
        let matches = assign(&anchors, &around(&anchors, 9.0), |_, _| 0.5, &truths);
        assert!(matches.iter().all(Option::is_none));
        assert!(ignored(&anchors[0], &truths) && !ignored(&anchors[7], &truths));
    }
}
