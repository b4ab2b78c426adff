//! Where a person was in a list, so that coming back finds the same pictures at
//! the same height, and an address that leads there.

use super::{last_position::ListPosition, list::List};
use crate::{
    addresses::{ListState, ListView},
    dom,
};
use leptos::prelude::*;
use std::time::Duration;

/// How long a scroll rests before the address is written.
const RESTS: Duration = Duration::from_millis(300);

impl List {
    /// Called while the pane is scrolled.
    pub(super) fn scrolled(self) {
        if self.state.with_untracked(|state| state.view == ListView::Details) {
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
    fn address(self) -> ListState {
        let state = self.state.get_untracked();
        if state.view == ListView::Details {
            return state;
        }
        let first = self.first.get_value();
        let from = self.strip.with_untracked(|strip| {
            let beginning = first == 0 && strip.is_rewound();
            strip.get(first).map(|tile| tile.id).filter(|_| !beginning)
        });
        ListState { from, cursor: None, ..state }
    }

    /// Stores the position, and writes its address, when the page is left for a
    /// review.
    pub(super) fn store_position(self) {
        let (pane_view, address) = (self.pane_view.get_untracked(), self.address());
        dom::replace_address(&address.href());
        let position = ListPosition {
            name: self.name.get_value(),
            address,
            strip: self.strip.get_untracked(),
            lead: self.lead.get_untracked(),
            pane_view,
            selection: self.selection.get_untracked(),
            active: self.active.get_untracked(),
            total: self.total.get_untracked(),
            facets: self.facets.get_untracked(),
            as_of: self.as_of.get_untracked(),
        };
        self.last_position.0.try_set_value(Some(position));
    }

    /// Goes where the address was left, if this is the same one.
    pub(super) fn restore_position(self) {
        let (name, address) = (self.name.get_value(), self.state.get_untracked());
        let same = |position: &mut ListPosition| position.name == name && position.address == address;
        let position = self.last_position.0.try_update_value(|last| last.take_if(same));
        let Some(position) = position.flatten() else { return };
        self.strip.set(position.strip);
        self.lead.set(position.lead);
        self.pane_view.set(position.pane_view);
        self.selection.set(position.selection);
        self.active.set(position.active);
        self.total.set(position.total);
        self.facets.set(position.facets);
        self.as_of.set(position.as_of);
        self.first.set_value(untrack(|| self.first_seen()));
        // Once the rows have their places.
        request_animation_frame(move || {
            request_animation_frame(move || {
                if let Some(pane) = self.pane.try_get_untracked().flatten() {
                    dom::scroll_pane(&pane, position.pane_view.scrolled_px);
                }
            });
        });
    }
}
