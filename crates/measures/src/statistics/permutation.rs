//! How often chance alone splits a pool as unevenly as was seen.
//!
//! Source: Phipson and Smyth, "Permutation p-values should never be zero",
//! 2010: p = (b + 1) / (B + 1), where `b` of `B` random splits are at least as
//! uneven. Pools of up to ten are split in every way there is.

use crate::randomness::Dice;
use serde::{Deserialize, Serialize};

/// Random splits, unless there is a reason for another number.
pub const PERMUTATIONS: u32 = 999;
/// Pools up to this size are split in every way.
const ENUMERATED: usize = 10;

/// A statistic, and how likely chance gives one as large.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    /// How far two samples lie apart.
    pub statistic: f64,
    /// In (0, 1].
    pub p: f64,
}

/// The share of splits of a pool of `pool` into `part` and the rest, whose
/// statistic is at least `observed`. `statistic` is given the places of the
/// part, rising.
pub fn p_value(
    pool: usize,
    part: usize,
    observed: f64,
    permutations: u32,
    dice: &mut Dice,
    mut statistic: impl FnMut(&[u32]) -> f64,
) -> f64 {
    // Equal statistics may differ in their last bits.
    let mut as_large = |places: &[u32]| statistic(places) >= observed - observed.abs() * 1e-12;
    if pool <= ENUMERATED {
        let (mut count, mut all) = (0u32, 0u32);
        for_each_choice(pool, part, |places| {
            count += u32::from(as_large(places));
            all += 1;
        });
        return f64::from(count.max(1)) / f64::from(all.max(1));
    }
    let mut places: Vec<u32> = (0..).take(pool).collect();
    let mut chosen = Vec::with_capacity(part);
    let mut count = 0u32;
    for _ in 0..permutations {
        dice.choose(&mut places, part);
        chosen.clear();
        chosen.extend(places.iter().take(part));
        chosen.sort_unstable();
        count += u32::from(as_large(&chosen));
    }
    f64::from(count + 1) / f64::from(permutations + 1)
}

/// The size of the part whose random splits vary as much as the difference of
/// two samples of `first` and `second` values would if the second amounted to
/// only `independent` independent ones: 1/k + 1/(pool − k) = 1/first +
/// 1/independent. The size of the smaller sample when all are independent.
#[must_use]
pub fn part_of_split(first: usize, second: usize, independent: f64) -> usize {
    let pool = (first + second) as f64;
    if independent >= second as f64 {
        return first.min(second);
    }
    let product = pool / (1.0 / first.max(1) as f64 + 1.0 / independent.max(1.0));
    let root = (pool * pool - 4.0 * product).max(0.0).sqrt();
    (((pool - root) / 2.0).round() as usize).clamp(1, first.min(second).max(1))
}

/// Every choice of `part` places out of `pool`, at most 32, each rising.
fn for_each_choice(pool: usize, part: usize, mut each: impl FnMut(&[u32])) {
    let mut places = Vec::with_capacity(part);
    for bits in 0..1u32 << pool {
        if bits.count_ones() as usize == part {
            places.clear();
            places.extend((0..pool as u32).filter(|place| bits >> place & 1 == 1));
            each(&places);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_split_of_a_small_pool_is_tried_once() {
        let mut choices = Vec::new();
        for_each_choice(4, 2, |places| choices.push(places.to_vec()));
        choices.sort();
        assert_eq!(choices, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
    }

    #[test]
    fn fewer_independent_values_make_a_smaller_part() {
        assert_eq!(part_of_split(300, 100, 100.0), 100);
        assert_eq!(part_of_split(50, 100, 100.0), 50);
        // 1/16 + 1/100 = 1/k + 1/(200 - k)
        let part = part_of_split(100, 100, 16.0) as f64;
        assert!((1.0 / part + 1.0 / (200.0 - part) - 0.0725).abs() < 0.003, "{part}");
        assert_eq!(part_of_split(100, 100, 0.0), 1);
    }

    #[test]
    fn the_least_p_is_one_of_all_splits_or_one_in_a_thousand() {
        let first =
            |places: &[u32]| f64::from(u8::from(places.iter().zip(0..).all(|(place, i)| *place == i)));
        assert_eq!(p_value(10, 5, 1.0, 999, &mut Dice::new(0), first), 1.0 / 252.0);
        assert_eq!(p_value(60, 30, 1.0, 999, &mut Dice::new(0), first), 0.001);
        assert_eq!(p_value(60, 30, 0.0, 999, &mut Dice::new(0), first), 1.0);
    }
}
