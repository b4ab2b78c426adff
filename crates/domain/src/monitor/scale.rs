//! How numbers become bins that can be added up, and bins become one number
//! again.

use measures::metrics::sketch;
use std::ops::AddAssign;

/// From which bin on an outlier score is called unusual; in whole percent.
pub const UNUSUAL_BIN: i32 = 100;

/// How a number becomes a bin. Bins are stored: a scale is never changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// The bin is the number: so many boxes, the number of a label or a cell.
    Number,
    /// Bins of [`sketch`]: any number of at least 0, known within 1 %.
    Sketch,
    /// A hundred equal parts from 0 to the greatest value, rounded down.
    Hundredths {
        /// So many parts are 1.
        per_one: f64,
        /// The last bin: 100 where the greatest value has one of its own.
        last: i32,
    },
    /// Whole percents, rounded up, so that what is above 99 % is the last bin
    /// and nothing else is.
    PercentUp,
}

impl Scale {
    /// The bin of a finite number.
    #[must_use]
    pub fn bin_of(self, value: f64) -> i32 {
        match self {
            Self::Number => value as i32,
            Self::Sketch => sketch::bin_of(value),
            Self::Hundredths { per_one, last } => ((value * per_one) as i32).clamp(0, last),
            Self::PercentUp => ((value * 100.0).ceil() as i32).clamp(0, 100),
        }
    }

    /// The number that a mean of bins stands for.
    fn of_mean_bin(self, bin: f64) -> f64 {
        match self {
            Self::Number => bin,
            // The middle of a part, and never more than the greatest value.
            Self::Hundredths { per_one, .. } => (bin + 0.5).min(100.0) / per_one,
            Self::PercentUp => (bin - 0.5).max(0.0) / 100.0,
            // Bins of a sketch are exponents: only quantiles are asked of it.
            Self::Sketch => sketch::value_of(bin.round() as i32),
        }
    }
}

/// Bins as three sums, which is all that some figures need.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// How many numbers were counted.
    pub count: u64,
    /// The sum of the bins, each as often as it was counted.
    pub bins: f64,
    /// How many lie in [`UNUSUAL_BIN`] or above.
    pub unusual: u64,
}

impl Sums {
    /// Those of counts by bin.
    #[must_use]
    pub fn of(bins: &[(i32, u64)]) -> Self {
        Self {
            count: bins.iter().map(|(_, count)| count).sum(),
            bins: bins.iter().map(|(bin, count)| f64::from(*bin) * *count as f64).sum(),
            unusual: bins.iter().filter(|(bin, _)| *bin >= UNUSUAL_BIN).map(|(_, count)| count).sum(),
        }
    }
}

/// Of two stretches of time together.
impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.bins += other.bins;
        self.unusual += other.unusual;
    }
}

/// How counts by bin become one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reduce {
    /// How many were counted; 0 when nothing was.
    Count,
    /// The mean of what was counted.
    Mean,
    /// The share in [`UNUSUAL_BIN`] or above.
    UnusualShare,
    /// A quantile, 0 to 1, of a [`Scale::Sketch`].
    Quantile(f64),
}

impl Reduce {
    /// Whether three sums are enough: then no bin is read.
    #[must_use]
    pub fn needs_only_sums(self) -> bool {
        match self {
            Self::Count | Self::Mean | Self::UnusualShare => true,
            Self::Quantile(_) => false,
        }
    }

    /// The number out of counts by rising bin; `None` when there is none.
    #[must_use]
    pub fn of_bins(self, scale: Scale, bins: &[(i32, u64)]) -> Option<f64> {
        match self {
            Self::Quantile(q) => sketch::quantile(bins, q),
            Self::Count | Self::Mean | Self::UnusualShare => self.of_sums(scale, Sums::of(bins)),
        }
    }

    /// The number out of the sums; `None` when there is none, or sums are not
    /// enough.
    #[must_use]
    pub fn of_sums(self, scale: Scale, sums: Sums) -> Option<f64> {
        let Sums { count, bins, unusual } = sums;
        let of_some = |number: f64| (count > 0).then_some(number);
        match self {
            Self::Count => Some(count as f64),
            Self::Mean => of_some(bins / count as f64).map(|bin| scale.of_mean_bin(bin)),
            Self::UnusualShare => of_some(unusual as f64 / count as f64),
            Self::Quantile(_) => None,
        }
    }
}
