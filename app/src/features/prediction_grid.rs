//! A deployment's predictions as pictures, page after page.

mod place;

use crate::ui::IntoAny;
use crate::{
    dom,
    live::{Told, on_live, throttled},
    server_fns::predictions::{get_prediction, list_predictions},
    ui::{Palette, prediction_tile},
    wire::Tile,
};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
    name::Name,
    page::{Page, PageRequest},
    prediction::{PredictionFilter, Sort},
};
use leptos::{html::Div, prelude::*, task::spawn_local};
use place::Place;
use std::time::Duration;

/// Pictures in a page.
pub const PAGE: u32 = 60;

/// What the grid shows, and from where.
#[derive(Clone, Copy)]
struct Grid {
    tiles: RwSignal<Vec<Tile>>,
    next: RwSignal<Option<String>>,
    fetching: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    fresh: RwSignal<u32>,
    name: StoredValue<Name>,
    filter: StoredValue<PredictionFilter>,
}

/// A grid that begins with a page from the server and grows as it is scrolled.
#[component]
pub fn PredictionGrid(
    /// Whose predictions.
    deployment: DeploymentId,
    /// Its name.
    name: Name,
    /// Its labels' colours.
    palette: Palette,
    /// Which predictions, in which order.
    filter: PredictionFilter,
    /// The page that the server drew.
    first: Page<Tile>,
    /// Where the next page is, for browsers without scripts.
    next_href: Option<String>,
    /// Thumbnail size, 1 to 6.
    #[prop(into)]
    size: Signal<u8>,
) -> impl IntoView {
    let newest_first = filter.sort == Sort::Newest;
    let grid = Grid {
        tiles: RwSignal::new(first.items),
        next: RwSignal::new(first.next_cursor),
        fetching: RwSignal::new(false),
        failed: RwSignal::new(None),
        fresh: RwSignal::new(0),
        name: StoredValue::new(name),
        filter: StoredValue::new(filter),
    };
    grid.go_back_to_the_last_place();
    listen(grid, deployment, newest_first);
    let end = NodeRef::<Div>::new();
    Effect::new(move |_| {
        let (Some(element), true) = (end.get(), grid.next.with(Option::is_some)) else { return };
        grid.tiles.track();
        StoredValue::new_local(dom::watch_visible(&element, move || grid.more()));
    });
    view! {
        <div class="fresh-place" aria-live="polite">
            <Show when=move || { grid.fresh.get() > 0 }>
                <button class="pill pill-accent fresh" type="button" on:click=move |_| grid.show_the_newest()>
                    {move || grid.fresh.get()}" new"
                </button>
            </Show>
        </div>
        <div class="grid" on:click=move |_| grid.keep_place() data-size=move || size.get().to_string()>
            <For each=move || grid.tiles.get() key=|tile| (tile.id, tile.status) let:tile>
                {prediction_tile(tile, &palette)}
            </For>
        </div>
        <div class="grid-end" node_ref=end>{ending(grid, next_href)}</div>
    }
}

fn listen(grid: Grid, deployment: DeploymentId, newest_first: bool) {
    let refill = throttled(Duration::from_millis(400), move || {
        // What is being looked at never moves: only an empty grid fills itself.
        if grid.tiles.try_with(Vec::is_empty).unwrap_or(false) {
            grid.show_the_newest();
        }
    });
    on_live(move |told| match told {
        Told::Event(Event::PredictionsArrived { deployment_id, count, .. })
            if *deployment_id == deployment =>
        {
            if newest_first {
                grid.fresh.update(|fresh| *fresh += count);
            }
            refill();
        }
        Told::Event(Event::PredictionChanged { id, .. }) => grid.look_again_at(*id),
        _ => {}
    });
}

impl Grid {
    fn fetch(self, cursor: Option<String>, take: impl Fn(Self, Page<Tile>) + 'static) {
        if self.fetching.get_untracked() {
            return;
        }
        self.fetching.set(true);
        self.failed.set(None);
        let request = PageRequest { limit: Some(PAGE), cursor };
        spawn_local(async move {
            let (name, filter) = self.key();
            let answer = list_predictions(name, filter, request).await.and_then(|page| page.open());
            // The grid may be gone when the answer comes.
            if self.fetching.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(page) => take(self, page),
                Err(error) => self.failed.set(Some(error.0.message)),
            }
        });
    }

    fn key(self) -> place::Key {
        (self.name.with_value(ToString::to_string), self.filter.get_value())
    }

    fn keep_place(self) {
        place::keep(Place {
            key: self.key(),
            tiles: self.tiles.get_untracked(),
            next: self.next.get_untracked(),
            scrolled: dom::scrolled(),
        });
    }

    fn go_back_to_the_last_place(self) {
        if let Some(Place { tiles, next, scrolled, .. }) = place::take(&self.key()) {
            self.tiles.set(tiles);
            self.next.set(next);
            // Once the pictures have their places.
            request_animation_frame(move || request_animation_frame(move || dom::scroll_to(scrolled)));
        }
    }

    fn look_again_at(self, id: PredictionId) {
        if !self.tiles.with_untracked(|tiles| tiles.iter().any(|tile| tile.id == id)) {
            return;
        }
        spawn_local(async move {
            // A failed look leaves the old tile, which its page corrects.
            if let Ok(changed) = get_prediction(id.to_string()).await.and_then(|found| found.open()) {
                let changed = Tile::from(changed);
                self.tiles.try_update(|tiles| {
                    tiles.iter_mut().filter(|tile| tile.id == id).for_each(|tile| *tile = changed.clone());
                });
            }
        });
    }

    fn more(self) {
        if let Some(cursor) = self.next.get_untracked() {
            self.fetch(Some(cursor), |grid, page| {
                grid.next.set(page.next_cursor);
                grid.tiles.update(|tiles| tiles.extend(page.items));
            });
        }
    }

    fn show_the_newest(self) {
        self.fetch(None, |grid, page| {
            grid.fresh.set(0);
            grid.next.set(page.next_cursor);
            grid.tiles.set(page.items);
            dom::scroll_to(0.0);
        });
    }
}

fn ending(grid: Grid, next_href: Option<String>) -> AnyView {
    let words = move || {
        if let Some(failure) = grid.failed.get() {
            view! {
                <p class="bad" role="alert">{failure}</p>
                <button class="button" type="button" on:click=move |_| grid.more()>"Try again"</button>
            }
            .into_any()
        } else if grid.fetching.get() {
            view! { <p class="dim">"Loading more …"</p> }.into_any()
        } else {
            ().into_any()
        }
    };
    let link = next_href.map(|href| view! { <a class="button dead-only" href=href rel="next">"More"</a> });
    view! { {words}{link} }.into_any()
}
