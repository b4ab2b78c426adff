//! The network's layers as tensor operations with gradients.
//!
//! burn's own CPU convolution keeps channels apart (NCHW) and pays for it
//! twice: it turns every input round before the product, and its gradient of
//! the weights is a convolution whose kernel is as large as the picture. Here
//! tensors are `[batch, height, width, channels]`, and three operations carry
//! the whole network.

mod autodiff;
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
#[backend_extension(Flex, Autodiff)]
pub(crate) trait LayerOps: Backend {
    /// `x [b, h, w, in]` with `weights [k, k, in, out]`: `[b, h', w', out]`.
    fn conv(x: FloatTensor<Self>, weights: FloatTensor<Self>, window: Window) -> FloatTensor<Self>;

    /// The same, plus `bias [out]`, then the activation; has no gradient.
    fn conv_finished(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
        activation: Activation,
    ) -> FloatTensor<Self>;

    /// Mean and biased variance of each channel, `[2, c]`; constants to the
    /// gradient.
    fn moments(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// Batch normalisation with moments that [`LayerOps::moments`] took of
    /// the same `x`, then SiLU. The gradient sees through the moments.
    fn norm_silu(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        moments: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    /// `[b, h, w, c]` to `[b, 2h, 2w, c]`: every pixel four times.
    fn double(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

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
