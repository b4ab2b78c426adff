//! Which program a file comes from, where only a trial tells.
//!
//! Files of several programs look alike until a picture has been through them;
//! the trial's own answer does not depend on how the picture got into it.

use super::{
    RecognisedInput,
    seen::{carries_scores, unit},
};
use crate::{
    onnx::{
        decode::cell_count,
        families::{Family, has_attention},
        graph::Graph,
        metadata::Metadata,
        trial::OutputSeen,
    },
    placement::Placement,
};
use domain::{geometry::Size, recipe::BoxUnit};

impl RecognisedInput {
    /// With what the outputs of a trial say of the program.
    pub(super) fn revised(self, graph: &Graph, metadata: &Metadata, outputs: &[OutputSeen]) -> Self {
        let placement = Placement::new(Size { width: 320, height: 240 }, &self.recipe);
        let revised = match outputs {
            [only] if self.family == Family::Yolox && is_always_sure(only) => Family::Yolo,
            [a, b] => two(graph, placement.input, a, b).unwrap_or(self.family),
            _ => self.family,
        };
        let input = graph.inputs.iter().find(|input| input.name == self.image);
        match input.filter(|_| revised != self.family) {
            Some(input) => {
                let mut notes = vec![format!("{}.", revised.sentence(metadata))];
                let recipe = revised.input(graph, metadata, input, &mut notes);
                Self { recipe, family: revised, notes, ..self }
            }
            None => self,
        }
    }
}

/// YOLOv6 has as many candidates as YOLOX, each with an objectness that is
/// always 1: it was trained without one.
fn is_always_sure(output: &OutputSeen) -> bool {
    output.columns.get(4) == Some(&[1.0, 1.0])
}

fn two(graph: &Graph, input: Size, a: &OutputSeen, b: &OutputSeen) -> Option<Family> {
    if carries_scores(a, b) || carries_scores(b, a) {
        return Some(Family::MmDetection);
    }
    let cells = cell_count(input, &[8, 16, 32]);
    let is_yolo_nas = |boxes: &OutputSeen, scores: &OutputSeen| {
        boxes.shape == [1, cells, 4]
            && boxes.has_corners
            && unit(boxes) == BoxUnit::Pixels
            && scores.range.is_some_and(|[least, most]| least >= 0.0 && most <= 1.0)
    };
    let fits = !has_attention(graph) && (is_yolo_nas(a, b) || is_yolo_nas(b, a));
    fits.then_some(Family::YoloNas)
}
