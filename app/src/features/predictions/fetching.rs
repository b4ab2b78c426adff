//! What the list asks the server for as it is scrolled, counted and changed.
//! Nothing here moves what is being looked at.

use super::{
    list::{List, fetched},
    strip::{Side, Strip, Want},
};
use crate::{
    dom,
    effect::effect,
    live::{LiveUpdate, on_live, throttled},
    packed::packed,
    server_fns::{
        prediction_counts::{count_predictions, get_facets},
        predictions::list_predictions,
    },
    wire::{Tile, TilePage},
};
use domain::{event::Event, ids::PredictionId, listing::ListRequest};
use leptos::{prelude::*, task::spawn_local};
use std::{ops::Range, sync::Arc, time::Duration};

/// Predictions in the page that the server draws.
pub const FIRST_PAGE: u32 = 60;
/// Predictions in a page that is fetched while scrolling.
const NEXT_PAGE: u32 = 120;
/// Items that are fetched before they are seen, at either end.
const AHEAD: usize = 90;

impl List {
    /// Begins to fetch, count and listen.
    pub(super) fn come_alive(self) {
        effect(move || {
            let part = self.part();
            self.strip.track();
            self.tend(&part.items);
        });
        effect(move || self.count());
        let look_for_new = throttled(Duration::from_secs(1), move || self.count_new());
        on_live(move |update| match update {
            LiveUpdate::Event(Event::PredictionsArrived { deployment_id, .. })
                if *deployment_id == self.deployment =>
            {
                look_for_new();
            }
            LiveUpdate::Event(Event::PredictionChanged { id, .. }) => self.doubt([*id]),
            LiveUpdate::Event(Event::DeploymentChanged { id }) if *id == self.deployment => {
                self.doubt(self.listed_ids());
            }
            LiveUpdate::Refetch => {
                self.doubt(self.listed_ids());
                look_for_new();
            }
            LiveUpdate::Event(_) => {}
        });
    }

    /// Fetches what is missing near what is drawn, and looks again at what
    /// changed there.
    fn tend(self, drawn: &Range<usize>) {
        let near = drawn.start.saturating_sub(AHEAD)..drawn.end + AHEAD;
        if self.fetching.get_untracked() || self.failed.with_untracked(Option::is_some) {
            return;
        }
        let waits = self.cut_short.get_untracked();
        let want = self.strip.with_untracked(|strip| strip.want(&near));
        match want.filter(|want| !(waits && want.side == Side::Later)) {
            Some(want) => self.fetch(want, near),
            None => self.look_again(drawn),
        }
    }

    /// Fetches again after a fault, or after a search that was cut short.
    pub(super) fn go_on(self) {
        self.failed.set(None);
        self.cut_short.set(false);
        let drawn = untrack(|| self.part()).items;
        self.tend(&drawn);
    }

    fn request(self, cursor: Option<String>) -> ListRequest {
        ListRequest { q: self.q.get_value(), sort: self.sort, limit: Some(NEXT_PAGE), cursor, from: None }
    }

    fn ask(self, request: ListRequest, take: impl FnOnce(TilePage) + 'static) {
        self.fetching.set(true);
        let name = self.name.get_value();
        spawn_local(async move {
            let answer = match packed(&request) {
                Ok(request) => list_predictions(name, request).await,
                Err(error) => Err(error),
            };
            // The list may be gone when the answer comes.
            if self.fetching.try_set(false).is_some() {
                return;
            }
            match answer.and_then(|page| page.open()) {
                Ok(page) => take(page),
                Err(error) => self.failed.set(Some(error.0.message)),
            }
        });
    }

    fn fetch(self, want: Want, near: Range<usize>) {
        let mut request = self.request(Some(want.cursor.clone()));
        if want.cursor.is_empty() {
            // The list was begun at a prediction: its first page is asked for by it.
            let first = self.state.with_untracked(|state| state.from.or(state.id));
            request = ListRequest { cursor: None, from: first, limit: Some(FIRST_PAGE), ..request };
        }
        self.ask(request, move |page| {
            if want.side == Side::Later {
                self.cut_short.set(!page.complete);
            }
            let (layout, lead) = untrack(|| (self.layout(), self.lead.get()));
            let mut came_before = 0;
            self.strip.update(|strip| {
                came_before = strip.put(want, fetched(page));
                if came_before == 0 {
                    strip.forget_far_from(&near);
                }
            });
            if came_before > 0 {
                self.lead.set(layout.lead_after(lead, came_before));
                self.scroll_by(layout.rows_added(lead, came_before) as f64 * layout.row_px);
            }
        });
    }

    /// Once the rows before are there, what was seen is further down.
    fn scroll_by(self, px: f64) {
        request_animation_frame(move || {
            if let Some(pane) = self.pane.try_get_untracked().flatten() {
                dom::scroll_pane(&pane, dom::pane_place(&pane).0 + px);
            }
        });
    }

    /// Total first, then what the matches are like: after the page, never
    /// before it.
    pub(super) fn count(self) {
        let (name, q) = (self.name.get_value(), self.q.get_value());
        spawn_local(async move {
            // A count that fails leaves its place empty; the list says what is wrong.
            if let Ok(total) = count_predictions(name.clone(), q.clone()).await.and_then(|c| c.open()) {
                self.total.try_set(Some(total));
            }
            if let Ok(facets) = get_facets(name, q).await.and_then(|facets| facets.open()) {
                self.facets.try_set(Some(facets));
            }
        });
    }

    /// Counts what matches and came since the list was asked for.
    fn count_new(self) {
        let q = self.q.get_value();
        let since = format!("received > {}", self.as_of.get_untracked());
        let q = if q.is_empty() { since } else { format!("({q}) and {since}") };
        let name = self.name.get_value();
        spawn_local(async move {
            let counted = count_predictions(name, q).await.and_then(|count| count.open());
            if let Ok(count) = counted
                && self.fresh.try_set(count.count).is_none()
                && count.count > 0
                && self.strip.with_untracked(|strip| strip.len() == 0)
            {
                // What is looked at never moves; an empty list fills itself.
                self.begin_again();
            }
        });
    }

    /// The list from its beginning, with all that came.
    pub(super) fn begin_again(self) {
        self.ask(self.request(None), move |page| {
            self.fresh.set(0);
            self.as_of.set(page.as_of);
            self.cut_short.set(!page.complete);
            self.lead.set(0);
            self.strip.set(Strip::new(None, fetched(page)));
            if let Some(pane) = self.pane.get_untracked() {
                dom::scroll_pane(&pane, 0.0);
            }
            self.count();
        });
    }

    /// These changed, if they are here.
    pub(super) fn doubt(self, ids: impl IntoIterator<Item = PredictionId>) {
        self.stale.update(|stale| stale.extend(ids));
        let drawn = untrack(|| self.part()).items;
        if !self.fetching.get_untracked() {
            self.look_again(&drawn);
        }
    }

    /// Fetches the next changed one among those that are drawn.
    fn look_again(self, drawn: &Range<usize>) {
        let next = self.stale.with_untracked(|stale| {
            let is_stale = |id: &PredictionId| stale.contains(id);
            self.strip.with_untracked(|strip| {
                drawn.clone().filter_map(|index| strip.get(index)).map(|tile| tile.id).find(is_stale)
            })
        });
        let Some(id) = next else { return };
        self.stale.update(|stale| {
            stale.remove(&id);
        });
        let one = ListRequest { limit: Some(1), from: Some(id), ..ListRequest::default() };
        self.ask(one, move |page| {
            let now = page.items.into_iter().find(|tile| tile.id == id);
            self.strip.update(|strip| put_again(strip, id, now));
        });
    }
}

fn put_again(strip: &mut Strip<Arc<Tile>>, id: PredictionId, now: Option<Tile>) {
    match now {
        Some(now) => {
            strip.held_mut().filter(|tile| tile.id == id).for_each(|tile| *tile = Arc::new(now.clone()));
        }
        None => strip.retain(|other| other != id),
    }
}
