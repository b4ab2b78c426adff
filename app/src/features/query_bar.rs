//! The search bar: a query as it is written, coloured, completed and mended.
//! What it finds is not its business: it says what to ask.

mod bar;
mod faults;
mod typing;

use crate::{
    dom,
    effect::effect,
    ui::{Icon, IntoAny, Show, dynamic, follow, handler, icon},
};
use bar::BarState;
use leptos::{
    ev::{MouseEvent, SubmitEvent},
    html::{Span, Ul},
    prelude::*,
};
use query::{Candidate, QueryError};
use typing::{kind_word, parts};

/// The id of the field, for who wants to put the focus there.
pub const FIELD: &str = "query";

/// The search bar.
#[component]
pub fn QueryBar(
    /// Whose values are offered: the deployment's name.
    deployment: String,
    /// The query that is shown now.
    #[prop(into)]
    asked: Signal<String>,
    /// What else the address holds; sent along where there are no scripts.
    kept: Vec<(&'static str, String)>,
    /// The address of the page with another query.
    href: Callback<String, String>,
    /// Called with a query to ask.
    search: Callback<String>,
) -> impl IntoView {
    let first = asked.get_untracked();
    let bar = BarState {
        caret: RwSignal::new(first.len()),
        text: RwSignal::new(first.clone()),
        offers: RwSignal::new(None),
        tried: RwSignal::new(true),
        known: RwSignal::new(None),
        deployment: StoredValue::new(deployment),
        field: NodeRef::new(),
        search,
    };
    // Another query may come from a facet, a saved view, or the way back.
    effect(move || bar.show(asked.get()));
    let wrong = Memo::new(move |_| bar.wrong());
    let kept: Vec<_> = kept
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        bar.ask();
    };
    view! {
        <form class="query" role="search" method="get" on:submit=handler(submit)>
            {icon(Icon::Search)}
            <div class="query-place">
                {ink(bar, wrong)}
                {field(bar, &first, wrong)}
                {offered(bar)}
            </div>
            {kept}
            <button class="button button-bare dead-only" type="submit">"Search"</button>
            {clear(bar)}
        </form>
        {faults::faults(wrong, bar.text, href, Callback::new(move |text: String| bar.mend(&text)))}
    }
}

/// The coloured text below the field, which itself is see-through.
fn ink(bar: BarState, wrong: Memo<Vec<QueryError>>) -> AnyView {
    let stretches = move || {
        let parts = bar.text.with(|text| wrong.with(|wrong| parts(text, wrong)));
        parts.into_iter().map(|p| view! { <span class=p.class>{p.text}</span> }).collect::<Vec<_>>()
    };
    // The blank at the end gives a line to a text that ends in a line break.
    view! { <pre class="query-ink" aria-hidden="true">{stretches}" "</pre> }.into_any()
}

fn field(bar: BarState, first: &str, wrong: Memo<Vec<QueryError>>) -> AnyView {
    let written = escaped_text(first);
    let active = move || bar.offers.with(|offers| Some(option_id(offers.as_ref()?.chosen?)));
    let invalid = move || wrong.with(|wrong| (!wrong.is_empty()).then_some("true"));
    view! {
        <textarea
            id=FIELD
            name="q"
            class="query-field"
            rows="1"
            spellcheck="false"
            autocomplete="off"
            autocapitalize="off"
            placeholder="objects > 5 and has(label = …)"
            aria-label="Query"
            aria-autocomplete="list"
            aria-controls="query-offers"
            aria-describedby="query-faults"
            aria-activedescendant=follow(active)
            aria-invalid=follow(invalid)
            node_ref=bar.field
            prop:value=follow(move || bar.text.get())
            on:input=handler(move |_| bar.typed())
            on:click=handler(move |_| bar.moved())
            on:focus=handler(move |_| bar.entered())
            on:blur=handler(move |_| bar.offers.set(None))
            on:keydown=handler(move |event| bar.key(&event))
            inner_html=written
        ></textarea>
    }
    .into_any()
}

/// Text of an element whose content is written as it is.
fn escaped_text(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}

fn option_id(index: usize) -> String {
    format!("query-offer-{index}")
}

fn clear(bar: BarState) -> AnyView {
    let press = move |_| {
        bar.rewrite("", 0);
        bar.ask();
    };
    view! {
        <Show when=move || bar.text.with(|text| !text.is_empty())>
            <button class="button button-bare alive-only" type="button" title="Ask for everything" on:click=handler(press)>
                {icon(Icon::Close)}
                <span class="visually-hidden">"Clear the query"</span>
            </button>
        </Show>
    }
    .into_any()
}

/// The list of offers, below the word that they would take the place of.
fn offered(bar: BarState) -> AnyView {
    let (list, place) = (NodeRef::<Ul>::new(), NodeRef::<Span>::new());
    effect(move || {
        let shown = bar.offers.with(Option::is_some);
        if let (true, Some(place), Some(list)) = (shown, place.get(), list.get()) {
            dom::hang_below(&place, &list);
        }
    });
    let before = move || {
        let start = bar.offers.with(|offers| offers.as_ref().map_or(0, |o| o.span.start));
        bar.text.with(|text| text.get(..start).unwrap_or_default().to_owned())
    };
    let options = move || {
        let shown = bar.offers.get();
        let options = shown.into_iter().flat_map(move |offers| {
            let chosen = offers.chosen;
            let option = move |(i, c)| option(bar, i, c, chosen == Some(i));
            offers.candidates.into_iter().enumerate().map(option)
        });
        options.collect::<Vec<_>>()
    };
    view! {
        <pre class="query-ink query-ruler" aria-hidden="true">{dynamic(before)}<span node_ref=place></span></pre>
        <ul
            id="query-offers"
            class="query-offers"
            role="listbox"
            aria-label="What could be written"
            node_ref=list
            class:open=follow(move || bar.offers.with(Option::is_some))
        >
            {dynamic(options)}
        </ul>
    }
    .into_any()
}

fn option(bar: BarState, index: usize, candidate: Candidate, chosen: bool) -> AnyView {
    view! {
        <li
            id=option_id(index)
            role="option"
            aria-selected=chosen.to_string()
            // The field keeps the focus.
            on:mousedown=handler(move |event: MouseEvent| {
                event.prevent_default();
                bar.take(index);
            })
        >
            <code>{candidate.text}</code>
            <span class="dim">{kind_word(candidate.kind)}</span>
        </li>
    }
    .into_any()
}
