//! Doubling a feature map by repeating every pixel, and the way back.

use rayon::prelude::*;

/// `[b, h, w, c]` to `[b, 2h, 2w, c]`.
pub(crate) fn double(x: &[f32], [_, _, w, c]: [usize; 4]) -> Vec<f32> {
    let mut out = vec![0.0; x.len() * 4];
    let line = w * c;
    out.par_chunks_mut(line * 4).zip(x.par_chunks(line)).for_each(|(out, x)| {
        let (first, second) = out.split_at_mut(line * 2);
        for (pair, pixel) in first.chunks_exact_mut(2 * c).zip(x.chunks_exact(c)) {
            let (left, right) = pair.split_at_mut(c);
            left.copy_from_slice(pixel);
            right.copy_from_slice(pixel);
        }
        second.copy_from_slice(first);
    });
    out
}

/// The gradient of [`double`]: sums each square of four; `shape` is that of
/// the smaller map.
pub(crate) fn double_backward(grad: &[f32], [b, h, w, c]: [usize; 4]) -> Vec<f32> {
    let mut out = vec![0.0; b * h * w * c];
    let line = w * c;
    out.par_chunks_mut(line).zip(grad.par_chunks(line * 4)).for_each(|(out, grad)| {
        let (first, second) = grad.split_at(line * 2);
        let pairs = first.chunks_exact(2 * c).zip(second.chunks_exact(2 * c));
        for (pixel, (upper, lower)) in out.chunks_exact_mut(c).zip(pairs) {
            let (a, b) = upper.split_at(c);
            let (d, e) = lower.split_at(c);
            let squares = a.iter().zip(b).zip(d.iter().zip(e));
            for (o, ((a, b), (d, e))) in pixel.iter_mut().zip(squares) {
                *o = a + b + d + e;
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_of_doubling_is_its_adjoint() {
        let x: Vec<f32> = (0..24).map(|i| i as f32).collect();
        let shape = [2, 2, 3, 2];
        let out = double(&x, shape);
        assert_eq!(out[..8], [0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0]);
        assert_eq!(out[12..16], [0.0, 1.0, 0.0, 1.0]);
        let grad: Vec<f32> = (0..96).map(|i| (i * 7 % 11) as f32).collect();
        let back = double_backward(&grad, shape);
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        assert_eq!(dot(&out, &grad), dot(&x, &back));
    }
}
