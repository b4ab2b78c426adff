//! Batch normalisation (Ioffe, Szegedy 2015) followed by SiLU, in one pass
//! each way. A tensor is `rows` of `channels` numbers.

use super::activation::{silu, silu_slope};
use imaging::wide;
use rayon::prelude::*;

/// Rows in a piece.
const PIECE: usize = 512;

/// Mean and biased variance of each channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moments {
    /// `[channels]`.
    pub(crate) mean: Vec<f32>,
    /// `[channels]`.
    pub(crate) variance: Vec<f32>,
}

/// What flows back through [`forward`].
pub(crate) struct Gradients {
    /// `[rows, channels]`.
    pub(crate) input: Vec<f32>,
    /// `[channels]`.
    pub(crate) gamma: Vec<f32>,
    /// `[channels]`.
    pub(crate) beta: Vec<f32>,
}

/// Sums two quantities per channel over all rows: pieces in parallel, their
/// sums in order.
fn sums(pieces: Vec<(Vec<f32>, Vec<f32>)>, channels: usize) -> (Vec<f64>, Vec<f64>) {
    let mut total = (vec![0.0; channels], vec![0.0; channels]);
    for (first, second) in pieces {
        total.0.iter_mut().zip(first).for_each(|(t, v)| *t += f64::from(v));
        total.1.iter_mut().zip(second).for_each(|(t, v)| *t += f64::from(v));
    }
    total
}

/// Mean and variance over the rows.
pub(crate) fn moments(x: &[f32], channels: usize) -> Moments {
    let rows = (x.len() / channels).max(1) as f64;
    let pieces = x
        .par_chunks(PIECE * channels)
        .map(|piece| {
            let (mut sum, mut squares) = (vec![0.0f32; channels], vec![0.0f32; channels]);
            wide(|| {
                for row in piece.chunks_exact(channels) {
                    for ((s, q), v) in sum.iter_mut().zip(&mut squares).zip(row) {
                        *s += v;
                        *q += v * v;
                    }
                }
            });
            (sum, squares)
        })
        .collect();
    let (sum, squares) = sums(pieces, channels);
    let mean: Vec<f64> = sum.iter().map(|s| s / rows).collect();
    let variance = squares.iter().zip(&mean).map(|(q, m)| (q / rows - m * m).max(0.0) as f32).collect();
    Moments { mean: mean.iter().map(|m| *m as f32).collect(), variance }
}

/// Scale and shift that normalise: `x * scale + shift`.
pub(crate) fn affine(moments: &Moments, gamma: &[f32], beta: &[f32], epsilon: f32) -> (Vec<f32>, Vec<f32>) {
    let scale: Vec<f32> =
        gamma.iter().zip(&moments.variance).map(|(g, v)| g / (v + epsilon).sqrt()).collect();
    let shift = beta.iter().zip(&moments.mean).zip(&scale).map(|((b, m), s)| b - m * s).collect();
    (scale, shift)
}

/// `silu(x * scale + shift)`.
pub(crate) fn forward(x: &[f32], scale: &[f32], shift: &[f32]) -> Vec<f32> {
    let channels = scale.len();
    let mut out = vec![0.0; x.len()];
    out.par_chunks_mut(PIECE * channels).zip(x.par_chunks(PIECE * channels)).for_each(|(out, x)| {
        wide(|| {
            for (out, x) in out.chunks_exact_mut(channels).zip(x.chunks_exact(channels)) {
                for (((o, v), scale), shift) in out.iter_mut().zip(x).zip(scale).zip(shift) {
                    *o = silu(v * scale + shift);
                }
            }
        });
    });
    out
}

/// The gradients of `forward(affine(moments(x)))`, the moments being a
/// function of `x` (section 3 of the paper).
pub(crate) fn backward(
    grad: &[f32],
    x: &[f32],
    moments: &Moments,
    gamma: &[f32],
    beta: &[f32],
    epsilon: f32,
) -> Gradients {
    let channels = gamma.len();
    let rows = (x.len() / channels).max(1) as f64;
    let (scale, shift) = affine(moments, gamma, beta, epsilon);
    let (mut input, sum, weighted) = through_silu(grad, x, &scale, &shift);
    // With x̂ = (x − mean) · r: Σ d·x̂ = (Σ d·x − mean · Σ d) · r.
    let inverse: Vec<f64> = moments.variance.iter().map(|v| 1.0 / f64::from(v + epsilon).sqrt()).collect();
    let mean = moments.mean.iter().map(|m| f64::from(*m));
    let along: Vec<f64> = weighted
        .iter()
        .zip(&sum)
        .zip(mean.clone().zip(&inverse))
        .map(|((weighted, sum), (mean, r))| (weighted - mean * sum) * r)
        .collect();
    // dx = scale · (d − Σd/n − x̂ · Σdx̂/n) = scale · d − constant − slope · x.
    let scales = || scale.iter().map(|s| f64::from(*s) / rows);
    let slope: Vec<f64> = along.iter().zip(&inverse).zip(scales()).map(|((a, r), s)| s * a * r).collect();
    let constant: Vec<f32> = sum
        .iter()
        .zip(scales())
        .zip(slope.iter().zip(mean))
        .map(|((sum, s), (slope, mean))| (s * sum - slope * mean) as f32)
        .collect();
    let slope: Vec<f32> = slope.iter().map(|v| *v as f32).collect();
    input.par_chunks_mut(PIECE * channels).zip(x.par_chunks(PIECE * channels)).for_each(|(d, x)| {
        wide(|| {
            for (d, x) in d.chunks_exact_mut(channels).zip(x.chunks_exact(channels)) {
                let line = d.iter_mut().zip(x).zip(scale.iter().zip(constant.iter().zip(&slope)));
                for ((d, v), (scale, (constant, slope))) in line {
                    *d = *d * scale - constant - v * slope;
                }
            }
        });
    });
    let numbers = |values: &[f64]| values.iter().map(|v| *v as f32).collect();
    Gradients { input, gamma: numbers(&along), beta: numbers(&sum) }
}

/// The gradient d before SiLU, and per channel Σ d and Σ d·x.
fn through_silu(grad: &[f32], x: &[f32], scale: &[f32], shift: &[f32]) -> (Vec<f32>, Vec<f64>, Vec<f64>) {
    let channels = scale.len();
    let length = PIECE * channels;
    let mut input = vec![0.0; x.len()];
    let pieces = input
        .par_chunks_mut(length)
        .zip(x.par_chunks(length))
        .zip(grad.par_chunks(length))
        .map(|((slope, x), grad)| {
            let (mut sum, mut weighted) = (vec![0.0f32; channels], vec![0.0f32; channels]);
            wide(|| {
                let rows = slope.chunks_exact_mut(channels).zip(x.chunks_exact(channels));
                for ((slope, x), grad) in rows.zip(grad.chunks_exact(channels)) {
                    let line = slope.iter_mut().zip(x).zip(grad).zip(scale.iter().zip(shift));
                    for (((slope, v), g), (scale, shift)) in line {
                        *slope = g * silu_slope(v * scale + shift);
                    }
                    for (((s, w), d), v) in sum.iter_mut().zip(&mut weighted).zip(slope.iter()).zip(x) {
                        *s += d;
                        *w += d * v;
                    }
                }
            });
            (sum, weighted)
        })
        .collect();
    let (sum, weighted) = sums(pieces, channels);
    (input, sum, weighted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPSILON: f32 = 1e-3;

    fn sample() -> (Vec<f32>, Vec<f32>) {
        let x = (0..1200).map(|i| ((i * 37 % 101) as f32 / 25.0 - 1.5) * (1.0 + (i % 3) as f32)).collect();
        let grad = (0..1200).map(|i| ((i * 53 % 89) as f32 / 44.0 - 1.0) * 0.1).collect();
        (x, grad)
    }

    #[test]
    fn normalised_channels_have_mean_zero_and_variance_one() {
        let (x, _) = sample();
        let before = moments(&x, 3);
        let (scale, shift) = affine(&before, &[1.0; 3], &[0.0; 3], 0.0);
        let y: Vec<f32> = x
            .chunks(3)
            .flat_map(|row| (0..3).map(|c| row[c] * scale[c] + shift[c]).collect::<Vec<_>>())
            .collect();
        let after = moments(&y, 3);
        assert!(after.mean.iter().all(|m| m.abs() < 1e-5));
        assert!(after.variance.iter().all(|v| (v - 1.0).abs() < 1e-4));
    }

    #[test]
    fn gradients_agree_with_differences() {
        let (x, grad) = sample();
        let (gamma, beta) = (vec![1.3f32, 0.7, -0.4], vec![0.1f32, -0.3, 0.5]);
        let loss = |x: &[f32], gamma: &[f32], beta: &[f32]| -> f64 {
            let (scale, shift) = affine(&moments(x, 3), gamma, beta, EPSILON);
            forward(x, &scale, &shift).iter().zip(&grad).map(|(o, g)| f64::from(*o) * f64::from(*g)).sum()
        };
        let gradients = backward(&grad, &x, &moments(&x, 3), &gamma, &beta, EPSILON);
        let h = 2e-2f32;
        let slope = |up: f64, down: f64| ((up - down) / f64::from(2.0 * h)) as f32;
        for i in [0, 1, 2, 601, 1199] {
            let (mut up, mut down) = (x.clone(), x.clone());
            up[i] += h;
            down[i] -= h;
            let numeric = slope(loss(&up, &gamma, &beta), loss(&down, &gamma, &beta));
            assert!((numeric - gradients.input[i]).abs() < 1e-3, "x {i}: {numeric} {}", gradients.input[i]);
        }
        for i in 0..3 {
            let (mut up, mut down) = (gamma.clone(), gamma.clone());
            up[i] += h;
            down[i] -= h;
            let numeric = slope(loss(&x, &up, &beta), loss(&x, &down, &beta));
            assert!(
                (numeric - gradients.gamma[i]).abs() < 2e-2,
                "gamma {i}: {numeric} {}",
                gradients.gamma[i]
            );
            let (mut up, mut down) = (beta.clone(), beta.clone());
            up[i] += h;
            down[i] -= h;
            let numeric = slope(loss(&x, &gamma, &up), loss(&x, &gamma, &down));
            assert!((numeric - gradients.beta[i]).abs() < 2e-2, "beta {i}: {numeric} {}", gradients.beta[i]);
        }
    }
}
