//! What reviewers changed about the boxes they were shown.

use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::BTreeMap, ops::AddAssign};
use units::geometry::Rect;

/// Least IoU at which a reviewed box is what became of one that was shown.
const IOU: f64 = 0.5;
/// Boxes whose sides lie this near are where they were, in pixels: drawing
/// and storing round.
const STILL_PX: f64 = 0.01;

/// What became of the boxes of one label. `added` is counted under the
/// reviewer's label, all else under the label that was shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Same place, same label.
    pub kept: u64,
    /// Same label, another place.
    pub moved: u64,
    /// Another label, moved or not.
    pub relabelled: u64,
    /// Shown, and gone.
    pub deleted: u64,
    /// Not shown.
    pub added: u64,
}

impl AddAssign for Changes {
    fn add_assign(&mut self, other: Self) {
        self.kept += other.kept;
        self.moved += other.moved;
        self.relabelled += other.relabelled;
        self.deleted += other.deleted;
        self.added += other.added;
    }
}

/// Changes summed over reviews; sums of sums are sums.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewChanges<L> {
    /// Reviews that were counted.
    pub reviews: u64,
    /// Of them, those in which no box was changed.
    pub unchanged: u64,
    /// By label.
    pub by_label: BTreeMap<L, Changes>,
    /// From which label to which, and how often.
    pub relabelled: BTreeMap<(L, L), u64>,
}

impl<L> Default for ReviewChanges<L> {
    fn default() -> Self {
        Self { reviews: 0, unchanged: 0, by_label: BTreeMap::new(), relabelled: BTreeMap::new() }
    }
}

impl<L: Ord + Clone> ReviewChanges<L> {
    /// Counts one review: the boxes that were shown and those that were
    /// saved. Which became which: boxes of the same label that overlap most
    /// first, then those of another label; IoU ≥ 0.5, one to one.
    pub fn add(&mut self, shown: &[(L, Rect)], saved: &[(L, Rect)]) {
        let became = pair(shown, saved);
        let before = self.all();
        for ((label, rect), partner) in shown.iter().zip(&became) {
            let changes = self.by_label.entry(label.clone()).or_default();
            match partner.and_then(|place| saved.get(place)) {
                None => changes.deleted += 1,
                Some((other, _)) if other != label => {
                    changes.relabelled += 1;
                    *self.relabelled.entry((label.clone(), other.clone())).or_default() += 1;
                }
                Some((_, other)) if stands_still(rect, other) => changes.kept += 1,
                Some(_) => changes.moved += 1,
            }
        }
        let added = saved.iter().enumerate().filter(|(place, _)| !became.contains(&Some(*place)));
        for (_, (label, _)) in added {
            self.by_label.entry(label.clone()).or_default().added += 1;
        }
        self.reviews += 1;
        let (now, kept) = (self.all(), self.all().kept);
        self.unchanged += u64::from(now == Changes { kept, ..before });
    }

    /// Adds what was counted of other reviews.
    pub fn merge(&mut self, other: Self) {
        self.reviews += other.reviews;
        self.unchanged += other.unchanged;
        for (label, changes) in other.by_label {
            *self.by_label.entry(label).or_default() += changes;
        }
        for (labels, count) in other.relabelled {
            *self.relabelled.entry(labels).or_default() += count;
        }
    }

    /// All labels together.
    #[must_use]
    pub fn all(&self) -> Changes {
        let mut sum = Changes::default();
        self.by_label.values().for_each(|changes| sum += *changes);
        sum
    }
}

fn stands_still(a: &Rect, b: &Rect) -> bool {
    let sides = [(a.x(), b.x()), (a.y(), b.y()), (a.w(), b.w()), (a.h(), b.h())];
    sides.iter().all(|(a, b)| (a - b).abs() <= STILL_PX)
}

/// For each box that was shown, the place of what became of it.
fn pair<L: PartialEq>(shown: &[(L, Rect)], saved: &[(L, Rect)]) -> Vec<Option<usize>> {
    let mut near = Vec::new();
    for (from, (label, rect)) in shown.iter().enumerate() {
        for (to, (other_label, other)) in saved.iter().enumerate() {
            let iou = rect.iou(other);
            if iou >= IOU {
                near.push((label == other_label, iou, from, to));
            }
        }
    }
    near.sort_by(|a, b| Reverse(a.0).cmp(&Reverse(b.0)).then(b.1.total_cmp(&a.1)));
    let mut became = vec![None; shown.len()];
    let mut taken = vec![false; saved.len()];
    for (_, _, from, to) in near {
        if let (Some(free @ None), Some(taken @ false)) = (became.get_mut(from), taken.get_mut(to)) {
            (*free, *taken) = (Some(to), true);
        }
    }
    became
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(label: char, x: f64) -> (char, Rect) {
        (label, Rect::new(x, 0.0, 40.0, 40.0).expect("a box"))
    }

    fn check(shown: &[(char, Rect)], saved: &[(char, Rect)], expected: Changes) {
        let mut changes = ReviewChanges::default();
        changes.add(shown, saved);
        assert_eq!(changes.all(), expected);
    }

    #[test]
    fn each_box_is_counted_as_what_became_of_it() {
        let none = Changes::default();
        check(&[at('a', 0.0)], &[at('a', 0.0)], Changes { kept: 1, ..none });
        check(&[at('a', 0.0)], &[at('a', 8.0)], Changes { moved: 1, ..none });
        check(&[at('a', 0.0)], &[at('b', 8.0)], Changes { relabelled: 1, ..none });
        check(&[at('a', 0.0)], &[at('a', 300.0)], Changes { deleted: 1, added: 1, ..none });
        check(&[], &[at('a', 0.0)], Changes { added: 1, ..none });
        // The same label comes before the nearer place.
        check(&[at('a', 0.0)], &[at('b', 0.0), at('a', 8.0)], Changes { moved: 1, added: 1, ..none });
    }

    #[test]
    fn a_review_that_accepts_all_boxes_is_unchanged() {
        let mut changes = ReviewChanges::default();
        changes.add(&[at('a', 0.0), at('b', 50.0)], &[at('b', 50.0), at('a', 0.0)]);
        changes.add(&[at('a', 0.0)], &[at('c', 0.0)]);
        changes.add(&[], &[]);
        assert_eq!((changes.reviews, changes.unchanged), (3, 2));
        assert_eq!(changes.relabelled, BTreeMap::from([(('a', 'c'), 1)]));
    }

    proptest! {
        #[test]
        fn every_box_is_counted_once_and_merging_is_counting_all(
            reviews in prop::collection::vec(
                (prop::collection::vec((0..3usize, 0.0f64..90.0), 0..6), prop::collection::vec((0..3usize, 0.0f64..90.0), 0..6)),
                0..6,
            ),
            cut in 0..6usize,
        ) {
            let reviews: Vec<_> = reviews.into_iter().map(|(shown, saved)| [shown, saved]).collect();
            let boxes = |list: &[(usize, f64)]| -> Vec<_> { list.iter().map(|(l, x)| at(['a', 'b', 'c'][*l], *x)).collect() };
            let count = |reviews: &[[Vec<(usize, f64)>; 2]]| {
                let mut changes = ReviewChanges::default();
                reviews.iter().for_each(|[shown, saved]| changes.add(&boxes(shown), &boxes(saved)));
                changes
            };
            let all = count(&reviews);
            let sum = all.all();
            let shown: usize = reviews.iter().map(|[shown, _]| shown.len()).sum();
            let saved: usize = reviews.iter().map(|[_, saved]| saved.len()).sum();
            prop_assert_eq!(sum.kept + sum.moved + sum.relabelled + sum.deleted, shown as u64);
            prop_assert_eq!(sum.kept + sum.moved + sum.relabelled + sum.added, saved as u64);
            let (first, second) = reviews.split_at(cut.min(reviews.len()));
            let mut merged = count(first);
            merged.merge(count(second));
            prop_assert_eq!(merged, all);
        }
    }
}
