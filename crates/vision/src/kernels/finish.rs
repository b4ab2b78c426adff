//! What is done to the output of a layer while it is still in the cache, and
//! the way back.

use super::activation::silu;
use imaging::wide;
use rayon::prelude::*;

/// What follows a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// Nothing.
    None,
    /// SiLU.
    Silu,
    /// From 0 to 6 the number itself (Howard et al. 2017).
    Relu6,
}

/// What happens to the sums of a layer, in this order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finish<'a> {
    /// Added to each channel.
    pub(crate) bias: Option<&'a [f32]>,
    /// Only where there is a bias.
    pub(crate) activation: Activation,
    /// Another output of the same shape, added last.
    pub(crate) added: Option<&'a [f32]>,
}

impl Finish<'_> {
    /// Leaves the sums as they are.
    pub(crate) fn nothing() -> Self {
        Self { bias: None, activation: Activation::None, added: None }
    }

    /// Of the output's numbers from `start` on.
    pub(super) fn from(self, start: usize) -> Self {
        Self { added: self.added.and_then(|added| added.get(start..)), ..self }
    }

    pub(super) fn apply(self, out: &mut [f32]) {
        if let Some(bias) = self.bias {
            let rows = out.chunks_exact_mut(bias.len());
            match self.activation {
                Activation::None => rows.for_each(|row| row.iter_mut().zip(bias).for_each(|(v, b)| *v += b)),
                Activation::Silu => wide(|| {
                    for row in rows {
                        row.iter_mut().zip(bias).for_each(|(v, b)| *v = silu(*v + b));
                    }
                }),
                Activation::Relu6 => wide(|| {
                    for row in rows {
                        row.iter_mut().zip(bias).for_each(|(v, b)| *v = (*v + b).clamp(0.0, 6.0));
                    }
                }),
            }
        }
        if let Some(added) = self.added {
            wide(|| out.iter_mut().zip(added).for_each(|(v, a)| *v += a));
        }
    }
}

/// The way back through [`Finish`] from its outputs: the gradient before the
/// activation, and that of the bias. SiLU's is in [`super::norm`], for it
/// needs what went in.
pub(crate) fn unfinish(
    grad: &[f32],
    out: &[f32],
    channels: usize,
    activation: Activation,
) -> (Vec<f32>, Vec<f32>) {
    /// Rows in a piece.
    const PIECE: usize = 512;
    let mut before = grad.to_vec();
    let length = (PIECE * channels).max(1);
    let pieces: Vec<Vec<f32>> = before
        .par_chunks_mut(length)
        .zip(out.par_chunks(length))
        .map(|(before, out)| {
            let mut sums = vec![0.0f32; channels];
            wide(|| {
                for (row, out) in before.chunks_exact_mut(channels).zip(out.chunks_exact(channels)) {
                    if activation == Activation::Relu6 {
                        let line = row.iter_mut().zip(out);
                        line.for_each(|(g, o)| *g = if *o > 0.0 && *o < 6.0 { *g } else { 0.0 });
                    }
                    sums.iter_mut().zip(row.iter()).for_each(|(sum, g)| *sum += g);
                }
            });
            sums
        })
        .collect();
    let mut total = vec![0.0f64; channels];
    for piece in pieces {
        total.iter_mut().zip(piece).for_each(|(t, v)| *t += f64::from(v));
    }
    (before, total.iter().map(|v| *v as f32).collect())
}
