//! A network ready to answer.

use super::suppress::{SAME_OBJECT, candidates, to_image};
use crate::{
    ComputeDevice,
    anchors::{Anchor, anchors},
    data::to_input,
    file::Card,
    fold::fold,
    loss::ImageOutput,
    net::{BINS, Build, Detector, Output, Pass, Purpose},
    weights::{Unfit, Weights},
};
use burn::tensor::{Tensor, TensorData};
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
    device: ComputeDevice,
}

impl Engine {
    /// Of weights as training leaves them, to run on `device`.
    pub(crate) fn new(card: &Card, weights: &Weights, device: &ComputeDevice) -> Result<Self, Unfit> {
        let folded = fold(weights)?;
        let plan = card.plan();
        let detector = Detector::new(&plan, &mut Build::new(&folded, Purpose::Infer, device.device()))?;
        let anchors = anchors(card.input.width as usize, card.input.height as usize);
        Ok(Self { detector, anchors, classes: plan.classes, input: card.input, device: device.clone() })
    }

    /// Letterboxes an image, as training does.
    pub(crate) fn prepare(&self, image: &Pixels) -> Prepared {
        let boxed = imaging::letterbox(image, self.input);
        let mut values = vec![0.0; boxed.rgb.len()];
        to_input(&boxed.rgb, &mut values);
        Prepared { values, transform: boxed.transform, size: image.size() }
    }

    /// Whether [`Engine::run`] must always be called from the same thread, and
    /// uses no other.
    pub(crate) fn wants_one_thread(&self) -> bool {
        self.device.is_gpu()
    }

    /// Runs the network over all images; their order is kept.
    ///
    /// On processors several images run beside each other, each by itself:
    /// threads that work on one image together wait for each other after every
    /// layer. A GPU takes all of them at once, from this thread: each thread
    /// that gives it work has memory of its own there.
    pub(crate) fn run(&self, images: &[Prepared]) -> Result<Vec<Inference>, ModelError> {
        if self.wants_one_thread() {
            return self.run_together(images);
        }
        let each = images.par_chunks(1).with_max_len(1).map(|image| self.run_together(image));
        Ok(each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn run_together(&self, images: &[Prepared]) -> Result<Vec<Inference>, ModelError> {
        let shape = [images.len(), self.input.height as usize, self.input.width as usize, 3];
        let pixels: Vec<&[f32]> = images.iter().map(|image| image.values.as_slice()).collect();
        let x = Tensor::from_data(TensorData::new(pixels.concat(), shape), self.device.device());
        let output = self.detector.forward(x, &mut Pass::default());
        let embeddings = embeddings(&output, images.len())?;
        let outputs = by_image(output, images.len())?;
        let all = images.iter().zip(outputs).zip(embeddings);
        Ok(all.map(|((image, output), embedding)| self.inference(image, &output, embedding)).collect())
    }

    fn inference(&self, image: &Prepared, output: &ImageOutput, embedding: Vec<f32>) -> Inference {
        let survivors = engine::suppress(candidates(&self.anchors, self.classes, output), &SAME_OBJECT);
        Inference {
            detections: to_image(&survivors, &image.transform, image.size),
            embedding: Some(embedding),
        }
    }
}

pub(crate) fn values<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ModelError> {
    let failed = |error: String| ModelError::Failed(error);
    // A device that fails says so when its numbers are fetched.
    let data = tensor.try_into_data().map_err(|error| failed(error.to_string()))?;
    data.try_to_vec::<f32>().map_err(|error| failed(format!("{error:?}")))
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

/// A vector of unit length for each image.
fn embeddings(output: &Output, images: usize) -> Result<Vec<Vec<f32>>, ModelError> {
    let [middle, coarse] = output.features.clone();
    let (middle, coarse) = (values(middle)?, values(coarse)?);
    let images = images.max(1);
    let (widths, coarse_widths) = ((middle.len() / images).max(1), (coarse.len() / images).max(1));
    let pairs = middle.chunks_exact(widths).zip(coarse.chunks_exact(coarse_widths));
    Ok(pairs.map(|(middle, coarse)| unit_length([middle, coarse].concat())).collect())
}

fn unit_length(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-12);
    vector.iter_mut().for_each(|v| *v /= norm);
    vector
}
