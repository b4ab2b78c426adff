//! How the gradient's graph calls the operations and their gradients.

use super::{Activation, LayerGradients, LayerOps, Window};
use burn::backend::{
    Autodiff, Backend, TensorMetadata,
    autodiff::{
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind, binary, unary},
    },
    tensor::FloatTensor,
};

#[derive(Debug)]
struct ConvBackward;

impl<B: Backend + LayerGradients> Backward<B, 2> for ConvBackward {
    type State = (FloatTensor<B>, FloatTensor<B>, [usize; 4], Window);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (x, weights, shape, window) = ops.state;
        binary::<B, _, _>(
            ops.parents,
            ops.node,
            grads,
            |grad| B::conv_input(grad, weights, shape, window),
            |grad| B::conv_weights(x, grad, window),
        );
    }
}

/// Of a convolution with a bias and an activation.
#[derive(Debug)]
struct FinishedBackward;

/// What [`FinishedBackward`] needs to know.
#[derive(Clone, Debug)]
struct Finished<T> {
    /// Input, weights and output.
    tensors: [T; 3],
    window: Window,
    activation: Activation,
    /// Whether each channel was taken by itself.
    is_depthwise: bool,
}

impl<B: Backend + LayerGradients> Backward<B, 3> for FinishedBackward {
    type State = Finished<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let Finished { tensors: [x, weights, out], window, activation, is_depthwise } = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let [grad, by_bias] = B::before_activation(grad, out, activation);
        let [x_node, weights_node, bias_node] = ops.parents;
        // What comes before the first layer that learns has no node, and no
        // gradient is computed for it.
        if let Some(node) = x_node {
            let shape = x.shape().dims();
            let by_x = if is_depthwise {
                B::depthwise_input(grad.clone(), weights, shape, window)
            } else {
                B::conv_input(grad.clone(), weights, shape, window)
            };
            grads.register::<B>(node.id, by_x);
        }
        if let Some(node) = weights_node {
            let by_weights = if is_depthwise {
                B::depthwise_weights(x, grad, window)
            } else {
                B::conv_weights(x, grad, window)
            };
            grads.register::<B>(node.id, by_weights);
        }
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, by_bias);
        }
    }
}

/// Finishes `x` with weights and bias.
type Finish<T> = fn(T, T, T, Window, Activation) -> T;

/// A convolution that is done, with its bias and activation, as a node of the
/// graph; `finish` computes it.
fn finished<B: Backend + LayerGradients, C: CheckpointStrategy>(
    tensors: [FloatTensor<Autodiff<B, C>>; 3],
    window: Window,
    activation: Activation,
    is_depthwise: bool,
    finish: Finish<FloatTensor<B>>,
) -> FloatTensor<Autodiff<B, C>> {
    let [x, weights, bias] = tensors;
    let nodes = [x.node(), weights.node(), bias.node()];
    let [x, weights, bias] = [x, weights, bias].map(|t| t.into_primitive());
    let out = finish(x.clone(), weights.clone(), bias, window, activation);
    match FinishedBackward.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let tensors = [x, weights, out.clone()];
            prep.finish(Finished { tensors, window, activation, is_depthwise }, out)
        }
        OpsKind::UnTracked(prep) => prep.finish(out),
    }
}

#[derive(Debug)]
struct NormSiluBackward;

impl<B: Backend + LayerGradients> Backward<B, 3> for NormSiluBackward {
    type State = [FloatTensor<B>; 4];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let all = B::norm_silu_all(grad, ops.state);
        for (parent, grad) in ops.parents.into_iter().zip(all) {
            if let Some(node) = parent {
                grads.register::<B>(node.id, grad);
            }
        }
    }
}

#[derive(Debug)]
struct DoubleBackward;

impl<B: Backend + LayerGradients> Backward<B, 1> for DoubleBackward {
    type State = [usize; 4];

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        unary::<B, _>(ops.parents, ops.node, grads, |grad| B::double_input(grad, ops.state));
    }
}

impl<B: Backend + LayerOps + LayerGradients, C: CheckpointStrategy> LayerOps for Autodiff<B, C> {
    fn conv(x: FloatTensor<Self>, weights: FloatTensor<Self>, window: Window) -> FloatTensor<Self> {
        let nodes = [x.node(), weights.node()];
        let (x, weights) = (x.into_primitive(), weights.into_primitive());
        let shape = x.shape().dims();
        let out = B::conv(x.clone(), weights.clone(), window);
        match ConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weights, shape, window), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn conv_finished(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
        activation: Activation,
    ) -> FloatTensor<Self> {
        if activation == Activation::Silu {
            let [x, weights, bias] = [x, weights, bias].map(|t| t.into_primitive());
            return FloatTensor::<Self>::new(B::conv_finished(x, weights, bias, window, activation));
        }
        finished::<B, C>([x, weights, bias], window, activation, false, B::conv_finished)
    }

    fn depthwise(
        x: FloatTensor<Self>,
        weights: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        window: Window,
        activation: Activation,
    ) -> FloatTensor<Self> {
        finished::<B, C>([x, weights, bias], window, activation, true, B::depthwise)
    }

    fn moments(x: FloatTensor<Self>) -> FloatTensor<Self> {
        FloatTensor::<Self>::new(B::moments(x.into_primitive()))
    }

    fn norm_silu(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        moments: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), gamma.node(), beta.node()];
        let inputs = [x, gamma, beta, moments].map(|t| t.into_primitive());
        let [x, gamma, beta, moments] = inputs.clone();
        let out = B::norm_silu(x, gamma, beta, moments);
        match NormSiluBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(inputs, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn double(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let nodes = [x.node()];
        let x = x.into_primitive();
        let shape = x.shape().dims();
        let out = B::double(x);
        match DoubleBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(shape, out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}
