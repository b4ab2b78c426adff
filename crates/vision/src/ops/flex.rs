//! The operations and their gradients on burn's CPU backend.

use super::{Activation, EPSILON, LayerGradients, LayerOps, Window};
use crate::kernels::{
    conv::{self, Finish, Kernel},
    depthwise, finish, norm, resample,
};
use burn::{
    backend::{Flex, tensor::FloatTensor},
    tensor::TensorData,
};

type FlexTensor = FloatTensor<Flex>;

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

pub(crate) fn shape_of(x: &FlexTensor) -> [usize; 4] {
    x.layout().shape().dims()
}

fn split_moments(moments: &FlexTensor) -> norm::Moments {
    let both: &[f32] = moments.storage();
    let (mean, variance) = both.split_at(both.len() / 2);
    norm::Moments { mean: mean.to_vec(), variance: variance.to_vec() }
}

/// Arranged weights have as many numbers along their first axes as there are
/// products of a tile, which are more than a kernel has.
fn kernel(weights: &FlexTensor, window: Window) -> Kernel<'_> {
    match shape_of(weights) {
        [side, ..] if side == window.kernel => Kernel::Plain(weights.storage()),
        _ => Kernel::Arranged(weights.storage()),
    }
}

impl LayerOps for Flex {
    fn conv(x: FlexTensor, weights: FlexTensor, window: Window) -> FlexTensor {
        let (x, weights) = (x.to_contiguous(), weights.to_contiguous());
        let kernel = Kernel::Plain(weights.storage());
        let (out, shape) = conv::forward(x.storage(), shape_of(&x), kernel, window, Finish::nothing());
        tensor(out, shape)
    }

    fn arranged(weights: FlexTensor, window: Window) -> FlexTensor {
        let [_, _, inputs, outputs] = shape_of(&weights);
        let weights = weights.to_contiguous();
        match conv::arrange(weights.storage(), inputs, outputs, window) {
            Some(arranged) => tensor(arranged, [4, 4, inputs, outputs]),
            None => weights,
        }
    }

    fn conv_finished(
        x: FlexTensor,
        weights: FlexTensor,
        bias: FlexTensor,
        window: Window,
        activation: Activation,
    ) -> FlexTensor {
        let (x, weights, bias) = (x.to_contiguous(), weights.to_contiguous(), bias.to_contiguous());
        let finish = Finish { bias: Some(bias.storage()), activation, added: None };
        let (out, shape) = conv::forward(x.storage(), shape_of(&x), kernel(&weights, window), window, finish);
        tensor(out, shape)
    }

    fn conv_finished_added(
        x: FlexTensor,
        weights: FlexTensor,
        bias: FlexTensor,
        added: FlexTensor,
        window: Window,
        activation: Activation,
    ) -> FlexTensor {
        let (x, weights, bias) = (x.to_contiguous(), weights.to_contiguous(), bias.to_contiguous());
        let added = added.to_contiguous();
        let finish = Finish { bias: Some(bias.storage()), activation, added: Some(added.storage()) };
        let (out, shape) = conv::forward(x.storage(), shape_of(&x), kernel(&weights, window), window, finish);
        tensor(out, shape)
    }

    fn depthwise(
        x: FlexTensor,
        weights: FlexTensor,
        bias: FlexTensor,
        window: Window,
        activation: Activation,
    ) -> FlexTensor {
        let (x, weights, bias) = (x.to_contiguous(), weights.to_contiguous(), bias.to_contiguous());
        let (out, shape) = depthwise::forward(
            x.storage(),
            shape_of(&x),
            weights.storage(),
            Some(bias.storage()),
            window,
            activation,
        );
        tensor(out, shape)
    }

    fn moments(x: FlexTensor) -> FlexTensor {
        let x = x.to_contiguous();
        let [.., channels] = shape_of(&x);
        let norm::Moments { mut mean, variance } = norm::moments(x.storage(), channels);
        mean.extend(variance);
        tensor(mean, [2, channels])
    }

    fn norm_silu(x: FlexTensor, gamma: FlexTensor, beta: FlexTensor, moments: FlexTensor) -> FlexTensor {
        let x = x.to_contiguous();
        let (gamma, beta, moments) = (gamma.to_contiguous(), beta.to_contiguous(), moments.to_contiguous());
        let (scale, shift) = norm::affine(&split_moments(&moments), gamma.storage(), beta.storage(), EPSILON);
        tensor(norm::forward(x.storage(), &scale, &shift), shape_of(&x))
    }

    fn double(x: FlexTensor) -> FlexTensor {
        let x = x.to_contiguous();
        let [b, h, w, c] = shape_of(&x);
        tensor(resample::double(x.storage(), [b, h, w, c]), [b, 2 * h, 2 * w, c])
    }
}

impl LayerGradients for Flex {
    fn conv_input(grad: FlexTensor, weights: FlexTensor, shape: [usize; 4], window: Window) -> FlexTensor {
        let (grad, weights) = (grad.to_contiguous(), weights.to_contiguous());
        let out = conv::input_backward(grad.storage(), shape_of(&grad), weights.storage(), shape, window);
        tensor(out, shape)
    }

    fn conv_weights(x: FlexTensor, grad: FlexTensor, window: Window) -> FlexTensor {
        let (x, grad) = (x.to_contiguous(), grad.to_contiguous());
        let (inputs, outputs) = (shape_of(&x)[3], shape_of(&grad)[3]);
        let out = conv::weights_backward(x.storage(), shape_of(&x), grad.storage(), shape_of(&grad), window);
        tensor(out, [window.kernel, window.kernel, inputs, outputs])
    }

    fn before_activation(grad: FlexTensor, out: FlexTensor, activation: Activation) -> [FlexTensor; 2] {
        let (grad, out) = (grad.to_contiguous(), out.to_contiguous());
        let shape = shape_of(&grad);
        let (before, by_bias) = finish::unfinish(grad.storage(), out.storage(), shape[3], activation);
        [tensor(before, shape), tensor(by_bias, [shape[3]])]
    }

    fn depthwise_input(
        grad: FlexTensor,
        weights: FlexTensor,
        shape: [usize; 4],
        window: Window,
    ) -> FlexTensor {
        let (grad, weights) = (grad.to_contiguous(), weights.to_contiguous());
        let out =
            depthwise::input_backward(grad.storage(), shape_of(&grad), weights.storage(), shape, window);
        tensor(out, shape)
    }

    fn depthwise_weights(x: FlexTensor, grad: FlexTensor, window: Window) -> FlexTensor {
        let (x, grad) = (x.to_contiguous(), grad.to_contiguous());
        let channels = shape_of(&x)[3];
        let out =
            depthwise::weights_backward(x.storage(), shape_of(&x), grad.storage(), shape_of(&grad), window);
        tensor(out, [window.kernel, window.kernel, 1, channels])
    }

    fn norm_silu_all(grad: FlexTensor, inputs: [FlexTensor; 4]) -> [FlexTensor; 3] {
        let grad = grad.to_contiguous();
        let [x, gamma, beta, moments] = inputs.map(|t| t.to_contiguous());
        let gradients = norm::backward(
            grad.storage(),
            x.storage(),
            &split_moments(&moments),
            gamma.storage(),
            beta.storage(),
            EPSILON,
        );
        let channels = gradients.beta.len();
        [
            tensor(gradients.input, shape_of(&x)),
            tensor(gradients.gamma, [channels]),
            tensor(gradients.beta, [channels]),
        ]
    }

    fn double_input(grad: FlexTensor, shape: [usize; 4]) -> FlexTensor {
        let grad = grad.to_contiguous();
        tensor(resample::double_backward(grad.storage(), shape), shape)
    }
}
