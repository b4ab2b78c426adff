//! The size and shape of the network's input.

use super::{Counts, LEAST_BOX_PX, PIXELS_PER_SECOND, SMALLER_BOXES, USUAL_BATCH};
use crate::training::TrainParams;

/// Pixels of an input in the usual case: 416×320, and a little more where the
/// pictures' shape asks for it.
pub(super) const USUAL_PIXELS: f64 = 416.0 * 320.0 * 1.05;
/// Pixels of an input at most, however small the boxes are.
pub(super) const MOST_PIXELS: f64 = 416.0 * 320.0 * 4.0;
/// Pixels of an input at least, however short the time is.
const LEAST_PIXELS: f64 = 416.0 * 320.0 / 2.0;
/// Sides that an input may have, in steps of the coarsest map's.
const SIDE_STEP: u32 = 32;
const SIDES: std::ops::RangeInclusive<u32> = 2..=40;
/// Pictures are enlarged, up to twice, until half of their boxes have this.
const COMFORTABLE_BOX_PX: f64 = 48.0;
/// A training that is to learn anything has this many steps, and shows each
/// image this often.
const LEAST_STEPS: f64 = 600.0;
const LEAST_PASSES: f64 = 6.0;

/// What becomes of a picture's side in an input.
pub(super) fn scale(input: (u32, u32), size: (u32, u32)) -> f64 {
    (f64::from(input.0) / f64::from(size.0)).min(f64::from(input.1) / f64::from(size.1))
}

/// The input of at most `pixels` in which the pictures come out largest, on
/// the geometric mean; of equal ones the smallest. A side that is given stays.
fn best_input(counts: &Counts, given: (u32, u32), pixels: f64, enlarge: f64) -> (u32, u32) {
    let sides = |given: u32| -> Vec<u32> {
        if given > 0 { vec![given] } else { SIDES.map(|side| side * SIDE_STEP).collect() }
    };
    let area = |(w, h): (u32, u32)| f64::from(w) * f64::from(h);
    let heights = sides(given.1);
    let all = sides(given.0).into_iter().flat_map(|w| heights.iter().map(move |h| (w, *h)));
    let worth = |input: (u32, u32)| -> f64 {
        let of = |(size, count): &((u32, u32), usize)| *count as f64 * scale(input, *size).min(enlarge).ln();
        counts.sizes.iter().map(of).sum()
    };
    let mut best: Option<((u32, u32), f64)> = None;
    let mut least: Option<(u32, u32)> = None;
    for input in all {
        if least.is_none_or(|least| area(input) < area(least)) {
            least = Some(input);
        }
        if area(input) > pixels {
            continue;
        }
        let worth = worth(input);
        let better = best.is_none_or(|(other, most)| {
            worth > most + 1e-9 || (worth > most - 1e-9 && area(input) < area(other))
        });
        if better {
            best = Some((input, worth));
        }
    }
    best.map(|(input, _)| input).or(least).unwrap_or((SIDE_STEP * 2, SIDE_STEP * 2))
}

/// Pixels of an input with which a time limit leaves enough steps.
fn affordable_pixels(params: &TrainParams, images: usize) -> f64 {
    if params.time_limit_s == 0 {
        return f64::INFINITY;
    }
    let batch = f64::from(if params.batch_size > 0 { params.batch_size } else { USUAL_BATCH });
    let steps = LEAST_STEPS.max(LEAST_PASSES * images as f64 / batch);
    let learnt = params.time_limit_s as f64 * PIXELS_PER_SECOND / params.width.max(0.1).powi(2);
    (learnt / (batch * steps)).max(LEAST_PIXELS)
}

/// The input for these pictures and boxes, as far as it is not given.
pub(super) fn choose_input(params: &TrainParams, counts: &Counts) -> (u32, u32) {
    let given = (params.input_width, params.input_height);
    let enlarge = counts
        .side(0.5, |_| 1.0)
        .map_or(1.0, |median| (COMFORTABLE_BOX_PX / median.max(1.0)).clamp(1.0, 2.0));
    let affordable = affordable_pixels(params, counts.images);
    let usual = best_input(counts, given, USUAL_PIXELS.min(affordable), enlarge);
    let smallest = counts.side(SMALLER_BOXES, |size| scale(usual, size));
    match smallest.filter(|side| *side < LEAST_BOX_PX) {
        None => usual,
        Some(side) => {
            // A side that is a multiple of 32 falls short of what is wanted.
            let wanted = USUAL_PIXELS * (LEAST_BOX_PX / side.max(0.5)).powi(2) * 1.1;
            best_input(counts, given, wanted.min(affordable).min(MOST_PIXELS), enlarge.max(2.0))
        }
    }
}
