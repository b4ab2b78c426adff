//! Convolution, batch normalisation, SiLU: what everything is made of.

use super::{
    Pass,
    build::{Build, Purpose},
};
use crate::{
    ops::{self, Activation, Window},
    weights::Unfit,
};
use burn::tensor::Tensor;

/// The sizes of a unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

/// A convolution, then batch normalisation, then SiLU.
pub(super) struct Unit {
    name: String,
    window: Window,
    kernel: Tensor<4>,
    finish: Finish,
}

#[allow(clippy::large_enum_variant, reason = "there are a few dozen of them")]
enum Finish {
    Batch { gamma: Tensor<1>, beta: Tensor<1> },
    Running { gamma: Tensor<1>, beta: Tensor<1>, moments: Tensor<2> },
    Folded { bias: Tensor<1> },
}

impl Unit {
    pub(super) fn new(name: String, sizes: Sizes, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let Sizes { kernel, stride, inputs, outputs } = sizes;
        // Output side = input side / stride: exactly, for sides divisible by it.
        let window = Window { kernel, stride, padding: (kernel - 1) / 2 };
        let padding = if stride == 4 { 1 } else { window.padding };
        let window = Window { padding, ..window };
        let mut kernel = build.kernel(&format!("{name}.weight"), window, inputs, outputs, 1.0)?;
        if build.purpose == Purpose::Infer {
            kernel = ops::arranged(kernel, window);
        }
        let gamma = format!("{name}.gamma");
        let beta = format!("{name}.beta");
        let finish = match build.purpose {
            Purpose::Infer => Finish::Folded { bias: build.channel(&format!("{name}.bias"), outputs, 0.0)? },
            Purpose::Train => Finish::Batch {
                gamma: build.channel(&gamma, outputs, 1.0)?,
                beta: build.channel(&beta, outputs, 0.0)?,
            },
            Purpose::Measure => Finish::Running {
                gamma: build.channel(&gamma, outputs, 1.0)?,
                beta: build.channel(&beta, outputs, 0.0)?,
                moments: build.running(&format!("{name}.moments"), outputs)?,
            },
        };
        Ok(Self { name, window, kernel, finish })
    }

    /// `[b, h, w, inputs]` to `[b, h / stride, w / stride, outputs]`.
    pub(super) fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        let kernel = self.kernel.clone();
        match &self.finish {
            Finish::Folded { bias } => {
                ops::conv_finished(x, kernel, bias.clone(), self.window, Activation::Silu)
            }
            Finish::Running { gamma, beta, moments } => {
                let x = ops::conv(x, kernel, self.window);
                ops::norm_silu(x, gamma.clone(), beta.clone(), moments.clone())
            }
            Finish::Batch { gamma, beta } => {
                let x = ops::conv(x, kernel, self.window);
                let moments = ops::moments(x.clone());
                pass.moments.push((format!("{}.moments", self.name), moments.clone()));
                ops::norm_silu(x, gamma.clone(), beta.clone(), moments)
            }
        }
    }

    /// The same, plus `added`, which has the output's shape.
    pub(super) fn forward_added(&self, x: Tensor<4>, added: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        match &self.finish {
            Finish::Folded { bias } => {
                let (kernel, bias) = (self.kernel.clone(), bias.clone());
                ops::conv_finished_added(x, kernel, bias, added, self.window, Activation::Silu)
            }
            Finish::Running { .. } | Finish::Batch { .. } => added + self.forward(x, pass),
        }
    }
}

/// Narrows to half the channels, looks around, widens again, and adds that to
/// what came in.
pub(super) struct Residual {
    narrow: Unit,
    around: Unit,
}

impl Residual {
    pub(super) fn new(name: &str, channels: usize, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let half = channels / 2;
        let narrow = Sizes { kernel: 1, stride: 1, inputs: channels, outputs: half };
        let around = Sizes { kernel: 3, stride: 1, inputs: half, outputs: channels };
        Ok(Self {
            narrow: Unit::new(format!("{name}.narrow"), narrow, build)?,
            around: Unit::new(format!("{name}.around"), around, build)?,
        })
    }

    /// Keeps the shape.
    pub(super) fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        let y = self.narrow.forward(x.clone(), pass); // [b, h, w, c/2]
        self.around.forward_added(y, x, pass) // [b, h, w, c]
    }
}
