//! The network's layers as tensor operations with gradients.
//!
//! burn's own CPU convolution keeps channels apart (NCHW) and pays for it
//! twice: it turns every input round before the product, and its gradient of
//! the weights is a convolution whose kernel is as large as the picture. Here
//! tensors are `[batch, height, width, channels]`, and a few operations carry
//! the whole network.
//!
//! On the processors (burn's Flex) each operation and its gradient is a kernel
//! of ours (`flex.rs`). Backends without kernels, which GPUs run by, take the
//! bodies that the traits have themselves, made of burn's own operations
//! (`fallback.rs`). Who adds an operation writes
//! - its method in [`LayerOps`], the body in `fallback.rs`, nothing but calls of
//!   [`Backend`]; that of its gradient in `LayerGradients`, the same way;
//! - the kernels in `flex.rs`, how the graph calls both in `autodiff.rs`;
//! - a line in `tests.rs`: what the kernel gives is what the body gives.

mod autodiff;
mod fallback;
mod flex;
#[cfg(test)]
mod tests;

pub(crate) use crate::kernels::conv::{Activation, Window};
use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};

/// Added to a variance before the root, as everywhere in the field.
pub(crate) const EPSILON: f32 = 1e-3;

/// What the network asks of a backend.
#[backend_extension(Flex, Cube: cfg(any(feature = "gpu", feature = "cuda")), Autodiff)]
pub(crate) trait LayerOps: Backend {
    /// `x [b, h, w, in]` with `weights [k, k, in, out]`: `[b, h', w', out]`.
    fn conv(x: FloatTensor<Self>, weights: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        fallback::conv::<Self>(x, weights, window)
    }

    /// The same, plus `bias [out]`, then the activation; has no gradient
    /// through SiLU.
    fn conv_finished(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
        activation: Activation,
    ) -> FloatTensor<Self> {
        fallback::conv_finished::<Self>(x, weights, bias, window, activation)
    }

    /// The same, then plus `added`, of the output's shape.
    fn conv_finished_added(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        added: FloatTensor<Self>,
        window: Window,
        activation: Activation,
    ) -> FloatTensor<Self> {
        Self::float_add(added, Self::conv_finished(x, weights, bias, window, activation))
    }

    /// Weights that no longer change, as the two operations before take them
    /// with less to do; they also take those that were not arranged.
    fn arranged(weights: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        // Nothing to do where burn's own operations compute.
        let _ = window;
        weights
    }

    /// Each channel by itself: `x [b, h, w, c]` with `weights [k, k, 1, c]`,
    /// plus `bias [c]`, then the activation: none, or ReLU6.
    fn depthwise(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
        activation: Activation,
    ) -> FloatTensor<Self> {
        fallback::depthwise::<Self>(x, weights, bias, window, activation)
    }

    /// Mean and biased variance of each channel, `[2, c]`; constants to the
    /// gradient.
    fn moments(x: FloatTensor<Self>) -> FloatTensor<Self> {
        fallback::moments::<Self>(x)
    }

    /// Batch normalisation with moments that [`LayerOps::moments`] took of
    /// the same `x`, then SiLU. The gradient sees through the moments.
    fn norm_silu(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        moments: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        fallback::norm_silu::<Self>(x, gamma, beta, moments)
    }

    /// `[b, h, w, c]` to `[b, 2h, 2w, c]`: every pixel four times.
    fn double(x: FloatTensor<Self>) -> FloatTensor<Self> {
        fallback::double::<Self>(x)
    }
}

/// What flows back through the operations; see the module for what a new one
/// needs.
pub(crate) trait LayerGradients: Backend {
    /// The gradient of the input of a convolution, of shape `shape`.
    fn conv_input(
        grad: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        shape: [usize; 4],
        window: Window,
    ) -> FloatTensor<Self> {
        fallback::conv_input::<Self>(grad, weights, shape, window)
    }

    /// The gradient of the weights of a convolution.
    fn conv_weights(x: FloatTensor<Self>, grad: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        fallback::conv_weights::<Self>(x, grad, window)
    }

    /// The gradient before the activation that gave `out`, and that of the
    /// bias, `[channels]`; not for SiLU.
    fn before_activation(
        grad: FloatTensor<Self>,
        out: FloatTensor<Self>,
        activation: Activation,
    ) -> [FloatTensor<Self>; 2] {
        fallback::before_activation::<Self>(grad, out, activation)
    }

    /// The gradient of the input of a depthwise convolution, of shape `shape`.
    fn depthwise_input(
        grad: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        shape: [usize; 4],
        window: Window,
    ) -> FloatTensor<Self> {
        fallback::depthwise_input::<Self>(grad, weights, shape, window)
    }

    /// The gradient of the weights of a depthwise convolution.
    fn depthwise_weights(x: FloatTensor<Self>, grad: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        fallback::depthwise_weights::<Self>(x, grad, window)
    }

    /// The gradients of x, gamma and beta.
    fn norm_silu_all(grad: FloatTensor<Self>, inputs: [FloatTensor<Self>; 4]) -> [FloatTensor<Self>; 3] {
        fallback::norm_silu_all::<Self>(grad, inputs)
    }

    /// The gradient of the smaller map, of shape `shape`.
    fn double_input(grad: FloatTensor<Self>, shape: [usize; 4]) -> FloatTensor<Self> {
        fallback::double_input::<Self>(grad, shape)
    }
}

#[cfg(any(feature = "gpu", feature = "cuda"))]
impl LayerOps for burn::backend::Cube {}
#[cfg(any(feature = "gpu", feature = "cuda"))]
impl LayerGradients for burn::backend::Cube {}

/// See [`LayerOps::conv`].
pub(crate) fn conv(x: Tensor<4>, weights: Tensor<4>, window: Window) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::conv(x.into_dispatch(), weights.into_dispatch(), window))
}

/// See [`LayerOps::conv_finished`].
pub(crate) fn conv_finished(
    x: Tensor<4>,
    weights: Tensor<4>,
    bias: Tensor<1>,
    window: Window,
    activation: Activation,
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::conv_finished(
        x.into_dispatch(),
        weights.into_dispatch(),
        bias.into_dispatch(),
        window,
        activation,
    ))
}

/// See [`LayerOps::conv_finished_added`].
pub(crate) fn conv_finished_added(
    x: Tensor<4>,
    weights: Tensor<4>,
    bias: Tensor<1>,
    added: Tensor<4>,
    window: Window,
    activation: Activation,
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::conv_finished_added(
        x.into_dispatch(),
        weights.into_dispatch(),
        bias.into_dispatch(),
        added.into_dispatch(),
        window,
        activation,
    ))
}

/// See [`LayerOps::arranged`].
pub(crate) fn arranged(weights: Tensor<4>, window: Window) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::arranged(weights.into_dispatch(), window))
}

/// See [`LayerOps::depthwise`].
pub(crate) fn depthwise(
    x: Tensor<4>,
    weights: Tensor<4>,
    bias: Tensor<1>,
    window: Window,
    activation: Activation,
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::depthwise(
        x.into_dispatch(),
        weights.into_dispatch(),
        bias.into_dispatch(),
        window,
        activation,
    ))
}

/// See [`LayerOps::moments`].
pub(crate) fn moments(x: Tensor<4>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::moments(x.into_dispatch()))
}

/// See [`LayerOps::norm_silu`].
pub(crate) fn norm_silu(x: Tensor<4>, gamma: Tensor<1>, beta: Tensor<1>, moments: Tensor<2>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::norm_silu(
        x.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        moments.into_dispatch(),
    ))
}

/// See [`LayerOps::double`].
pub(crate) fn double(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as LayerOps>::double(x.into_dispatch()))
}
