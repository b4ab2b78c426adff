//! Convolution of rows of channels (NHWC) by matrix products.
//!
//! A window of the input is `kernel` stretches of memory, one per line, so
//! that unfolding it ("im2col", Chellapilla et al. 2006) is a few long copies;
//! a 1×1 convolution needs none. The product is written where it belongs.

pub(crate) use super::{
    finish::{Activation, Finish},
    window::{Shape, Window},
};
use super::{
    gemm::{Mat, Target, multiply},
    scratch::with_scratch,
    winograd,
};
use rayon::prelude::*;

/// Weights of a convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kernel<'a> {
    /// `[kernel, kernel, in, out]`.
    Plain(&'a [f32]),
    /// What [`arrange`] made of them.
    Arranged(&'a [f32]),
}

/// Does once what [`forward`] does with weights each time; `None` where that is
/// nothing.
pub(crate) fn arrange(weights: &[f32], inputs: usize, outputs: usize, window: Window) -> Option<Vec<f32>> {
    let suits = window == winograd::WINDOW && winograd::is_worth_it(inputs, outputs);
    suits.then(|| winograd::transform_weights(weights))
}

/// `x` of `shape` with `kernel`, then what `finish` says.
pub(crate) fn forward(
    x: &[f32],
    shape: Shape,
    kernel: Kernel<'_>,
    window: Window,
    finish: Finish<'_>,
) -> (Vec<f32>, Shape) {
    let weights = match kernel {
        Kernel::Plain(weights) => weights,
        Kernel::Arranged(weights) => {
            let (out, outputs) = winograd::forward(x, shape, weights, finish);
            return (out, window.output(shape, outputs));
        }
    };
    let length = window.kernel * window.kernel * shape[3];
    let channels = weights.len() / length.max(1);
    let out_shape = window.output(shape, channels);
    if is_winograd(window, shape, channels) {
        let transformed = winograd::transform_weights(weights);
        return (winograd::forward(x, shape, &transformed, finish).0, out_shape);
    }
    let pixels = out_shape[0] * out_shape[1] * out_shape[2];
    let mut out = vec![0.0; pixels * channels];
    let piece = window.even_piece(shape[3], pixels);
    out.par_chunks_mut(piece * channels).enumerate().for_each(|(index, out)| {
        let (start, rows) = (index * piece, out.len() / channels);
        let weights = Mat::new(weights, length, channels);
        if window.is_pointwise() {
            let x = &x[start * length..(start + rows) * length];
            multiply(out, Target::Replace, Mat::new(x, rows, length), weights);
        } else {
            with_scratch(rows * length, |col| {
                window.unfold(col, start, x, shape, out_shape);
                multiply(out, Target::Replace, Mat::new(col, rows, length), weights);
            });
        }
        finish.from(start * channels).apply(out);
    });
    (out, out_shape)
}

/// Whether there is a shorter way than unfolding.
fn is_winograd(window: Window, shape: Shape, outputs: usize) -> bool {
    window == winograd::WINDOW && winograd::suits(shape, outputs)
}

/// The gradient of the weights, `[kernel, kernel, in, out]`.
pub(crate) fn weights_backward(
    x: &[f32],
    shape: Shape,
    grad: &[f32],
    grad_shape: Shape,
    window: Window,
) -> Vec<f32> {
    /// Sums that run side by side; fixed, so that the result does not depend
    /// on the number of threads.
    const GROUPS: usize = 4;
    let [b, oh, ow, channels] = grad_shape;
    if is_winograd(window, shape, channels) {
        return winograd::weights_backward(x, shape, grad, channels);
    }
    let (length, pixels) = (window.kernel * window.kernel * shape[3], b * oh * ow);
    let piece = window.piece(shape[3], pixels);
    let group = pixels.div_ceil(piece).div_ceil(GROUPS) * piece;
    let mut parts: Vec<Vec<f32>> = (0..pixels.div_ceil(group))
        .into_par_iter()
        .map(|index| {
            let mut sum = vec![0.0; length * channels];
            let end = ((index + 1) * group).min(pixels);
            for start in (index * group..end).step_by(piece) {
                let rows = piece.min(end - start);
                let grad = Mat::new(&grad[start * channels..(start + rows) * channels], rows, channels);
                if window.is_pointwise() {
                    let x = Mat::new(&x[start * length..(start + rows) * length], rows, length);
                    multiply(&mut sum, Target::Add, x.transposed(), grad);
                } else {
                    with_scratch(rows * length, |col| {
                        window.unfold(col, start, x, shape, grad_shape);
                        multiply(&mut sum, Target::Add, Mat::new(col, rows, length).transposed(), grad);
                    });
                }
            }
            sum
        })
        .collect();
    let mut total = if parts.is_empty() { Vec::new() } else { parts.remove(0) };
    for part in parts {
        total.iter_mut().zip(part).for_each(|(t, v)| *t += v);
    }
    total
}

/// The gradient of the input, of `shape`.
pub(crate) fn input_backward(
    grad: &[f32],
    grad_shape: Shape,
    weights: &[f32],
    shape: Shape,
    window: Window,
) -> Vec<f32> {
    if window.stride == 1 {
        // A convolution of the gradient with the kernel turned by 180°.
        let turned = turn(weights, window.kernel, shape[3], grad_shape[3]);
        let window = Window { padding: window.kernel - 1 - window.padding, ..window };
        return forward(grad, grad_shape, Kernel::Plain(&turned), window, Finish::nothing()).0;
    }
    let [_, oh, ow, channels] = grad_shape;
    let (length, pixels) = (window.kernel * window.kernel * shape[3], oh * ow);
    let piece = window.piece(shape[3], pixels);
    let image = shape[1] * shape[2] * shape[3];
    let mut out = vec![0.0; shape[0] * image];
    out.par_chunks_mut(image).zip(grad.par_chunks(pixels * channels)).for_each(|(out, grad)| {
        for start in (0..pixels).step_by(piece) {
            let rows = piece.min(pixels - start);
            let grad = Mat::new(&grad[start * channels..(start + rows) * channels], rows, channels);
            with_scratch(rows * length, |col| {
                multiply(col, Target::Replace, grad, Mat::new(weights, length, channels).transposed());
                for (row, p) in col.chunks_exact(length).zip(start..) {
                    for (from, to, count) in window.lines(p, shape, grad_shape) {
                        let target = out[to..to + count].iter_mut();
                        target.zip(&row[from..from + count]).for_each(|(t, v)| *t += v);
                    }
                }
            });
        }
    });
    out
}

/// `[kernel, kernel, in, out]` to `[kernel, kernel, out, in]`, turned by 180°.
fn turn(weights: &[f32], kernel: usize, inputs: usize, outputs: usize) -> Vec<f32> {
    let mut turned = vec![0.0; weights.len()];
    let last = kernel * kernel;
    for (k, plane) in weights.chunks_exact(inputs * outputs).enumerate() {
        let target = &mut turned[(last - 1 - k) * inputs * outputs..][..inputs * outputs];
        for (i, row) in plane.chunks_exact(outputs).enumerate() {
            for (o, value) in row.iter().enumerate() {
                target[o * inputs + i] = *value;
            }
        }
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        (0..count)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 - 1.0
            })
            .collect()
    }

    /// The definition, term by term.
    fn naive(x: &[f32], [b, h, w, c]: Shape, weights: &[f32], outputs: usize, window: Window) -> Vec<f32> {
        let [_, oh, ow, _] = window.output([b, h, w, c], outputs);
        let mut out = Vec::new();
        for image in 0..b {
            for (y, x0, o) in
                (0..oh).flat_map(|y| (0..ow).flat_map(move |x| (0..outputs).map(move |o| (y, x, o))))
            {
                let mut sum = 0.0;
                for (ky, kx) in (0..window.kernel).flat_map(|ky| (0..window.kernel).map(move |kx| (ky, kx))) {
                    let iy = (y * window.stride + ky).wrapping_sub(window.padding);
                    let ix = (x0 * window.stride + kx).wrapping_sub(window.padding);
                    if iy < h && ix < w {
                        for i in 0..c {
                            sum += x[((image * h + iy) * w + ix) * c + i]
                                * weights[((ky * window.kernel + kx) * c + i) * outputs + o];
                        }
                    }
                }
                out.push(sum);
            }
        }
        out
    }

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }

    fn plain(x: &[f32], shape: Shape, weights: &[f32], window: Window) -> (Vec<f32>, Shape) {
        forward(x, shape, Kernel::Plain(weights), window, Finish::nothing())
    }

    fn check(shape: Shape, outputs: usize, kernel: usize, stride: usize, padding: usize) {
        let window = Window { kernel, stride, padding };
        let x = numbers(shape.iter().product(), 1);
        let weights = numbers(kernel * kernel * shape[3] * outputs, 2);
        let (out, out_shape) = plain(&x, shape, &weights, window);
        let expected = naive(&x, shape, &weights, outputs, window);
        assert_eq!(out.len(), out_shape.iter().product::<usize>());
        assert_eq!(out.len(), expected.len());
        for (a, b) in out.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-3, "{a} is not {b} in {window:?}");
        }
        // Both gradients are adjoints: ⟨conv(x, w), g⟩ = ⟨x, dx⟩ = ⟨w, dw⟩.
        let grad = numbers(out.len(), 3);
        let truth = dot(&out, &grad);
        let dx = input_backward(&grad, out_shape, &weights, shape, window);
        let dw = weights_backward(&x, shape, &grad, out_shape, window);
        assert!((dot(&x, &dx) - truth).abs() < 1e-2, "input of {window:?}");
        assert!((dot(&weights, &dw) - truth).abs() < 1e-2, "weights of {window:?}");
        // Not just along x and w: along another direction too.
        let other = numbers(x.len(), 4);
        let along = dot(&plain(&other, shape, &weights, window).0, &grad);
        assert!((dot(&other, &dx) - along).abs() < 1e-2, "input of {window:?}");
        let other = numbers(weights.len(), 5);
        let along = dot(&plain(&x, shape, &other, window).0, &grad);
        assert!((dot(&other, &dw) - along).abs() < 1e-2, "weights of {window:?}");
    }

    #[test]
    fn convolutions_and_their_gradients_follow_the_definition() {
        check([2, 5, 7, 3], 4, 3, 1, 1);
        check([2, 8, 6, 5], 3, 3, 2, 1);
        check([1, 7, 5, 4], 6, 3, 2, 1);
        check([2, 6, 4, 8], 5, 1, 1, 0);
        check([2, 16, 12, 3], 7, 6, 4, 1);
        check([1, 2, 2, 3], 2, 3, 1, 1);
        check([3, 30, 34, 6], 9, 3, 1, 1);
    }

    #[test]
    fn the_shorter_way_for_3_by_3_gives_the_same() {
        check([2, 4, 6, 16], 24, 3, 1, 1);
        check([1, 2, 2, 32], 16, 3, 1, 1);
        check([3, 10, 14, 17], 19, 3, 1, 1);
        check([1, 2, 40, 16], 16, 3, 1, 1);
    }

    #[test]
    fn arranged_weights_give_the_same_on_maps_of_any_side() {
        let window = winograd::WINDOW;
        for shape in [[1, 10, 14, 17], [1, 10, 13, 16], [2, 7, 5, 24], [3, 1, 1, 16], [1, 3, 40, 16]] {
            let outputs = 20;
            let (x, weights) = (numbers(shape.iter().product(), 1), numbers(9 * shape[3] * outputs, 2));
            let bias = numbers(outputs, 3);
            let added = numbers(shape[0] * shape[1] * shape[2] * outputs, 4);
            let finish = Finish { bias: Some(&bias), activation: Activation::Relu6, added: Some(&added) };
            let arranged = arrange(&weights, shape[3], outputs, window).unwrap();
            let (out, out_shape) = forward(&x, shape, Kernel::Arranged(&arranged), window, finish);
            assert_eq!(out_shape, [shape[0], shape[1], shape[2], outputs]);
            let expected = naive(&x, shape, &weights, outputs, window);
            assert_eq!(out.len(), expected.len());
            let expected = expected.chunks_exact(outputs).zip(added.chunks_exact(outputs));
            for (out, (sums, added)) in out.chunks_exact(outputs).zip(expected) {
                for (i, out) in out.iter().enumerate() {
                    let wanted = (sums[i] + bias[i]).clamp(0.0, 6.0) + added[i];
                    assert!((out - wanted).abs() < 1e-4, "{out} is not {wanted} in {shape:?}");
                }
            }
        }
        assert!(arrange(&[0.0; 9 * 8 * 16], 8, 16, window).is_none());
        assert!(arrange(&[0.0; 16 * 16], 16, 16, Window { kernel: 1, stride: 1, padding: 0 }).is_none());
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let window = Window { kernel: 3, stride: 1, padding: 1 };
        let shape = [2, 40, 30, 16];
        let (x, weights) = (numbers(2 * 40 * 30 * 16, 1), numbers(9 * 16 * 16, 2));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (out, out_shape) = plain(&x, shape, &weights, window);
                (weights_backward(&x, shape, &out, out_shape, window), out)
            })
        };
        assert_eq!(run(1), run(3));
    }
}
