//! What the outputs of a network are, told from their shapes and numbers.

use super::seen::{carries_scores, unit};
use crate::onnx::{
    decode::cell_count,
    families::{self, Family},
    graph::Graph,
    trial::OutputSeen,
};
use domain::{
    geometry::Size,
    recipe::{Activation, BoxForm, BoxUnit, LabelsPerBox, OutputForm, OutputNames, OutputRecipe},
};

/// What is known before the outputs are looked at.
pub(super) struct KnownInput<'a> {
    pub(super) graph: &'a Graph,
    pub(super) family: Family,
    /// Of the trial's picture.
    pub(super) input: Size,
    /// Whether the graph suppresses boxes itself, or needs no suppression.
    pub(super) is_end_to_end: bool,
    /// How many names of classes there are.
    pub(super) names: Option<usize>,
    /// Whether they are words between commas, which may name no classes.
    pub(super) are_words: bool,
}

/// An output recipe, and how many classes the outputs have.
pub(super) type Output = (OutputRecipe, Option<usize>);

impl KnownInput<'_> {
    pub(super) fn output(&self, outputs: &[OutputSeen]) -> Result<Output, String> {
        let output = self.form(outputs);
        if output.is_err() && self.are_words {
            return KnownInput { names: None, ..*self }.form(outputs).or(output);
        }
        output
    }

    fn form(&self, outputs: &[OutputSeen]) -> Result<Output, String> {
        if let Some(mask) = outputs.iter().find(|output| output.shape.len() == 4) {
            return Err(format!(
                "the output {} {:?} is a picture, as of a model for segmentation; only detectors are served",
                mask.name, mask.shape
            ));
        }
        // Older exports of YOLOv5 and YOLOv7 give the heads' own outputs, too.
        let flat: Vec<&OutputSeen> = outputs.iter().filter(|output| output.shape.len() <= 3).collect();
        let said = |words: &[&str]| {
            flat.iter().copied().find(|output| {
                let name = output.name.to_lowercase();
                words.iter().any(|word| name.contains(word))
            })
        };
        match flat[..] {
            [only] => self.one(only),
            [a, b] => self.two(a, b),
            _ => {
                let boxes = said(&["box"]).ok_or("no output is named as boxes")?;
                let scores = said(&["score", "conf"]).ok_or("no output is named as scores")?;
                let classes = said(&["label", "class", "cls"]).ok_or("no output is named as labels")?;
                self.three(boxes, scores, classes)
            }
        }
    }

    /// One output with everything, `[1, a, b]`, or detections of any image.
    fn one(&self, output: &OutputSeen) -> Result<Output, String> {
        let (a, b) = match output.shape[..] {
            [_, 7] => return numbered(output),
            // Few numbers that are not as many as the names may be a detection.
            [1, classes] if classes > 7 || self.names == Some(classes) => {
                let reason = format!("the output {} scores {classes} classes and has no boxes", output.name);
                return Err(format!("{reason}, as of a model for classification; only detectors are served"));
            }
            [1, a, b] => (a, b),
            _ => return Err(format!("the output {} {:?} has no candidates", output.name, output.shape)),
        };
        let is_end_to_end = b == 6 && (a <= 1000 || self.is_end_to_end) && has_classes(output);
        match self.names {
            Some(names) if a == 4 + names && !is_end_to_end => Ok(self.columns(a)),
            Some(names) if b == 5 + names && !is_end_to_end => self.rows_with_objectness(output, a, b),
            Some(names) if b == 4 + names && !is_end_to_end => Ok(self.rows(output, b)),
            _ if is_end_to_end => Ok(self.detections(output)),
            Some(names) => {
                Err(format!("the output {} {:?} does not go with {names} classes", output.name, output.shape))
            }
            None if a > 4 && a < b => Ok(self.columns(a)),
            None if b > 5 => self.rows_with_objectness(output, a, b),
            None => Err(format!("the output {} {:?} is of no known form", output.name, output.shape)),
        }
    }

    fn columns(&self, a: usize) -> Output {
        let output = OutputRecipe {
            labels_per_box: LabelsPerBox::Best,
            suppression: self.family.suppression(),
            ..families::output(OutputForm::Columns)
        };
        (output, a.checked_sub(4))
    }

    /// RT-DETR as older versions of Ultralytics export it.
    fn rows(&self, seen: &OutputSeen, b: usize) -> Output {
        let output = OutputRecipe {
            unit: unit(seen),
            labels_per_box: LabelsPerBox::Best,
            ..families::output(OutputForm::Rows)
        };
        (output, b.checked_sub(4))
    }

    fn detections(&self, seen: &OutputSeen) -> Output {
        let unit = unit(seen);
        // Boxes in pixels were suppressed, which is done with corners.
        let are_corners = unit == BoxUnit::Pixels || seen.has_corners;
        let boxes =
            if are_corners && !self.family.is_transformer() { BoxForm::Corners } else { BoxForm::Centre };
        (OutputRecipe { boxes, unit, ..families::output(OutputForm::Detections) }, None)
    }

    /// YOLOX, or YOLOv5 and YOLOv7: the latter have three anchors a cell.
    fn rows_with_objectness(&self, seen: &OutputSeen, a: usize, b: usize) -> Result<Output, String> {
        let strides = [8, 16, 32];
        let count = cell_count(self.input, &strides);
        let rows = OutputRecipe {
            objectness: true,
            labels_per_box: LabelsPerBox::Best,
            // YOLOv5 and YOLOv7 suppress more than what came later.
            suppression: match self.family {
                Family::Yolox => Family::Yolox.suppression(),
                _ => Family::Yolo.suppression(),
            },
            ..families::output(OutputForm::Rows)
        };
        let classes = b.checked_sub(5);
        if self.family != Family::Yolox {
            return Ok((OutputRecipe { unit: unit(seen), ..rows }, classes));
        }
        if a != count {
            return Err(format!("there are {a} candidates, but {count} cells of the strides {strides:?}"));
        }
        // Whoever decodes takes the exponent of width and height.
        if self.graph.operators.contains("Exp") {
            return Ok((rows, classes));
        }
        Ok((OutputRecipe { form: OutputForm::Grid, strides: strides.to_vec(), ..rows }, classes))
    }

    /// Boxes, and a score for each class.
    fn two(&self, a: &OutputSeen, b: &OutputSeen) -> Result<Output, String> {
        if carries_scores(a, b) {
            return Ok(self.boxes_with_scores(a, b));
        }
        if carries_scores(b, a) {
            return Ok(self.boxes_with_scores(b, a));
        }
        let four = |output: &OutputSeen| output.shape.last() == Some(&4);
        let says_box = |output: &OutputSeen| {
            let name = output.name.to_lowercase();
            name.contains("box") || name.contains("det")
        };
        let (boxes, scores) = match (four(a), four(b)) {
            (true, false) => (a, b),
            (false, true) => (b, a),
            (true, true) if says_box(a) != says_box(b) => {
                if says_box(a) {
                    (a, b)
                } else {
                    (b, a)
                }
            }
            _ => return Err("neither of the two outputs is one of boxes".to_owned()),
        };
        let rows = |output: &OutputSeen| output.shape.get(..2).map(<[usize]>::to_vec);
        if boxes.shape.len() != 3 || rows(boxes) != rows(scores) || scores.is_whole {
            return Err(format!(
                "the outputs {} {:?} and {} {:?} do not go together",
                boxes.name, boxes.shape, scores.name, scores.shape
            ));
        }
        let are_scores = scores.range.is_some_and(|[least, most]| least >= 0.0 && most <= 1.0);
        let activation = match (are_scores, self.family) {
            (true, _) => Activation::None,
            (false, Family::Detr) => Activation::Softmax,
            (false, _) => Activation::Sigmoid,
        };
        let labels_per_box =
            if activation == Activation::Softmax { LabelsPerBox::Best } else { LabelsPerBox::All };
        let output = OutputRecipe {
            boxes: if boxes.has_corners && !self.family.is_transformer() {
                BoxForm::Corners
            } else {
                BoxForm::Centre
            },
            unit: unit(boxes),
            activation,
            labels_per_box,
            suppression: self.family.suppression(),
            ..families::output(OutputForm::BoxesAndScores)
        };
        let nothing = usize::from(activation == Activation::Softmax);
        Ok((output, scores.shape.last().map(|classes| classes - nothing)))
    }

    /// Boxes that carry their scores, and classes.
    fn boxes_with_scores(&self, boxes: &OutputSeen, classes: &OutputSeen) -> Output {
        let names = OutputNames {
            boxes: Some(boxes.name.clone()),
            scores: None,
            classes: Some(classes.name.clone()),
        };
        let output = OutputRecipe {
            boxes: BoxForm::Corners,
            unit: unit(boxes),
            names,
            ..families::output(OutputForm::BoxesScoresClasses)
        };
        (output, None)
    }

    /// Boxes, scores and classes, as the model's own package tells them.
    fn three(&self, boxes: &OutputSeen, scores: &OutputSeen, classes: &OutputSeen) -> Result<Output, String> {
        // Names that a person gave in another order than the outputs come in.
        let (scores, classes) =
            if scores.is_whole && !classes.is_whole { (classes, scores) } else { (scores, classes) };
        if boxes.shape.last() != Some(&4) || scores.shape != classes.shape {
            return Err(format!(
                "boxes {:?}, scores {:?} and labels {:?} do not go together",
                boxes.shape, scores.shape, classes.shape
            ));
        }
        let output = OutputRecipe {
            boxes: BoxForm::Corners,
            unit: unit(boxes),
            first_class: u32::from(self.family == Family::Torchvision),
            names: OutputNames {
                boxes: Some(boxes.name.clone()),
                scores: Some(scores.name.clone()),
                classes: Some(classes.name.clone()),
            },
            ..families::output(OutputForm::BoxesScoresClasses)
        };
        Ok((output, None))
    }
}

/// Rows of image, box, class and score. Others have the score before the class:
/// nothing but the output's name tells them apart where the trial gave no row.
fn numbered(seen: &OutputSeen) -> Result<Output, String> {
    let is_other = match seen.columns[..] {
        [_, _, _, _, _, class, score] => !are_whole(class) || !are_scores(score),
        _ => false,
    };
    if is_other || seen.name.contains("flat") {
        return Err(format!(
            "the output {} is flat: export the model with output_predictions_format=\"batch\"",
            seen.name
        ));
    }
    let output = OutputRecipe {
        boxes: BoxForm::Corners,
        unit: unit(seen),
        ..families::output(OutputForm::NumberedDetections)
    };
    Ok((output, None))
}

/// Whether the sixth column could be class numbers and the fifth scores.
fn has_classes(output: &OutputSeen) -> bool {
    match output.columns[..] {
        [.., score, class @ [least, _]] => are_scores(score) && are_whole(class) && least >= 0.0,
        _ => false,
    }
}

/// Whether the least and the greatest of some numbers are whole.
fn are_whole(range: [f32; 2]) -> bool {
    range.iter().all(|value| value.fract() == 0.0)
}

fn are_scores([least, most]: [f32; 2]) -> bool {
    least >= 0.0 && most <= 1.0
}
