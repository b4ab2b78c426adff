//! Many tests at once without as many false alarms.

/// Benjamini–Hochberg: adjusted p-values, in the order of `p`. Calling those
/// at or below `q` discoveries keeps the expected share of false ones at `q`.
///
/// Source: Benjamini and Hochberg, "Controlling the false discovery rate",
/// JRSS B 1995, as `scipy.stats.false_discovery_control` computes it.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    let value = |place: usize| p.get(place).copied().unwrap_or(1.0);
    order.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, place) in order.iter().enumerate().rev() {
        least = least.min(value(*place) * p.len() as f64 / (rank + 1) as f64);
        if let Some(adjusted) = adjusted.get_mut(*place) {
            *adjusted = least;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_values_are_scipys() {
        // scipy 1.17.1: scipy.stats.false_discovery_control([...])
        let p = [0.04, 0.001, 0.3, 0.02, 0.02, 0.9, 0.005];
        let expected = [0.056, 0.007, 0.35, 0.035, 0.035, 0.9, 0.0175];
        for (actual, expected) in benjamini_hochberg(&p).into_iter().zip(expected) {
            assert!((actual - expected).abs() < 1e-12, "{actual} {expected}");
        }
        assert_eq!(benjamini_hochberg(&[]), Vec::<f64>::new());
    }
}
