//! The operations and their gradients of burn's own operations, for backends
//! that we have no kernels for: what a GPU runs.
//!
//! burn keeps channels apart, `[b, c, h, w]`; turning an array round there and
//! back costs no copy by itself, since only its strides change.

use super::{Activation, EPSILON, LayerOps, Window};
use burn::{
    backend::{Backend, TensorMetadata, tensor::FloatTensor},
    tensor::{Shape, ops::ConvOptions},
};

fn options(window: Window, groups: usize) -> ConvOptions<2> {
    ConvOptions::new([window.stride; 2], [window.padding; 2], [1, 1], groups)
}

/// Zeros after each side of the input that burn does not know of, since it
/// pads both ends alike.
fn zeros_after(window: Window, [_, h, w, _]: [usize; 4]) -> [usize; 2] {
    [h, w].map(|side| {
        let reach = (side.div_ceil(window.stride).max(1) - 1) * window.stride + window.kernel;
        reach.saturating_sub(side + 2 * window.padding)
    })
}

/// `[b, h, w, c]` with those zeros.
fn padded<B: Backend>(x: FloatTensor<B>, window: Window) -> FloatTensor<B> {
    let [b, h, w, c] = x.shape().dims();
    let [below, right] = zeros_after(window, [b, h, w, c]);
    if below + right == 0 {
        return x;
    }
    let zeros = B::float_zeros(Shape::from([b, h + below, w + right, c]), &x.device(), x.dtype().into());
    let place = [(0..b).into(), (0..h).into(), (0..w).into(), (0..c).into()];
    B::float_slice_assign(zeros, &place, x)
}

/// `[b, h, w, c]` to `[b, c, h, w]`.
fn channels_apart<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_permute(x, &[0, 3, 1, 2])
}

/// The way back.
fn channels_last<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_permute(x, &[0, 2, 3, 1])
}

/// `[k, k, in, out]` to `[out, in, k, k]`.
fn outputs_first<B: Backend>(weights: FloatTensor<B>) -> FloatTensor<B> {
    B::float_permute(weights, &[3, 2, 0, 1])
}

/// One number a channel, to go with `[b, h, w, c]`.
fn per_channel<B: Backend>(values: FloatTensor<B>) -> FloatTensor<B> {
    let channels = values.shape().num_elements();
    B::float_reshape(values, Shape::from([1, 1, 1, channels]))
}

/// Sums over all but the channels: `[1, 1, 1, c]`.
fn channel_sums<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    // Rows first: sums of few numbers lose less of them.
    let sums = B::float_sum_dim(B::float_sum_dim(x, 2), 1);
    B::float_sum_dim(sums, 0)
}

/// Means over all but the channels: `[1, 1, 1, c]`.
fn channel_means<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let [b, h, w, _] = x.shape().dims();
    B::float_mul_scalar(channel_sums::<B>(x), (1.0 / (b * h * w).max(1) as f32).into())
}

fn silu<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_mul(x.clone(), B::sigmoid(x))
}

pub(super) fn conv<B: Backend>(x: FloatTensor<B>, weights: FloatTensor<B>, window: Window) -> FloatTensor<B> {
    grouped::<B>(x, weights, window, 1)
}

fn grouped<B: Backend>(
    x: FloatTensor<B>,
    weights: FloatTensor<B>,
    window: Window,
    groups: usize,
) -> FloatTensor<B> {
    let x = channels_apart::<B>(padded::<B>(x, window));
    let out = B::conv2d(x, outputs_first::<B>(weights), None, options(window, groups));
    channels_last::<B>(out)
}

pub(super) fn conv_finished<B: Backend + LayerOps>(
    x: FloatTensor<B>,
    weights: FloatTensor<B>,
    bias: FloatTensor<B>,
    window: Window,
    activation: Activation,
) -> FloatTensor<B> {
    finish::<B>(B::conv(x, weights, window), bias, activation)
}

fn finish<B: Backend>(x: FloatTensor<B>, bias: FloatTensor<B>, activation: Activation) -> FloatTensor<B> {
    let out = B::float_add(x, per_channel::<B>(bias));
    match activation {
        Activation::None => out,
        Activation::Silu => silu::<B>(out),
        Activation::Relu6 => B::float_clamp(out, 0f32.into(), 6f32.into()),
    }
}

pub(super) fn depthwise<B: Backend>(
    x: FloatTensor<B>,
    weights: FloatTensor<B>,
    bias: FloatTensor<B>,
    window: Window,
    activation: Activation,
) -> FloatTensor<B> {
    let [.., channels] = x.shape().dims::<4>();
    finish::<B>(grouped::<B>(x, weights, window, channels), bias, activation)
}

pub(super) fn moments<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let [.., channels] = x.shape().dims::<4>();
    let mean = channel_means::<B>(x.clone());
    let apart = B::float_sub(x, mean.clone());
    let variance = channel_means::<B>(B::float_mul(apart.clone(), apart));
    let row = |values| B::float_reshape(values, Shape::from([1, channels]));
    B::float_cat(vec![row(mean), row(variance)], 0)
}

/// What normalising x takes, each `[1, 1, 1, c]`: the mean, and one over the
/// root of the variance.
fn mean_and_inverse<B: Backend>(moments: FloatTensor<B>) -> [FloatTensor<B>; 2] {
    let [_, channels] = moments.shape().dims();
    let row = |rows: FloatTensor<B>, row: usize| {
        per_channel::<B>(B::float_slice(rows, &[(row..row + 1).into(), (0..channels).into()]))
    };
    let mean = row(moments.clone(), 0);
    let root = B::float_sqrt(B::float_add_scalar(row(moments, 1), EPSILON.into()));
    [mean, B::float_recip(root)]
}

pub(super) fn norm_silu<B: Backend>(
    x: FloatTensor<B>,
    gamma: FloatTensor<B>,
    beta: FloatTensor<B>,
    moments: FloatTensor<B>,
) -> FloatTensor<B> {
    let [mean, inverse] = mean_and_inverse::<B>(moments);
    let scale = B::float_mul(per_channel::<B>(gamma), inverse);
    let y = B::float_add(B::float_mul(B::float_sub(x, mean), scale), per_channel::<B>(beta));
    silu::<B>(y)
}

pub(super) fn double<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    let [b, h, w, c] = x.shape().dims();
    let apart = B::float_reshape(x, Shape::from([b, h, 1, w, 1, c]));
    let all = B::float_expand(apart, Shape::from([b, h, 2, w, 2, c]));
    B::float_reshape(all, Shape::from([b, 2 * h, 2 * w, c]))
}

pub(super) fn conv_input<B: Backend>(
    grad: FloatTensor<B>,
    weights: FloatTensor<B>,
    shape: [usize; 4],
    window: Window,
) -> FloatTensor<B> {
    input_of_grouped::<B>(grad, weights, shape, window, 1)
}

fn input_of_grouped<B: Backend>(
    grad: FloatTensor<B>,
    weights: FloatTensor<B>,
    shape: [usize; 4],
    window: Window,
    groups: usize,
) -> FloatTensor<B> {
    let device = grad.device();
    let [b, h, w, c] = shape;
    let [below, right] = zeros_after(window, shape);
    // Only its shape counts.
    let x = B::float_zeros(Shape::from([b, c, h + below, w + right]), &device, grad.dtype().into());
    let grad = B::conv2d_x_backward(
        x,
        outputs_first::<B>(weights),
        channels_apart::<B>(grad),
        options(window, groups),
    );
    let grad = channels_last::<B>(grad);
    if below + right == 0 {
        return grad;
    }
    B::float_slice(grad, &[(0..b).into(), (0..h).into(), (0..w).into(), (0..c).into()])
}

pub(super) fn conv_weights<B: Backend>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
    window: Window,
) -> FloatTensor<B> {
    weights_of_grouped::<B>(x, grad, window, 1)
}

fn weights_of_grouped<B: Backend>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
    window: Window,
    groups: usize,
) -> FloatTensor<B> {
    let ([.., inputs], [.., outputs]) = (x.shape().dims::<4>(), grad.shape().dims::<4>());
    let device = grad.device();
    let shape = Shape::from([outputs, inputs / groups.max(1), window.kernel, window.kernel]);
    let weights = B::float_zeros(shape, &device, grad.dtype().into());
    let grad = B::conv2d_weight_backward(
        channels_apart::<B>(padded::<B>(x, window)),
        weights,
        channels_apart::<B>(grad),
        options(window, groups),
    );
    B::float_permute(grad, &[2, 3, 1, 0])
}

pub(super) fn depthwise_input<B: Backend>(
    grad: FloatTensor<B>,
    weights: FloatTensor<B>,
    shape: [usize; 4],
    window: Window,
) -> FloatTensor<B> {
    input_of_grouped::<B>(grad, weights, shape, window, shape[3])
}

pub(super) fn depthwise_weights<B: Backend>(
    x: FloatTensor<B>,
    grad: FloatTensor<B>,
    window: Window,
) -> FloatTensor<B> {
    let [.., channels] = x.shape().dims::<4>();
    weights_of_grouped::<B>(x, grad, window, channels)
}

/// The slope of ReLU6 is 1 where its output is neither 0 nor 6: the product of
/// the signs of the output and of what it lacks to 6.
pub(super) fn before_activation<B: Backend>(
    grad: FloatTensor<B>,
    out: FloatTensor<B>,
    activation: Activation,
) -> [FloatTensor<B>; 2] {
    let [.., channels] = grad.shape().dims::<4>();
    let before = if activation == Activation::Relu6 {
        let lacking = B::float_add_scalar(B::float_neg(out.clone()), 6f32.into());
        B::float_mul(grad, B::float_mul(B::float_sign(out), B::float_sign(lacking)))
    } else {
        grad
    };
    let by_bias = B::float_reshape(channel_sums::<B>(before.clone()), Shape::from([channels]));
    [before, by_bias]
}

/// With y the normalised x and z = γ·y + β: the slope of SiLU by z is
/// s·(1 + z·(1 − s)), s its sigmoid; the mean and the variance move with x.
pub(super) fn norm_silu_all<B: Backend>(
    grad: FloatTensor<B>,
    [x, gamma, beta, moments]: [FloatTensor<B>; 4],
) -> [FloatTensor<B>; 3] {
    let channels = gamma.shape().num_elements();
    let [mean, inverse] = mean_and_inverse::<B>(moments);
    let gamma = per_channel::<B>(gamma);
    let y = B::float_mul(B::float_sub(x, mean), inverse.clone());
    let z = B::float_add(B::float_mul(y.clone(), gamma.clone()), per_channel::<B>(beta));
    let s = B::sigmoid(z.clone());
    let rest = B::float_add_scalar(B::float_neg(s.clone()), 1f32.into());
    let slope = B::float_mul(s, B::float_add_scalar(B::float_mul(z, rest), 1f32.into()));
    let by_z = B::float_mul(grad, slope);
    let by_z_y = B::float_mul(by_z.clone(), y.clone());
    let common =
        B::float_add(channel_means::<B>(by_z.clone()), B::float_mul(y, channel_means::<B>(by_z_y.clone())));
    let by_x = B::float_mul(B::float_sub(by_z.clone(), common), B::float_mul(gamma, inverse));
    let row = |values| B::float_reshape(values, Shape::from([channels]));
    [by_x, row(channel_sums::<B>(by_z_y)), row(channel_sums::<B>(by_z))]
}

pub(super) fn double_input<B: Backend>(grad: FloatTensor<B>, shape: [usize; 4]) -> FloatTensor<B> {
    let [b, h, w, c] = shape;
    let apart = B::float_reshape(grad, Shape::from([b, h, 2, w, 2, c]));
    B::float_reshape(B::float_sum_dim(B::float_sum_dim(apart, 4), 2), Shape::from(shape))
}
