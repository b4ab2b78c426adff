//! Numbers drawn by chance from a seed: the same seed gives the same numbers
//! on every machine and in every version.
//!
//! Source: ChaCha with 8 rounds, as in Bernstein, "ChaCha, a variant of
//! Salsa20", 2008; whole numbers by Lemire, "Fast random integer generation in
//! an interval", ACM TOMACS 2019.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// A source of chance.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// Numbers that follow from `seed` alone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// One of many independent sequences of the same seed.
    #[must_use]
    pub fn stream(seed: u64, stream: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        Self(source)
    }

    /// A seed for something that draws on its own.
    pub fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A whole number below `bound`, each as likely as any other; 0 when
    /// `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let least = if bound == 0 { 0 } else { bound.wrapping_neg() % bound };
        loop {
            let product = u64::from(self.0.next_u32()) * u64::from(bound);
            if product as u32 >= least {
                return (product >> 32) as u32;
            }
        }
    }

    /// A place in a list of `length`; 0 of an empty one.
    pub fn place(&mut self, length: usize) -> usize {
        self.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize
    }

    /// At least 0 and below 1, in steps of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with probability `chance`.
    pub fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// From the normal distribution of mean 0 and deviation 1. Source: Box and
    /// Muller, "A note on the generation of random normal deviates", 1958.
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.unit(), self.unit());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    /// Brings a list into an order by chance, all equally likely. Source:
    /// Fisher and Yates, as in Knuth, "The Art of Computer Programming" 2, 3.4.2.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let other = self.place(last + 1);
            list.swap(last, other);
        }
    }

    /// The `count` first of `list` become a choice by chance out of all of
    /// it, all choices equally likely; the others follow in any order.
    pub fn choose<T>(&mut self, list: &mut [T], count: usize) {
        for place in 0..count.min(list.len()) {
            let other = place + self.place(list.len() - place);
            list.swap(place, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_streams_differ() {
        let numbers = |mut dice: Dice| -> Vec<u32> { (0..5).map(|_| dice.below(1000)).collect() };
        assert_eq!(numbers(Dice::new(7)), numbers(Dice::stream(7, 0)));
        assert_ne!(numbers(Dice::new(7)), numbers(Dice::stream(7, 1)));
        assert_ne!(numbers(Dice::new(7)), numbers(Dice::new(8)));
    }

    #[test]
    fn numbers_below_a_bound_are_all_there_and_about_equally_often() {
        let mut dice = Dice::new(1);
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[dice.below(6) as usize] += 1;
        }
        // Five deviations of a binomial count.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 460), "{counts:?}");
        assert_eq!((dice.below(1), dice.below(0)), (0, 0));
    }

    #[test]
    fn a_choice_has_every_place_equally_often() {
        let mut dice = Dice::new(2);
        let mut counts = [0u32; 5];
        for _ in 0..20_000 {
            let mut list = [0, 1, 2, 3, 4];
            dice.choose(&mut list, 2);
            list[..2].iter().for_each(|place: &usize| counts[*place] += 1);
            list.sort_unstable();
            assert_eq!(list, [0, 1, 2, 3, 4]);
        }
        assert!(counts.iter().all(|count| count.abs_diff(8_000) < 350), "{counts:?}");
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let mut dice = Dice::new(3);
        let drawn: Vec<f64> = (0..40_000).map(|_| dice.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 40_000.0;
        let square = drawn.iter().map(|x| x * x).sum::<f64>() / 40_000.0;
        assert!(mean.abs() < 0.025 && (square - 1.0).abs() < 0.04, "{mean} {square}");
    }
}
