//! 3×3 convolutions with 16 multiplications for 4 outputs instead of 36:
//! F(2×2, 3×3) of Lavin, Gray, "Fast Algorithms for Convolutional Neural
//! Networks", CVPR 2016, section 4.1.
//!
//! A tile is 2×2 outputs and the 4×4 inputs they see. Inputs and weights are
//! transformed, multiplied in 16 matrix products, and transformed back. In
//! training for maps with even sides; all others unfold (see [`super::conv`]).

mod weights;

pub(super) use weights::transform_weights;

use super::{
    finish::Finish,
    gemm::{Mat, Target, multiply},
    scratch::with_scratch,
    window::{Shape, Window},
};
use imaging::wide;
use rayon::prelude::*;
use weights::weights_back;

/// The convolutions that are computed so.
pub(super) const WINDOW: Window = Window { kernel: 3, stride: 1, padding: 1 };

/// Products per tile.
const POINTS: usize = 16;

/// `out = a + b`.
#[inline(always)]
fn sum(out: &mut [f32], a: &[f32], b: &[f32]) {
    out.iter_mut().zip(a).zip(b).for_each(|((o, a), b)| *o = a + b);
}

/// `out = a − b`.
#[inline(always)]
fn difference(out: &mut [f32], a: &[f32], b: &[f32]) {
    out.iter_mut().zip(a).zip(b).for_each(|((o, a), b)| *o = a - b);
}

/// `out = a + b + c`.
#[inline(always)]
fn sum3(out: &mut [f32], [a, b, c]: [&[f32]; 3]) {
    out.iter_mut().zip(a).zip(b.iter().zip(c)).for_each(|((o, a), (b, c))| *o = a + b + c);
}

/// `out = a − b − c`.
#[inline(always)]
fn difference3(out: &mut [f32], [a, b, c]: [&[f32]; 3]) {
    out.iter_mut().zip(a).zip(b.iter().zip(c)).for_each(|((o, a), (b, c))| *o = a - b - c);
}

/// Four stretches of `length`.
#[inline(always)]
fn quarters(all: &[f32], length: usize) -> [&[f32]; 4] {
    std::array::from_fn(|i| &all[i * length..(i + 1) * length])
}

/// The tiles of a map; those at the end of odd sides lie half outside.
#[derive(Clone, Copy)]
struct Tiles {
    shape: Shape,
    across: usize,
    down: usize,
    /// Rows of tiles in a piece.
    rows: usize,
}

impl Tiles {
    fn new(shape: Shape, outputs: usize) -> Self {
        let [b, h, w, c] = shape;
        let (across, down) = (w.div_ceil(2), h.div_ceil(2));
        let tiles = (16_384 / (c + outputs)).clamp(24, 128);
        let rows = (tiles / across.max(1)).clamp(1, (b * down).div_ceil(2).max(1));
        Self { shape, across, down, rows }
    }

    /// The same in an even number of pieces, so that two threads end together;
    /// where pieces are not summed.
    fn evenly(self) -> Self {
        let total = self.shape[0] * self.down;
        let is_even = |rows: &usize| total.div_ceil(*rows).is_multiple_of(2);
        let rows = (self.rows.div_ceil(2)..=self.rows).rev().find(is_even).unwrap_or(self.rows);
        Self { rows, ..self }
    }

    /// Output pixels in a piece.
    fn pixels(self) -> usize {
        self.rows * 2 * self.shape[2]
    }

    /// Copies the 4×4 inputs of a tile, zeros outside the map.
    #[inline(always)]
    fn gather(self, x: &[f32], row: usize, column: usize, tile: &mut [f32]) {
        let [_, h, w, c] = self.shape;
        let (image, top, left) = (row / self.down, row % self.down * 2, column * 2);
        let (skip, end) = (usize::from(left == 0), (left + 3).min(w));
        let count = (end + 1 - left - skip) * c;
        for (dy, line) in tile.chunks_exact_mut(4 * c).enumerate() {
            let Some(y) = (top + dy).checked_sub(1).filter(|y| *y < h) else {
                line.fill(0.0);
                continue;
            };
            let from = ((image * h + y) * w + left + skip - 1) * c;
            line[..skip * c].fill(0.0);
            line[skip * c..skip * c + count].copy_from_slice(&x[from..from + count]);
            line[skip * c + count..].fill(0.0);
        }
    }

    /// Bᵀ d B of each tile from row `first` on: `[POINTS, tiles, channels]`.
    /// `room` holds two tiles.
    #[inline(always)]
    fn inputs(self, x: &[f32], first: usize, tiles: usize, out: &mut [f32], room: &mut [f32]) {
        let c = self.shape[3];
        let (tile, lines) = room.split_at_mut(POINTS * c);
        for index in 0..tiles {
            self.gather(x, first + index / self.across, index % self.across, tile);
            let [a, b, d, e] = quarters(tile, 4 * c);
            difference(&mut lines[..4 * c], a, d);
            sum(&mut lines[4 * c..8 * c], b, d);
            difference(&mut lines[8 * c..12 * c], d, b);
            difference(&mut lines[12 * c..16 * c], b, e);
            for (i, line) in lines.chunks_exact(4 * c).take(4).enumerate() {
                let [a, b, d, e] = quarters(line, c);
                let at = |j: usize| ((i * 4 + j) * tiles + index) * c;
                difference(&mut out[at(0)..at(0) + c], a, d);
                sum(&mut out[at(1)..at(1) + c], b, d);
                difference(&mut out[at(2)..at(2) + c], d, b);
                difference(&mut out[at(3)..at(3) + c], b, e);
            }
        }
    }

    /// Aᵀ m A of each tile into its pixels of `out`, rows of the map.
    #[inline(always)]
    fn outputs(self, products: &[f32], tiles: usize, channels: usize, out: &mut [f32], room: &mut [f32]) {
        let line = self.shape[2] * channels;
        for index in 0..tiles {
            let point = |k: usize| &products[(k * tiles + index) * channels..][..channels];
            for j in 0..4 {
                let (upper, lower) = room.split_at_mut(4 * channels);
                let [a, b, d, e] = [point(j), point(4 + j), point(8 + j), point(12 + j)];
                sum3(&mut upper[j * channels..(j + 1) * channels], [a, b, d]);
                difference3(&mut lower[j * channels..(j + 1) * channels], [b, d, e]);
            }
            let (row, from) = (index / self.across * 2, index % self.across * 2 * channels);
            // Of a tile that lies half outside, the half that is inside.
            let to = (from + 2 * channels).min(line);
            let lines = out.chunks_exact_mut(line).skip(row);
            for (half, out) in room.chunks_exact(4 * channels).take(2).zip(lines) {
                let [a, b, d, e] = quarters(half, channels);
                let (left, right) = out[from..to].split_at_mut(channels);
                sum3(left, [a, b, d]);
                difference3(right, [b, d, e]);
            }
        }
    }

    /// A g Aᵀ of the 2×2 gradients of each tile: `[POINTS, tiles, channels]`.
    #[inline(always)]
    fn gradients(self, grad: &[f32], tiles: usize, channels: usize, out: &mut [f32], room: &mut [f32]) {
        let line = self.across * 2 * channels;
        let two = 2 * channels;
        for index in 0..tiles {
            let at = index / self.across * 2 * line + index % self.across * two;
            let (upper, lower) = (&grad[at..at + two], &grad[at + line..at + line + two]);
            room[..two].copy_from_slice(upper);
            sum(&mut room[two..2 * two], upper, lower);
            difference(&mut room[2 * two..3 * two], upper, lower);
            room[3 * two..4 * two].iter_mut().zip(lower).for_each(|(o, v)| *o = -v);
            for (i, pair) in room.chunks_exact(two).take(4).enumerate() {
                let (a, b) = pair.split_at(channels);
                let at = |j: usize| ((i * 4 + j) * tiles + index) * channels;
                out[at(0)..at(0) + channels].copy_from_slice(a);
                sum(&mut out[at(1)..at(1) + channels], a, b);
                difference(&mut out[at(2)..at(2) + channels], a, b);
                out[at(3)..at(3) + channels].iter_mut().zip(b).for_each(|(o, v)| *o = -v);
            }
        }
    }
}

/// Whether this way is shorter.
pub(super) fn is_worth_it(inputs: usize, outputs: usize) -> bool {
    inputs >= 16 && outputs >= 16
}

/// Whether that is so, and there is a way back.
pub(super) fn suits([_, h, w, c]: Shape, outputs: usize) -> bool {
    h % 2 == 0 && w % 2 == 0 && h > 0 && w > 0 && is_worth_it(c, outputs)
}

/// As [`super::conv::forward`], for [`WINDOW`] and weights that
/// [`transform_weights`] made; also gives the number of output channels.
pub(super) fn forward(x: &[f32], shape: Shape, transformed: &[f32], finish: Finish<'_>) -> (Vec<f32>, usize) {
    let [b, h, w, c] = shape;
    let outputs = transformed.len() / (POINTS * c).max(1);
    let mut out = vec![0.0; b * h * w * outputs];
    // A row of tiles at the end of an odd side belongs to one image alone.
    let together = if h % 2 == 0 { b } else { 1 };
    let (input, length) = (together * h * w * c, together * h * w * outputs);
    for (index, out) in out.chunks_exact_mut(length.max(1)).enumerate() {
        let x = &x[index * input..][..input];
        forward_rows(x, [together, h, w, c], transformed, finish.from(index * length), out);
    }
    (out, outputs)
}

/// The same of one image, or of several of even height.
fn forward_rows(x: &[f32], shape: Shape, transformed: &[f32], finish: Finish<'_>, out: &mut [f32]) {
    let (c, outputs) = (shape[3], transformed.len() / (POINTS * shape[3]));
    let tiling = Tiles::new(shape, outputs).evenly();
    let (piece, line) = (tiling.pixels() * outputs, shape[2] * outputs);
    out.par_chunks_mut(piece).enumerate().for_each(|(index, out)| {
        let tiles = (out.len() / line).div_ceil(2) * tiling.across;
        let length = POINTS * (tiles * (c + outputs) + 2 * c.max(outputs));
        with_scratch(length, |scratch| {
            let (inputs, rest) = scratch.split_at_mut(POINTS * tiles * c);
            let (products, room) = rest.split_at_mut(POINTS * tiles * outputs);
            wide(|| tiling.inputs(x, index * tiling.rows, tiles, inputs, room));
            let points = inputs.chunks_exact(tiles * c).zip(transformed.chunks_exact(c * outputs));
            for (product, (input, weights)) in products.chunks_exact_mut(tiles * outputs).zip(points) {
                let (input, weights) = (Mat::new(input, tiles, c), Mat::new(weights, c, outputs));
                multiply(product, Target::Replace, input, weights);
            }
            wide(|| tiling.outputs(products, tiles, outputs, out, room));
        });
        finish.from(index * piece).apply(out);
    });
}

/// As [`super::conv::weights_backward`], for kernel 3, stride 1, padding 1.
pub(super) fn weights_backward(x: &[f32], shape: Shape, grad: &[f32], outputs: usize) -> Vec<f32> {
    /// Sums that run side by side; fixed, so that the result does not depend
    /// on the number of threads.
    const GROUPS: usize = 4;
    let c = shape[3];
    let tiling = Tiles::new(shape, outputs);
    let piece = tiling.pixels() * outputs;
    let pieces = grad.len().div_ceil(piece);
    let group = pieces.div_ceil(GROUPS).max(1);
    let parts: Vec<Vec<f32>> = (0..pieces.div_ceil(group))
        .into_par_iter()
        .map(|part| {
            let mut sums = vec![0.0; POINTS * c * outputs];
            for index in part * group..((part + 1) * group).min(pieces) {
                let grad = &grad[index * piece..((index + 1) * piece).min(grad.len())];
                let tiles = grad.len() / (4 * outputs);
                let length = POINTS * (tiles * (c + outputs) + 2 * c.max(outputs));
                with_scratch(length, |scratch| {
                    let (inputs, rest) = scratch.split_at_mut(POINTS * tiles * c);
                    let (slopes, room) = rest.split_at_mut(POINTS * tiles * outputs);
                    wide(|| tiling.inputs(x, index * tiling.rows, tiles, inputs, room));
                    wide(|| tiling.gradients(grad, tiles, outputs, slopes, room));
                    let points = inputs.chunks_exact(tiles * c).zip(slopes.chunks_exact(tiles * outputs));
                    for (sum, (input, slope)) in sums.chunks_exact_mut(c * outputs).zip(points) {
                        let (input, slope) = (Mat::new(input, tiles, c), Mat::new(slope, tiles, outputs));
                        multiply(sum, Target::Add, input.transposed(), slope);
                    }
                });
            }
            sums
        })
        .collect();
    let mut total = vec![0.0; POINTS * c * outputs];
    for part in parts {
        total.iter_mut().zip(part).for_each(|(t, v)| *t += v);
    }
    weights_back(&total)
}
