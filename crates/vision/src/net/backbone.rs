//! From pixels to maps at strides 8, 16 and 32.

use super::{
    BackboneKind, Pass, Plan,
    build::Build,
    lite,
    unit::{Residual, Sizes, Unit},
};
use crate::weights::Unfit;
use burn::tensor::Tensor;

/// Channels at strides 4, 8, 16, 32 for width 1.
const CHANNELS: [usize; 4] = [48, 96, 160, 224];
/// Residual blocks at these strides.
const BLOCKS: [usize; 4] = [1, 2, 2, 2];

/// Channels of the maps at strides 8, 16 and 32.
pub(super) fn channels(plan: &Plan) -> [usize; 3] {
    if plan.backbone == BackboneKind::Lite0 {
        return lite::CHANNELS;
    }
    let [_, fine, middle, coarse] = CHANNELS.map(|c| plan.channels(c));
    [fine, middle, coarse]
}

struct Stage {
    down: Unit,
    blocks: Vec<Residual>,
}

impl Stage {
    fn new(name: &str, sizes: Sizes, blocks: usize, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let down = Unit::new(format!("{name}.down"), sizes, build)?;
        let blocks = (0..blocks)
            .map(|i| Residual::new(&format!("{name}.block{i}"), sizes.outputs, build))
            .collect::<Result<_, _>>()?;
        Ok(Self { down, blocks })
    }

    fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> Tensor<4> {
        let x = self.down.forward(x, pass);
        self.blocks.iter().fold(x, |x, block| block.forward(x, pass))
    }
}

/// Of either kind.
pub(super) enum Backbone {
    Residual(Box<Residuals>),
    Lite0(Box<lite::Lite>),
}

impl Backbone {
    pub(super) fn new(plan: &Plan, build: &mut Build<'_>) -> Result<Self, Unfit> {
        Ok(match plan.backbone {
            BackboneKind::Residual => Self::Residual(Box::new(Residuals::new(plan, build)?)),
            BackboneKind::Lite0 => Self::Lite0(Box::new(lite::Lite::new(build)?)),
        })
    }

    /// `[b, h, w, 3]` to maps at strides 8, 16 and 32 with [`channels`].
    pub(super) fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> [Tensor<4>; 3] {
        match self {
            Self::Residual(residuals) => residuals.forward(x, pass),
            Self::Lite0(lite) => lite.forward(x),
        }
    }
}

/// A patch stem and residual stages, trained from nothing.
pub(super) struct Residuals {
    stages: [Stage; 4],
}

impl Residuals {
    fn new(plan: &Plan, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let [c4, c8, c16, c32] = CHANNELS.map(|c| plan.channels(c));
        let [b4, b8, b16, b32] = BLOCKS;
        // 6 × 6 patches every 4 pixels overlap by one pixel on each side.
        let stem = Sizes { kernel: 6, stride: 4, inputs: 3, outputs: c4 };
        let down = |inputs, outputs| Sizes { kernel: 3, stride: 2, inputs, outputs };
        let stages = [
            Stage::new("stage4", stem, b4, build)?,
            Stage::new("stage8", down(c4, c8), b8, build)?,
            Stage::new("stage16", down(c8, c16), b16, build)?,
            Stage::new("stage32", down(c16, c32), b32, build)?,
        ];
        Ok(Self { stages })
    }

    /// `[b, h, w, 3]` to `[b, h/8, w/8, c8]`, `[b, h/16, w/16, c16]`,
    /// `[b, h/32, w/32, c32]`.
    fn forward(&self, x: Tensor<4>, pass: &mut Pass) -> [Tensor<4>; 3] {
        let [s4, s8, s16, s32] = &self.stages;
        let x = s4.forward(x, pass); // [b, h/4, w/4, c4]
        let fine = s8.forward(x, pass);
        let middle = s16.forward(fine.clone(), pass);
        let coarse = s32.forward(middle.clone(), pass);
        [fine, middle, coarse]
    }
}
