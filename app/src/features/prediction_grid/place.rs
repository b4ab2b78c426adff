//! Where a person was in a grid, so that coming back from a prediction finds
//! the same pictures at the same height. Lives in the browser's one thread;
//! on the server nothing is ever kept.

use crate::wire::Tile;
use domain::prediction::PredictionFilter;
use std::cell::RefCell;

/// Which grid: the deployment's name and what it lists.
pub(super) type Key = (String, PredictionFilter);

/// What is found again.
pub(super) struct Place {
    pub(super) key: Key,
    pub(super) tiles: Vec<Tile>,
    pub(super) next: Option<String>,
    pub(super) scrolled: f64,
}

thread_local! {
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Called when a prediction is opened from the grid.
pub(super) fn keep(place: Place) {
    LAST.with_borrow_mut(|last| *last = Some(place));
}

/// The place in this grid, once.
pub(super) fn take(key: &Key) -> Option<Place> {
    LAST.with_borrow_mut(|last| last.take_if(|place| place.key == *key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_once_and_only_by_its_own_grid() {
        let key = ("cells".to_owned(), PredictionFilter::default());
        keep(Place { key: key.clone(), tiles: Vec::new(), next: None, scrolled: 900.0 });
        assert!(take(&("other".to_owned(), PredictionFilter::default())).is_none());
        assert!(take(&key).is_some_and(|place| place.scrolled > 899.0));
        assert!(take(&key).is_none());
    }
}
