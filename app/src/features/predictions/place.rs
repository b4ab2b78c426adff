//! Where a person was in a list, so that coming back finds the same pictures at
//! the same height, and an address that leads there. Lives in the browser's one
//! thread; on the server nothing is ever kept.

use super::{
    list::{List, Seen},
    selection::Selection,
    strip::Strip,
};
use crate::{
    addresses::{Listed, View},
    dom,
    wire::Tile,
};
use domain::{
    ids::PredictionId,
    listing::{Count, Facets},
    time::Timestamp,
};
use leptos::prelude::*;
use std::{cell::RefCell, sync::Arc, time::Duration};

/// What is found again.
struct Place {
    name: String,
    address: Listed,
    strip: Strip<Arc<Tile>>,
    lead: usize,
    seen: Seen,
    selection: Selection,
    active: Option<PredictionId>,
    total: Option<Count>,
    facets: Option<Facets>,
    as_of: Timestamp,
}

thread_local! {
    static LAST: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// How long a scroll rests before the address is written.
const RESTS: Duration = Duration::from_millis(300);

impl List {
    /// Called while the pane is scrolled.
    pub(super) fn scrolled(self) {
        if self.state.with_untracked(|state| state.view == View::Details) {
            return;
        }
        self.look();
        self.first.set_value(untrack(|| self.first_seen()));
        if self.writing.get_value() {
            return;
        }
        self.writing.set_value(true);
        set_timeout(
            move || {
                // The list may be gone by then, and the address another page's.
                let here = self.writing.try_set_value(false).is_none();
                if here && self.pane.try_get_untracked().flatten().is_some() {
                    dom::replace_address(&self.address().href());
                }
            },
            RESTS,
        );
    }

    /// The address of what is seen: the list from its first picture on.
    fn address(self) -> Listed {
        let state = self.state.get_untracked();
        if state.view == View::Details {
            return state;
        }
        let first = self.first.get_value();
        let from = self.strip.with_untracked(|strip| {
            let beginning = first == 0 && strip.is_rewound();
            strip.get(first).map(|tile| tile.id).filter(|_| !beginning)
        });
        Listed { from, cursor: None, ..state }
    }

    /// Remembers the place, and writes its address, when the page is left for a
    /// review.
    pub(super) fn keep_place(self) {
        let (seen, address) = (self.seen.get_untracked(), self.address());
        dom::replace_address(&address.href());
        let place = Place {
            name: self.name.get_value(),
            address,
            strip: self.strip.get_untracked(),
            lead: self.lead.get_untracked(),
            seen,
            selection: self.selection.get_untracked(),
            active: self.active.get_untracked(),
            total: self.total.get_untracked(),
            facets: self.facets.get_untracked(),
            as_of: self.as_of.get_untracked(),
        };
        LAST.with_borrow_mut(|last| *last = Some(place));
    }

    /// Goes where the address was left, if this is the same one.
    pub(super) fn go_back_to_the_last_place(self) {
        let (name, address) = (self.name.get_value(), self.state.get_untracked());
        let same = |place: &mut Place| place.name == name && place.address == address;
        let Some(place) = LAST.with_borrow_mut(|last| last.take_if(same)) else { return };
        self.strip.set(place.strip);
        self.lead.set(place.lead);
        self.seen.set(place.seen);
        self.selection.set(place.selection);
        self.active.set(place.active);
        self.total.set(place.total);
        self.facets.set(place.facets);
        self.as_of.set(place.as_of);
        self.first.set_value(untrack(|| self.first_seen()));
        // Once the rows have their places.
        request_animation_frame(move || {
            request_animation_frame(move || {
                if let Some(pane) = self.pane.try_get_untracked().flatten() {
                    dom::scroll_pane(&pane, place.seen.scrolled_px);
                }
            });
        });
    }
}
