//! A network ready to answer.

use super::suppress::{candidates, suppress, to_image};
use crate::{
    anchors::{Anchor, anchors},
    data::to_input,
    file::Card,
    fold::fold,
    loss::ImageOutput,
    net::{BINS, Build, Detector, Output, Pass, Purpose},
    weights::{Unfit, Weights},
};
use burn::tensor::{Device, Tensor, TensorData};
use domain::{
    geometry::Size,
    inference::{Inference, ModelError, Pixels},
};
use imaging::Letterbox;
use rayon::prelude::*;

/// An image as the network wants it.
pub(crate) struct Prepared {
    /// `[height, width, 3]`, −1…1.
    pub(crate) values: Vec<f32>,
    /// Leads back to the image.
    pub(crate) transform: Letterbox,
    /// Of the image.
    pub(crate) size: Size,
}

/// A network with its normalisation folded.
pub(crate) struct Engine {
    detector: Detector,
    anchors: Vec<Anchor>,
    classes: usize,
    input: Size,
}

impl Engine {
    /// Of weights as training leaves them.
    pub(crate) fn new(card: &Card, weights: &Weights) -> Result<Self, Unfit> {
        let folded = fold(weights)?;
        let plan = card.plan();
        let detector = Detector::new(&plan, &mut Build::new(&folded, Purpose::Infer))?;
        let anchors = anchors(card.input.width as usize, card.input.height as usize);
        Ok(Self { detector, anchors, classes: plan.classes, input: card.input })
    }

    /// Letterboxes an image, as training does.
    pub(crate) fn prepare(&self, image: &Pixels) -> Prepared {
        let boxed = imaging::letterbox(image, self.input);
        let mut values = vec![0.0; boxed.rgb.len()];
        to_input(&boxed.rgb, &mut values);
        Prepared { values, transform: boxed.transform, size: image.size() }
    }

    /// Runs the network over all images; their order is kept. Several images
    /// run beside each other, each by itself: threads that work on one image
    /// together wait for each other after every layer.
    pub(crate) fn run(&self, images: &[Prepared]) -> Result<Vec<Inference>, ModelError> {
        images.par_iter().with_max_len(1).map(|image| self.run_one(image)).collect()
    }

    fn run_one(&self, image: &Prepared) -> Result<Inference, ModelError> {
        let shape = [1, self.input.height as usize, self.input.width as usize, 3];
        let x = Tensor::from_data(TensorData::new(image.values.clone(), shape), &Device::default());
        let output = self.detector.forward(x, &mut Pass::default());
        let embedding = embedding(&output)?;
        let missing = || ModelError::Failed("the network gave no output".to_owned());
        let output = by_image(output, 1)?.pop().ok_or_else(missing)?;
        let kept = suppress(candidates(&self.anchors, self.classes, &output));
        Ok(Inference { detections: to_image(&kept, &image.transform, image.size), embedding })
    }
}

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ModelError> {
    tensor.into_data().try_to_vec::<f32>().map_err(|error| ModelError::Failed(format!("{error:?}")))
}

/// The maps' outputs, taken apart by image.
pub(crate) fn by_image(output: Output, images: usize) -> Result<Vec<ImageOutput>, ModelError> {
    let mut all: Vec<ImageOutput> =
        (0..images).map(|_| ImageOutput { classes: Vec::new(), boxes: Vec::new() }).collect();
    for map in output.maps {
        let [_, h, w, classes] = map.classes.dims();
        let (scores, boxes) = (values(map.classes)?, values(map.boxes)?);
        let parts = scores.chunks_exact(h * w * classes).zip(boxes.chunks_exact(h * w * 4 * BINS));
        for (image, (scores, boxes)) in all.iter_mut().zip(parts) {
            image.classes.extend_from_slice(scores);
            image.boxes.extend_from_slice(boxes);
        }
    }
    Ok(all)
}

/// A vector of unit length; `output` is of one image.
fn embedding(output: &Output) -> Result<Vec<f32>, ModelError> {
    let [middle, coarse] = output.features.clone();
    let mut vector = [values(middle)?, values(coarse)?].concat();
    let norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
    vector.iter_mut().for_each(|v| *v /= norm);
    Ok(vector)
}
