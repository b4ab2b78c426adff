//! How pixels become a network's input, and its output boxes: what a model
//! file of another program does not say of itself.
//!
//! A recipe is data. It is told from a file's inputs, outputs and metadata
//! where that is possible, and given by a person where it is not.

use crate::geometry::Size;
use serde::{Deserialize, Serialize};

mod check;
mod names;
mod words;

pub use check::RecipeFault;
pub use names::OutputNames;

/// Longest side of an input in pixels.
pub const LONGEST_SIDE: u32 = 4096;
/// Most boxes of an image that a suppression leaves.
pub const MOST_BOXES: u32 = 1000;

/// From an image to boxes, by way of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// From the image to the network.
    pub input: InputRecipe,
    /// From the network to boxes.
    pub output: OutputRecipe,
}

/// How an upright RGB image of 8 bits becomes the network's input. Each value
/// is `(value / divisor - mean) / deviation`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputRecipe {
    /// Width and height.
    pub size: InputSize,
    /// How the picture lies in it.
    #[serde(default)]
    pub fit: Fit,
    /// How it is scaled.
    #[serde(default)]
    pub scaling: Scaling,
    /// What surrounds it there, 0 to 255.
    #[serde(default = "grey")]
    pub pad: u8,
    /// Order of the axes.
    #[serde(default)]
    pub layout: Layout,
    /// Order of the colours.
    #[serde(default)]
    pub channels: Channels,
    /// 255 for values from 0 to 1, 1 for values from 0 to 255.
    #[serde(default = "full_range")]
    pub divisor: f32,
    /// Taken off, in the order of `channels`.
    #[serde(default)]
    pub mean: [f32; 3],
    /// Divided by, in the order of `channels`.
    #[serde(default = "ones")]
    pub deviation: [f32; 3],
    /// A second input that wants width and height of the first, as two 64-bit
    /// integers (`orig_target_sizes` of the RT-DETR family).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_tensor: Option<String>,
}

/// Width and height of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum InputSize {
    /// The same for every image.
    Fixed(Size),
    /// The picture's, scaled so that its longer side is `longest`, each side
    /// then filled up to a multiple of `stride`.
    Scaled {
        /// Pixels of the longer side.
        longest: u32,
        /// What each side is a multiple of.
        stride: u32,
    },
    /// The picture's own; scaled down where a side is above `longest`.
    Original {
        /// Most pixels of a side.
        longest: u32,
    },
}

/// How a picture lies in an input of another shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Whole, in its own proportions, in the middle.
    #[default]
    Letterbox,
    /// Whole, in its own proportions, in the upper left corner.
    LetterboxTopLeft,
    /// Over all of it, in other proportions.
    Stretch,
}

/// How pixels become others when a picture is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// Between the four nearest pixels, as OpenCV does (`INTER_LINEAR`).
    #[default]
    Bilinear,
    /// The same without rounding to whole values, as torchvision does with
    /// tensors of floats.
    Unrounded,
    /// Over all that falls into a pixel, as Pillow does.
    Antialiased,
}

/// Order of an input's axes; N is the image, C the colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Image, colour, row, column.
    #[default]
    Nchw,
    /// Image, row, column, colour.
    Nhwc,
    /// Colour, row, column: one image and no axis for it.
    Chw,
}

/// Order of the colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channels {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// How the network's outputs become boxes. C is the number of classes, N the
/// number of candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputRecipe {
    /// Which tensors there are, and how they are read.
    pub form: OutputForm,
    /// What the four numbers of a box are.
    #[serde(default)]
    pub boxes: BoxForm,
    /// What they are counted in.
    #[serde(default)]
    pub unit: BoxUnit,
    /// Whether a fifth number beside the box says how sure it is that anything
    /// is there; scores are then multiplied with it.
    #[serde(default)]
    pub objectness: bool,
    /// What makes scores of the network's numbers.
    #[serde(default)]
    pub activation: Activation,
    /// How many labels a candidate may have.
    #[serde(default)]
    pub labels_per_box: LabelsPerBox,
    /// The network's number of the first label: 1 where 0 is the background.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_class: u32,
    /// The network's number of each label, where they do not follow each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<u32>,
    /// The outputs' names; those left out are found by their shapes.
    #[serde(default, skip_serializing_if = "OutputNames::is_empty")]
    pub names: OutputNames,
    /// Input pixels per cell of each grid, finest first; for [`OutputForm::Grid`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strides: Vec<u32>,
    /// How boxes of one object become one; nothing for networks that do so
    /// themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Suppression>,
}

/// Which tensors the network gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputForm {
    /// One tensor `[1, 4 + C, N]`: a candidate is a column (YOLOv8 and later).
    Columns,
    /// One tensor `[1, N, 4 + C]`: a candidate is a row (YOLOv5, YOLOv7, RT-DETR).
    Rows,
    /// One tensor `[1, N, 6]`: box, score, class (end-to-end models).
    Detections,
    /// One tensor `[N, 7]`: number of the image, box, class, score (YOLOv7 with
    /// its suppression in the graph).
    NumberedDetections,
    /// As rows, but a box is what is left to add to its cell (YOLOX undecoded).
    Grid,
    /// Tensors of their own for boxes `[1, N, 4]` and scores `[1, N, C]` (DETR).
    BoxesAndScores,
    /// Tensors of their own for boxes, scores `[1, N]` and classes `[1, N]`
    /// (RT-DETR, D-FINE; torchvision without the first axis). Boxes `[1, N, 5]`
    /// have their scores as a fifth number (MMDetection).
    BoxesScoresClasses,
}

/// What the four numbers of a box are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxForm {
    /// Middle, width, height.
    #[default]
    Centre,
    /// Upper left and lower right corner.
    Corners,
}

/// What a box is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxUnit {
    /// Pixels of the input.
    #[default]
    Pixels,
    /// Parts of the input's width and height.
    Normalised,
}

/// What makes scores of the network's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// They are scores.
    #[default]
    None,
    /// They are logits, each for itself.
    Sigmoid,
    /// They are logits of one choice, the last of which is "nothing" (DETR).
    Softmax,
}

/// How many labels a candidate may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelsPerBox {
    /// A detection for each label with a sufficient score.
    #[default]
    All,
    /// One for the label with the highest score.
    Best,
}

/// Greedy non-maximum suppression: of boxes, best first, those that no better
/// one covers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppression {
    /// Boxes that overlap more (intersection over union) are one object.
    pub iou: f32,
    /// Whether only boxes of one label cover each other.
    #[serde(default = "yes")]
    pub per_class: bool,
    /// Classes are this many pixels apart while boxes are compared. Programs
    /// that compare boxes of all classes at once shift them so; with their
    /// shift, rounding of large numbers leaves the same boxes.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub class_shift: f32,
    /// Best candidates that are looked at.
    #[serde(default = "candidates")]
    pub candidates: u32,
}

fn grey() -> u8 {
    114
}
fn full_range() -> f32 {
    255.0
}
fn ones() -> [f32; 3] {
    [1.0; 3]
}
fn yes() -> bool {
    true
}
fn candidates() -> u32 {
    30_000
}
fn is_nought(number: &f32) -> bool {
    *number == 0.0
}
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::words::tests::yolo;

    #[test]
    fn what_is_left_out_has_the_usual_value() {
        let short = r#"{"input": {"size": {"fixed": {"width": 640, "height": 640}}},
            "output": {"form": "columns", "suppression": {"iou": 0.7}}}"#;
        assert_eq!(Recipe::from_json(short).unwrap(), yolo());
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let mut recipe = yolo();
        recipe.input.size_tensor = Some("orig_target_sizes".to_owned());
        recipe.output.classes = vec![1, 2, 90];
        recipe.output.names.scores = Some("logits".to_owned());
        assert_eq!(Recipe::from_json(&recipe.to_json()).unwrap(), recipe);
    }

    fn refused(change: impl Fn(&mut Recipe)) -> &'static str {
        let mut recipe = yolo();
        change(&mut recipe);
        recipe.check().unwrap_err().field
    }

    #[test]
    fn each_impossible_value_is_named() {
        let at =
            |width, height| move |r: &mut Recipe| r.input.size = InputSize::Fixed(Size { width, height });
        assert_eq!(refused(at(0, 640)), "input.size.fixed");
        assert_eq!(refused(at(640, LONGEST_SIDE + 1)), "input.size.fixed");
        let scaled = |r: &mut Recipe| r.input.size = InputSize::Scaled { longest: 640, stride: 0 };
        assert_eq!(refused(scaled), "input.size.scaled");
        assert_eq!(refused(|r| r.input.divisor = 0.0), "input.divisor");
        assert_eq!(refused(|r| r.input.mean[1] = f32::NAN), "input.mean");
        assert_eq!(refused(|r| r.input.deviation[2] = 0.0), "input.deviation");
        assert_eq!(refused(|r| r.output.strides = vec![8]), "output.strides");
        assert_eq!(refused(|r| r.output.form = OutputForm::Grid), "output.strides");
        assert_eq!(refused(|r| r.output.classes = vec![3, 3]), "output.classes");
        let iou = |r: &mut Recipe| r.output.suppression.as_mut().unwrap().iou = 1.5;
        assert_eq!(refused(iou), "output.suppression.iou");
        let misspelt = yolo().to_json().replace("\"pad\"", "\"padding\"");
        assert!(Recipe::from_json(&misspelt).unwrap_err().problem.contains("padding"));
    }

    #[test]
    fn numbers_of_the_network_lead_to_labels() {
        let mut recipe = yolo();
        assert_eq!(recipe.label_of(0), Some(0));
        recipe.output.first_class = 1;
        assert_eq!((recipe.label_of(0), recipe.label_of(1)), (None, Some(0)));
        recipe.output.first_class = 0;
        recipe.output.classes = vec![1, 13];
        assert_eq!([0, 1, 12, 13].map(|class| recipe.label_of(class)), [None, Some(0), None, Some(1)]);
    }
}
