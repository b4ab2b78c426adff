//! The part of a list that was fetched: pages in a row, those far from what is
//! seen forgotten but for their place and their keys. Knows no server: it says
//! what to fetch.

use std::{fmt::Debug, ops::Range};

/// Items held at most, so that a long scroll does not fill the memory.
const HELD: usize = 2_400;

/// What is told from others by a key.
pub(super) trait Keyed {
    /// Small, since it is never forgotten.
    type Key: Copy + PartialEq + Debug;

    /// Which one it is.
    fn key(&self) -> Self::Key;
}

/// A page as it was asked for.
#[derive(Clone, Debug)]
struct StripPage<T: Keyed> {
    /// What asks for the same page again; `None` is the beginning of the list.
    cursor: Option<String>,
    keys: Vec<T::Key>,
    /// One for each key; `None` when forgotten.
    items: Option<Vec<T>>,
}

impl<T: Keyed> StripPage<T> {
    fn new(cursor: Option<String>, items: Vec<T>) -> Self {
        Self { cursor, keys: items.iter().map(Keyed::key).collect(), items: Some(items) }
    }

    fn count(&self) -> usize {
        self.keys.len()
    }
}

/// Fetched pages in their order.
#[derive(Clone, Debug)]
pub(super) struct Strip<T: Keyed> {
    slots: Vec<StripPage<T>>,
    earlier: Option<String>,
    later: Option<String>,
}

/// A page that came.
#[derive(Clone, Debug, Default)]
pub(super) struct FetchedPage<T> {
    /// In the order of the list.
    pub(super) items: Vec<T>,
    /// Asks for the page before.
    pub(super) earlier: Option<String>,
    /// Asks for the page after.
    pub(super) later: Option<String>,
}

/// Where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Before all others.
    Earlier,
    /// After all others.
    Later,
    /// In the place of a forgotten one.
    Again(usize),
}

/// A page to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Want {
    pub(super) side: Side,
    pub(super) cursor: String,
}

impl<T: Keyed> Strip<T> {
    /// One page, as it was asked for by `cursor`.
    pub(super) fn new(cursor: Option<String>, page: FetchedPage<T>) -> Self {
        let FetchedPage { items, earlier, later } = page;
        // The beginning has nothing before it, whatever came since.
        let earlier = earlier.filter(|_| cursor.is_some());
        Self { slots: vec![StripPage::new(cursor, items)], earlier, later }
    }

    /// How many items there are, forgotten ones too.
    pub(super) fn len(&self) -> usize {
        self.slots.iter().map(StripPage::count).sum()
    }

    /// Whether the list goes on after the last one.
    pub(super) fn goes_on(&self) -> bool {
        self.later.is_some()
    }

    /// Whether the list begins with the first one.
    pub(super) fn is_rewound(&self) -> bool {
        self.earlier.is_none()
    }

    /// The item at a place, unless it is forgotten or was never there.
    pub(super) fn get(&self, index: usize) -> Option<&T> {
        let mut before = 0;
        for slot in &self.slots {
            if index < before + slot.count() {
                return slot.items.as_ref()?.get(index - before);
            }
            before += slot.count();
        }
        None
    }

    /// All items that are held, in order.
    pub(super) fn held(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.items.as_ref()).flatten()
    }

    /// All items that are held, to be changed.
    pub(super) fn held_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut().filter_map(|slot| slot.items.as_mut()).flatten()
    }

    /// The keys of all items, forgotten ones too, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = T::Key> {
        self.slots.iter().flat_map(|slot| slot.keys.iter().copied())
    }

    /// The place of an item, forgotten or not.
    pub(super) fn position(&self, key: T::Key) -> Option<usize> {
        self.keys().position(|other| other == key)
    }

    /// Leaves only what `keep` says.
    pub(super) fn retain(&mut self, keep: impl Fn(T::Key) -> bool) {
        for slot in &mut self.slots {
            slot.keys.retain(|key| keep(*key));
            if let Some(items) = &mut slot.items {
                items.retain(|item| keep(item.key()));
            }
        }
    }

    /// What to fetch next when `near` is seen or about to be.
    pub(super) fn want(&self, near: &Range<usize>) -> Option<Want> {
        let mut before = 0;
        for (at, slot) in self.slots.iter().enumerate() {
            let place = before..before + slot.count();
            before = place.end;
            let touched = place.start < near.end && near.start < place.end;
            if let (true, None, Some(cursor)) = (touched, &slot.items, &slot.cursor) {
                return Some(Want { side: Side::Again(at), cursor: cursor.clone() });
            }
        }
        let edge = |side, cursor: &Option<String>| Some(Want { side, cursor: cursor.clone()? });
        let later = || (near.end >= before).then(|| edge(Side::Later, &self.later)).flatten();
        let earlier = || (near.start == 0).then(|| edge(Side::Earlier, &self.earlier)).flatten();
        later().or_else(earlier)
    }

    /// Puts a page in its place; gives how many items came before all others.
    pub(super) fn put(&mut self, want: Want, page: FetchedPage<T>) -> usize {
        let FetchedPage { items, earlier, later } = page;
        let count = items.len();
        let slot = StripPage::new(Some(want.cursor), items);
        match want.side {
            Side::Later => {
                self.later = later;
                self.slots.push(slot);
                0
            }
            Side::Earlier => {
                self.earlier = earlier;
                self.slots.insert(0, slot);
                count
            }
            Side::Again(at) => {
                if let Some(place) = self.slots.get_mut(at) {
                    *place = slot;
                }
                0
            }
        }
    }

    /// Forgets pages far from `near` while more than a bound is held. The
    /// beginning stays: asked for again it would hold what came since.
    pub(super) fn forget_far_from(&mut self, near: &Range<usize>) {
        let mut held: usize = self.slots.iter().filter_map(|slot| slot.items.as_ref()).map(Vec::len).sum();
        let middle = usize::midpoint(near.start, near.end);
        while held > HELD {
            let mut before = 0;
            let mut farthest = None;
            for (at, slot) in self.slots.iter().enumerate() {
                let distance = middle.abs_diff(before + slot.count() / 2);
                before += slot.count();
                let can_go = slot.items.is_some() && slot.cursor.is_some();
                if can_go && farthest.is_none_or(|(_, most)| distance > most) {
                    farthest = Some((at, distance));
                }
            }
            let Some(slot) = farthest.and_then(|(at, _)| self.slots.get_mut(at)) else { return };
            held = held.saturating_sub(slot.count());
            slot.items = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Keyed for usize {
        type Key = Self;

        fn key(&self) -> Self {
            *self
        }
    }

    fn page(from: usize, count: usize) -> FetchedPage<usize> {
        let place = |at: usize| Some(at.to_string());
        FetchedPage {
            items: (from..from + count).collect(),
            earlier: (from > 0).then(|| place(from)).flatten(),
            later: place(from + count),
        }
    }

    /// Scrolls so that items up to `to` are seen, fetching what is wanted.
    fn scroll(strip: &mut Strip<usize>, seen: Range<usize>) {
        while let Some(want) = strip.want(&seen) {
            let at: usize = want.cursor.parse().expect("a place");
            let from = if want.side == Side::Earlier { at.saturating_sub(100) } else { at };
            let first = strip.put(want, page(from, if from < at { at - from } else { 100 }));
            if first > 0 {
                return;
            }
            strip.forget_far_from(&seen);
        }
    }

    #[test]
    fn scrolling_far_holds_a_bounded_number_and_coming_back_finds_the_same() {
        let mut strip = Strip::new(None, page(0, 100));
        for end in (100..20_000).step_by(90) {
            scroll(&mut strip, end - 100..end);
            assert!(strip.held().count() <= HELD, "at {end}");
        }
        assert_eq!(strip.get(19_900), Some(&19_900));
        assert_eq!(strip.get(5_000), None, "forgotten");
        assert_eq!(strip.get(7), Some(&7), "the beginning stays");
        assert!(strip.keys().eq(0..20_000), "a range over forgotten pages has no gap");
        assert_eq!(strip.position(5_000), Some(5_000));
        scroll(&mut strip, 4_950..5_050);
        assert_eq!(strip.get(5_000), Some(&5_000));
    }

    #[test]
    fn a_list_begun_in_the_middle_grows_both_ways() {
        let mut strip = Strip::new(Some("300".into()), page(300, 100));
        assert!(!strip.is_rewound());
        scroll(&mut strip, 0..20);
        assert_eq!((strip.get(0), strip.len()), (Some(&200), 200));
        scroll(&mut strip, 0..20);
        scroll(&mut strip, 0..20);
        assert!(strip.is_rewound());
        assert_eq!(strip.get(399), Some(&399));
        assert_eq!(strip.want(&(0..20)), None, "nothing is before the beginning");
    }

    #[test]
    fn what_is_taken_out_leaves_no_gap() {
        let mut strip = Strip::new(None, page(0, 10));
        strip.retain(|item| item % 2 == 0);
        assert_eq!((strip.len(), strip.get(1)), (5, Some(&2)));
        assert_eq!(strip.position(8), Some(4));
    }
}
