//! Order and sets, of lists of whatever type. The browser loads the code of
//! sorting once, where the standard library's comes once for each type of
//! element: some 4 kB each.

use std::{cmp::Ordering, collections::BTreeSet};

/// Puts a list into the order of `compare`; what is equal stays in its order.
pub(crate) fn sort<T>(list: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut places: Vec<usize> = (0..list.len()).collect();
    sort_places(&mut places, &|a, b| match (list.get(a), list.get(b)) {
        (Some(a), Some(b)) => compare(a, b),
        _ => Ordering::Equal,
    });
    let mut unordered: Vec<Option<T>> = list.drain(..).map(Some).collect();
    list.extend(places.into_iter().filter_map(|place| unordered.get_mut(place)?.take()));
}

fn sort_places(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|a, b| compare(*a, *b));
}

/// A set of what there is. Collecting into one would sort it first.
pub(crate) fn set_of<T: Ord>(all: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(all);
    set
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_list_is_sorted_as_by_the_standard_library(list in prop::collection::vec((0_u8..8, 0_u8..8), 0..60)) {
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            sort(&mut ours, |a, b| a.0.cmp(&b.0));
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
            prop_assert_eq!(set_of(list.iter()), list.iter().collect::<BTreeSet<_>>());
        }
    }
}
