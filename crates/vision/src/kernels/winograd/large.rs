//! The same with 36 multiplications for 16 outputs instead of 144: F(4×4, 3×3)
//! of Lavin and Gray, section 4.1. For weights that no longer change, since
//! they are costly to transform, take four times the room of the kernel, and
//! lose some 1e-5 of the largest output to rounding.
//!
//! A tile is 4×4 outputs and the 6×6 inputs they see; the last of a side may
//! lie partly outside the map. Channels are taken `L` at a time, so that a tile
//! is transformed in registers.

use super::super::{
    finish::Finish,
    gemm::{Mat, Target, multiply},
    scratch::with_scratch,
    window::Shape,
};
use imaging::wide;
use rayon::prelude::*;
use std::array::from_fn;

/// Side of the inputs that a tile sees.
pub(in super::super) const INPUT_SIDE: usize = 6;
/// Products per tile.
const POINTS: usize = INPUT_SIDE * INPUT_SIDE;
/// Side of its outputs.
const SIDE: usize = 4;
/// Tiles multiplied together: as many as keep a piece in the cache.
const TOGETHER: usize = 32;
/// Numbers between the points of a piece, so that they do not all fall on the
/// same lines of the cache.
const GAP: usize = 16;

/// Bᵀ of six numbers, each in `L` lanes.
#[allow(
    clippy::needless_range_loop,
    reason = "lane by lane through all of them: one vector instruction each"
)]
#[inline(always)]
fn transform_input<const L: usize>([a, b, c, d, e, f]: [[f32; L]; INPUT_SIDE]) -> [[f32; L]; INPUT_SIDE] {
    let mut out = [[0.0; L]; INPUT_SIDE];
    for l in 0..L {
        let (even, odd) = (e[l] - 4.0 * c[l], d[l] - 4.0 * b[l]);
        let (half_even, half_odd) = (e[l] - c[l], 2.0 * (d[l] - b[l]));
        out[0][l] = 4.0 * a[l] - 5.0 * c[l] + e[l];
        out[1][l] = even + odd;
        out[2][l] = even - odd;
        out[3][l] = half_even + half_odd;
        out[4][l] = half_even - half_odd;
        out[5][l] = 4.0 * b[l] - 5.0 * d[l] + f[l];
    }
    out
}

/// Aᵀ of six numbers, each in `L` lanes.
#[allow(
    clippy::needless_range_loop,
    reason = "lane by lane through all of them: one vector instruction each"
)]
#[inline(always)]
fn transform_output<const L: usize>([a, b, c, d, e, f]: [[f32; L]; INPUT_SIDE]) -> [[f32; L]; SIDE] {
    let mut out = [[0.0; L]; SIDE];
    for l in 0..L {
        let (sum, difference) = (b[l] + c[l], b[l] - c[l]);
        let (far_sum, far_difference) = (d[l] + e[l], d[l] - e[l]);
        out[0][l] = a[l] + sum + far_sum;
        out[1][l] = difference + 2.0 * far_difference;
        out[2][l] = sum + 4.0 * far_sum;
        out[3][l] = difference + 8.0 * far_difference + f[l];
    }
    out
}

/// G g Gᵀ for `[3, 3, in, out]`: `[POINTS, in · out]`.
pub(in super::super) fn transform_weights(weights: &[f32]) -> Vec<f32> {
    const G: [[f32; 3]; INPUT_SIDE] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];
    let pairs = weights.len() / 9;
    let mut out = vec![0.0; POINTS * pairs];
    for (point, out) in out.chunks_exact_mut(pairs.max(1)).enumerate() {
        let (rows, columns) = (G[point / INPUT_SIDE], G[point % INPUT_SIDE]);
        for (k, kernel) in weights.chunks_exact(pairs).enumerate() {
            let factor = rows[k / 3] * columns[k % 3];
            if factor != 0.0 {
                out.iter_mut().zip(kernel).for_each(|(o, w)| *o += factor * w);
            }
        }
    }
    out
}

/// One image, and how it is cut.
#[derive(Clone, Copy)]
struct Tiles {
    height: usize,
    width: usize,
    across: usize,
}

impl Tiles {
    /// Bᵀ d B of the tiles from row `first` on: for each point, `stride` apart,
    /// `[tiles, channels]`.
    #[inline(always)]
    fn inputs(self, x: &[f32], channels: usize, first: usize, tiles: usize, out: &mut [f32], stride: usize) {
        for index in 0..tiles {
            let (top, left) = ((first + index / self.across) * SIDE, index % self.across * SIDE);
            let places: [Option<usize>; POINTS] = from_fn(|k| {
                let y = (top + k / INPUT_SIDE).checked_sub(1).filter(|y| *y < self.height)?;
                let x = (left + k % INPUT_SIDE).checked_sub(1).filter(|x| *x < self.width)?;
                Some((y * self.width + x) * channels)
            });
            let mut from = 0;
            while from < channels {
                let at = index * channels + from;
                match channels - from {
                    16.. => from += input_lanes::<16>(x, &places, from, out, at, stride),
                    8.. => from += input_lanes::<8>(x, &places, from, out, at, stride),
                    _ => from += input_lanes::<1>(x, &places, from, out, at, stride),
                }
            }
        }
    }

    /// Aᵀ m A of the tiles into their pixels of `out`, rows of the map.
    #[inline(always)]
    fn outputs(self, products: &[f32], channels: usize, tiles: usize, out: &mut [f32], stride: usize) {
        let line = self.width * channels;
        for index in 0..tiles {
            let (top, left) = (index / self.across * SIDE, index % self.across * SIDE);
            let inside = ((out.len() / line).saturating_sub(top).min(SIDE), (self.width - left).min(SIDE));
            let mut from = 0;
            while from < channels {
                let at = index * channels + from;
                let to = top * line + left * channels + from;
                let size = (line, channels);
                match channels - from {
                    16.. => from += output_lanes::<16>(products, at, stride, out, to, size, inside),
                    8.. => from += output_lanes::<8>(products, at, stride, out, to, size, inside),
                    _ => from += output_lanes::<1>(products, at, stride, out, to, size, inside),
                }
            }
        }
    }
}

#[inline(always)]
fn lanes<const L: usize>(from: &[f32], at: usize) -> [f32; L] {
    from[at..at + L].first_chunk().copied().unwrap_or([0.0; L])
}

/// `L` channels of a tile, from channel `from` on; gives `L`.
#[inline(always)]
fn input_lanes<const L: usize>(
    x: &[f32],
    places: &[Option<usize>; POINTS],
    from: usize,
    out: &mut [f32],
    at: usize,
    stride: usize,
) -> usize {
    let mut turned = [[[0.0; L]; INPUT_SIDE]; INPUT_SIDE];
    for column in 0..INPUT_SIDE {
        let pixel =
            |row: usize| places[row * INPUT_SIDE + column].map_or([0.0; L], |place| lanes(x, place + from));
        for (line, value) in turned.iter_mut().zip(transform_input(from_fn(pixel))) {
            line[column] = value;
        }
    }
    for (row, line) in turned.into_iter().enumerate() {
        for (column, value) in transform_input(line).into_iter().enumerate() {
            out[(row * INPUT_SIDE + column) * stride + at..][..L].copy_from_slice(&value);
        }
    }
    L
}

/// The same the other way.
#[inline(always)]
fn output_lanes<const L: usize>(
    products: &[f32],
    at: usize,
    stride: usize,
    out: &mut [f32],
    to: usize,
    (line, pixel): (usize, usize),
    (rows, width): (usize, usize),
) -> usize {
    let mut turned = [[[0.0; L]; INPUT_SIDE]; SIDE];
    for column in 0..INPUT_SIDE {
        let point = |row: usize| lanes::<L>(products, (row * INPUT_SIDE + column) * stride + at);
        for (line, value) in turned.iter_mut().zip(transform_output(from_fn(point))) {
            line[column] = value;
        }
    }
    for (row, values) in turned.into_iter().enumerate().take(rows) {
        for (column, value) in transform_output(values).into_iter().enumerate().take(width) {
            out[to + row * line + column * pixel..][..L].copy_from_slice(&value);
        }
    }
    L
}

/// As [`super::forward`], for weights that [`transform_weights`] here made.
pub(in super::super) fn forward(
    x: &[f32],
    [b, h, w, c]: Shape,
    transformed: &[f32],
    finish: Finish<'_>,
) -> (Vec<f32>, usize) {
    let outputs = transformed.len() / (POINTS * c).max(1);
    let mut out = vec![0.0; b * h * w * outputs];
    let length = (h * w * outputs).max(1);
    for (index, out) in out.chunks_exact_mut(length).enumerate() {
        let x = &x[index * h * w * c..][..h * w * c];
        forward_image(x, [h, w, c], transformed, finish.from(index * length), out);
    }
    (out, outputs)
}

fn forward_image(x: &[f32], [h, w, c]: [usize; 3], transformed: &[f32], finish: Finish<'_>, out: &mut [f32]) {
    let outputs = transformed.len() / (POINTS * c);
    let tiling = Tiles { height: h, width: w, across: w.div_ceil(SIDE) };
    let down = h.div_ceil(SIDE);
    let rows = (TOGETHER / tiling.across).clamp(1, down.div_ceil(2));
    let (piece, line) = (rows * SIDE * w * outputs, w * outputs);
    out.par_chunks_mut(piece).enumerate().for_each(|(index, out)| {
        let tiles = (out.len() / line).div_ceil(SIDE) * tiling.across;
        let (input, product) = (tiles * c + GAP, tiles * outputs + GAP);
        with_scratch(POINTS * (input + product), |scratch| {
            let (inputs, products) = scratch.split_at_mut(POINTS * input);
            wide(|| tiling.inputs(x, c, index * rows, tiles, inputs, input));
            let points = inputs.chunks_exact(input).zip(transformed.chunks_exact(c * outputs));
            for (products, (inputs, weights)) in products.chunks_exact_mut(product).zip(points) {
                let inputs = Mat::new(&inputs[..tiles * c], tiles, c);
                let weights = Mat::new(weights, c, outputs);
                multiply(&mut products[..tiles * outputs], Target::Replace, inputs, weights);
            }
            wide(|| tiling.outputs(products, outputs, tiles, out, product));
        });
        finish.from(index * piece).apply(out);
    });
}
