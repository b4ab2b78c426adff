//! Programs that export detectors, and what each of them does with a picture.
//!
//! Sources: the programs' own documentation and code of inference; what they do
//! is compared with what is done here on real pictures.

use super::{
    decode::cell_count,
    graph::{ElementType, Graph, TensorInfo},
    metadata::Metadata,
    picture_input::{fixed_size, layout_of},
};
use domain::{
    geometry::Size,
    recipe::{
        Activation, BoxForm, BoxUnit, Channels, Fit, InputRecipe, InputSize, LabelsPerBox, Layout,
        OutputForm, OutputNames, OutputRecipe, Recipe, Scaling, Suppression,
    },
};

/// Mean and deviation of ImageNet's pictures, from 0 to 1.
const IMAGENET: ([f32; 3], [f32; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
/// Ultralytics compares boxes of all classes at once, so many pixels apart.
const CLASS_SHIFT: f32 = 7680.0;
/// Longest side of a picture for networks that scale it themselves.
const LONGEST: u32 = 2048;
/// Sides of an input that the file leaves open.
const USUAL_SIDE: u32 = 640;
/// What sides must be a multiple of, where nothing says so.
const USUAL_STRIDE: u32 = 32;

/// A program, or a kind of network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// YOLOv5 and later, as Ultralytics exports them.
    Ultralytics,
    /// RT-DETR as Ultralytics exports it.
    UltralyticsRtDetr,
    /// Networks of the YOLO family without metadata.
    Yolo,
    Yolox,
    /// RT-DETR and D-FINE as their own programs export them.
    RtDetr,
    /// RT-DETR by Transformers.
    TransformersRtDetr,
    /// DETR, with a class for "nothing".
    Detr,
    /// RF-DETR, and others with logits and boxes in parts of the input.
    RfDetr,
    Torchvision,
    /// YOLO-NAS of super-gradients.
    YoloNas,
    /// Detectors of MMDetection, exported by MMDeploy.
    MmDetection,
}

/// An input that takes width and height of the picture.
pub(super) fn takes_size(input: &TensorInfo) -> bool {
    matches!(input.element, ElementType::INT64 | ElementType::INT32)
        && input.rank() == Some(2)
        && input.axis(1).is_none_or(|length| length == 2)
}

impl Family {
    pub(super) fn of(graph: &Graph, metadata: &Metadata) -> Self {
        let has = |operator: &str| graph.operators.contains(operator);
        let outputs: Vec<String> = graph.outputs.iter().map(|output| output.name.to_lowercase()).collect();
        let says = |word: &str| outputs.iter().any(|name| name.contains(word));
        let is_transformer = has_attention(graph);
        if metadata.task.is_some() || metadata.stride.is_some() && metadata.names.is_some() {
            let is_rtdetr =
                has("GridSample") || metadata.description.to_lowercase().replace('-', "").contains("rtdetr");
            return if is_rtdetr { Self::UltralyticsRtDetr } else { Self::Ultralytics };
        }
        let image = graph.inputs.iter().find(|input| !takes_size(input));
        match graph.outputs.len() {
            3.. if graph.inputs.len() > 1 => Self::RtDetr,
            3.. if image.is_some_and(|input| input.rank() == Some(3)) => Self::Torchvision,
            3.. if !is_transformer && says("label") => Self::Torchvision,
            3.. => Self::Yolo,
            2 if says("logits") && has("GridSample") => Self::TransformersRtDetr,
            2 if says("logits") && queries(graph) == Some(100) => Self::Detr,
            2 => Self::RfDetr,
            _ if is_transformer => Self::UltralyticsRtDetr,
            _ if image.is_some_and(|input| is_yolox(input, graph)) => Self::Yolox,
            _ => Self::Yolo,
        }
    }

    /// Which program the model is taken to come from.
    pub(super) fn sentence(self, metadata: &Metadata) -> String {
        let named = |program: &str| match metadata.description.trim() {
            "" => format!("It looks like a detector exported by {program}"),
            description => description.chars().take(160).collect(),
        };
        match self {
            Self::Ultralytics | Self::UltralyticsRtDetr => named("Ultralytics"),
            Self::Yolo => "It looks like a detector of the YOLO family".to_owned(),
            Self::Yolox => "It looks like a YOLOX".to_owned(),
            Self::RtDetr => "It looks like an RT-DETR or a D-FINE".to_owned(),
            Self::TransformersRtDetr => "It looks like an RT-DETR of Transformers".to_owned(),
            Self::Detr => "It looks like a DETR".to_owned(),
            Self::RfDetr => "It looks like an RF-DETR".to_owned(),
            Self::Torchvision => "It looks like a detector of torchvision".to_owned(),
            Self::YoloNas => "It looks like a YOLO-NAS".to_owned(),
            Self::MmDetection => "It looks like a detector of MMDetection".to_owned(),
        }
    }

    /// Whether boxes are a middle with width and height, whatever the numbers
    /// of one picture look like.
    pub(super) fn is_transformer(self) -> bool {
        matches!(self, Self::UltralyticsRtDetr | Self::TransformersRtDetr | Self::Detr | Self::RfDetr)
    }

    /// As the programs do when nothing else is asked for.
    pub(super) fn suppression(self) -> Option<Suppression> {
        let iou = match self {
            Self::Ultralytics | Self::YoloNas => 0.7,
            Self::Yolox => 0.65,
            Self::Yolo => 0.45,
            _ => return None,
        };
        let compares_each_class = matches!(self, Self::Yolox | Self::YoloNas);
        let class_shift = if compares_each_class { 0.0 } else { CLASS_SHIFT };
        Some(Suppression { iou, per_class: true, class_shift, candidates: 30_000 })
    }

    /// How a picture gets into `input`.
    pub(super) fn input(
        self,
        graph: &Graph,
        metadata: &Metadata,
        input: &TensorInfo,
        notes: &mut Vec<String>,
    ) -> InputRecipe {
        let mut recipe = InputRecipe {
            size: self.size(metadata, input, notes),
            layout: layout_of(input).unwrap_or_default(),
            ..start(metadata).input
        };
        match self {
            Self::Ultralytics | Self::Yolo | Self::YoloNas => {}
            Self::UltralyticsRtDetr => recipe.fit = Fit::Stretch,
            Self::Yolox => {
                (recipe.fit, recipe.channels, recipe.divisor) = (Fit::LetterboxTopLeft, Channels::Bgr, 1.0);
            }
            Self::RtDetr | Self::TransformersRtDetr => {
                (recipe.fit, recipe.scaling) = (Fit::Stretch, Scaling::Antialiased);
                recipe.size_tensor =
                    graph.inputs.iter().find(|input| takes_size(input)).map(|input| input.name.clone());
            }
            Self::Detr | Self::RfDetr => {
                (recipe.fit, recipe.scaling) = (Fit::Stretch, Scaling::Unrounded);
                (recipe.mean, recipe.deviation) = IMAGENET;
                notes.push(
                    "Pictures are stretched and normalised as ImageNet's: the file does not say.".to_owned(),
                );
            }
            Self::Torchvision => recipe.scaling = Scaling::Antialiased,
            Self::MmDetection => {
                recipe.fit = Fit::LetterboxTopLeft;
                (recipe.mean, recipe.deviation) = IMAGENET;
                // RTMDet, told by its attention over channels, takes pictures as
                // OpenCV reads them; most others turn them around.
                if graph.operators.contains("HardSigmoid") {
                    recipe.channels = Channels::Bgr;
                    recipe.mean.reverse();
                    recipe.deviation.reverse();
                }
                notes.push(format!(
                    "Pictures are {} and normalised as ImageNet's: the file does not say.",
                    if recipe.channels == Channels::Bgr { "BGR" } else { "RGB" }
                ));
            }
        }
        if input.element == ElementType::UINT8 {
            recipe.divisor = 1.0;
        }
        recipe
    }

    fn size(self, metadata: &Metadata, input: &TensorInfo, notes: &mut Vec<String>) -> InputSize {
        if let Some(size) = fixed_size(input) {
            return InputSize::Fixed(size);
        }
        match (self, metadata.size) {
            (Self::Torchvision, _) => InputSize::Original { longest: LONGEST },
            (Self::Ultralytics, Some([height, width])) => InputSize::Scaled {
                longest: height.max(width),
                stride: metadata.stride.unwrap_or(USUAL_STRIDE),
            },
            (_, Some([height, width])) => InputSize::Fixed(Size { width, height }),
            (_, None) => {
                notes.push(format!(
                    "The file leaves the input's size open; it is taken to be {USUAL_SIDE}×{USUAL_SIDE}."
                ));
                InputSize::Fixed(Size { width: USUAL_SIDE, height: USUAL_SIDE })
            }
        }
    }
}

/// Whether the graph is a transformer's.
pub(super) fn has_attention(graph: &Graph) -> bool {
    let has = |operator: &str| graph.operators.contains(operator);
    has("GridSample") || has("LayerNormalization") && has("Softmax")
}

/// How many boxes a DETR asks for.
fn queries(graph: &Graph) -> Option<usize> {
    graph.outputs.iter().find_map(|output| output.axis(1))
}

/// One candidate a cell, with objectness, where YOLOv5 has three. Files with
/// open shapes are taken for the latter.
fn is_yolox(input: &TensorInfo, graph: &Graph) -> bool {
    let Some(size) = fixed_size(input) else { return false };
    let output = graph.outputs.first();
    output.is_some_and(|output| {
        output.rank() == Some(3)
            && output.axis(1) == Some(cell_count(size, &[8, 16, 32]))
            && output.axis(2).is_some_and(|width| width > 5)
    })
}

/// An output recipe with nothing but its form.
pub(super) fn output(form: OutputForm) -> OutputRecipe {
    OutputRecipe {
        form,
        boxes: BoxForm::Centre,
        unit: BoxUnit::Pixels,
        objectness: false,
        activation: Activation::None,
        labels_per_box: LabelsPerBox::All,
        first_class: 0,
        classes: Vec::new(),
        names: OutputNames::default(),
        strides: Vec::new(),
        suppression: None,
    }
}

/// What most detectors want: something to start from.
pub(super) fn start(metadata: &Metadata) -> Recipe {
    let [height, width] = metadata.size.unwrap_or([USUAL_SIDE; 2]);
    Recipe {
        input: InputRecipe {
            size: InputSize::Fixed(Size { width, height }),
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
            suppression: Family::Ultralytics.suppression(),
            ..output(OutputForm::Columns)
        },
    }
}
