//! What is selected among predictions: some by name, or all that match but
//! some. Knows neither the page nor what will be done with them.

use domain::ids::PredictionId;
use std::collections::BTreeSet;

/// A selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TileSelection {
    /// Whether everything that matches is selected, and `named` is left out.
    all: bool,
    named: BTreeSet<PredictionId>,
    /// Where a range begins.
    anchor: Option<PredictionId>,
}

impl TileSelection {
    /// Everything that matches, whether it was fetched or not.
    pub(super) fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Whether `id` is selected.
    pub(super) fn contains(&self, id: PredictionId) -> bool {
        self.named.contains(&id) != self.all
    }

    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        !self.all && self.named.is_empty()
    }

    /// Whether everything that matches is selected, but for [`Self::named`].
    pub(super) fn is_all(&self) -> bool {
        self.all
    }

    /// The selected ones, or those left out of everything.
    pub(super) fn named(&self) -> Vec<PredictionId> {
        self.named.iter().copied().collect()
    }

    /// Selects `id`, or no more. A range begins here.
    pub(super) fn toggle(&mut self, id: PredictionId) {
        if !self.named.remove(&id) {
            self.named.insert(id);
        }
        self.anchor = Some(id);
    }

    /// Selects from where the last one was toggled to `id`, both included, in
    /// the order of `shown`. Without a beginning, `id` alone.
    pub(super) fn extend(&mut self, shown: &[PredictionId], id: PredictionId) {
        let place = |wanted: PredictionId| shown.iter().position(|other| *other == wanted);
        let from = self.anchor.and_then(place);
        let range = match (from, place(id)) {
            (Some(from), Some(to)) => shown.get(from.min(to)..=from.max(to)).unwrap_or_default(),
            _ => &[id],
        };
        self.add(range.iter().copied());
        self.anchor.get_or_insert(id);
    }

    /// Selects all of `ids`.
    pub(super) fn add(&mut self, ids: impl IntoIterator<Item = PredictionId>) {
        for id in ids {
            if !self.contains(id) {
                self.toggle_quietly(id);
            }
        }
    }

    fn toggle_quietly(&mut self, id: PredictionId) {
        if self.all {
            self.named.remove(&id);
        } else {
            self.named.insert(id);
        }
    }

    /// How many are selected, if that can be told: of everything only with the
    /// `total` that match.
    pub(super) fn count(&self, total: Option<u64>) -> Option<u64> {
        let named = self.named.len() as u64;
        if self.all { Some(total?.saturating_sub(named)) } else { Some(named) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::PredictionId as Id;

    fn id(n: u128) -> Id {
        format!("{n:032x}").parse().expect("an id")
    }

    fn ids(range: std::ops::RangeInclusive<u128>) -> Vec<Id> {
        range.map(id).collect()
    }

    #[test]
    fn a_toggled_one_is_selected_until_it_is_toggled_again() {
        let mut selection = TileSelection::default();
        selection.toggle(id(1));
        assert!(selection.contains(id(1)) && !selection.contains(id(2)));
        selection.toggle(id(1));
        assert!(selection.is_empty());
    }

    #[test]
    fn a_range_goes_both_ways_from_where_it_began() {
        let shown = ids(1..=9);
        let mut selection = TileSelection::default();
        selection.toggle(id(5));
        selection.extend(&shown, id(7));
        assert_eq!(selection.named(), ids(5..=7));
        selection.extend(&shown, id(3));
        assert_eq!(selection.named(), ids(3..=7));
    }

    #[test]
    fn a_range_whose_beginning_is_out_of_reach_is_one() {
        let mut selection = TileSelection::default();
        selection.toggle(id(100));
        selection.extend(&ids(1..=9), id(4));
        assert_eq!(selection.named(), [id(4), id(100)]);
    }

    #[test]
    fn everything_but_one_counts_one_less_and_is_unknown_before_the_total() {
        let mut selection = TileSelection::everything();
        selection.toggle(id(3));
        assert!(!selection.contains(id(3)) && selection.contains(id(4)));
        assert_eq!(selection.count(None), None);
        assert_eq!(selection.count(Some(1_000)), Some(999));
        selection.add([id(3)]);
        assert_eq!(selection.count(Some(1_000)), Some(1_000));
    }
}
