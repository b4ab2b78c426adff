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
    let device = Device::default().autodiff();
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
