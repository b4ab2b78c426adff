//! Above the list: how many there are, how many are selected, and what can be
//! done with them.

use super::{keys::TAG_MENU, list::List, selection::TileSelection, table::column_menu};
use crate::{
    addresses::{self, ListState, ListView, SIZES, export},
    dom,
    ui::{Icon, IntoAny, Show, dynamic, follow, handler, icon},
};
use charts::grouped;
use domain::{
    access::Role,
    listing::{BulkAct, Count},
};
use leptos::{ev::SubmitEvent, prelude::*};

/// Count, selection, acts.
pub(super) fn toolbar(list: List, role: RwSignal<Option<Role>>) -> AnyView {
    let chosen = move || {
        list.active.track();
        list.selection.track();
        list.state.track();
        list.chosen().is_some()
    };
    let may = move |least: Role| role.get().is_some_and(|role| role >= least);
    view! {
        <div class="acts" class:acts-chosen=follow(move || list.selection.with(|selection| !selection.is_empty()))>
            {count(list)}
            <Show when=move || may(Role::Reviewer)>{explain(list)}</Show>
            {selected(list)}
            <Show when=move || chosen() && may(Role::Reviewer)>{acts(list, move || may(Role::Admin))}</Show>
            <span class="bar-end">
                {fresh(list)}
                {export_menu(list)}
                <Show when=move || list.state.with(|state| state.view == ListView::Table)>{column_menu(list)}</Show>
                <Show when=move || list.state.with(|state| state.view == ListView::Grid)>{size_slider(list)}</Show>
            </span>
        </div>
    }
    .into_any()
}

fn count(list: List) -> AnyView {
    let words = move || match list.total.get() {
        Some(Count { count, exact }) => {
            let least = if exact { "" } else { "at least " };
            let noun = if count == 1 { " prediction" } else { " predictions" };
            view! { {least}<b>{grouped(count)}</b>{noun} }.into_any()
        }
        None => {
            let counted = list.state.with(|state| ListState { counted: true, ..state.clone() }.href());
            view! {
                <span class="alive-only dim">"counting …"</span>
                <a class="dead-only" href=counted>"Count them all"</a>
            }
            .into_any()
        }
    };
    let place = move || {
        let state = list.state.get();
        let known = state.view == ListView::Details && list.strip.with(|strip| strip.is_rewound());
        let index = list.active.get().filter(|_| known)?;
        let at = list.strip.with(|strip| strip.position(index))?;
        Some(format!("{} of ", grouped(at as u64 + 1)))
    };
    view! { <p class="counted">{dynamic(place)}{dynamic(words)}</p> }.into_any()
}

fn explain(list: List) -> AnyView {
    let to = move || {
        list.state.with(|state| addresses::explain(&list.name.get_value(), &state.q, &state.sort.to_string()))
    };
    view! { <a class="dim explain" href=follow(to) title="Which index answers this query, and how many rows that takes">"Explain"</a> }.into_any()
}

fn selected(list: List) -> AnyView {
    let words = move || {
        let all = list.selection.with(TileSelection::is_all);
        match list.selected() {
            Some(count) if all => format!("all {} that match selected", grouped(count)),
            Some(count) => format!("{} selected", grouped(count)),
            None => "all that match selected".to_owned(),
        }
    };
    let all_words = move || match list.total.get() {
        Some(Count { count, exact: true }) => format!("All {} that match", grouped(count)),
        _ => "All that match".to_owned(),
    };
    view! {
        <Show when=move || list.selection.with(|selection| !selection.is_empty())>
            <span class="dim">{dynamic(words)}</span>
            <Show when=move || list.selection.with(|selection| !selection.is_all())>
                <button class="button" type="button" on:click=handler(move |_| list.selection.set(TileSelection::everything()))>
                    {dynamic(all_words)}
                </button>
            </Show>
            <button class="button button-bare" type="button" on:click=handler(move |_| list.selection.set(TileSelection::default()))>
                "Clear"
            </button>
        </Show>
    }
    .into_any()
}

fn acts(list: List, may_delete: impl Fn() -> bool + Send + Sync + Copy + 'static) -> AnyView {
    let submit = move || match list.selected() {
        Some(0) | None => "Submit".to_owned(),
        Some(count) => format!("Submit {}", grouped(count)),
    };
    view! {
        <button class="button button-main" type="button" title="Submit to the feedback loop" on:click=handler(move |_| list.act(BulkAct::Submit))>{submit}</button>
        {words_menu(list, TAG_MENU, "tag", "Tag", &["Add", "Take off"], |which, word| match which {
            0 => BulkAct::Tag { tag: word },
            _ => BulkAct::Untag { tag: word },
        })}
        {words_menu(list, "skip-menu", "reason", "Skip", &["Skip"], |_, reason| BulkAct::Skip { reason })}
        <button class="button" type="button" on:click=handler(move |_| list.act(BulkAct::Reopen))>"Reopen"</button>
        <Show when=may_delete>
            <button class="button" type="button" on:click=handler(move |_| list.act(BulkAct::Delete))>"Delete"</button>
        </Show>
    }
    .into_any()
}

/// A menu that asks for a word and does something with it. A reason can be left
/// out; a tag cannot.
fn words_menu(
    list: List,
    id: &'static str,
    field: &'static str,
    name: &'static str,
    buttons: &[&'static str],
    act: fn(usize, String) -> BulkAct,
) -> AnyView {
    let word = RwSignal::new(String::new());
    let optional = field == "reason";
    let give = move |which: usize| {
        let given = word.get_untracked().trim().to_owned();
        if optional || !given.is_empty() {
            dom::set_open(id, false);
            word.set(String::new());
            list.act(act(which, given));
        }
    };
    let buttons: Vec<_> = buttons
        .iter()
        .enumerate()
        .map(|(which, name)| {
            let press = move |_| give(which);
            view! { <button class="button" type="button" on:click=handler(press)>{*name}</button> }
        })
        .collect();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        give(0);
    };
    view! {
        <details class="menu" name="menu" id=id>
            <summary class="button">{name}</summary>
            <form class="menu-list menu-form" on:submit=handler(submit)>
                <input
                    id=field
                    class="field"
                    aria-label=field
                    placeholder=if optional { format!("{field} (optional)") } else { field.to_owned() }
                    autocomplete="off"
                    maxlength="100"
                    prop:value=follow(move || word.get())
                    on:input=handler(move |event| word.set(dom::field_value(&event).unwrap_or_default()))
                />
                {buttons}
            </form>
        </details>
    }
    .into_any()
}

fn fresh(list: List) -> AnyView {
    view! {
        <span aria-live="polite">
            <Show when=move || { list.fresh.get() > 0 }>
                <button class="pill pill-accent fresh" type="button" on:click=handler(move |_| list.begin_again())>
                    {dynamic(move || grouped(list.fresh.get()))}" new"
                </button>
            </Show>
        </span>
    }
    .into_any()
}

const FORMATS: [(&str, &str); 6] = [
    ("coco", "COCO"),
    ("yolo", "YOLO"),
    ("cvat", "CVAT"),
    ("label-studio", "Label Studio"),
    ("csv", "CSV"),
    ("jsonl", "JSON lines"),
];

fn export_menu(list: List) -> AnyView {
    let links: Vec<_> = FORMATS
        .into_iter()
        .map(|(word, name)| {
            let to = move || list.state.with(|state| export(&list.name.get_value(), &state.q, word));
            view! { <li><a class="menu-item" href=follow(to) rel="external" download="">{name}</a></li> }
        })
        .collect();
    view! {
        <details class="menu" name="menu">
            <summary class="button">"Export"</summary>
            <ul class="menu-list menu-right">{links}</ul>
        </details>
    }
    .into_any()
}

fn size_slider(list: List) -> AnyView {
    let slide = move |event: leptos::ev::Event| {
        let size = dom::field_value(&event).and_then(|text| text.parse().ok());
        if let Some(size) = size.filter(|size| SIZES.contains(size)) {
            list.go.run(ListState { size, ..list.state.get_untracked() });
        }
    };
    view! {
        <label class="size alive-only">
            <span class="visually-hidden">"Size of the images"</span>
            {icon(Icon::Size)}
            <input
                class="slider slider-short"
                type="range"
                min=SIZES.start().to_string()
                max=SIZES.end().to_string()
                prop:value=follow(move || list.state.with(|state| state.size).to_string())
                value=list.state.with_untracked(|state| state.size).to_string()
                on:input=handler(slide)
            />
        </label>
    }
    .into_any()
}
