//! Which boxes of a review are a model's, unchanged: found by comparing, so
//! that it rests on no sender's word.

use super::{SavedBox, Side, Source, StartedFrom};
use crate::prediction::{PredictedBox, Prediction};
use std::collections::BTreeSet;

/// The models' boxes that a review has in the same place with the same label,
/// each matched by one box of the review at most, in rising order.
///
/// A review that began with one model is compared with that model; one that
/// began empty with both, since a box that agrees with a model's to the last
/// pixel was not drawn by hand. `ignore` is a person's word: such a box is
/// never as the model drew it.
#[must_use]
pub fn left_as_drawn(prediction: &Prediction, started_from: StartedFrom, boxes: &[SavedBox]) -> Vec<Source> {
    let sides: &[Side] = match started_from {
        StartedFrom::Champion => &[Side::Champion],
        StartedFrom::Shadow => &[Side::Shadow],
        StartedFrom::Empty => &[Side::Champion, Side::Shadow],
    };
    let mut used = BTreeSet::new();
    for saved in boxes.iter().filter(|saved| !saved.ignore) {
        let alike = |side: &Side| {
            let side = *side;
            (0u32..).zip(of_side(prediction, side)).filter_map(move |(index, drawn)| {
                let is_same = drawn.label == saved.label && drawn.rect.is_same_place(&saved.rect);
                is_same.then_some(Source { side, index })
            })
        };
        let free = sides.iter().flat_map(alike).find(|source| !used.contains(source));
        used.extend(free);
    }
    used.into_iter().collect()
}

/// All that a model saw, by falling score.
fn of_side(prediction: &Prediction, side: Side) -> &[PredictedBox] {
    match side {
        Side::Champion => &prediction.boxes,
        Side::Shadow => prediction.shadow.as_ref().map_or(&[], |shadow| &shadow.boxes),
    }
}
