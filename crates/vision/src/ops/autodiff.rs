//! How the gradient's graph calls the operations and their gradients.

use super::{Activation, LayerOps, Window, flex::LayerGradients};
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
        let out = B::conv_finished(
            x.into_primitive(),
            weights.into_primitive(),
            bias.into_primitive(),
            window,
            activation,
        );
        FloatTensor::<Self>::new(out)
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
