//! Batch normalisation moved into the convolution before it.
//!
//! γ·(w∗x − μ)/√(σ² + ε) + β = (w·s)∗x + (β − μ·s) with s = γ/√(σ² + ε).

use crate::{
    kernels::norm::{Moments, affine},
    ops::EPSILON,
    weights::{Array, Unfit, Weights},
};

/// The same function without normalisation: every `NAME.gamma`, `.beta` and
/// `.moments` becomes a `NAME.bias` and changed `NAME.weight`.
pub(crate) fn fold(weights: &Weights) -> Result<Weights, Unfit> {
    let mut folded = Weights::default();
    for (name, array) in weights.iter() {
        let normalised = [".gamma", ".beta", ".moments"].iter().any(|end| name.ends_with(end));
        let Some(unit) = name.strip_suffix(".weight") else {
            if !normalised {
                folded.insert(name, array.clone());
            }
            continue;
        };
        let outputs = array.shape.last().copied().unwrap_or(0);
        if weights.get(&format!("{unit}.gamma")).is_none() {
            folded.insert(name, array.clone());
            continue;
        }
        let gamma = weights.expect(&format!("{unit}.gamma"), &[outputs])?;
        let beta = weights.expect(&format!("{unit}.beta"), &[outputs])?;
        let moments = weights.expect(&format!("{unit}.moments"), &[2, outputs])?;
        let (mean, variance) = moments.values.split_at(outputs);
        let moments = Moments { mean: mean.to_vec(), variance: variance.to_vec() };
        let (scale, shift) = affine(&moments, &gamma.values, &beta.values, EPSILON);
        let mut kernel = array.clone();
        for row in kernel.values.chunks_exact_mut(outputs.max(1)) {
            row.iter_mut().zip(&scale).for_each(|(w, s)| *w *= s);
        }
        folded.insert(name, kernel);
        folded.insert(format!("{unit}.bias"), Array { shape: vec![outputs], values: shift });
    }
    Ok(folded)
}
