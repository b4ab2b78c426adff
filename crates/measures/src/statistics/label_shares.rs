//! How far two mixtures of labels lie apart.

use super::permutation::{Tested, p_value, part_of_split};
use crate::randomness::Dice;
use serde::{Deserialize, Serialize};

/// How many boxes of each label one image has; labels that are missing have
/// none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelCounts(Vec<(u32, u32)>);

impl LabelCounts {
    /// Counts labels, given by number.
    #[must_use]
    pub fn of(labels: impl IntoIterator<Item = u32>) -> Self {
        let mut labels: Vec<u32> = labels.into_iter().collect();
        labels.sort_unstable();
        Self(
            labels
                .chunk_by(|a, b| a == b)
                .filter_map(|run| Some((*run.first()?, run.len() as u32)))
                .collect(),
        )
    }

    /// The numbers of the labels and how many boxes each has, rising.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().copied()
    }

    /// Boxes of a label.
    #[must_use]
    pub fn count(&self, label: u32) -> u32 {
        self.0.iter().find(|(other, _)| *other == label).map_or(0, |(_, count)| *count)
    }
}

/// The Jensen–Shannon distance of two mixtures given as counts, base 2: 0 for
/// equal shares, 1 when they have nothing in common. `None` when one is empty.
///
/// Source: Endres and Schindelin, "A new metric for probability
/// distributions", IEEE Trans. Inf. Theory 2003, as
/// `scipy.spatial.distance.jensenshannon(p, q, base=2)` computes it.
#[must_use]
pub fn jensen_shannon(a: &[u64], b: &[u64]) -> Option<f64> {
    let [all_a, all_b] = [a, b].map(|counts| counts.iter().sum::<u64>() as f64);
    if all_a == 0.0 || all_b == 0.0 {
        return None;
    }
    let towards_middle = |share: f64, other: f64| {
        if share > 0.0 { share * (2.0 * share / (share + other)).log2() } else { 0.0 }
    };
    let at = |counts: &[u64], label: usize, all: f64| counts.get(label).copied().unwrap_or(0) as f64 / all;
    let divergence: f64 = (0..a.len().max(b.len()))
        .map(|label| {
            let (p, q) = (at(a, label, all_a), at(b, label, all_b));
            towards_middle(p, q) + towards_middle(q, p)
        })
        .sum();
    Some((divergence / 2.0).clamp(0.0, 1.0).sqrt())
}

/// The distance with its permutation p-value. Whole images change sides, since
/// boxes of one image are not independent; `independent` says to how many
/// independent images `b` amounts. `None` when a side has no boxes.
#[must_use]
pub fn jensen_shannon_test(
    a: &[LabelCounts],
    b: &[LabelCounts],
    independent: f64,
    permutations: u32,
    dice: &mut Dice,
) -> Option<Tested> {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let images: Vec<&LabelCounts> = small.iter().chain(large).collect();
    let labels = Labels::new(&images);
    let all = labels.sum(images.iter().copied());
    let mut rest = all.clone();
    let mut distance = |part: &[u64]| {
        rest.iter_mut().zip(&all).zip(part).for_each(|((rest, all), part)| *rest = all - part);
        jensen_shannon(part, &rest)
    };
    let statistic = distance(&labels.sum(small))?;
    let size = part_of_split(a.len(), b.len(), independent);
    let mut part = all.clone();
    let p = p_value(images.len(), size, statistic, permutations, dice, |places| {
        part.fill(0);
        for place in places {
            labels.add(&mut part, images.get(*place as usize).copied());
        }
        // A side without boxes says nothing.
        distance(&part).unwrap_or(0.0)
    });
    Some(Tested { statistic, p })
}

/// The labels that occur, numbered without gaps.
struct Labels(Vec<u32>);

impl Labels {
    fn new(images: &[&LabelCounts]) -> Self {
        let mut labels: Vec<u32> =
            images.iter().flat_map(|image| image.iter()).map(|(label, _)| label).collect();
        labels.sort_unstable();
        labels.dedup();
        Self(labels)
    }

    fn sum<'i>(&self, images: impl IntoIterator<Item = &'i LabelCounts>) -> Vec<u64> {
        let mut sums = vec![0; self.0.len()];
        images.into_iter().for_each(|image| self.add(&mut sums, Some(image)));
        sums
    }

    fn add(&self, sums: &mut [u64], image: Option<&LabelCounts>) {
        for (label, count) in image.into_iter().flat_map(LabelCounts::iter) {
            if let Some(sum) = self.0.binary_search(&label).ok().and_then(|place| sums.get_mut(place)) {
                *sum += u64::from(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_scipys() {
        // scipy 1.17.1: scipy.spatial.distance.jensenshannon(p, q, base=2)
        for (a, b, expected) in [
            (vec![1, 2, 3], vec![1, 2, 3], 0.0),
            (vec![5, 0], vec![0, 7], 1.0),
            (vec![10, 20, 30], vec![30, 20, 10], 0.354_703_515_198_132_04),
            (vec![100, 5, 0, 1], vec![90, 12, 3, 0], 0.175_693_208_979_065_93),
            (vec![1, 0, 0], vec![1, 1, 1], 0.677_604_543_245_723),
        ] {
            let actual = jensen_shannon(&a, &b).expect("boxes on both sides");
            assert!((actual - expected).abs() < 1e-12, "{a:?} {b:?}: {actual}");
        }
        assert_eq!(jensen_shannon(&[0, 0], &[1, 2]), None);
    }

    #[test]
    fn small_pools_give_the_exact_share_of_splits() {
        // scipy 1.17.1: permutation_test((reference, window), …,
        // permutation_type='independent', n_resamples=inf, alternative='greater')
        // with the distance of summed counts as the statistic.
        let image = |[a, b, c]: [usize; 3]| LabelCounts::of([vec![0; a], vec![1; b], vec![7; c]].concat());
        let reference = [[3, 1, 0], [2, 2, 1], [4, 0, 0], [3, 2, 0], [5, 1, 1]].map(image);
        let window = [[1, 3, 2], [2, 2, 2], [0, 4, 1], [3, 1, 1]].map(image);
        let tested = jensen_shannon_test(&reference, &window, 30.0, 999, &mut Dice::new(0)).expect("boxes");
        assert!(
            (tested.statistic - 0.359_583_932_278_349).abs() < 1e-12
                && (tested.p - 0.031_746_031_746_031_744).abs() < 1e-12,
            "{tested:?}"
        );
        let back = jensen_shannon_test(&window, &reference, 30.0, 999, &mut Dice::new(0)).expect("boxes");
        assert!((tested.p - back.p).abs() < 1e-12);
    }

    #[test]
    fn labels_that_one_side_never_saw_count() {
        let of = |label: u32| vec![LabelCounts::of([label, label]); 30];
        let tested = jensen_shannon_test(&of(0), &of(9), 30.0, 999, &mut Dice::new(0)).expect("boxes");
        assert_eq!(tested, Tested { statistic: 1.0, p: 0.001 });
        assert_eq!(
            jensen_shannon_test(&of(0), &[LabelCounts::default()], 30.0, 999, &mut Dice::new(0)),
            None
        );
    }
}
