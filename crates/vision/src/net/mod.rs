//! The network: an anchor-free detector on three scales.
//!
//! A patch stem and residual stages (He et al. 2016) give maps at strides 8,
//! 16 and 32; a pyramid carries meaning down and place back up (Lin et al.
//! 2017; Liu et al. 2018); on each map a head with separate branches says, for
//! every pixel, what is there and how far the four edges are (Tian et al.
//! 2019; Ge et al. 2021), each distance as a distribution (Li et al. 2020).
//!
//! Tensors are `[batch, height, width, channels]`. Knows nothing of losses,
//! images or files.

mod backbone;
mod build;
mod head;
pub(crate) mod lite;
mod neck;
#[cfg(test)]
mod tests;
mod unit;

pub(crate) use build::{Build, Leaf, Purpose, initialise};
pub(crate) use head::BINS;

use crate::weights::Unfit;
use backbone::Backbone;
use burn::tensor::Tensor;
use head::Head;
use neck::Neck;
use serde::{Deserialize, Serialize};

/// Input pixels from one pixel of a map to the next, finest first.
pub(crate) const STRIDES: [usize; 3] = [8, 16, 32];

/// What makes maps of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BackboneKind {
    /// Ours, from nothing.
    #[default]
    Residual,
    /// EfficientNet-Lite0, for which there are weights that saw ImageNet.
    Lite0,
}

/// What determines the shapes of all weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Multiplies the channels of every layer.
    pub(crate) width: f64,
    /// Number of classes.
    pub(crate) classes: usize,
    /// What makes maps of pixels.
    pub(crate) backbone: BackboneKind,
}

impl Plan {
    /// `base` channels at this width, a multiple of 8.
    fn channels(&self, base: usize) -> usize {
        (((base as f64 * self.width) / 8.0).round() as usize).max(1) * 8
    }
}

/// What a head says of one map.
#[derive(Clone, Debug)]
pub(crate) struct MapOutput {
    /// Logits, `[b, h, w, classes]`.
    pub(crate) classes: Tensor<4>,
    /// Logits of the distances to left, top, right, bottom:
    /// `[b, h, w, 4 · BINS]`.
    pub(crate) boxes: Tensor<4>,
}

/// What the network says of a batch.
pub(crate) struct Output {
    /// Finest map first.
    pub(crate) maps: [MapOutput; 3],
    /// Of the two coarser maps of the backbone, averaged over each image:
    /// `[b, 1, 1, n]` each.
    pub(crate) features: [Tensor<4>; 2],
}

/// What one forward pass leaves behind besides its output.
#[derive(Default)]
pub(crate) struct Pass {
    /// In training: mean and variance of each normalised layer, by name.
    pub(crate) moments: Vec<(String, Tensor<2>)>,
}

/// The whole network.
pub(crate) struct Detector {
    backbone: Backbone,
    neck: Neck,
    heads: [Head; 3],
}

impl Detector {
    /// Of the weights that `build` holds, or makes.
    pub(crate) fn new(plan: &Plan, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let backbone = Backbone::new(plan, build)?;
        let neck = Neck::new(plan, build)?;
        let head = |name, build: &mut Build<'_>| Head::new(name, plan, build);
        let heads = [head("head8", build)?, head("head16", build)?, head("head32", build)?];
        Ok(Self { backbone, neck, heads })
    }

    /// `x [b, h, w, 3]`, sides multiples of 32, values in [−1, 1].
    pub(crate) fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Output {
        let maps = self.backbone.forward(x, pass);
        let [_, middle, coarse] = maps.clone();
        let features = [middle, coarse].map(|map| map.mean_dim(2).mean_dim(1));
        let [fine, middle, coarse] = self.neck.forward(maps, pass);
        let [head8, head16, head32] = &self.heads;
        let maps = [head8.forward(&fine, pass), head16.forward(&middle, pass), head32.forward(&coarse, pass)];
        Output { maps, features }
    }
}
