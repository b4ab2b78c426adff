//! A mergeable quantile sketch: counts in logarithmic bins.
//!
//! Source: Masson, Rim, Lee, "DDSketch", VLDB 2019, section 2. A quantile is
//! within 1 % of the true one; merging is adding counts, so aggregates of any
//! two stretches of time give exactly the aggregate of both.

/// Stored bins were counted with it: it never changes.
const RELATIVE_ERROR: f64 = 0.01;
/// Values at or below it (milliseconds, pixels …) share the lowest bin.
const SMALLEST: f64 = 1e-3;

fn gamma() -> f64 {
    (1.0 + RELATIVE_ERROR) / (1.0 - RELATIVE_ERROR)
}

/// The bin of a value ≥ 0; negative values and NaN count as 0.
#[must_use]
pub fn bin_of(value: f64) -> i32 {
    if value > SMALLEST { ((value / SMALLEST).ln() / gamma().ln()).ceil().min(1e6) as i32 } else { 0 }
}

/// The value that stands for a bin.
#[must_use]
pub fn value_of(bin: i32) -> f64 {
    if bin <= 0 { 0.0 } else { SMALLEST * gamma().powi(bin) * 2.0 / (gamma() + 1.0) }
}

/// The `q`-quantile (0 to 1) of counted bins in rising order of bin; `None`
/// when nothing was counted.
#[must_use]
pub fn quantile(bins: &[(i32, u64)], q: f64) -> Option<f64> {
    let total: u64 = bins.iter().map(|(_, count)| count).sum();
    let rank = (q.clamp(0.0, 1.0) * total.saturating_sub(1) as f64).floor() as u64;
    let mut passed = 0;
    bins.iter()
        .find(|(_, count)| {
            passed += count;
            passed > rank
        })
        .map(|(bin, _)| value_of(*bin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_quantile_is_within_one_percent(mut values in prop::collection::vec(0.01f64..1e6, 1..200), q in 0.0f64..=1.0) {
            values.sort_by(f64::total_cmp);
            let mut bins = std::collections::BTreeMap::new();
            for value in &values {
                *bins.entry(bin_of(*value)).or_insert(0u64) += 1;
            }
            let bins: Vec<_> = bins.into_iter().collect();
            let rank = (q * (values.len() - 1) as f64).floor() as usize;
            let estimate = quantile(&bins, q).expect("values were counted");
            prop_assert!((estimate - values[rank]).abs() <= values[rank] * (RELATIVE_ERROR + 1e-9));
        }
    }

    #[test]
    fn nothing_counted_has_no_quantile() {
        assert_eq!(quantile(&[], 0.5), None);
    }
}
