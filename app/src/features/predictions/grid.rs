//! The list as pictures.

use super::{
    columns::number_text,
    keys::{LIST, link_id},
    list::List,
};
use crate::{
    addresses::{ListView, review_among},
    dom,
    effect::effect,
    ui::{For, Icon, IntoAny, follow, handler, icon, tile_foot, tile_name, tile_picture},
    wire::Tile,
};
use domain::{ids::PredictionId, listing::SortField};
use leptos::{ev::MouseEvent, html::Ul, prelude::*};
use query::schema::NumberField;
use std::sync::Arc;

/// An item that is drawn: fetched, or only a place.
#[derive(Clone)]
pub(super) enum GridItem {
    Here(Arc<Tile>),
    Away(usize),
}

impl GridItem {
    /// The same for as long as the same is shown.
    pub(super) fn key(&self) -> (usize, Option<PredictionId>) {
        match self {
            // A tile that was fetched again is another one.
            Self::Here(tile) => (Arc::as_ptr(tile).addr(), Some(tile.id)),
            Self::Away(index) => (*index, None),
        }
    }
}

impl List {
    /// What is drawn, in order.
    pub(super) fn drawn(self) -> Vec<GridItem> {
        let part = self.part().items;
        self.strip.with(|strip| {
            let item = |index| {
                strip.get(index).map_or(GridItem::Away(index), |tile| GridItem::Here(Arc::clone(tile)))
            };
            part.map(item).collect()
        })
    }
}

/// Pictures, those near what is seen.
pub(super) fn grid(list: List) -> AnyView {
    let place = NodeRef::<Ul>::new();
    effect(move || {
        let Some(element) = place.get() else { return };
        let watch = dom::watch_width(&element, move |width_px| {
            list.look();
            list.pane_view.try_update(|view| view.width_px = width_px);
        });
        StoredValue::new_local(watch);
    });
    let part = Memo::new(move |_| list.part());
    let led = move || part.with(|part| part.items.start == 0) && list.lead.get() > 0;
    view! {
        <ul
            id=LIST
            class="grid"
            class:led=follow(led)
            aria-label="Predictions"
            data-size=follow(move || list.state.with(|state| state.size).to_string())
            style:padding-top=follow(move || px(part.with(|part| part.before_px)))
            style:padding-bottom=follow(move || px(part.with(|part| part.after_px)))
            style=("--lead", move || (list.lead.get() + 1).to_string())
            node_ref=place
            on:click=handler(move |event| list.clicked(&event))
        >
            <For each=move || list.drawn() key=GridItem::key children=move |item| cell(list, item) />
        </ul>
    }
    .into_any()
}

pub(super) fn px(px: f64) -> String {
    format!("{px}px")
}

fn cell(list: List, item: GridItem) -> AnyView {
    let tile = match item {
        GridItem::Here(tile) => tile,
        GridItem::Away(_) => return view! { <li class="cell bone" aria-busy="true"></li> }.into_any(),
    };
    let id = tile.id;
    let (figure, unit) = figure(&tile, list.sort.field);
    let name = tile_name(&tile);
    let picture = list.palette.with_value(|palette| tile_picture(&tile, palette));
    view! {
        <li class="cell" class:picked=follow(move || list.is_picked(id)) data-id=id.to_string()>
            <a
                id=link_id(id)
                class="tile"
                href=list.detail_href(id)
                title=name.clone()
                tabindex=follow(move || list.tab_index(id))
                on:focus=handler(move |_| list.active.set(Some(id)))
            >
                {picture}
                {tile_foot(&tile, figure, unit)}
            </a>
            {pick_box(list, id, &name)}
            {acts(list, id, &name)}
        </li>
    }
    .into_any()
}

/// What sorts the list stands on the picture.
fn figure(tile: &Tile, by: SortField) -> (String, String) {
    let field = match by {
        SortField::Received | SortField::Created => NumberField::Objects,
        SortField::Number(field) => field,
    };
    (number_text(tile, field), field.row().field.title.to_ascii_lowercase())
}

/// The box that selects an item.
pub(super) fn pick_box(list: List, id: PredictionId, name: &str) -> AnyView {
    view! {
        <button
            type="button"
            class="pick alive-only"
            role="checkbox"
            tabindex="-1"
            data-part="pick"
            aria-label=format!("Select {name}")
            aria-checked=follow(move || list.is_picked(id).to_string())
        >
            {icon(Icon::Check)}
        </button>
    }
    .into_any()
}

fn acts(list: List, id: PredictionId, name: &str) -> AnyView {
    let to = list.review_href(Some(id));
    view! {
        <a class="cell-act" href=to tabindex="-1" data-part="review" title="Review">
            {icon(Icon::Review)}
            <span class="visually-hidden">"Review "{name.to_owned()}</span>
        </a>
    }
    .into_any()
}

impl List {
    pub(super) fn is_picked(self, id: PredictionId) -> bool {
        self.selection.with(|selection| selection.contains(id))
    }

    /// One item takes part in the order of tabs: that of the keyboard, or the first.
    pub(super) fn tab_index(self, id: PredictionId) -> &'static str {
        let here = match self.active.get() {
            Some(active) => active == id,
            None => self.strip.with_untracked(|strip| strip.get(0).is_some_and(|tile| tile.id == id)),
        };
        if here { "0" } else { "-1" }
    }

    pub(super) fn review_href(self, id: Option<PredictionId>) -> String {
        review_among(&self.name.get_value(), id, &self.q.get_value(), self.sort)
    }

    pub(super) fn detail_href(self, id: PredictionId) -> String {
        self.state.with_untracked(|state| state.detail(id).href())
    }

    /// A click on an item: on its box, with a key that selects, or to go there.
    pub(super) fn clicked(self, event: &MouseEvent) {
        let Some((id, part)) = dom::under(event) else { return };
        let Ok(id) = id.parse::<PredictionId>() else { return };
        match part.as_str() {
            "pick" => {
                event.prevent_default();
                self.active.set(Some(id));
                self.pick(id, event.shift_key());
            }
            "review" => self.store_position(),
            _ if event.shift_key() => {
                event.prevent_default();
                self.pick(id, true);
            }
            // A new tab is the browser's.
            _ if event.ctrl_key() || event.meta_key() => {}
            _ => {
                event.prevent_default();
                self.active.set(Some(id));
                let state = self.state.get_untracked();
                if state.view != ListView::Details || state.id != Some(id) {
                    self.go.run(state.detail(id));
                }
            }
        }
    }
}
