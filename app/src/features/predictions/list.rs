//! The list that the page shows, as one value: what was fetched, what is seen
//! of it, what is selected, what is known of the whole.

use super::{
    last_position::LastListPosition,
    selection::TileSelection,
    strip::{FetchedPage, Keyed, Strip},
    window::{AROUND, Layout, PaneView, RowWindow},
};
use crate::{
    addresses::{ListState, ListView},
    dom,
    ui::Palette,
    wire::{Tile, TilePage},
};
use domain::{
    deployment::Deployment,
    ids::{DeletionId, DeploymentId, PredictionId},
    listing::{self, Count, Facets, SortOrder},
    time::Timestamp,
};
use leptos::{html::Div, prelude::*};
use std::{collections::BTreeSet, sync::Arc};

impl Keyed for Arc<Tile> {
    type Key = PredictionId;

    fn key(&self) -> PredictionId {
        self.id
    }
}

/// What is said for a while at the lower edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toast {
    /// What happened, or happens.
    pub(super) words: String,
    /// What takes it back.
    pub(super) undo: Option<DeletionId>,
    /// Whether it went wrong.
    pub(super) bad: bool,
}

/// The list.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) deployment: DeploymentId,
    pub(super) name: StoredValue<String>,
    pub(super) palette: StoredValue<Palette>,
    /// What it lists. The address may be another list's already, while that one
    /// is on its way.
    pub(super) q: StoredValue<String>,
    pub(super) sort: SortOrder,
    /// What the address says; who moves it changes the page.
    pub(super) state: Memo<ListState>,
    pub(super) go: Callback<ListState>,
    pub(super) strip: RwSignal<Strip<Arc<Tile>>>,
    /// Empty cells before the first item, so that what was put before it moves
    /// nothing sideways.
    pub(super) lead: RwSignal<usize>,
    pub(super) pane_view: RwSignal<PaneView>,
    /// Where the keyboard is.
    pub(super) active: RwSignal<Option<PredictionId>>,
    pub(super) selection: RwSignal<TileSelection>,
    pub(super) fetching: RwSignal<bool>,
    pub(super) failed: RwSignal<Option<String>>,
    /// Whether the last search ended by its time limit.
    pub(super) cut_short: RwSignal<bool>,
    pub(super) total: RwSignal<Option<Count>>,
    pub(super) facets: RwSignal<Option<Facets>>,
    /// So many match that came since.
    pub(super) fresh: RwSignal<u64>,
    pub(super) as_of: RwSignal<Timestamp>,
    /// Changed since they were fetched.
    pub(super) stale: RwSignal<BTreeSet<PredictionId>>,
    /// Said to who cannot see.
    pub(super) told: RwSignal<String>,
    pub(super) toast: RwSignal<Option<Toast>>,
    pub(super) pane: NodeRef<Div>,
    /// The place of the first item that is seen.
    pub(super) first: StoredValue<usize>,
    /// Whether the address will be written soon.
    pub(super) writing: StoredValue<bool>,
    pub(super) last_position: LastListPosition,
}

impl List {
    pub(super) fn new(
        deployment: &Deployment,
        state: Memo<ListState>,
        go: Callback<ListState>,
        first: TilePage,
        counted: Option<Facets>,
    ) -> Self {
        let address = state.get_untracked();
        let beginning = address.from.is_none() && address.cursor.is_none() && address.id.is_none();
        let begun = address.cursor.clone().or_else(|| (!beginning).then(String::new));
        let whole = beginning && first.complete && first.next_cursor.is_none();
        let total = whole.then_some(Count { count: first.items.len() as u64, exact: true });
        let (as_of, cut_short) = (first.as_of, !first.complete);
        let shown = address.id.or_else(|| first.items.first().map(|tile| tile.id));
        let active = shown.filter(|_| address.view == ListView::Details);
        Self {
            deployment: deployment.id,
            name: StoredValue::new(deployment.name.as_str().to_owned()),
            q: StoredValue::new(address.q.clone()),
            sort: address.sort,
            palette: StoredValue::new(Palette::new(&deployment.champion.labels)),
            state,
            go,
            strip: RwSignal::new(Strip::new(begun, fetched(first))),
            lead: RwSignal::new(0),
            pane_view: RwSignal::new(PaneView::default()),
            active: RwSignal::new(active),
            selection: RwSignal::new(TileSelection::default()),
            fetching: RwSignal::new(false),
            failed: RwSignal::new(None),
            cut_short: RwSignal::new(cut_short),
            total: RwSignal::new(total.or(counted.as_ref().map(|facets| facets.total))),
            facets: RwSignal::new(counted),
            fresh: RwSignal::new(0),
            as_of: RwSignal::new(as_of),
            stale: RwSignal::new(BTreeSet::new()),
            told: RwSignal::new(String::new()),
            toast: RwSignal::new(None),
            pane: NodeRef::new(),
            first: StoredValue::new(0),
            writing: StoredValue::new(false),
            last_position: expect_context(),
        }
    }

    /// Whether the address asks for another list, which is on its way.
    pub(super) fn superseded(self) -> bool {
        self.state.with(|state| state.sort != self.sort || self.q.with_value(|q| *q != state.q))
    }

    pub(super) fn layout(self) -> Layout {
        let (view, size) = self.state.with(|state| (state.view, state.size));
        match view {
            ListView::Table => Layout::of_table(),
            ListView::Grid | ListView::Details => {
                Layout::of_grid(self.pane_view.with(|view| view.width_px), size)
            }
        }
    }

    /// What to draw. Until the page was measured, all that the server drew.
    pub(super) fn part(self) -> RowWindow {
        let items = self.strip.with(Strip::len);
        if self.state.with(|state| state.view == ListView::Details) {
            let active = self.active.get();
            let at = self.strip.with(|strip| active.and_then(|id| strip.position(id))).unwrap_or(0);
            let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(items);
            return RowWindow { items: around, before_px: 0.0, after_px: 0.0 };
        }
        let PaneView { width_px, height_px, scrolled_px } = self.pane_view.get();
        if width_px <= 0.0 {
            return RowWindow { items: 0..items, before_px: 0.0, after_px: 0.0 };
        }
        self.layout().part(items, self.lead.get(), scrolled_px, height_px)
    }

    /// Reads how the pane lies.
    pub(super) fn look(self) {
        if let Some(pane) = self.pane.get_untracked() {
            let (scrolled_px, height_px) = dom::pane_place(&pane);
            let now = PaneView { scrolled_px, height_px, ..self.pane_view.get_untracked() };
            if self.pane_view.with_untracked(|view| *view != now) {
                self.pane_view.set(now);
            }
        }
    }

    /// The place in the strip of where the keyboard is.
    pub(super) fn active_index(self) -> Option<usize> {
        let active = self.active.get_untracked()?;
        self.strip.with_untracked(|strip| strip.position(active))
    }

    /// All ids of the list so far, in order.
    pub(super) fn listed_ids(self) -> Vec<PredictionId> {
        self.strip.with_untracked(|strip| strip.keys().collect())
    }

    /// How many are selected, as far as it can be told.
    pub(super) fn selected(self) -> Option<u64> {
        let total = self.total.get().map(|total| total.count);
        self.selection.with(|selection| selection.count(total))
    }

    /// What an act is about: the selection, or else the one shown large.
    pub(super) fn chosen(self) -> Option<listing::Selection> {
        let details = self.state.with_untracked(|state| state.view == ListView::Details);
        self.selection.with_untracked(|selection| {
            if selection.is_all() {
                let (as_of, except) = (Some(self.as_of.get_untracked()), selection.named());
                return Some(listing::Selection::Matching { q: self.q.get_value(), as_of, except });
            }
            let shown = details.then(|| self.active.get_untracked()).flatten();
            let ids = if selection.is_empty() { shown.into_iter().collect() } else { selection.named() };
            (!ids.is_empty()).then_some(listing::Selection::Ids { ids })
        })
    }
}

/// A page of the server as the strip takes it.
pub(super) fn fetched(page: TilePage) -> FetchedPage<Arc<Tile>> {
    FetchedPage {
        items: page.items.into_iter().map(Arc::new).collect(),
        earlier: page.prev_cursor,
        later: page.next_cursor,
    }
}
