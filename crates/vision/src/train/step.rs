//! One step: forward, loss, backward, change the weights.

use super::{
    optimizer::{Average, Optimizer},
    profile::{Part, Profile},
};
use crate::{
    ComputeDevice,
    anchors::Anchor,
    data::Batch,
    infer::by_image,
    loss::{ImageOutput, Parts, loss},
    net::{BINS, Build, Detector, Leaf, MapOutput, Pass, Plan, Purpose, STRIDES},
    weights::Weights,
};
use burn::tensor::{Gradients, Tensor, TensorData};
use domain::{geometry::Size, training::TrainError};
use std::{collections::BTreeMap, time::Instant};

/// Share of a batch's mean and variance in the running ones.
const MOMENTUM: f32 = 0.03;

/// All that changes in a run.
#[derive(Clone)]
pub(super) struct State {
    pub(super) plan: Plan,
    pub(super) input: Size,
    pub(super) anchors: Vec<Anchor>,
    pub(super) weights: Weights,
    pub(super) average: Average,
    pub(super) optimizer: Optimizer,
    /// Where a step is computed; what changes stays in plain memory.
    pub(super) device: ComputeDevice,
    /// What steps took so far.
    pub(super) profile: Profile,
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn failed(error: impl ToString) -> TrainError {
    TrainError::Failed(error.to_string())
}

impl State {
    /// Learns from one batch at the given rate.
    pub(super) fn learn(&mut self, batch: Batch, rate: f64) -> Result<Parts, TrainError> {
        let begun = Instant::now();
        let images = batch.truths.len();
        let (width, height) = (self.input.width as usize, self.input.height as usize);
        let device = self.device.device().clone().autodiff();
        let pixels = TensorData::new(batch.pixels, [images, height, width, 3]);
        let x: Tensor<4> = Tensor::from_data(pixels, &device);
        let mut build = Build::new(&self.weights, Purpose::Train, self.device.device());
        let detector = Detector::new(&self.plan, &mut build).map_err(failed)?;
        let leaves = build.leaves;
        let mut pass = Pass::default();
        let output = detector.forward(x, &mut pass);
        let maps = output.maps.clone();
        let outputs = by_image(output, images).map_err(failed)?;
        let begun = self.profile.add(Part::Forward, begun);
        let (parts, slopes) = loss(&self.anchors, self.plan.classes, &outputs, &batch.truths);
        if !parts.total().is_finite() {
            return Ok(parts);
        }
        let begun = self.profile.add(Part::Assign, begun);
        let gradients = collect(&leaves, &self.backward(maps, &slopes)?)?;
        let begun = self.profile.add(Part::Backward, begun);
        self.optimizer.step(&mut self.weights, &gradients, rate);
        self.remember(pass)?;
        self.average.update(&self.weights);
        self.profile.add(Part::Optimise, begun);
        Ok(parts)
    }

    /// Sends the loss's slopes back: the gradient of `Σ output · slope` by the
    /// outputs is the slope.
    fn backward(&self, maps: [MapOutput; 3], slopes: &[ImageOutput]) -> Result<Gradients, TrainError> {
        let (width, height) = (self.input.width as usize, self.input.height as usize);
        let device = self.device.device().clone().autodiff();
        let mut first = 0;
        let mut sum: Option<Tensor<1>> = None;
        for (map, stride) in maps.into_iter().zip(STRIDES) {
            let (h, w) = (height / stride, width / stride);
            let range = |numbers: usize| first * numbers..(first + h * w) * numbers;
            let mut part = |tensor: Tensor<4>, numbers: usize, of: fn(&ImageOutput) -> &[f32]| {
                let mut values = Vec::with_capacity(slopes.len() * h * w * numbers);
                for image in slopes {
                    values.extend_from_slice(of(image).get(range(numbers))?);
                }
                let slope = TensorData::new(values, [slopes.len(), h, w, numbers]);
                let total = (tensor * Tensor::from_data(slope, &device)).sum();
                sum = Some(match sum.take() {
                    None => total,
                    Some(sum) => sum + total,
                });
                Some(())
            };
            let done = part(map.classes, self.plan.classes, |image| &image.classes).and(part(
                map.boxes,
                4 * BINS,
                |image| &image.boxes,
            ));
            done.ok_or_else(|| failed("outputs and slopes differ in shape"))?;
            first += h * w;
        }
        Ok(sum.ok_or_else(|| failed("the network has no outputs"))?.backward())
    }

    /// Takes the batch's means and variances into the running ones.
    fn remember(&mut self, pass: Pass) -> Result<(), TrainError> {
        for (name, moments) in pass.moments {
            let seen =
                moments.into_data().try_to_vec::<f32>().map_err(|error| failed(format!("{error:?}")))?;
            if let Some(running) = self.weights.get_mut(&name) {
                running.values.iter_mut().zip(seen).for_each(|(r, s)| *r += (s - *r) * MOMENTUM);
            }
        }
        Ok(())
    }
}

/// Every weight's gradient by name.
fn collect(
    leaves: &[(String, Leaf)],
    gradients: &Gradients,
) -> Result<BTreeMap<String, Vec<f32>>, TrainError> {
    let mut all = BTreeMap::new();
    for (name, leaf) in leaves {
        let data = match leaf {
            Leaf::Kernel(tensor) => tensor.grad(gradients).map(Tensor::into_data),
            Leaf::Channel(tensor) => tensor.grad(gradients).map(Tensor::into_data),
        };
        let data = data.ok_or_else(|| failed(format!("{name} has no gradient")))?;
        all.insert(name.clone(), data.try_to_vec::<f32>().map_err(|error| failed(format!("{error:?}")))?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        anchors::anchors,
        file::tests::small_model,
        loss::Truth,
        train::optimizer::{Average, Optimizer},
    };

    fn state() -> State {
        let model = small_model(&["a", "b"]);
        State {
            plan: model.card.plan(),
            input: model.card.input,
            anchors: anchors(64, 64),
            average: Average::new(&model.weights, 0.9),
            optimizer: Optimizer::new(0.0),
            weights: model.weights,
            device: ComputeDevice::cpu(),
            profile: Profile::default(),
        }
    }

    fn batch() -> Batch {
        let pixels = (0..2 * 64 * 64 * 3).map(|i| ((i * 37 % 255) as f32) / 127.5 - 1.0).collect();
        let truth = Truth { class: 1, corners: [10.0, 12.0, 40.0, 50.0], ignore: false };
        Batch { pixels, truths: vec![vec![truth], vec![]] }
    }

    #[test]
    fn steps_on_one_batch_bring_its_loss_down() {
        let mut state = state();
        let losses: Vec<f64> = (0..30).map(|_| state.learn(batch(), 2e-3).unwrap().total()).collect();
        assert!(losses[29] < losses[0] * 0.6, "{losses:?}");
    }

    #[test]
    fn weights_that_are_no_numbers_are_seen_in_the_loss_and_spread_no_further() {
        let mut state = state();
        state.weights.get_mut("stage4.down.weight").unwrap().values[0] = f32::NAN;
        let before = state.average.weights.clone();
        assert!(!state.learn(batch(), 2e-3).unwrap().total().is_finite());
        assert_eq!(state.average.weights, before);
    }
}
