//! What is at each pixel of a map, and how far its edges are.

use super::{
    MapOutput, Pass, Plan,
    build::Build,
    neck,
    unit::{Sizes, Unit},
};
use crate::{
    ops::{self, Activation, Window},
    weights::Unfit,
};
use burn::tensor::Tensor;

/// A distance is a distribution over 0, 1, … BINS − 1 strides.
pub(crate) const BINS: usize = 16;

/// What a class's score is at first, everywhere: objects are rare (Lin et al.
/// 2017, "Focal Loss", section 4.1).
const PRIOR: f32 = 0.01;

/// A convolution with a bias and nothing after it.
struct Last {
    kernel: Tensor<4>,
    bias: Tensor<1>,
    inference: bool,
}

impl Last {
    const WINDOW: Window = Window { kernel: 1, stride: 1, padding: 0 };

    fn new(
        name: &str,
        inputs: usize,
        outputs: usize,
        initial: f32,
        build: &mut Build<'_>,
    ) -> Result<Self, Unfit> {
        Ok(Self {
            kernel: build.kernel(&format!("{name}.weight"), Self::WINDOW, inputs, outputs, 0.1)?,
            bias: build.channel(&format!("{name}.bias"), outputs, initial)?,
            inference: build.purpose == super::Purpose::Infer,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (kernel, bias) = (self.kernel.clone(), self.bias.clone());
        if self.inference {
            return ops::conv_finished(x, kernel, bias, Self::WINDOW, Activation::None);
        }
        let [channels] = bias.dims();
        ops::conv(x, kernel, Self::WINDOW) + bias.reshape([1, 1, 1, channels])
    }
}

pub(super) struct Head {
    classes: ([Unit; 2], Last),
    boxes: ([Unit; 2], Last),
}

impl Head {
    pub(super) fn new(name: &str, plan: &Plan, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let channels = neck::channels(plan);
        let sizes = Sizes { kernel: 3, stride: 1, inputs: channels, outputs: channels };
        let units = |branch: &str, build: &mut Build<'_>| -> Result<[Unit; 2], Unfit> {
            Ok([
                Unit::new(format!("{name}.{branch}0"), sizes, build)?,
                Unit::new(format!("{name}.{branch}1"), sizes, build)?,
            ])
        };
        let rare = (PRIOR / (1.0 - PRIOR)).ln();
        Ok(Self {
            classes: (
                units("class", build)?,
                Last::new(&format!("{name}.class"), channels, plan.classes, rare, build)?,
            ),
            boxes: (units("box", build)?, Last::new(&format!("{name}.box"), channels, 4 * BINS, 0.0, build)?),
        })
    }

    /// Of a map `[b, h, w, c]`.
    pub(super) fn forward(&self, x: &Tensor<4>, pass: &mut Pass) -> MapOutput {
        let mut branch = |(units, last): &([Unit; 2], Last)| {
            let [first, second] = units;
            let x = first.forward(x.clone(), pass);
            last.forward(second.forward(x, pass))
        };
        MapOutput { classes: branch(&self.classes), boxes: branch(&self.boxes) }
    }
}
