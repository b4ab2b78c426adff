//! EfficientNet-Lite0 (Tan, Le 2019, "EfficientNet"; Liu 2020, its Lite form
//! without squeeze and excitation and with ReLU6) up to its last map, with the
//! normalisation folded into the weights.
//!
//! Trained on ImageNet it brings what it knows as a file ([`crate::pretrained`]).
//! What it normalised by stays as it was there: batches of eight are too few to
//! learn it anew, and a layer is then a convolution and a bias. The first layers
//! see edges and colours, which are the same everywhere: they do not learn, and
//! what they take of a step is a forward pass.

use super::build::Build;
use crate::{
    ops::{self, Activation, Window},
    weights::Unfit,
};
use burn::tensor::Tensor;

/// What the names of all its weights begin with.
pub(crate) const PREFIX: &str = "lite.";
/// Channels of the maps at strides 8, 16 and 32.
pub(super) const CHANNELS: [usize; 3] = [40, 112, 320];
/// Blocks after which a map is given out.
pub(crate) const MAPS: [usize; 3] = [4, 10, 15];
/// Blocks that do not learn: those before stride 8.
const FROZEN: usize = 3;
const STEM: usize = 32;
/// Kernel, stride of the first block, expansion, channels, blocks (table 1 of
/// the paper, of B0, which Lite0 shares).
const STAGES: [[usize; 5]; 7] = [
    [3, 1, 1, 16, 1],
    [3, 2, 6, 24, 2],
    [5, 2, 6, 40, 2],
    [3, 2, 6, 80, 3],
    [5, 1, 6, 112, 3],
    [5, 2, 6, 192, 4],
    [3, 1, 6, 320, 1],
];

/// The shapes of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockSizes {
    /// The stage it is in, and its place there.
    pub(crate) place: (usize, usize),
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) inputs: usize,
    /// Channels between; as many as `inputs` where nothing is expanded.
    pub(crate) hidden: usize,
    pub(crate) outputs: usize,
}

/// All blocks in order.
pub(crate) fn blocks() -> Vec<BlockSizes> {
    let mut inputs = STEM;
    let mut all = Vec::new();
    for (stage, [kernel, stride, expansion, outputs, count]) in STAGES.into_iter().enumerate() {
        for index in 0..count {
            let stride = if index == 0 { stride } else { 1 };
            let hidden = inputs * expansion;
            all.push(BlockSizes { place: (stage, index), kernel, stride, inputs, hidden, outputs });
            inputs = outputs;
        }
    }
    all
}

/// As many zeros as TensorFlow's "same" puts before an input whose side is a
/// multiple of the stride; it was trained so.
pub(crate) fn window(kernel: usize, stride: usize) -> Window {
    Window { kernel, stride, padding: (kernel - stride) / 2 }
}

/// A convolution and a bias, then maybe ReLU6.
struct Layer {
    kernel: Tensor<4>,
    bias: Tensor<1>,
    window: Window,
    activation: Activation,
    is_depthwise: bool,
}

impl Layer {
    fn full(
        name: &str,
        [inputs, outputs]: [usize; 2],
        window: Window,
        activation: Activation,
        build: &mut Build<'_>,
    ) -> Result<Self, Unfit> {
        let kernel = build.kernel(&format!("{name}.weight"), window, inputs, outputs, 1.0)?;
        let bias = build.channel(&format!("{name}.bias"), outputs, 0.0)?;
        Ok(Self { kernel, bias, window, activation, is_depthwise: false })
    }

    fn each_channel(
        name: &str,
        channels: usize,
        window: Window,
        build: &mut Build<'_>,
    ) -> Result<Self, Unfit> {
        let layer = Self::full(name, [1, channels], window, Activation::Relu6, build)?;
        Ok(Self { is_depthwise: true, ..layer })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (kernel, bias) = (self.kernel.clone(), self.bias.clone());
        if self.is_depthwise {
            ops::depthwise(x, kernel, bias, self.window, self.activation)
        } else {
            ops::conv_finished(x, kernel, bias, self.window, self.activation)
        }
    }
}

/// Expands, looks around, projects; adds what came in where that has the same
/// shape (Sandler et al. 2018, "MobileNetV2").
struct Block {
    expand: Option<Layer>,
    depth: Layer,
    project: Layer,
    is_residual: bool,
}

impl Block {
    fn new(name: &str, sizes: BlockSizes, build: &mut Build<'_>) -> Result<Self, Unfit> {
        let BlockSizes { kernel, stride, inputs, hidden, outputs, .. } = sizes;
        let point = window(1, 1);
        let expand = if hidden == inputs {
            None
        } else {
            let name = format!("{name}.expand");
            Some(Layer::full(&name, [inputs, hidden], point, Activation::Relu6, build)?)
        };
        let depth = Layer::each_channel(&format!("{name}.depth"), hidden, window(kernel, stride), build)?;
        let name = format!("{name}.project");
        let project = Layer::full(&name, [hidden, outputs], point, Activation::None, build)?;
        Ok(Self { expand, depth, project, is_residual: stride == 1 && inputs == outputs })
    }

    /// `[b, h, w, inputs]` to `[b, h / stride, w / stride, outputs]`.
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = match &self.expand {
            Some(expand) => expand.forward(x.clone()), // [b, h, w, hidden]
            None => x.clone(),
        };
        let y = self.project.forward(self.depth.forward(y));
        if self.is_residual { x + y } else { y }
    }
}

pub(crate) struct Lite {
    stem: Layer,
    blocks: Vec<Block>,
}

impl Lite {
    pub(crate) fn new(build: &mut Build<'_>) -> Result<Self, Unfit> {
        build.is_frozen = true;
        let stem = Layer::full(&format!("{PREFIX}stem"), [3, STEM], window(3, 2), Activation::Relu6, build)?;
        let mut all = Vec::new();
        for (index, sizes) in blocks().into_iter().enumerate() {
            build.is_frozen = index < FROZEN;
            all.push(Block::new(&format!("{PREFIX}block{index}"), sizes, build)?);
        }
        build.is_frozen = false;
        Ok(Self { stem, blocks: all })
    }

    /// `[b, h, w, 3]` to `[b, h/8, w/8, 40]`, `[b, h/16, w/16, 112]` and
    /// `[b, h/32, w/32, 320]`.
    pub(crate) fn forward(&self, x: Tensor<4>) -> [Tensor<4>; 3] {
        let mut x = self.stem.forward(x); // [b, h/2, w/2, 32]
        let mut maps = Vec::with_capacity(MAPS.len());
        for (index, block) in self.blocks.iter().enumerate() {
            x = block.forward(x);
            if MAPS.contains(&index) {
                maps.push(x.clone());
            }
        }
        // There are as many blocks as `STAGES` says: each map is there.
        <[Tensor<4>; 3]>::try_from(maps).unwrap_or_else(|_| std::array::from_fn(|_| x.clone()))
    }
}

#[cfg(test)]
#[path = "lite_tests.rs"]
mod tests;
