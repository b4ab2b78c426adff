//! The search bar: a query as it is written, coloured, completed and mended.
//! What it finds is not its business: it says what to ask.

mod faults;
mod typing;

use crate::ui::IntoAny;
use crate::{
    dom,
    server_fns::query_words::{get_known_values, remember_query},
    ui::{Icon, icon},
};
use domain::query::{Candidate, KnownValues, QueryError};
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html::{Span, Textarea, Ul},
    prelude::*,
    task::spawn_local,
};
use typing::{Offers, byte_at, errors, errors_away_from, kind_word, parts, units_at};

/// The id of the field, for who wants to put the focus there.
pub const FIELD: &str = "query";

/// What the bar holds.
#[derive(Clone, Copy)]
struct Bar {
    text: RwSignal<String>,
    /// In bytes.
    caret: RwSignal<usize>,
    offers: RwSignal<Option<Offers>>,
    /// Whether the text was asked for as it is, so that all errors count.
    tried: RwSignal<bool>,
    known: RwSignal<Option<KnownValues>>,
    deployment: StoredValue<String>,
    field: NodeRef<Textarea>,
    search: Callback<String>,
}

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
    let bar = Bar {
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
    Effect::new(move |_| bar.show(asked.get()));
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
        <form class="query" role="search" method="get" on:submit=submit>
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
fn ink(bar: Bar, wrong: Memo<Vec<QueryError>>) -> AnyView {
    let stretches = move || {
        let parts = bar.text.with(|text| wrong.with(|wrong| parts(text, wrong)));
        parts.into_iter().map(|p| view! { <span class=p.class>{p.text}</span> }).collect::<Vec<_>>()
    };
    // The blank at the end gives a line to a text that ends in a line break.
    view! { <pre class="query-ink" aria-hidden="true">{stretches}" "</pre> }.into_any()
}

fn field(bar: Bar, first: &str, wrong: Memo<Vec<QueryError>>) -> AnyView {
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
            aria-activedescendant=active
            aria-invalid=invalid
            node_ref=bar.field
            prop:value=move || bar.text.get()
            on:input=move |_| bar.typed()
            on:click=move |_| bar.moved()
            on:focus=move |_| bar.entered()
            on:blur=move |_| bar.offers.set(None)
            on:keydown=move |event| bar.key(&event)
            inner_html=written
        ></textarea>
    }
    .into_any()
}

/// Text of an element whose content is written as it is.
fn escaped_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn option_id(index: usize) -> String {
    format!("query-offer-{index}")
}

fn clear(bar: Bar) -> AnyView {
    let press = move |_| {
        bar.rewrite("", 0);
        bar.ask();
    };
    view! {
        <Show when=move || bar.text.with(|text| !text.is_empty())>
            <button class="button button-bare alive-only" type="button" title="Ask for everything" on:click=press>
                {icon(Icon::Close)}
                <span class="visually-hidden">"Clear the query"</span>
            </button>
        </Show>
    }
    .into_any()
}

/// The list of offers, below the word that they would take the place of.
fn offered(bar: Bar) -> AnyView {
    let (list, place) = (NodeRef::<Ul>::new(), NodeRef::<Span>::new());
    Effect::new(move |_| {
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
        <pre class="query-ink query-ruler" aria-hidden="true">{before}<span node_ref=place></span></pre>
        <ul
            id="query-offers"
            class="query-offers"
            role="listbox"
            aria-label="What could be written"
            node_ref=list
            class:open=move || bar.offers.with(Option::is_some)
        >
            {options}
        </ul>
    }
    .into_any()
}

fn option(bar: Bar, index: usize, candidate: Candidate, chosen: bool) -> AnyView {
    view! {
        <li
            id=option_id(index)
            role="option"
            aria-selected=chosen.to_string()
            // The field keeps the focus.
            on:mousedown=move |event| {
                event.prevent_default();
                bar.take(index);
            }
        >
            <code>{candidate.text}</code>
            <span class="dim">{kind_word(candidate.kind)}</span>
        </li>
    }
    .into_any()
}

impl Bar {
    fn wrong(self) -> Vec<QueryError> {
        let (text, caret) = (self.text.get(), self.caret.get());
        if self.tried.get() { errors(&text) } else { errors_away_from(&text, caret) }
    }

    fn show(self, asked: String) {
        if self.text.with_untracked(|text| *text != asked) {
            self.caret.set(asked.len());
            self.text.set(asked);
        }
        self.tried.set(true);
    }

    /// Reads the field.
    fn read(self) {
        let Some(field) = self.field.get_untracked() else { return };
        let (text, units) = dom::written(&field);
        self.caret.set(byte_at(&text, units));
        if self.text.with_untracked(|old| *old != text) {
            self.tried.set(false);
            self.text.set(text);
        }
    }

    fn rewrite(self, text: &str, caret: usize) {
        if let Some(field) = self.field.get_untracked() {
            dom::write(&field, text, units_at(text, caret));
        }
        self.read();
    }

    fn offer(self) {
        self.read();
        let (text, caret) = (self.text.get_untracked(), self.caret.get_untracked());
        let offers = self.known.with_untracked(|known| {
            Offers::at(&text, caret, known.as_ref().unwrap_or(&KnownValues::default()))
        });
        self.offers.set(offers);
    }

    fn typed(self) {
        self.offer();
    }

    fn moved(self) {
        if self.offers.with_untracked(Option::is_some) {
            self.offer();
        }
        self.read();
    }

    /// Known values are fetched when they may be wanted, and once.
    fn entered(self) {
        if self.known.with_untracked(Option::is_some) {
            return;
        }
        self.known.set(Some(KnownValues::default()));
        spawn_local(async move {
            // Without them fields and operators are offered still.
            let name = self.deployment.get_value();
            if let Ok(known) = get_known_values(name.clone()).await.and_then(|k| k.open()) {
                self.known.try_set(Some(known));
            }
        });
    }

    fn key(self, event: &KeyboardEvent) {
        let open = self.offers.with_untracked(Option::is_some);
        let chosen = self.offers.with_untracked(|o| o.as_ref().and_then(|o| o.chosen));
        match (event.key().as_str(), open) {
            ("ArrowDown" | "ArrowUp", true) => {
                event.prevent_default();
                let down = event.key() == "ArrowDown";
                self.offers.update(|offers| offers.iter_mut().for_each(|o| o.step(down)));
            }
            ("ArrowDown", false) => {
                event.prevent_default();
                self.offer();
            }
            (" ", false) if event.ctrl_key() => {
                event.prevent_default();
                self.offer();
            }
            ("Tab", true) if chosen.is_some() || self.is_in_a_word() => {
                event.prevent_default();
                self.take(chosen.unwrap_or(0));
            }
            ("Enter", _) => {
                event.prevent_default();
                chosen.map_or_else(|| self.ask(), |index| self.take(index));
            }
            ("Escape", true) => {
                event.stop_propagation();
                self.offers.set(None);
            }
            _ => {}
        }
    }

    fn is_in_a_word(self) -> bool {
        self.offers.with_untracked(|o| o.as_ref().is_some_and(|o| o.span.start < o.span.end))
    }

    fn take(self, index: usize) {
        let taken = self.offers.with_untracked(|offers| {
            self.text.with_untracked(|text| offers.as_ref().and_then(|o| o.take(text, index)))
        });
        if let Some((text, caret)) = taken {
            self.rewrite(&text, caret);
            self.offer();
        }
    }

    /// Writes a text in which an error is mended.
    fn mend(self, text: &str) {
        self.rewrite(text, text.len());
    }

    fn ask(self) {
        self.read();
        self.offers.set(None);
        self.tried.set(true);
        let text = self.text.get_untracked();
        if !errors(&text).is_empty() {
            return;
        }
        let text = text.trim().to_owned();
        if !text.is_empty() {
            let (name, q) = (self.deployment.get_value(), text.clone());
            // A query that is not remembered can be written again.
            spawn_local(async move { drop(remember_query(name, q).await) });
        }
        self.search.run(text);
    }
}
