//! The order of the list and the way it is shown: links, so that they work
//! without scripts.

use super::table::arrow;
use crate::{
    addresses::{ListState, ListView},
    dom,
    ui::{IntoAny, dynamic, follow, handler},
};
use domain::listing::{SortField, SortOrder};
use leptos::{ev::MouseEvent, prelude::*};

fn title(field: SortField) -> &'static str {
    field.row().title
}

/// Every order, both ways.
#[must_use]
pub fn sort_menu(state: Memo<ListState>) -> AnyView {
    let sort = move || state.with(|state| state.sort);
    let link = move |order: SortOrder, words: &'static str, name: String| {
        let to = move || state.with(|state| state.sorted(order).href());
        let current = move || (sort() == order).then_some("true");
        view! { <a class="menu-item" href=follow(to) aria-current=follow(current) aria-label=name>{words}</a> }
    };
    let rows: Vec<_> = SortField::all()
        .map(|field| {
            let (down, up) = (SortOrder::descending(field), SortOrder::ascending(field));
            view! {
                <li class="menu-row">
                    {link(down, title(field), format!("{}, the greatest first", title(field)))}
                    {link(up, "↑", format!("{}, the least first", title(field)))}
                </li>
            }
        })
        .collect();
    let now = move || format!("{}{}", title(sort().field), arrow(sort().direction));
    view! {
        <details class="menu" name="menu" on:click=handler(|event: MouseEvent| dom::close_menu(&event))>
            <summary class="button">{dynamic(now)}</summary>
            <ul class="menu-list menu-right">{rows}</ul>
        </details>
    }
    .into_any()
}

/// Grid, table, details.
#[must_use]
pub fn view_switch(state: Memo<ListState>) -> AnyView {
    let links: Vec<_> = ListView::ALL
        .into_iter()
        .map(|view| {
            let name = match view {
                ListView::Grid => "Grid",
                ListView::Table => "Table",
                ListView::Details => "Details",
            };
            let to = move || state.with(|state| state.shown_as(view).href());
            let current = move || (state.with(|state| state.view) == view).then_some("true");
            view! { <a class="segment" href=follow(to) aria-current=follow(current)>{name}</a> }
        })
        .collect();
    view! { <nav class="segments" aria-label="How">{links}</nav> }.into_any()
}
