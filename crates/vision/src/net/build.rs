//! How layers get their weights: from existing ones, or freshly drawn.

use crate::{
    ops::Window,
    weights::{Array, Unfit, Weights},
};
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{Detector, Plan};

/// What a network is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Weights have gradients; layers normalise by the batch.
    Train,
    /// Layers normalise by what training has seen.
    Measure,
    /// Normalisation is folded into the weights; see [`crate::fold`].
    Infer,
}

/// A weight that has a gradient.
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    /// Of a convolution.
    Kernel(Tensor<4>),
    /// A number a channel.
    Channel(Tensor<1>),
}

enum Origin<'a> {
    Existing(&'a Weights),
    Drawn { rng: &'a mut ChaCha8Rng, weights: Weights },
}

/// Hands out weights by name.
pub(crate) struct Build<'a> {
    origin: Origin<'a>,
    device: Device,
    /// What for.
    pub(crate) purpose: Purpose,
    /// Weights that are handed out now stay as they are in training.
    pub(super) is_frozen: bool,
    /// Every weight with a gradient, by name, as the layers hold it.
    pub(crate) leaves: Vec<(String, Leaf)>,
}

/// Draws the weights of a network.
pub(crate) fn initialise(plan: &Plan, rng: &mut ChaCha8Rng) -> Result<Weights, Unfit> {
    let origin = Origin::Drawn { rng, weights: Weights::default() };
    // The drawn numbers are what is wanted, not the tensors of them.
    let mut build = Build {
        origin,
        device: Device::flex(),
        purpose: Purpose::Measure,
        is_frozen: false,
        leaves: Vec::new(),
    };
    Detector::new(plan, &mut build)?;
    match build.origin {
        Origin::Drawn { weights, .. } => Ok(weights),
        Origin::Existing(weights) => Ok(weights.clone()),
    }
}

impl<'a> Build<'a> {
    /// From weights that exist; the network is put on `device`.
    pub(crate) fn new(weights: &'a Weights, purpose: Purpose, device: &Device) -> Self {
        let device = match purpose {
            Purpose::Train => device.clone().autodiff(),
            Purpose::Measure | Purpose::Infer => device.clone(),
        };
        Self { origin: Origin::Existing(weights), device, purpose, is_frozen: false, leaves: Vec::new() }
    }

    fn array(
        &mut self,
        name: &str,
        shape: &[usize],
        draw: impl FnOnce(&mut ChaCha8Rng) -> Array,
    ) -> Result<Vec<f32>, Unfit> {
        match &mut self.origin {
            Origin::Existing(weights) => Ok(weights.expect(name, shape)?.values.clone()),
            Origin::Drawn { rng, weights } => {
                let array = draw(rng);
                let values = array.values.clone();
                weights.insert(name, array);
                Ok(values)
            }
        }
    }

    /// Weights of a convolution, `[k, k, inputs, outputs]`; drawn evenly with
    /// variance 2 / (k² · inputs) (He et al. 2015) times `gain²`.
    pub(crate) fn kernel(
        &mut self,
        name: &str,
        window: Window,
        inputs: usize,
        outputs: usize,
        gain: f32,
    ) -> Result<Tensor<4>, Unfit> {
        let shape = [window.kernel, window.kernel, inputs, outputs];
        let values = self.array(name, &shape, |rng| {
            let bound = gain * (6.0 / (window.kernel * window.kernel * inputs) as f32).sqrt();
            let count = shape.iter().product();
            let values = (0..count).map(|_| rng.random_range(-bound..=bound)).collect();
            Array { shape: shape.to_vec(), values }
        })?;
        let tensor = Tensor::from_data(TensorData::new(values, shape), &self.device);
        if self.purpose != Purpose::Train || self.is_frozen {
            return Ok(tensor);
        }
        let tensor = tensor.require_grad();
        self.leaves.push((name.to_owned(), Leaf::Kernel(tensor.clone())));
        Ok(tensor)
    }

    /// A number a channel, at first `initial`.
    pub(crate) fn channel(&mut self, name: &str, channels: usize, initial: f32) -> Result<Tensor<1>, Unfit> {
        let values = self.array(name, &[channels], |_| Array::filled(&[channels], initial))?;
        let tensor = Tensor::from_data(TensorData::new(values, [channels]), &self.device);
        if self.purpose != Purpose::Train || self.is_frozen {
            return Ok(tensor);
        }
        let tensor = tensor.require_grad();
        self.leaves.push((name.to_owned(), Leaf::Channel(tensor.clone())));
        Ok(tensor)
    }

    /// Running mean and variance, `[2, channels]`, without a gradient.
    pub(crate) fn running(&mut self, name: &str, channels: usize) -> Result<Tensor<2>, Unfit> {
        let shape = [2, channels];
        let values = self.array(name, &shape, |_| {
            let values = (0..2 * channels).map(|i| if i < channels { 0.0 } else { 1.0 }).collect();
            Array { shape: shape.to_vec(), values }
        })?;
        Ok(Tensor::from_data(TensorData::new(values, shape), &self.device))
    }
}
