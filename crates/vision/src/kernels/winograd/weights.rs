//! Weights to where they are multiplied, and their gradients back.

use super::POINTS;

/// G g Gᵀ for `[3, 3, in, out]`: `[POINTS, in · out]`.
pub(in super::super) fn transform_weights(weights: &[f32]) -> Vec<f32> {
    let n = weights.len() / 9;
    let mut out = vec![0.0; POINTS * n];
    let plane = |k: usize| &weights[k * n..(k + 1) * n];
    let mut lines = vec![0.0; 12 * n];
    for kx in 0..3 {
        let [a, b, c] = [plane(kx), plane(3 + kx), plane(6 + kx)];
        halves(&mut lines, [kx, 3 + kx, 6 + kx, 9 + kx], n, [a, b, c]);
    }
    for i in 0..4 {
        let [a, b, c] = std::array::from_fn(|kx| &lines[(i * 3 + kx) * n..(i * 3 + kx + 1) * n]);
        halves(&mut out, [i * 4, i * 4 + 1, i * 4 + 2, i * 4 + 3], n, [a, b, c]);
    }
    out
}

/// G applied to three stretches, into four places of `out`.
fn halves(out: &mut [f32], places: [usize; 4], n: usize, [a, b, c]: [&[f32]; 3]) {
    let [p0, p1, p2, p3] = places.map(|place| place * n);
    out[p0..p0 + n].copy_from_slice(a);
    let all = || a.iter().zip(b).zip(c);
    out[p1..p1 + n].iter_mut().zip(all()).for_each(|(o, ((a, b), c))| *o = (a + b + c) * 0.5);
    out[p2..p2 + n].iter_mut().zip(all()).for_each(|(o, ((a, b), c))| *o = (a - b + c) * 0.5);
    out[p3..p3 + n].copy_from_slice(c);
}

/// Gᵀ u G for `[POINTS, in · out]`: `[3, 3, in, out]`.
pub(super) fn weights_back(products: &[f32]) -> Vec<f32> {
    let n = products.len() / POINTS;
    let mut lines = vec![0.0; 12 * n];
    let mut out = vec![0.0; 9 * n];
    let point = |k: usize| &products[k * n..(k + 1) * n];
    for j in 0..4 {
        let four = [point(j), point(4 + j), point(8 + j), point(12 + j)];
        thirds(&mut lines, [j, 4 + j, 8 + j], n, four);
    }
    for i in 0..3 {
        let four = std::array::from_fn(|j| &lines[(i * 4 + j) * n..(i * 4 + j + 1) * n]);
        thirds(&mut out, [i * 3, i * 3 + 1, i * 3 + 2], n, four);
    }
    out
}

/// Gᵀ applied to four stretches, into three places of `out`.
fn thirds(out: &mut [f32], places: [usize; 3], n: usize, [a, b, c, d]: [&[f32]; 4]) {
    let [p0, p1, p2] = places.map(|place| place * n);
    let middle = || b.iter().zip(c);
    out[p0..p0 + n]
        .iter_mut()
        .zip(a.iter().zip(middle()))
        .for_each(|(o, (a, (b, c)))| *o = a + (b + c) * 0.5);
    out[p1..p1 + n].iter_mut().zip(middle()).for_each(|(o, (b, c))| *o = (b - c) * 0.5);
    out[p2..p2 + n]
        .iter_mut()
        .zip(d.iter().zip(middle()))
        .for_each(|(o, (d, (b, c)))| *o = d + (b + c) * 0.5);
}
