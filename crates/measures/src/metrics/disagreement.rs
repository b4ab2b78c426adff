//! How far two models differ on one image.
//!
//! 1 − F1 of their boxes, either side taken as the truth: F1 is the Dice
//! coefficient 2·M / (A + B) of M matched boxes, so it does not matter which.
//! A pair matches at IoU ≥ 0.5 with the same label, each box once, and M is the
//! largest number of pairs there can be: no order of the boxes plays a part.

use units::geometry::Rect;

/// Overlap from which two boxes mean the same thing.
const SAME: f64 = 0.5;

/// In [0, 1]: 0 where both have the same boxes (also both none), 1 where
/// nothing matches. Symmetric in the two models.
#[must_use]
pub fn disagreement<L: PartialEq>(one: &[(L, Rect)], other: &[(L, Rect)]) -> f64 {
    let total = one.len() + other.len();
    if total == 0 {
        return 0.0;
    }
    1.0 - 2.0 * matched(one, other) as f64 / total as f64
}

/// The most pairs that can be formed, by augmenting paths (Kuhn 1955).
fn matched<L: PartialEq>(one: &[(L, Rect)], other: &[(L, Rect)]) -> usize {
    let partners_of = |(label, rect): &(L, Rect)| -> Vec<usize> {
        let same = |(l, r): &(L, Rect)| l == label && r.iou(rect) >= SAME;
        other.iter().enumerate().filter(|(_, b)| same(b)).map(|(j, _)| j).collect()
    };
    let partners: Vec<Vec<usize>> = one.iter().map(partners_of).collect();
    let mut taken = vec![None; other.len()];
    (0..one.len()).filter(|&i| find_partner(i, &partners, &mut taken, &mut vec![false; other.len()])).count()
}

/// Gives box `i` a partner, moving others to their next choice if need be.
fn find_partner(
    i: usize,
    partners: &[Vec<usize>],
    taken: &mut [Option<usize>],
    visited: &mut [bool],
) -> bool {
    for &j in partners.get(i).into_iter().flatten() {
        let Some(is_visited) = visited.get_mut(j) else { continue };
        if std::mem::replace(is_visited, true) {
            continue;
        }
        let holder = taken.get(j).copied().flatten();
        if holder.is_none_or(|holder| find_partner(holder, partners, taken, visited)) {
            if let Some(place) = taken.get_mut(j) {
                *place = Some(i);
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(label: &'static str, x: f64) -> (&'static str, Rect) {
        (label, Rect::new(x, 0.0, 10.0, 10.0).unwrap())
    }

    fn check(one: &[(&'static str, Rect)], other: &[(&'static str, Rect)], expected: f64) {
        let actual = disagreement(one, other);
        assert!((actual - expected).abs() < 1e-12, "{actual} is not {expected}");
    }

    #[test]
    fn a_match_needs_the_label_and_half_the_overlap() {
        check(&[], &[], 0.0);
        check(&[at("a", 0.0)], &[], 1.0);
        check(&[at("a", 0.0)], &[at("a", 3.0)], 0.0);
        check(&[at("a", 0.0)], &[at("b", 0.0)], 1.0);
        check(&[at("a", 0.0)], &[at("a", 4.0)], 1.0);
    }

    #[test]
    fn each_box_matches_once_and_as_many_as_can() {
        let other = [at("a", 2.0), at("a", 0.0)];
        check(&[at("a", 0.0)], &other, 1.0 - 2.0 / 3.0);
        check(&[at("a", 0.0), at("a", 5.0)], &other, 0.0);
        check(&[at("a", 5.0), at("a", 0.0)], &other, 0.0);
    }

    fn boxes() -> impl Strategy<Value = Vec<(&'static str, Rect)>> {
        let one = (prop::sample::select(vec!["a", "b"]), 0.0..60.0);
        prop::collection::vec(one.prop_map(|(label, x)| at(label, x)), 0..8)
    }

    proptest! {
        #[test]
        fn it_is_symmetric_bounded_and_zero_for_the_same(one in boxes(), other in boxes()) {
            let backwards: Vec<_> = one.iter().rev().copied().collect();
            let actual = disagreement(&one, &other);
            prop_assert!((0.0..=1.0).contains(&actual));
            prop_assert_eq!(actual, disagreement(&other, &one));
            prop_assert_eq!(actual, disagreement(&backwards, &other));
            prop_assert_eq!(disagreement(&one, &one), 0.0);
        }
    }
}
