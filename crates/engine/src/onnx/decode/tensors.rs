//! Which of a network's outputs are boxes, scores and classes.

use super::{
    Decoder,
    tables::{missing, pick, pick_among},
};
use crate::onnx::session::{Tensor, Values};
use domain::recipe::{OutputForm, OutputNames};

/// Outputs that are read, found by name or by shape.
pub(super) struct OutputTensors<'a> {
    pub(super) boxes: &'a Tensor,
    /// Nothing where boxes carry their scores themselves.
    pub(super) scores: Option<&'a Tensor>,
    pub(super) classes: Option<&'a Tensor>,
}

impl Decoder<'_> {
    /// The names of the outputs that the recipe means.
    ///
    /// # Errors
    /// Which one is not there.
    pub(in crate::onnx) fn names(&self, tensors: &[Tensor]) -> Result<OutputNames, String> {
        let tensors = self.find(tensors)?;
        let name = |tensor: Option<&Tensor>| tensor.map(|tensor| tensor.name.clone());
        Ok(OutputNames {
            boxes: name(Some(tensors.boxes)),
            scores: name(tensors.scores),
            classes: name(tensors.classes),
        })
    }

    pub(super) fn find<'t>(&self, tensors: &'t [Tensor]) -> Result<OutputTensors<'t>, String> {
        let names = &self.recipe.output.names;
        let three = self.recipe.output.form == OutputForm::BoxesScoresClasses;
        let two = three || self.recipe.output.form == OutputForm::BoxesAndScores;
        let pick_boxes = |fits: &dyn Fn(&[usize]) -> bool| {
            pick(tensors, names.boxes.as_deref(), &["box", "det"], |tensor| fits(&tensor.shape))
        };
        let boxes = match self.recipe.output.form {
            OutputForm::BoxesScoresClasses => {
                let boxes = pick_boxes(&|shape| shape.last() == Some(&4));
                boxes.or_else(|| pick_boxes(&|shape| shape.last() == Some(&5)))
            }
            OutputForm::BoxesAndScores => pick_boxes(&|shape| shape.last() == Some(&4)),
            OutputForm::NumberedDetections => pick_boxes(&|shape| matches!(shape, [_, 7])),
            _ => pick_boxes(&|shape| shape.len() == 3),
        };
        let boxes = boxes.ok_or_else(|| missing("boxes", names.boxes.as_deref(), tensors))?;
        let others: Vec<&Tensor> = tensors.iter().filter(|tensor| tensor.name != boxes.name).collect();
        let like_boxes = |tensor: &Tensor| {
            let without_last = boxes.shape.split_last().map(|(_, rest)| rest);
            let classes =
                if three { Some(&tensor.shape[..]) } else { tensor.shape.split_last().map(|(_, rest)| rest) };
            classes == without_last
        };
        let whole = |tensor: &Tensor| matches!(tensor.values, Values::Integers(_));
        let mut chosen = OutputTensors { boxes, scores: None, classes: None };
        if three {
            let classes = pick_among(&others, names.classes.as_deref(), &["label", "class"], |tensor| {
                like_boxes(tensor) && whole(tensor)
            });
            chosen.classes =
                Some(classes.ok_or_else(|| missing("classes", names.classes.as_deref(), tensors))?);
        }
        let carry_scores = three && boxes.shape.last() == Some(&5) && names.scores.is_none();
        if two && !carry_scores {
            let rest: Vec<&Tensor> = others
                .into_iter()
                .filter(|other| chosen.classes.is_none_or(|classes| classes.name != other.name))
                .collect();
            let scores = pick_among(&rest, names.scores.as_deref(), &["score", "logit", "conf"], |tensor| {
                like_boxes(tensor) && !whole(tensor)
            });
            chosen.scores = Some(scores.ok_or_else(|| missing("scores", names.scores.as_deref(), tensors))?);
        }
        Ok(chosen)
    }
}
