//! A deployment's predictions as they match a query: pictures, rows, or one at
//! a time; selected and acted on. The address says what; this shows it.

mod acts;
mod columns;
mod conditions;
mod facets;
mod fetching;
mod film;
mod grid;
mod keys;
mod last_position;
mod list;
mod position;
mod selection;
mod strip;
mod switches;
mod table;
mod toolbar;
mod window;

pub use fetching::FIRST_PAGE;
pub use last_position::provide_last_list_position;
pub use switches::{sort_menu, view_switch};

use crate::{
    addresses::{ListState, ListView},
    dom,
    effect::effect,
    how_to_send::how_to_send,
    signed_in,
    ui::{IntoAny, dynamic, empty, follow, fovea_command, handler},
    wire::TilePage,
};
use domain::{access::Role, deployment::Deployment, listing::Facets};
use leptos::prelude::*;
use list::{List, Toast};
use strip::Strip;

/// The list below the bar: acts, items, facets, and what is said about them.
#[component]
pub fn Predictions(
    /// Whose predictions.
    deployment: Deployment,
    /// What the address says.
    state: Memo<ListState>,
    /// Shows something else.
    go: Callback<ListState>,
    /// The page that the server drew.
    first: TilePage,
    /// What the matches are like, when the address asks for it.
    counted: Option<Facets>,
    /// The id of the field that the key `/` leads to.
    query_field: &'static str,
) -> impl IntoView {
    let next_href = first.next_cursor.clone().map(|cursor| {
        ListState { cursor: Some(cursor), from: None, id: None, ..state.get_untracked() }.href()
    });
    let list = List::new(&deployment, state, go, first, counted);
    list.restore_position();
    list.come_alive();
    list.stay_in_place();
    keys::listen(list, query_field);
    let role = RwSignal::new(None::<Role>);
    let known_role = signed_in::role();
    effect(move || role.set(known_role()));
    let view = Memo::new(move |_| state.with(|state| state.view));
    let deployment = StoredValue::new(deployment);
    let items = move || match view.get() {
        _ if list.strip.with(|strip| strip.len() == 0 && !strip.goes_on()) => nothing(list, deployment),
        ListView::Grid => grid::grid(list),
        ListView::Table => table::table(list),
        ListView::Details => film::film(list),
    };
    view! {
        {toolbar::toolbar(list, role)}
        <div
            class="pane"
            aria-busy=follow(move || list.superseded().then_some("true"))
            node_ref=list.pane
            tabindex="-1"
            on:scroll=handler(move |_| list.scrolled())
        >
            {dynamic(items)}
            {ending(list, next_href)}
        </div>
        {facets::facets(list)}
        {toast(list)}
        {help()}
        <p class="visually-hidden" aria-live="polite">{dynamic(move || list.told.get())}</p>
    }
}

fn nothing(list: List, deployment: StoredValue<Deployment>) -> AnyView {
    if !list.state.with(|state| state.q.is_empty()) {
        let way = view! { <a class="button" href="?">"Show all"</a> };
        return empty(
            "No prediction matches",
            "Take a condition out of the query, or ask for all.",
            way.into_any(),
        );
    }
    deployment.with_value(nothing_came)
}

/// No prediction at all: how the first one comes.
fn nothing_came(deployment: &Deployment) -> AnyView {
    let (advice, command) = if deployment.champion.runnable {
        let rest = format!("predict --deployment {} image.jpg", deployment.name);
        let advice = "Press \u{201c}Predict an image\u{201d} above, or let a program send the first one:";
        (advice, fovea_command(rest, "Replace image.jpg by your images."))
    } else {
        ("They appear as soon as a program reports one:", ().into_any())
    };
    empty("No prediction yet", advice, view! { {how_to_send(deployment)}{command} }.into_any())
}

/// Below the last item: what is coming, what failed, what was cut short.
fn ending(list: List, next_href: Option<String>) -> AnyView {
    let words = move || {
        let go_on = move |_| list.go_on();
        if let Some(failure) = list.failed.get() {
            return view! {
                <p class="bad" role="alert">{failure}</p>
                <button class="button" type="button" on:click=handler(go_on)>"Try again"</button>
            }
            .into_any();
        }
        if list.cut_short.get() {
            return view! {
                <p class="banner-inline">
                    "The search met its time limit before its end: this is what it found until then."
                </p>
                <button class="button alive-only" type="button" on:click=handler(go_on)>"Look further"</button>
            }
            .into_any();
        }
        if list.fetching.get() && list.strip.with(Strip::goes_on) {
            return view! { <p class="dim">"Loading more …"</p> }.into_any();
        }
        ().into_any()
    };
    let link = next_href.map(|href| view! { <a class="button dead-only" href=href rel="next">"More"</a> });
    view! { <div class="grid-end">{dynamic(words)}{link}</div> }.into_any()
}

fn toast(list: List) -> AnyView {
    let shown = move || {
        list.toast.get().map(|Toast { words, undo, bad }| {
            let undo = undo.map(|deletion| {
                view! {
                    <button class="button" type="button" on:click=handler(move |_| list.undo(deletion))>"Undo"</button>
                }
            });
            let timed = undo.is_some();
            view! {
                <div class="toast" class:toast-bad=bad class:toast-timed=timed role="status">
                    <span>{words}</span>
                    {undo}
                </div>
            }
        })
    };
    view! { <div class="toast-place">{dynamic(shown)}</div> }.into_any()
}

fn help() -> AnyView {
    let rows: Vec<_> = keys::KEYS
        .into_iter()
        .map(|(key, does)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div> })
        .collect();
    view! {
        <dialog id=keys::HELP class="sheet" aria-labelledby="keys-title">
            <form method="dialog">
                <h2 id="keys-title">"Keys"</h2>
                <dl class="facts keys">{rows}</dl>
                <button class="button" type="submit">"Close"</button>
            </form>
        </dialog>
    }
    .into_any()
}

impl List {
    /// Keeps what is seen in its place when pictures change their size, and the
    /// address true while the list is scrolled.
    fn stay_in_place(self) {
        let look = Memo::new(move |_| (self.state.with(|state| state.view), self.layout()));
        let mut old = None;
        effect(move || {
            let now @ (view, layout) = look.get();
            let changed = old.replace(now).is_some_and(|old| old != now);
            if view != ListView::Details && changed {
                self.lead.set(0);
                let top_px = layout.top_px(self.first.get_value(), 0);
                request_animation_frame(move || self.settle(top_px));
            }
        });
        effect(move || {
            if let Some(id) = self.state.with(|state| state.id.filter(|_| state.view == ListView::Details)) {
                self.active.set(Some(id));
            }
        });
    }

    /// Scrolls to where it was, and to where the keyboard is if that is elsewhere.
    fn settle(self, top_px: f64) {
        let Some(pane) = self.pane.try_get_untracked().flatten() else { return };
        dom::scroll_pane(&pane, top_px);
        self.look();
        if let Some(active) = self.active_index() {
            self.bring_into_view(active);
        }
    }
}
