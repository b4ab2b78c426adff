//! The keyboard on the list: what a key means, and what then happens.

use super::{list::List, selection::TileSelection, strip::Strip};
use crate::{
    addresses::{ListView, use_go},
    dom,
    effect::effect,
};
use domain::{ids::PredictionId, listing::BulkAct};
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;

/// A key that was pressed.
#[derive(Clone, Copy, Debug)]
struct KeyContext<'a> {
    key: &'a str,
    ctrl: bool,
    shift: bool,
}

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ListCommand {
    /// So many items on, or back; `extend` selects on the way.
    Items {
        by: isize,
        extend: bool,
    },
    /// So many rows on, or back.
    Rows {
        by: isize,
        extend: bool,
    },
    /// To the first one, or the last that is here.
    End {
        last: bool,
    },
    Toggle {
        extend: bool,
    },
    SelectAllHere,
    Leave,
    Review,
    Details,
    Search,
    Tag,
    Delete,
    Help,
}

fn command(KeyContext { key, ctrl, shift: extend }: KeyContext<'_>) -> Option<ListCommand> {
    let plain = !ctrl;
    Some(match key {
        "ArrowLeft" if plain => ListCommand::Items { by: -1, extend },
        "ArrowRight" if plain => ListCommand::Items { by: 1, extend },
        "k" | "K" if plain => ListCommand::Items { by: -1, extend: false },
        "j" | "J" if plain => ListCommand::Items { by: 1, extend: false },
        "ArrowUp" if plain => ListCommand::Rows { by: -1, extend },
        "ArrowDown" if plain => ListCommand::Rows { by: 1, extend },
        "Home" => ListCommand::End { last: false },
        "End" => ListCommand::End { last: true },
        " " if plain => ListCommand::Toggle { extend },
        "a" | "A" if ctrl => ListCommand::SelectAllHere,
        "Escape" => ListCommand::Leave,
        "Enter" if plain => ListCommand::Review,
        "d" | "D" if plain => ListCommand::Details,
        "/" if plain => ListCommand::Search,
        "t" | "T" if plain => ListCommand::Tag,
        "Delete" if plain => ListCommand::Delete,
        "?" => ListCommand::Help,
        _ => return None,
    })
}

/// The keys and what they do, for the page that explains them.
pub(super) const KEYS: [(&str, &str); 13] = [
    ("← → ↑ ↓", "move"),
    ("J  K", "next, previous"),
    ("Home  End", "first, last of what is here"),
    ("Space", "select, or no more"),
    ("Shift + arrows", "select on the way"),
    ("Ctrl + A", "select all that is here"),
    ("Esc", "select nothing; leave the details"),
    ("Enter", "review"),
    ("D", "details"),
    ("T", "tag"),
    ("Del", "delete"),
    ("/", "to the query"),
    ("?", "this list"),
];

/// The id of the dialog that explains the keys.
pub(super) const HELP: &str = "keys";

/// Listens to the keyboard as long as the list is there.
pub(super) fn listen(list: List, query_field: &'static str) {
    let navigate = use_go();
    let go_to_review = Callback::new(move |href: String| navigate(&href, NavigateOptions::default()));
    effect(move || {
        let handle = window_event_listener(ev::keydown, move |event| {
            if dom::is_typed_into(&event) || event.alt_key() || event.default_prevented() {
                return;
            }
            let (ctrl, shift) = (event.ctrl_key() || event.meta_key(), event.shift_key());
            let typed = command(KeyContext { key: &event.key(), ctrl, shift });
            let placed = || command(KeyContext { key: dom::placed_key(&event)?, ctrl, shift });
            let Some(command) = typed.or_else(placed) else { return };
            // A button or a link keeps the keys that press it.
            let pressing = matches!(command, ListCommand::Toggle { .. } | ListCommand::Review);
            if pressing && dom::is_pressed(&event) {
                return;
            }
            event.prevent_default();
            list.obey(command, query_field, go_to_review);
        });
        on_cleanup(move || handle.remove());
    });
}

impl List {
    fn obey(self, command: ListCommand, query_field: &str, go_to_review: Callback<String>) {
        let details = self.state.with_untracked(|state| state.view == ListView::Details);
        let columns = if details { 1 } else { untrack(|| self.layout()).columns };
        let columns = isize::try_from(columns).unwrap_or(1);
        match command {
            ListCommand::Items { by, extend } => self.step(by, extend),
            ListCommand::Rows { by, extend } => self.step(by * columns, extend),
            ListCommand::End { last } => {
                let end = self.strip.with_untracked(Strip::len).saturating_sub(1);
                self.go_to(if last { end } else { 0 });
            }
            ListCommand::Toggle { extend } => self.toggle_active(extend),
            ListCommand::SelectAllHere => self.select_all_here(),
            ListCommand::Leave if details => self.go.run(self.state.get_untracked().shown_as(ListView::Grid)),
            ListCommand::Leave => self.selection.set(TileSelection::default()),
            ListCommand::Review => {
                self.store_position();
                go_to_review.run(self.review_href(self.active.get_untracked()));
            }
            ListCommand::Details => {
                if let Some(id) = self.active.get_untracked() {
                    self.go.run(self.state.get_untracked().detail(id));
                }
            }
            ListCommand::Search => dom::focus_by_id(query_field),
            ListCommand::Tag => {
                dom::set_open(TAG_MENU, true);
                request_animation_frame(|| dom::focus_by_id("tag"));
            }
            ListCommand::Delete => self.act(BulkAct::Delete),
            ListCommand::Help => dom::show_dialog_by_id(HELP),
        }
    }

    /// To the item so many places on, if the keyboard is on one; else to the
    /// first that is seen.
    pub(super) fn step(self, by: isize, extend: bool) {
        let to = match self.active_index() {
            Some(at) => at.saturating_add_signed(by),
            None => untrack(|| self.first_seen()),
        };
        let last = self.strip.with_untracked(Strip::len).saturating_sub(1);
        if extend {
            self.selection.update(|selection| {
                let from = self.active.get_untracked();
                from.filter(|id| selection.is_empty() || !selection.contains(*id))
                    .into_iter()
                    .for_each(|id| selection.toggle(id));
            });
        }
        self.go_to(to.min(last));
        if extend {
            self.toggle_active(true);
        }
    }

    /// The first item that is not scrolled away.
    pub(super) fn first_seen(self) -> usize {
        let layout = self.layout();
        let scrolled_px = self.pane_view.with(|view| view.scrolled_px);
        let row = (scrolled_px / layout.row_px).ceil().max(0.0) as usize;
        (row * layout.columns).saturating_sub(self.lead.get())
    }

    fn go_to(self, index: usize) {
        let Some(id) = self.strip.with_untracked(|strip| strip.get(index).map(|tile| tile.id)) else {
            return;
        };
        self.active.set(Some(id));
        if self.state.with_untracked(|state| state.view == ListView::Details) {
            self.go.run(self.state.get_untracked().detail(id));
            return;
        }
        self.bring_into_view(index);
        // Once it is drawn.
        request_animation_frame(move || dom::focus_by_id(&link_id(id)));
    }

    pub(super) fn bring_into_view(self, index: usize) {
        let Some(pane) = self.pane.get_untracked() else { return };
        let layout = untrack(|| self.layout());
        let top = layout.top_px(index, self.lead.get_untracked()) + dom::top_in_pane(LIST);
        let (scrolled, height) = dom::pane_place(&pane);
        // The head of the table stays above the rows.
        let head = dom::top_in_pane(LIST);
        if top - head < scrolled {
            dom::scroll_pane(&pane, top - head);
        } else if top + layout.row_px > scrolled + height {
            dom::scroll_pane(&pane, top + layout.row_px - height);
        }
        self.look();
    }

    fn toggle_active(self, extend: bool) {
        if let Some(id) = self.active.get_untracked() {
            self.pick(id, extend);
        }
    }

    /// Selects one, or no more; or all up to it.
    pub(super) fn pick(self, id: PredictionId, extend: bool) {
        let shown = if extend { self.listed_ids() } else { Vec::new() };
        self.selection.update(
            |selection| {
                if extend { selection.extend(&shown, id) } else { selection.toggle(id) }
            },
        );
        self.tell_selected();
    }

    /// Selects all that is here.
    pub(super) fn select_all_here(self) {
        let listed = self.listed_ids();
        self.selection.update(|selection| selection.add(listed));
        self.tell_selected();
    }

    fn tell_selected(self) {
        if let Some(count) = untrack(|| self.selected()) {
            self.told.set(format!("{} selected", charts::grouped(count)));
        }
    }
}

/// The id of the menu that tags.
pub(super) const TAG_MENU: &str = "tag-menu";
/// The id of the element that holds the items.
pub(super) const LIST: &str = "predictions";

/// The id of an item's link.
pub(super) fn link_id(id: PredictionId) -> String {
    format!("p-{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(key: &str, ctrl: bool, shift: bool) -> Option<ListCommand> {
        command(KeyContext { key, ctrl, shift })
    }

    #[test]
    fn keys_mean_what_the_help_says() {
        assert_eq!(means("ArrowRight", false, false), Some(ListCommand::Items { by: 1, extend: false }));
        assert_eq!(means("ArrowUp", false, true), Some(ListCommand::Rows { by: -1, extend: true }));
        assert_eq!(means(" ", false, true), Some(ListCommand::Toggle { extend: true }));
        assert_eq!(means("Enter", false, false), Some(ListCommand::Review));
        assert_eq!(means("/", false, false), Some(ListCommand::Search));
        assert_eq!(means("?", false, true), Some(ListCommand::Help));
    }

    #[test]
    fn the_browsers_own_keys_stay_the_browsers() {
        for key in ["d", "t", "k", "j", "ArrowLeft", "F5", "c"] {
            assert_eq!(means(key, true, false), None, "ctrl + {key}");
        }
        assert_eq!(means("a", true, false), Some(ListCommand::SelectAllHere));
    }
}
