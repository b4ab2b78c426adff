//! How often something happened, with an exact interval.

use super::beta;
use serde::{Deserialize, Serialize};

/// `hits` of `trials`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// How often it happened.
    pub hits: u32,
    /// How often it could have happened.
    pub trials: u32,
}

impl Share {
    /// Counts the true ones.
    #[must_use]
    pub fn of(outcomes: impl IntoIterator<Item = bool>) -> Self {
        let mut share = Self::default();
        for happened in outcomes {
            share.hits += u32::from(happened);
            share.trials += 1;
        }
        share
    }

    /// In [0, 1]; `None` without trials.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.trials > 0).then(|| f64::from(self.hits) / f64::from(self.trials))
    }

    /// The two-sided interval of `confidence`, lower and upper end: it holds
    /// the true share at least so often. Everything without trials. Source:
    /// Clopper and Pearson, "The use of confidence or fiducial limits",
    /// Biometrika 1934.
    #[must_use]
    pub fn interval(self, confidence: f64) -> (f64, f64) {
        let tail = (1.0 - confidence.clamp(0.0, 1.0)) / 2.0;
        let hits = f64::from(self.hits.min(self.trials));
        let misses = f64::from(self.trials) - hits;
        let low = if hits > 0.0 { beta::quantile(hits, misses + 1.0, tail) } else { 0.0 };
        let high = if misses > 0.0 { beta::quantile(hits + 1.0, misses, 1.0 - tail) } else { 1.0 };
        (low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_scipys() {
        // scipy 1.17.1: scipy.stats.binomtest(hits, trials).proportion_ci(0.95, "exact")
        for (hits, trials, low, high) in REFERENCE {
            let interval = Share { hits, trials }.interval(0.95);
            assert!(
                (interval.0 - low).abs() < 1e-10 && (interval.1 - high).abs() < 1e-10,
                "{hits}: {interval:?}"
            );
        }
        assert_eq!(Share::default().interval(0.95), (0.0, 1.0));
    }

    const REFERENCE: [(u32, u32, f64, f64); 5] = [
        (0, 10, 0.0, 0.308_497_107_818_762_94),
        (10, 10, 0.691_502_892_181_237_1, 1.0),
        (25, 1000, 0.016_242_535_696_713_377, 0.036_684_823_051_959_22),
        (50, 1000, 0.037_335_397_604_660_63, 0.065_390_487_915_493_65),
        (3, 7, 0.098_988_278_442_436_89, 0.815_948_432_359_93),
    ];
}
