//! How far two samples of numbers lie apart, whatever their distribution.

use super::permutation::{Tested, p_value, part_of_split};
use crate::randomness::Dice;

/// The Kolmogorov–Smirnov statistic: the greatest difference between the two
/// shares of values at or below any point, in [0, 1]. Ties are one point.
/// `None` when a sample is empty. Numbers only: NaN sorts above all.
///
/// Source: Smirnov 1939, as `scipy.stats.ks_2samp` computes it.
#[must_use]
pub fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> Option<f64> {
    Some(Pool::new(a, b)?.observed())
}

/// The statistic with its permutation p-value. `independent` says to how many
/// independent values `b` amounts, at most as many as it has: fewer when its
/// values come in runs that are alike.
#[must_use]
pub fn kolmogorov_smirnov_test(
    a: &[f64],
    b: &[f64],
    independent: f64,
    permutations: u32,
    dice: &mut Dice,
) -> Option<Tested> {
    let pool = Pool::new(a, b)?;
    let statistic = pool.observed();
    let part = part_of_split(a.len(), b.len(), independent);
    let p = p_value(pool.size(), part, statistic, permutations, dice, |part| pool.statistic(part));
    Some(Tested { statistic, p })
}

/// Both samples in rising order. A split is known by the places of its
/// smaller part, so that a large reference costs a permutation nothing.
struct Pool {
    /// For each place, where its run of equal values begins and ends.
    runs: Vec<(u32, u32)>,
    /// Places of the smaller sample, rising.
    smaller: Vec<u32>,
}

impl Pool {
    fn new(a: &[f64], b: &[f64]) -> Option<Self> {
        let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        if small.is_empty() {
            return None;
        }
        let of = |values: &[f64], is_small: bool| -> Vec<(f64, bool)> {
            // −0 and 0 are one point.
            values.iter().map(|value| (value + 0.0, is_small)).collect()
        };
        let mut pool = [of(small, true), of(large, false)].concat();
        pool.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut runs = Vec::with_capacity(pool.len());
        for run in pool.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
            let begin = runs.len() as u32;
            runs.resize(runs.len() + run.len(), (begin, begin + run.len() as u32));
        }
        let smaller = (0..).zip(&pool).filter(|(_, (_, is_small))| *is_small).map(|(place, _)| place);
        Some(Self { smaller: smaller.collect(), runs })
    }

    fn size(&self) -> usize {
        self.runs.len()
    }

    fn observed(&self) -> f64 {
        self.statistic(&self.smaller)
    }

    fn statistic(&self, part: &[u32]) -> f64 {
        let size = part.len() as f64;
        self.distance(part) / (size * (self.size() as f64 - size))
    }

    /// The statistic times the sizes of both samples: a whole number. The
    /// shares differ most just before or just after a value of the part.
    fn distance(&self, part: &[u32]) -> f64 {
        let (whole, size) = (self.size() as i64, part.len() as i64);
        let difference =
            |below_of_part: i64, below: u32| (below_of_part * whole - i64::from(below) * size).abs();
        let (mut greatest, mut place) = (0, 0usize);
        while let Some((begin, end)) = part.get(place).and_then(|place| self.runs.get(*place as usize)) {
            let before = place as i64;
            while part.get(place).is_some_and(|place| place < end) {
                place += 1;
            }
            greatest = greatest.max(difference(before, *begin)).max(difference(place as i64, *end));
        }
        greatest as f64
    }
}

#[cfg(test)]
mod tests;
