//! What the numbers of a trial's outputs say.

use crate::onnx::trial::OutputSeen;
use domain::recipe::BoxUnit;

/// Pixels of any input are more than two.
pub(super) fn unit(boxes: &OutputSeen) -> BoxUnit {
    let greatest = match boxes.columns.get(..4) {
        Some(columns) => columns.iter().map(|[_, most]| *most).fold(f32::NEG_INFINITY, f32::max),
        None => boxes.range.map_or(0.0, |[_, most]| most),
    };
    // Without any box there is nothing to tell from: most networks give pixels.
    if greatest > 2.0 || greatest == f32::NEG_INFINITY || greatest == 0.0 {
        BoxUnit::Pixels
    } else {
        BoxUnit::Normalised
    }
}

/// Whether one output has boxes with a score each, the other their classes.
pub(super) fn carries_scores(boxes: &OutputSeen, classes: &OutputSeen) -> bool {
    classes.is_whole && matches!(boxes.shape[..], [1, count, 5] if classes.shape == [1, count])
}
