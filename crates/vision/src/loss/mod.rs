//! What a batch of outputs should have been: the loss, and its gradient by
//! the outputs, on plain numbers.
//!
//! Classification: binary cross entropy against the assignment's targets, all
//! pixels (Feng et al. 2021). Boxes: CIoU (Zheng et al. 2020) and, on the
//! distributions of the distances, the distribution focal loss (Li et al.
//! 2020). Weights between the three as usual in detectors of this family
//! (7.5, 0.5, 1.5). Knows nothing of tensors or the network's inside.

mod assign;
mod dual;
mod overlap;

pub(crate) use assign::Truth;

use crate::{
    anchors::{Anchor, Corners, decode, distance},
    kernels::activation::sigmoid,
    net::BINS,
};
use assign::{Match, assign, ignored};
use rayon::prelude::*;

/// Of the three parts beside each other: see the head of this file.
const BOX_WEIGHT: f32 = 7.5;
const CLASS_WEIGHT: f32 = 0.5;
const SHARES_WEIGHT: f32 = 1.5;

/// One image's outputs, all maps behind one another.
pub(crate) struct ImageOutput {
    /// `[anchors, classes]` logits.
    pub(crate) classes: Vec<f32>,
    /// `[anchors, 4 · BINS]` logits.
    pub(crate) boxes: Vec<f32>,
}

/// The parts of a loss, each with its weight, per unit of target.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Parts {
    pub(crate) class: f64,
    pub(crate) overlap: f64,
    pub(crate) shares: f64,
}

impl Parts {
    pub(crate) fn total(&self) -> f64 {
        self.class + self.overlap + self.shares
    }
}

/// The loss of a batch and, per image, its gradient in the layout of
/// [`ImageOutput`].
pub(crate) fn loss(
    anchors: &[Anchor],
    classes: usize,
    outputs: &[ImageOutput],
    truths: &[Vec<Truth>],
) -> (Parts, Vec<ImageOutput>) {
    let matches: Vec<(Vec<Corners>, Vec<Option<Match>>)> = outputs
        .par_iter()
        .zip(truths)
        .map(|(output, truths)| {
            let logits = output.boxes.chunks_exact(4 * BINS);
            let boxes: Vec<Corners> = anchors.iter().zip(logits).map(|(a, l)| decode(*a, l)).collect();
            let score = |anchor: usize, class: usize| {
                sigmoid(output.classes.get(anchor * classes + class).copied().unwrap_or(0.0))
            };
            let matches = assign(anchors, &boxes, score, truths);
            (boxes, matches)
        })
        .collect();
    let targets: f64 =
        matches.iter().flat_map(|(_, matches)| matches.iter().flatten()).map(|m| f64::from(m.target)).sum();
    let share = (1.0 / targets.max(1.0)) as f32;
    let images: Vec<(Parts, ImageOutput)> = outputs
        .par_iter()
        .zip(truths)
        .zip(&matches)
        .map(|((output, truths), (boxes, matches))| {
            image_loss(anchors, classes, output, truths, boxes, matches, share)
        })
        .collect();
    let mut parts = Parts::default();
    let mut gradients = Vec::with_capacity(images.len());
    for (part, gradient) in images {
        parts.class += part.class;
        parts.overlap += part.overlap;
        parts.shares += part.shares;
        gradients.push(gradient);
    }
    (parts, gradients)
}

fn image_loss(
    anchors: &[Anchor],
    classes: usize,
    output: &ImageOutput,
    truths: &[Truth],
    boxes: &[Corners],
    matches: &[Option<Match>],
    share: f32,
) -> (Parts, ImageOutput) {
    let mut parts = Parts::default();
    let mut class_slopes = vec![0.0; output.classes.len()];
    let mut box_slopes = vec![0.0; output.boxes.len()];
    let has_ignored = truths.iter().any(|truth| truth.ignore);
    let rows = class_slopes.chunks_exact_mut(classes).zip(output.classes.chunks_exact(classes));
    let rows = rows.zip(box_slopes.chunks_exact_mut(4 * BINS).zip(output.boxes.chunks_exact(4 * BINS)));
    for ((((slopes, logits), (box_slopes, box_logits)), anchor), (corners, assigned)) in
        rows.zip(anchors).zip(boxes.iter().zip(matches))
    {
        let matched = assigned.and_then(|m| truths.get(m.truth).map(|truth| (m.target, truth)));
        if matched.is_none() && has_ignored && ignored(anchor, truths) {
            continue;
        }
        for (class, (slope, logit)) in slopes.iter_mut().zip(logits).enumerate() {
            let target = matched.map_or(0.0, |(t, truth)| if truth.class == class { t } else { 0.0 });
            // log(1 + e^x) − t·x, stable for both signs.
            let cost = logit.max(0.0) - logit * target + (-logit.abs()).exp().ln_1p();
            parts.class += f64::from(cost * CLASS_WEIGHT * share);
            *slope = (sigmoid(*logit) - target) * CLASS_WEIGHT * share;
        }
        if let Some((target, truth)) = matched {
            let weight = target * share;
            box_loss(*anchor, corners, box_logits, &truth.corners, weight, box_slopes, &mut parts);
        }
    }
    (parts, ImageOutput { classes: class_slopes, boxes: box_slopes })
}

fn box_loss(
    anchor: Anchor,
    corners: &Corners,
    logits: &[f32],
    truth: &Corners,
    weight: f32,
    slopes: &mut [f32],
    parts: &mut Parts,
) {
    let overlap = overlap::loss(corners, truth);
    parts.overlap += overlap.value * f64::from(weight * BOX_WEIGHT);
    // Left and top grow against their axis.
    let signs = [-1.0, -1.0, 1.0, 1.0];
    let [x0, y0, x1, y1] = *truth;
    let wanted = [anchor.x - x0, anchor.y - y0, x1 - anchor.x, y1 - anchor.y];
    let sides = slopes.chunks_exact_mut(BINS).zip(logits.chunks_exact(BINS));
    let along = overlap.slopes.iter().zip(signs).zip(wanted);
    for ((slopes, logits), ((slope, sign), wanted)) in sides.zip(along) {
        let mut shares = [0.0; BINS];
        let mean = distance(logits, &mut shares);
        let by_distance = *slope as f32 * sign * anchor.stride * weight * BOX_WEIGHT;
        let wanted = (wanted / anchor.stride).clamp(0.0, BINS as f32 - 1.01);
        let (lower, part) = (wanted.floor(), wanted.fract());
        let shares_weight = weight * SHARES_WEIGHT / 4.0;
        for (bin, (slope, share)) in slopes.iter_mut().zip(shares).enumerate() {
            let bin = bin as f32;
            let target = if bin == lower {
                1.0 - part
            } else if bin == lower + 1.0 {
                part
            } else {
                0.0
            };
            if target > 0.0 {
                parts.shares -= f64::from(shares_weight * target * share.max(1e-12).ln());
            }
            *slope = by_distance * share * (bin - mean) + shares_weight * (share - target);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchors::anchors;

    fn wave(count: usize, step: f32) -> Vec<f32> {
        (0..count).map(|i| (i as f32 * step).sin()).collect()
    }

    /// The assignment is a constant to the gradient, so differences are only
    /// comparable where a small change does not alter it: at unmatched pixels
    /// for classes, anywhere for a fixed assignment.
    #[test]
    fn class_slopes_agree_with_differences_away_from_objects() {
        let anchors = anchors(64, 32);
        let output = |bump: f32| {
            let mut classes = wave(anchors.len() * 2, 0.3);
            classes[3] += bump;
            vec![ImageOutput { classes, boxes: wave(anchors.len() * 4 * BINS, 0.7) }]
        };
        let truths = vec![vec![Truth { class: 1, corners: [30.0, 4.0, 60.0, 28.0], ignore: false }]];
        let run = |bump| loss(&anchors, 2, &output(bump), &truths);
        let numeric = (run(1e-2).0.class - run(-1e-2).0.class) / 2e-2;
        let slope = f64::from(run(0.0).1[0].classes[3]);
        assert!((numeric - slope).abs() < 1e-4 * slope.abs().max(1.0), "{numeric} {slope}");
    }

    #[test]
    fn box_slopes_agree_with_differences() {
        let anchor = Anchor { x: 32.0, y: 20.0, stride: 8.0 };
        // Of the same shape as the truth, so that the shape's term, whose
        // weight is held constant, is at its minimum of zero.
        let truth = [14.0, 8.0, 44.0, 26.0];
        let logits = wave(4 * BINS, 0.37);
        let run = |logits: &[f32]| {
            let mut parts = Parts::default();
            let mut slopes = vec![0.0; 4 * BINS];
            box_loss(anchor, &decode(anchor, logits), logits, &truth, 0.8, &mut slopes, &mut parts);
            (parts.overlap + parts.shares, slopes)
        };
        let (_, slopes) = run(&logits);
        let mut worst = 0.0f64;
        for index in 0..4 * BINS {
            let h = 5e-3f32;
            let (mut up, mut down) = (logits.clone(), logits.clone());
            up[index] += h;
            down[index] -= h;
            let numeric = (run(&up).0 - run(&down).0) / f64::from(2.0 * h);
            worst = worst.max((numeric - f64::from(slopes[index])).abs());
        }
        assert!(worst < 2e-2, "{worst}");
    }

    #[test]
    fn descending_the_slopes_finds_the_object() {
        let anchors = anchors(64, 64);
        let truths = vec![vec![Truth { class: 0, corners: [10.0, 14.0, 34.0, 44.0], ignore: false }]];
        let mut output = vec![ImageOutput {
            classes: vec![-3.0; anchors.len()],
            boxes: vec![0.0; anchors.len() * 4 * BINS],
        }];
        let first = loss(&anchors, 1, &output, &truths).0.total();
        for _ in 0..1500 {
            let slopes = loss(&anchors, 1, &output, &truths).1;
            output[0].classes.iter_mut().zip(&slopes[0].classes).for_each(|(v, s)| *v -= 8.0 * s);
            output[0].boxes.iter_mut().zip(&slopes[0].boxes).for_each(|(v, s)| *v -= 8.0 * s);
        }
        assert!(loss(&anchors, 1, &output, &truths).0.total() < first / 2.0);
        let best = (0..anchors.len())
            .max_by(|a, b| output[0].classes[*a].total_cmp(&output[0].classes[*b]))
            .unwrap();
        let corners = decode(anchors[best], &output[0].boxes[best * 4 * BINS..][..4 * BINS]);
        assert!(crate::anchors::iou(&corners, &truths[0][0].corners) > 0.8, "{corners:?}");
    }
}
