//! The list as rows, with columns to choose from.

use super::{
    columns::{Column, cell},
    grid::{GridItem, pick_box, px},
    keys::{LIST, link_id},
    list::List,
};
use crate::{
    addresses::ListState,
    dom,
    effect::effect,
    ui::{For, Icon, IntoAny, dynamic, follow, handler, icon, middle_cut, tile_name, tile_picture},
};
use domain::listing::{Direction, SortField, SortOrder};
use leptos::{html::Table, prelude::*};
use std::collections::BTreeSet;

/// Rows, those near what is seen, below a head that stays.
pub(super) fn table(list: List) -> AnyView {
    let place = NodeRef::<Table>::new();
    effect(move || {
        let Some(element) = place.get() else { return };
        let watch = dom::watch_width(&element, move |width_px| {
            list.look();
            list.pane_view.try_update(|view| view.width_px = width_px);
        });
        StoredValue::new_local(watch);
    });
    let columns = Memo::new(move |_| list.state.with(|state| Column::chosen(&state.columns)));
    let part = Memo::new(move |_| list.part());
    let heads = move || columns.get().iter().map(|column| head(list, column)).collect::<Vec<_>>();
    // Other columns make other rows.
    let rows = move || {
        let columns = columns.get();
        let row = move |item| row(list, item, &columns);
        view! { <For each=move || list.drawn() key=GridItem::key children=row /> }.into_any()
    };
    view! {
        <table class="rows" class:rows-usual=follow(move || list.state.with(|s| s.columns.is_empty())) node_ref=place on:click=handler(move |event| list.clicked(&event))>
            <caption class="visually-hidden">"Predictions"</caption>
            <thead>
                <tr>
                    <th scope="col" class="rows-name">"Image"</th>
                    {dynamic(heads)}
                </tr>
            </thead>
            <tbody id=LIST>
                <tr aria-hidden="true" style:height=follow(move || px(part.with(|part| part.before_px)))></tr>
                {dynamic(rows)}
                <tr aria-hidden="true" style:height=follow(move || px(part.with(|part| part.after_px)))></tr>
            </tbody>
        </table>
    }
    .into_any()
}

fn head(list: List, column: &Column) -> AnyView {
    let class = column.class();
    let title = column.title();
    let Some(field) = column.sort() else {
        return view! { <th scope="col" class=class>{title}</th> }.into_any();
    };
    let order = move || list.state.with(|state| (state.sort.field == field).then_some(state.sort.direction));
    let sorted = move || match order() {
        Some(Direction::Ascending) => Some("ascending"),
        Some(Direction::Descending) => Some("descending"),
        None => None,
    };
    let arrow = move || order().map(arrow);
    let to = move || list.state.with(|state| state.sorted(next_order(state.sort, field)).href());
    view! { <th scope="col" class=class aria-sort=follow(sorted)><a href=follow(to)>{title}{dynamic(arrow)}</a></th> }
        .into_any()
}

/// The greatest first; again, the least.
fn next_order(now: SortOrder, field: SortField) -> SortOrder {
    if now.field == field { now.reversed() } else { SortOrder::descending(field) }
}

/// Which end is first.
pub(super) fn arrow(direction: Direction) -> &'static str {
    match direction {
        Direction::Ascending => " ↑",
        Direction::Descending => " ↓",
    }
}

fn row(list: List, item: GridItem, columns: &[Column]) -> AnyView {
    let tile = match item {
        GridItem::Here(tile) => tile,
        GridItem::Away(_) => return view! { <tr class="away" aria-busy="true"><td></td></tr> }.into_any(),
    };
    let id = tile.id;
    let name = tile_name(&tile);
    let (picture, cells) = list.palette.with_value(|palette| {
        let cells: Vec<_> = columns
            .iter()
            .map(|column| {
                view! { <td class=column.class()>{cell(&tile, column, palette)}</td> }
            })
            .collect();
        (tile_picture(&tile, palette), cells)
    });
    view! {
        <tr class:picked=follow(move || list.is_picked(id)) data-id=id.to_string()>
            <th scope="row" class="rows-name">
                {pick_box(list, id, &name)}
                <a
                    id=link_id(id)
                    class="rows-link"
                    href=list.detail_href(id)
                    tabindex=follow(move || list.tab_index(id))
                    on:focus=handler(move |_| list.active.set(Some(id)))
                >
                    <span class="rows-picture">{picture}</span>
                    <span class="rows-words">{middle_cut(&name)}</span>
                </a>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

/// The menu that chooses columns: links, so that it works without scripts.
pub(super) fn column_menu(list: List) -> AnyView {
    let links = move || {
        let keys: BTreeSet<String> =
            list.strip.with(|strip| strip.held().flat_map(|tile| tile.metadata.keys().cloned()).collect());
        let state = list.state.get();
        let shown = Column::chosen(&state.columns);
        let mut all = Column::all(keys);
        all.extend(shown.iter().filter(|column| !all.contains(column)).cloned().collect::<Vec<_>>());
        all.into_iter()
            .map(|column| {
                let to = ListState { columns: column.toggled(&shown), ..state.clone() }.href();
                let on = shown.contains(&column);
                view! {
                    <li>
                        <a class="menu-item" href=to aria-current=on.then_some("true")>
                            <span class="menu-check">{on.then(|| icon(Icon::Check))}</span>
                            {column.title()}
                        </a>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <details class="menu" name="menu">
            <summary class="button">"Columns"</summary>
            <ul class="menu-list menu-right">{dynamic(links)}</ul>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use query::schema::NumberField;

    #[test]
    fn a_head_sorts_from_the_greatest_and_then_from_the_least() {
        let newest = SortOrder::default();
        let by_objects = next_order(newest, SortField::Number(NumberField::Objects));
        assert_eq!(by_objects.to_string(), "-objects");
        assert_eq!(next_order(by_objects, SortField::Number(NumberField::Objects)).to_string(), "objects");
    }
}
