use super::*;
use burn::tensor::{Device, Tensor, TensorData};

fn numbers<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| ((i * 37 % 101) as f32) / 50.0 - 1.0).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// burn's own convolution, channels apart.
fn reference(x: Tensor<4>, weights: Tensor<4>, window: Window) -> Tensor<4> {
    let options = burn::tensor::ops::ConvOptions::new([window.stride; 2], [window.padding; 2], [1, 1], 1);
    let x = x.permute([0, 3, 1, 2]);
    let weights = weights.permute([3, 2, 0, 1]);
    burn::tensor::module::conv2d(x, weights, None, options).permute([0, 2, 3, 1])
}

#[test]
fn the_graph_gives_the_gradients_that_burns_own_convolution_gives() {
    let device = Device::flex().autodiff();
    for window in [
        Window { kernel: 3, stride: 1, padding: 1 },
        Window { kernel: 3, stride: 2, padding: 1 },
        Window { kernel: 1, stride: 1, padding: 0 },
    ] {
        let x = numbers([2, 6, 8, 3], &device).require_grad();
        let w = numbers([window.kernel, window.kernel, 3, 5], &device).require_grad();
        let run = |f: fn(Tensor<4>, Tensor<4>, Window) -> Tensor<4>| {
            let out = f(x.clone(), w.clone(), window);
            let grads = (out.clone() * out.clone()).sum().backward();
            (out.inner(), x.grad(&grads).unwrap(), w.grad(&grads).unwrap())
        };
        let (ours, theirs) = (run(conv), run(reference));
        for (a, b) in [(ours.0, theirs.0), (ours.1, theirs.1), (ours.2, theirs.2)] {
            let worst = (a - b).abs().max().into_scalar::<f32>();
            assert!(worst < 2e-3, "{window:?}: {worst}");
        }
    }
}

/// Output and all gradients of a convolution of each channel by itself, on a
/// backend's own bodies or on our kernels.
fn depthwise_all(window: Window, by_bodies: bool) -> Vec<Vec<f32>> {
    use burn::backend::{Flex, TensorMetadata, tensor::FloatTensor};
    type Plain = FloatTensor<Flex>;
    let plain = |shape: &[usize], seed: usize| -> Plain {
        let count = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..count).map(|i| ((i * 37 + seed) % 101) as f32 / 25.0 - 2.0).collect();
        Plain::from_data(TensorData::new(values, shape.to_vec()))
    };
    let (x, weights, bias) =
        (plain(&[2, 6, 8, 5], 1), plain(&[window.kernel, window.kernel, 1, 5], 2), plain(&[5], 3));
    let relu6 = Activation::Relu6;
    let out = if by_bodies {
        fallback::depthwise::<Flex>(x.clone(), weights.clone(), bias, window, relu6)
    } else {
        <Flex as LayerOps>::depthwise(x.clone(), weights.clone(), bias, window, relu6)
    };
    let shape: [usize; 4] = out.shape().dims();
    let grad = plain(&shape, 4);
    let all = if by_bodies {
        let [before, by_bias] = fallback::before_activation::<Flex>(grad, out.clone(), relu6);
        let by_x = fallback::depthwise_input::<Flex>(before.clone(), weights, [2, 6, 8, 5], window);
        [out, fallback::depthwise_weights::<Flex>(x, before, window), by_x, by_bias]
    } else {
        let [before, by_bias] = <Flex as LayerGradients>::before_activation(grad, out.clone(), relu6);
        let by_x = <Flex as LayerGradients>::depthwise_input(before.clone(), weights, [2, 6, 8, 5], window);
        [out, <Flex as LayerGradients>::depthwise_weights(x, before, window), by_x, by_bias]
    };
    all.map(|tensor| tensor.to_contiguous().storage::<f32>().to_vec()).to_vec()
}

#[test]
fn each_channel_by_itself_is_the_same_by_kernels_and_by_burns_own_operations() {
    for (kernel, stride, padding) in [(3, 1, 1), (3, 2, 0), (5, 1, 2), (5, 2, 1)] {
        let window = Window { kernel, stride, padding };
        let (ours, theirs) = (depthwise_all(window, false), depthwise_all(window, true));
        for (a, b) in ours.iter().zip(&theirs) {
            assert_eq!(a.len(), b.len(), "{window:?}");
            let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 2e-3, "{window:?}: {worst}");
        }
    }
}

mod bodies {
    //! Every kernel beside the body that a GPU takes.

    use super::super::*;
    use burn::{backend::Flex, tensor::TensorData};

    type Plain = FloatTensor<Flex>;

    fn plain(shape: &[usize], seed: usize) -> Plain {
        let count = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..count).map(|i| ((i * 37 + seed) % 101) as f32 / 40.0 - 1.2).collect();
        Plain::from_data(TensorData::new(values, shape.to_vec()))
    }

    fn check(what: &str, ours: Plain, theirs: Plain) {
        let [ours, theirs] = [ours, theirs].map(|tensor| tensor.to_contiguous());
        assert_eq!(ours.layout().shape(), theirs.layout().shape(), "{what}");
        let (ours, theirs): (&[f32], &[f32]) = (ours.storage(), theirs.storage());
        for (a, b) in ours.iter().zip(theirs) {
            assert!((a - b).abs() < 1e-4 * a.abs().max(1.0), "{what}: {a} {b}");
        }
    }

    #[test]
    fn convolutions_and_their_gradients_are_the_same() {
        for (kernel, stride, padding) in [(3, 1, 1), (3, 2, 1), (1, 1, 0), (6, 4, 1)] {
            let window = Window { kernel, stride, padding };
            let what = format!("{window:?}");
            let (shape, weights) = ([2, 8, 12, 3], plain(&[kernel, kernel, 3, 5], 2));
            let (x, bias) = (plain(&shape, 1), plain(&[5], 3));
            let out = <Flex as LayerOps>::conv(x.clone(), weights.clone(), window);
            let grad = plain(&flex::shape_of(&out), 4);
            check(&what, out, fallback::conv::<Flex>(x.clone(), weights.clone(), window));
            for activation in [Activation::None, Activation::Silu] {
                let inputs = || (x.clone(), weights.clone(), bias.clone());
                let ((a, b, c), (d, e, f)) = (inputs(), inputs());
                check(
                    &what,
                    <Flex as LayerOps>::conv_finished(a, b, c, window, activation),
                    fallback::conv_finished::<Flex>(d, e, f, window, activation),
                );
            }
            check(
                &what,
                Flex::conv_input(grad.clone(), weights.clone(), shape, window),
                fallback::conv_input::<Flex>(grad.clone(), weights, shape, window),
            );
            check(
                &what,
                Flex::conv_weights(x.clone(), grad.clone(), window),
                fallback::conv_weights::<Flex>(x, grad, window),
            );
        }
    }

    #[test]
    fn arranged_weights_and_a_sum_at_the_end_change_nothing() {
        fn sum<B: Backend>(a: FloatTensor<B>, b: FloatTensor<B>) -> FloatTensor<B> {
            B::float_add(a, b)
        }
        for (window, outputs) in [
            (Window { kernel: 3, stride: 1, padding: 1 }, [2, 7, 9, 20]),
            (Window { kernel: 3, stride: 2, padding: 1 }, [2, 4, 5, 20]),
            (Window { kernel: 1, stride: 1, padding: 0 }, [2, 7, 9, 20]),
        ] {
            let (x, bias, added) = (plain(&[2, 7, 9, 16], 1), plain(&[20], 3), plain(&outputs, 4));
            let weights = plain(&[window.kernel, window.kernel, 16, 20], 2);
            let arranged = <Flex as LayerOps>::arranged(weights.clone(), window);
            let ours = <Flex as LayerOps>::conv_finished_added(
                x.clone(),
                arranged,
                bias.clone(),
                added.clone(),
                window,
                Activation::Silu,
            );
            let theirs = fallback::conv_finished::<Flex>(x, weights, bias, window, Activation::Silu);
            check(&format!("{window:?}"), ours, sum::<Flex>(theirs, added));
        }
    }

    #[test]
    fn normalisation_and_its_gradients_are_the_same() {
        let (x, gamma, beta) = (plain(&[2, 4, 6, 7], 1), plain(&[7], 2), plain(&[7], 3));
        let moments = <Flex as LayerOps>::moments(x.clone());
        check("moments", moments.clone(), fallback::moments::<Flex>(x.clone()));
        let inputs = || [x.clone(), gamma.clone(), beta.clone(), moments.clone()];
        let [a, b, c, d] = inputs();
        let ours = <Flex as LayerOps>::norm_silu(a, b, c, d);
        let [a, b, c, d] = inputs();
        check("norm_silu", ours, fallback::norm_silu::<Flex>(a, b, c, d));
        let grad = plain(&[2, 4, 6, 7], 4);
        let ours = Flex::norm_silu_all(grad.clone(), inputs());
        for (ours, theirs) in ours.into_iter().zip(fallback::norm_silu_all::<Flex>(grad, inputs())) {
            check("its gradients", ours, theirs);
        }
    }

    #[test]
    fn doubling_and_its_gradient_are_the_same() {
        let (small, large) = ([2, 3, 4, 5], [2, 6, 8, 5]);
        let x = plain(&small, 1);
        check("double", <Flex as LayerOps>::double(x.clone()), fallback::double::<Flex>(x));
        let grad = plain(&large, 2);
        let ours = Flex::double_input(grad.clone(), small);
        check("its gradient", ours, fallback::double_input::<Flex>(grad, small));
    }
}
