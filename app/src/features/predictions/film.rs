//! The list as a strip below the one that is shown large.

use super::{
    grid::GridItem,
    keys::{LIST, link_id},
    list::List,
};
use crate::ui::{For, IntoAny, follow, handler, tile_name, tile_picture};
use leptos::prelude::*;

/// The neighbours of the one shown large, in the order of the list.
pub(super) fn film(list: List) -> AnyView {
    view! {
        <ul id=LIST class="film" aria-label="Neighbours" on:click=handler(move |event| list.clicked(&event))>
            <For each=move || list.drawn() key=GridItem::key children=move |item| frame(list, item) />
        </ul>
    }
    .into_any()
}

fn frame(list: List, item: GridItem) -> AnyView {
    let GridItem::Here(tile) = item else {
        return view! { <li class="cell bone"></li> }.into_any();
    };
    let id = tile.id;
    let current = move || (list.active.get() == Some(id)).then_some("true");
    let picture = list.palette.with_value(|palette| tile_picture(&tile, palette));
    view! {
        <li class="cell" class:picked=follow(move || list.is_picked(id)) data-id=id.to_string()>
            <a
                id=link_id(id)
                class="tile"
                href=list.detail_href(id)
                title=tile_name(&tile)
                aria-current=follow(current)
            >
                {picture}
            </a>
        </li>
    }
    .into_any()
}
