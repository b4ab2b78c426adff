//! A recipe in sentences, for pages and command lines.

use super::{
    Activation, BoxForm, BoxUnit, Channels, Fit, InputRecipe, InputSize, LabelsPerBox, Layout, OutputForm,
    OutputRecipe, Recipe, Scaling,
};

impl Recipe {
    /// What is done with an image, step by step.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        let mut sentences = self.input.explanation();
        sentences.extend(self.output.explanation());
        sentences
    }
}

impl InputRecipe {
    fn explanation(&self) -> Vec<String> {
        let mut sentences = vec![self.size_sentence()];
        match self.scaling {
            Scaling::Bilinear => {}
            Scaling::Unrounded => sentences.push("Scaled values are not rounded.".to_owned()),
            Scaling::Antialiased => {
                sentences.push("Scaling averages over all that falls into a pixel.".to_owned());
            }
        }
        let channels = match self.channels {
            Channels::Rgb => "RGB",
            Channels::Bgr => "BGR",
        };
        let layout = match self.layout {
            Layout::Nchw => "NCHW",
            Layout::Nhwc => "NHWC",
            Layout::Chw => "CHW",
        };
        let range = match self.divisor {
            255.0 => "from 0 to 1".to_owned(),
            1.0 => "from 0 to 255".to_owned(),
            divisor => format!("divided by {divisor}"),
        };
        sentences.push(format!("Colours are {channels}, axes {layout}, values {range}."));
        if self.mean != [0.0; 3] || self.deviation != [1.0; 3] {
            let list = |values: &[f32; 3]| values.map(|value| value.to_string()).join(", ");
            let (mean, deviation) = (list(&self.mean), list(&self.deviation));
            sentences.push(format!("The mean ({mean}) is taken off, and the rest divided by {deviation}."));
        }
        if let Some(name) = &self.size_tensor {
            sentences.push(format!("The input {name} gets the input's width and height."));
        }
        sentences
    }

    fn size_sentence(&self) -> String {
        let pad = self.pad;
        let fit = match self.fit {
            Fit::Letterbox => format!(" in its proportions, in the middle of grey {pad}"),
            Fit::LetterboxTopLeft => format!(" in its proportions, in the upper left corner of grey {pad}"),
            Fit::Stretch => " without keeping its proportions".to_owned(),
        };
        match self.size {
            InputSize::Fixed(size) => {
                format!("The image is scaled to {}×{}{fit}.", size.width, size.height)
            }
            InputSize::Scaled { longest, stride } => format!(
                "The image is scaled to {longest} pixels on its longer side{fit}; sides are multiples of {stride}."
            ),
            InputSize::Original { longest } => {
                format!("The image keeps its size, unless a side is above {longest} pixels.")
            }
        }
    }
}

impl OutputRecipe {
    fn explanation(&self) -> Vec<String> {
        let form = match self.form {
            OutputForm::Columns => "One output has a candidate in each column",
            OutputForm::Rows => "One output has a candidate in each row",
            OutputForm::Detections => "One output has box, score and class in each row",
            OutputForm::NumberedDetections => "One output has image, box, class and score in each row",
            OutputForm::Grid => "One output has a candidate in each row, relative to its cell of a grid",
            OutputForm::BoxesAndScores => "One output has the boxes, another a score for each label",
            OutputForm::BoxesScoresClasses => "Boxes, scores and classes come each by itself",
        };
        let boxes = match self.boxes {
            BoxForm::Centre => "middle, width and height",
            BoxForm::Corners => "two corners",
        };
        let unit = match self.unit {
            BoxUnit::Pixels => "pixels of the input",
            BoxUnit::Normalised => "parts of the input",
        };
        let mut sentences = vec![format!("{form}; a box is {boxes}, in {unit}.")];
        sentences.push(self.score_sentence());
        if self.first_class > 0 {
            sentences.push(format!("The first label is class {} of the network.", self.first_class));
        }
        if !self.classes.is_empty() {
            sentences.push(format!("The {} labels have class numbers of their own.", self.classes.len()));
        }
        sentences.push(self.suppression.map_or_else(
            || "Every box stands for an object of its own.".to_owned(),
            |suppression| {
                let whose = if suppression.per_class { " of one label" } else { "" };
                format!("Boxes{whose} that overlap by more than {} are one object.", suppression.iou)
            },
        ));
        sentences
    }

    fn score_sentence(&self) -> String {
        let activation = match self.activation {
            Activation::None => "the output's own numbers",
            Activation::Sigmoid => "the sigmoid of the output's numbers",
            Activation::Softmax => "the softmax of the output's numbers, the last of which is nothing",
        };
        let objectness = if self.objectness { ", times objectness" } else { "" };
        let labels = match self.labels_per_box {
            LabelsPerBox::All => "each label that is sure enough",
            LabelsPerBox::Best => "its best label",
        };
        format!("Scores are {activation}{objectness}; a candidate counts for {labels}.")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Suppression;
    use super::*;
    use crate::geometry::Size;

    /// Of YOLOv8 at 640×640.
    pub(in super::super) fn yolo() -> Recipe {
        Recipe {
            input: InputRecipe {
                size: InputSize::Fixed(Size { width: 640, height: 640 }),
                fit: Fit::Letterbox,
                scaling: Scaling::Bilinear,
                pad: 114,
                layout: Layout::Nchw,
                channels: Channels::Rgb,
                divisor: 255.0,
                mean: [0.0; 3],
                deviation: [1.0; 3],
                size_tensor: None,
            },
            output: OutputRecipe {
                form: OutputForm::Columns,
                boxes: BoxForm::Centre,
                unit: BoxUnit::Pixels,
                objectness: false,
                activation: Activation::None,
                labels_per_box: LabelsPerBox::All,
                first_class: 0,
                classes: Vec::new(),
                names: super::super::OutputNames::default(),
                strides: Vec::new(),
                suppression: Some(Suppression {
                    iou: 0.7,
                    per_class: true,
                    class_shift: 0.0,
                    candidates: 30_000,
                }),
            },
        }
    }

    #[test]
    fn a_recipe_reads_as_sentences() {
        insta::assert_snapshot!(yolo(), @"
        The image is scaled to 640×640 in its proportions, in the middle of grey 114.
        Colours are RGB, axes NCHW, values from 0 to 1.
        One output has a candidate in each column; a box is middle, width and height, in pixels of the input.
        Scores are the output's own numbers; a candidate counts for each label that is sure enough.
        Boxes of one label that overlap by more than 0.7 are one object.
        ");
    }
}
