//! A figure with the range in which it plausibly lies.

use serde::{Deserialize, Serialize};

/// A figure, and its bootstrap interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Of the images as they are.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// The percentile interval of resampled values: the middle `confidence`
    /// of them. `None` without any. Source: Efron and Tibshirani, "An
    /// Introduction to the Bootstrap", 1993, section 13.3.
    #[must_use]
    pub fn percentile(value: f64, mut resampled: Vec<f64>, confidence: f64) -> Option<Self> {
        resampled.sort_by(f64::total_cmp);
        let tail = (1.0 - confidence.clamp(0.0, 1.0)) / 2.0;
        let low = quantile_of_sorted(&resampled, tail)?;
        let high = quantile_of_sorted(&resampled, 1.0 - tail)?;
        Some(Self { value, low, high })
    }

    /// The whole interval lies above 0.
    #[must_use]
    pub fn is_above_zero(&self) -> bool {
        self.low > 0.0
    }

    /// The whole interval lies below 0.
    #[must_use]
    pub fn is_below_zero(&self) -> bool {
        self.high < 0.0
    }
}

/// The `q`-quantile (0 to 1) of rising values, between neighbours in
/// proportion: numpy's `quantile` by its default method, definition 7 of
/// Hyndman and Fan, "Sample quantiles in statistical packages", 1996.
#[must_use]
pub fn quantile_of_sorted(values: &[f64], q: f64) -> Option<f64> {
    let place = q.clamp(0.0, 1.0) * values.len().checked_sub(1)? as f64;
    let below = values.get(place.floor() as usize)?;
    let above = values.get(place.ceil() as usize)?;
    Some(below + (above - below) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numpys() {
        // numpy 2.4.6: np.quantile([1, 2, 4, 8, 16], [0.025, 0.3, 0.5, 0.975])
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        for (q, expected) in [(0.025, 1.1), (0.3, 2.4), (0.5, 4.0), (0.975, 15.2)] {
            let quantile = quantile_of_sorted(&values, q).expect("values");
            assert!((quantile - expected).abs() < 1e-12, "{q}: {quantile}");
        }
        assert_eq!(quantile_of_sorted(&[], 0.5), None);
    }

    #[test]
    fn an_interval_holds_the_middle_of_the_resamples() {
        let estimate = Estimate::percentile(50.0, (0..=100).rev().map(f64::from).collect(), 0.95);
        let Estimate { value, low, high } = estimate.expect("resamples");
        assert!(value == 50.0 && (low - 2.5).abs() < 1e-12 && (high - 97.5).abs() < 1e-12, "{low} {high}");
        assert_eq!(Estimate::percentile(1.0, Vec::new(), 0.95), None);
    }
}
