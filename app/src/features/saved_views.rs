//! Views that people keep, and the queries they asked before.

use crate::{
    addresses::{ListState, saved},
    dom,
    packed::packed,
    server_fns::prediction_views::{delete_view, keep_view, list_views},
    ui::{Icon, IntoAny, dynamic, follow, handler, icon},
};
use domain::{
    ids::SavedViewId,
    listing::{SaveView, SavedView},
};
use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::*,
    task::spawn_local,
};

/// Queries of before that are offered.
const RECENT: usize = 8;

/// What the menu holds.
#[derive(Clone, Copy)]
struct ViewsMenu {
    deployment: StoredValue<String>,
    state: Memo<ListState>,
    /// Queries asked before, and views; `None` until the menu was opened.
    entries: RwSignal<Option<(Vec<String>, Vec<SavedView>)>>,
    failed: RwSignal<Option<String>>,
    name: RwSignal<String>,
    shared: RwSignal<bool>,
}

/// A menu of views and queries, and a form that keeps the view shown now.
#[component]
pub fn SavedViews(
    /// The deployment's name.
    deployment: String,
    /// What is shown now.
    state: Memo<ListState>,
) -> impl IntoView {
    let menu = ViewsMenu {
        deployment: StoredValue::new(deployment),
        state,
        entries: RwSignal::new(None),
        failed: RwSignal::new(None),
        name: RwSignal::new(String::new()),
        shared: RwSignal::new(false),
    };
    view! {
        <details class="menu alive-only" name="menu" id="views" on:toggle=handler(move |_| menu.fetch()) on:click=handler(|event: MouseEvent| dom::close_menu(&event))>
            <summary class="button">"Saved views"</summary>
            <div class="menu-list menu-right menu-wide">
                {dynamic(move || menu.entries.get().map(|(recent, views)| lists(menu, recent, views)))}
                {form(menu)}
                {dynamic(move || menu.failed.get().map(|failed| view! { <p class="bad" role="alert">{failed}</p> }))}
            </div>
        </details>
    }
}

fn lists(menu: ViewsMenu, recent: Vec<String>, views: Vec<SavedView>) -> AnyView {
    let none = views.is_empty().then(|| view! { <p class="dim menu-words">"No view is kept yet."</p> });
    let views: Vec<_> = views.into_iter().map(|view| entry(menu, view)).collect();
    let queries: Vec<_> = recent
        .into_iter()
        .take(RECENT)
        .map(|q| {
            let to = menu.state.with_untracked(|state| state.asking(&q).href());
            view! { <li><a class="menu-item menu-code" href=to title=q>{q.clone()}</a></li> }
        })
        .collect();
    let queries = (!queries.is_empty()).then(|| {
        view! { <h2 class="menu-head">"Asked before"</h2><ul>{queries}</ul> }
    });
    view! { {none}<ul>{views}</ul>{queries} }.into_any()
}

fn entry(menu: ViewsMenu, view: SavedView) -> AnyView {
    let SavedView { id, name, q, sort, state, owner, mine, shared, .. } = view;
    let whose = if mine { shared.then(|| "shared".to_owned()) } else { Some(owner) };
    let delete = mine.then(|| {
        let title = format!("Delete the view {name}");
        view! {
            <button class="button button-bare" type="button" title=title on:click=handler(move |_| menu.delete(id))>
                {icon(Icon::Close)}
                <span class="visually-hidden">{title.clone()}</span>
            </button>
        }
    });
    view! {
        <li class="menu-row">
            <a class="menu-item" href=saved(&q, sort, &state) title=q>
                <span>{name.clone()}</span>
                <span class="dim">{whose}</span>
            </a>
            {delete}
        </li>
    }
    .into_any()
}

fn form(menu: ViewsMenu) -> AnyView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        menu.save();
    };
    view! {
        <form class="menu-form" on:submit=handler(submit)>
            <input
                class="field"
                aria-label="Name of the view"
                placeholder="Keep this view as …"
                maxlength="80"
                prop:value=follow(move || menu.name.get())
                on:input=handler(move |event| menu.name.set(dom::field_value(&event).unwrap_or_default()))
            />
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=follow(move || menu.shared.get())
                    on:change=handler(move |_| menu.shared.update(|shared| *shared = !*shared))
                />
                "for all"
            </label>
            <button class="button" type="submit">"Keep"</button>
        </form>
    }
    .into_any()
}

impl ViewsMenu {
    fn fetch(self) {
        spawn_local(async move {
            let answer = list_views(self.deployment.get_value()).await.and_then(|packed| packed.open());
            match answer {
                Ok(entries) => drop(self.entries.try_set(Some(entries))),
                Err(error) => drop(self.failed.try_set(Some(error.0.message))),
            }
        });
    }

    fn save(self) {
        let name = self.name.get_untracked().trim().to_owned();
        if name.is_empty() {
            return;
        }
        let state = self.state.get_untracked();
        let shared = self.shared.get_untracked();
        let view = SaveView { name, q: state.q.clone(), sort: state.sort, state: state.state(), shared };
        spawn_local(async move {
            let saving = match packed(&view) {
                Ok(view) => keep_view(self.deployment.get_value(), view).await,
                Err(error) => Err(error),
            };
            self.after(saving.map_err(|error| error.0.message));
        });
    }

    fn delete(self, id: SavedViewId) {
        spawn_local(async move { self.after(delete_view(id).await.map_err(|error| error.0.message)) });
    }

    fn after(self, done: Result<(), String>) {
        // The menu may be gone when the answer comes.
        if self.failed.try_set(done.err()).is_none() {
            self.name.set(String::new());
            self.fetch();
        }
    }
}
