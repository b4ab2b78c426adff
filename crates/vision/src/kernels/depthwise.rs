//! Convolution of each channel by itself (depthwise: Howard et al. 2017,
//! "MobileNets", section 3.1), rows of channels (NHWC).
//!
//! No matrix product is in it: an output pixel is a sum over its taps, many
//! channels side by side. What a row of pixels takes from where is listed once
//! for all rows and channels; a block of channels then stays in registers over all taps
//! of a pixel, and its weights in the nearest cache over the row.

use super::{
    finish::Activation,
    window::{Shape, Window},
};
use imaging::wide;
use rayon::prelude::*;

/// Channels that are summed side by side; what is left takes smaller blocks.
const BLOCK: usize = 48;
const SMALL_BLOCK: usize = 16;

/// For each pixel of a row of outputs, where its taps begin along a line of the
/// source and of the weights: the same for all rows.
struct Taps {
    /// Of all pixels, one after another.
    places: Vec<(usize, usize)>,
    /// Where each pixel's end.
    ends: Vec<usize>,
}

impl Taps {
    /// For each pixel of a row the taps that `of` gives.
    fn new<I: Iterator<Item = (usize, usize)>>(pixels: usize, of: impl Fn(usize) -> I) -> Self {
        let mut taps = Self { places: Vec::new(), ends: Vec::with_capacity(pixels) };
        for pixel in 0..pixels {
            taps.places.extend(of(pixel));
            taps.ends.push(taps.places.len());
        }
        taps
    }

    /// Sums `N` channels from `first` on for all pixels of the row.
    #[inline(always)]
    fn sum<const N: usize>(
        &self,
        first: usize,
        source: &[f32],
        weights: &[f32],
        start: &[f32],
        row: &mut Row<'_>,
    ) {
        let (mut begin, lines) = (0, row.lines);
        let start: [f32; N] = std::array::from_fn(|i| start[first + i]);
        for (end, out) in self.ends.iter().zip(row.out.chunks_exact_mut(row.channels)) {
            let mut sums = start;
            for (line, kernel_line) in lines {
                for (from, weight) in &self.places[begin..*end] {
                    let values = &source[line + from + first..][..N];
                    let factors = &weights[kernel_line + weight + first..][..N];
                    for ((sum, value), factor) in sums.iter_mut().zip(values).zip(factors) {
                        *sum += value * factor;
                    }
                }
            }
            begin = *end;
            let out = &mut out[first..first + N];
            match row.activation {
                Activation::Relu6 => out.iter_mut().zip(sums).for_each(|(o, sum)| *o = sum.clamp(0.0, 6.0)),
                _ => out.copy_from_slice(&sums),
            }
        }
    }

    /// Sums all channels of the row.
    fn sum_all(&self, source: &[f32], weights: &[f32], start: &[f32], mut row: Row<'_>) {
        wide(|| {
            let mut first = 0;
            while first + BLOCK <= row.channels {
                self.sum::<BLOCK>(first, source, weights, start, &mut row);
                first += BLOCK;
            }
            while first + SMALL_BLOCK <= row.channels {
                self.sum::<SMALL_BLOCK>(first, source, weights, start, &mut row);
                first += SMALL_BLOCK;
            }
            while first < row.channels {
                self.sum::<1>(first, source, weights, start, &mut row);
                first += 1;
            }
        });
    }
}

/// A row of pixels that is written.
struct Row<'a> {
    out: &'a mut [f32],
    /// Where the lines begin that its taps lie in: of the source, and of the
    /// weights.
    lines: &'a [(usize, usize)],
    channels: usize,
    activation: Activation,
}

/// The input pixel at which tap `k` of output pixel `p` lies, of `side`.
fn input_at(window: Window, p: usize, k: usize, side: usize) -> Option<usize> {
    (p * window.stride + k).checked_sub(window.padding).filter(|at| *at < side)
}

/// The output pixel whose tap `k` lies at input pixel `at`, of `side`.
fn output_at(window: Window, at: usize, k: usize, side: usize) -> Option<usize> {
    let from = (at + window.padding).checked_sub(k)?;
    (from.is_multiple_of(window.stride)).then_some(from / window.stride).filter(|p| *p < side)
}

/// `x` of `shape` with `weights` `[kernel, kernel, channels]`, plus `bias`,
/// then the activation: none or ReLU6.
pub(crate) fn forward(
    x: &[f32],
    shape: Shape,
    weights: &[f32],
    bias: Option<&[f32]>,
    window: Window,
    activation: Activation,
) -> (Vec<f32>, Shape) {
    let [_, h, w, c] = shape;
    let out_shape = window.output(shape, c);
    let [b, oh, ow, _] = out_shape;
    let zeros = vec![0.0; c];
    let mut out = vec![0.0; b * oh * ow * c];
    let kernel = window.kernel;
    let taps =
        Taps::new(ow, |p| (0..kernel).filter_map(move |k| Some((input_at(window, p, k, w)? * c, k * c))));
    out.par_chunks_mut((ow * c).max(1)).enumerate().for_each(|(index, out)| {
        let (image, y) = (index / oh, index % oh);
        let line = |k| Some(((image * h + input_at(window, y, k, h)?) * w * c, k * kernel * c));
        let lines: Vec<(usize, usize)> = (0..kernel).filter_map(line).collect();
        let row = Row { out, lines: &lines, channels: c, activation };
        taps.sum_all(x, weights, bias.unwrap_or(&zeros), row);
    });
    (out, out_shape)
}

/// The gradient of the input, of `shape`.
pub(crate) fn input_backward(
    grad: &[f32],
    [_, oh, ow, _]: Shape,
    weights: &[f32],
    [b, h, w, c]: Shape,
    window: Window,
) -> Vec<f32> {
    let zeros = vec![0.0; c];
    let mut out = vec![0.0; b * h * w * c];
    let kernel = window.kernel;
    let taps =
        Taps::new(w, |p| (0..kernel).filter_map(move |k| Some((output_at(window, p, k, ow)? * c, k * c))));
    out.par_chunks_mut((w * c).max(1)).enumerate().for_each(|(index, out)| {
        let (image, y) = (index / h, index % h);
        let line = |k| Some(((image * oh + output_at(window, y, k, oh)?) * ow * c, k * kernel * c));
        let lines: Vec<(usize, usize)> = (0..kernel).filter_map(line).collect();
        let row = Row { out, lines: &lines, channels: c, activation: Activation::None };
        taps.sum_all(grad, weights, &zeros, row);
    });
    out
}

/// The gradient of the weights, `[kernel, kernel, channels]`.
pub(crate) fn weights_backward(
    x: &[f32],
    shape: Shape,
    grad: &[f32],
    grad_shape: Shape,
    window: Window,
) -> Vec<f32> {
    /// Sums that run side by side; fixed, so that the result does not depend
    /// on the number of threads.
    const GROUPS: usize = 8;
    let [b, oh, ..] = grad_shape;
    let (rows, length) = (b * oh, window.kernel * window.kernel * shape[3]);
    let group = rows.div_ceil(GROUPS).max(1);
    let parts: Vec<Vec<f32>> = (0..rows.div_ceil(group))
        .into_par_iter()
        .map(|part| {
            let mut sums = vec![0.0; length];
            for row in part * group..((part + 1) * group).min(rows) {
                add_row(&mut sums, x, shape, grad, grad_shape, window, row);
            }
            sums
        })
        .collect();
    let mut total = vec![0.0; length];
    for part in parts {
        total.iter_mut().zip(part).for_each(|(t, v)| *t += v);
    }
    total
}

/// Adds what a row of the gradient gives to the weights' gradient.
fn add_row(
    sums: &mut [f32],
    x: &[f32],
    [_, h, w, c]: Shape,
    grad: &[f32],
    [_, oh, ow, _]: Shape,
    window: Window,
    row: usize,
) {
    let (image, y) = (row / oh, row % oh);
    let grad = &grad[row * ow * c..(row + 1) * ow * c];
    for ky in 0..window.kernel {
        let Some(iy) = input_at(window, y, ky, h) else { continue };
        let line = &x[(image * h + iy) * w * c..][..w * c];
        for kx in 0..window.kernel {
            let pairs: Vec<(usize, usize)> =
                (0..ow).filter_map(|p| Some((p * c, input_at(window, p, kx, w)? * c))).collect();
            let sums = &mut sums[(ky * window.kernel + kx) * c..][..c];
            wide(|| {
                let mut first = 0;
                while first + BLOCK <= c {
                    dot::<BLOCK>(&mut sums[first..], &grad[first..], &line[first..], &pairs);
                    first += BLOCK;
                }
                while first + SMALL_BLOCK <= c {
                    dot::<SMALL_BLOCK>(&mut sums[first..], &grad[first..], &line[first..], &pairs);
                    first += SMALL_BLOCK;
                }
                while first < c {
                    dot::<1>(&mut sums[first..], &grad[first..], &line[first..], &pairs);
                    first += 1;
                }
            });
        }
    }
}

/// Adds the products of `N` channels at all pairs of places.
#[inline(always)]
fn dot<const N: usize>(sums: &mut [f32], grad: &[f32], line: &[f32], pairs: &[(usize, usize)]) {
    let mut total = [0.0f32; N];
    for (p, at) in pairs {
        let (grad, values) = (&grad[*p..][..N], &line[*at..][..N]);
        for ((total, g), v) in total.iter_mut().zip(grad).zip(values) {
            *total += g * v;
        }
    }
    sums.iter_mut().zip(total).for_each(|(sum, v)| *sum += v);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv;

    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 37 + seed * 53) % 101) as f32 / 50.0 - 1.0).collect()
    }

    /// The same weights as those of a convolution that lets channels mix.
    fn as_full(weights: &[f32], kernel: usize, c: usize) -> Vec<f32> {
        let mut full = vec![0.0; kernel * kernel * c * c];
        for (k, row) in weights.chunks_exact(c).enumerate() {
            row.iter().enumerate().for_each(|(i, w)| full[(k * c + i) * c + i] = *w);
        }
        full
    }

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }

    fn check(shape: Shape, kernel: usize, stride: usize, padding: usize) {
        let window = Window { kernel, stride, padding };
        let c = shape[3];
        let x = numbers(shape.iter().product(), 1);
        let weights = numbers(kernel * kernel * c, 2);
        let bias = numbers(c, 3);
        let full = as_full(&weights, kernel, c);
        for activation in [Activation::None, Activation::Relu6] {
            let (out, out_shape) = forward(&x, shape, &weights, Some(&bias), window, activation);
            let finish = conv::Finish { bias: Some(&bias), activation, added: None };
            let (expected, same) = conv::forward(&x, shape, conv::Kernel::Plain(&full), window, finish);
            assert_eq!(out_shape, same);
            let worst = out.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-4, "{window:?}: {worst}");
        }
        let (out, out_shape) = forward(&x, shape, &weights, None, window, Activation::None);
        let grad = numbers(out.len(), 4);
        let dx = input_backward(&grad, out_shape, &weights, shape, window);
        let dw = weights_backward(&x, shape, &grad, out_shape, window);
        // Both gradients are adjoints, along any direction.
        for seed in 5..8 {
            let other = numbers(x.len(), seed);
            let along = dot(&forward(&other, shape, &weights, None, window, Activation::None).0, &grad);
            assert!((dot(&other, &dx) - along).abs() < 2e-2, "input of {window:?}");
            let other = numbers(weights.len(), seed);
            let along = dot(&forward(&x, shape, &other, None, window, Activation::None).0, &grad);
            assert!((dot(&other, &dw) - along).abs() < 2e-2, "weights of {window:?}");
        }
    }

    #[test]
    fn each_channel_by_itself_is_a_convolution_with_zeros_between_channels() {
        check([2, 6, 8, 5], 3, 1, 1);
        check([2, 8, 6, 67], 3, 2, 0);
        check([1, 7, 9, 17], 5, 1, 2);
        check([2, 10, 8, 48], 5, 2, 1);
        check([1, 3, 3, 16], 5, 1, 2);
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let (shape, window) = ([2, 20, 18, 40], Window { kernel: 3, stride: 1, padding: 1 });
        let (x, weights) = (numbers(shape.iter().product(), 1), numbers(9 * 40, 2));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| weights_backward(&x, shape, &x, shape, window))
        };
        assert_eq!(run(1), run(3));
        assert!(!forward(&x, shape, &weights, None, window, Activation::None).0.is_empty());
    }
}
