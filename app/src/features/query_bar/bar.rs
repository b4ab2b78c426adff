//! The state of the search bar, and what typing, keys and clicks do to it.

use super::typing::{Offers, byte_at, errors, errors_away_from, units_at};
use crate::{
    dom,
    server_fns::query_words::{get_known_values, remember_query},
};
use leptos::{ev::KeyboardEvent, html::Textarea, prelude::*, task::spawn_local};
use query::{KnownValues, QueryError};

/// What the bar holds.
#[derive(Clone, Copy)]
pub(super) struct BarState {
    pub(super) text: RwSignal<String>,
    /// In bytes.
    pub(super) caret: RwSignal<usize>,
    pub(super) offers: RwSignal<Option<Offers>>,
    /// Whether the text was asked for as it is, so that all errors count.
    pub(super) tried: RwSignal<bool>,
    pub(super) known: RwSignal<Option<KnownValues>>,
    pub(super) deployment: StoredValue<String>,
    pub(super) field: NodeRef<Textarea>,
    pub(super) search: Callback<String>,
}

impl BarState {
    pub(super) fn wrong(self) -> Vec<QueryError> {
        let (text, caret) = (self.text.get(), self.caret.get());
        if self.tried.get() { errors(&text) } else { errors_away_from(&text, caret) }
    }

    pub(super) fn show(self, q: String) {
        if self.text.with_untracked(|text| *text != q) {
            self.caret.set(q.len());
            self.text.set(q);
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

    pub(super) fn rewrite(self, text: &str, caret: usize) {
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

    pub(super) fn typed(self) {
        self.offer();
    }

    pub(super) fn moved(self) {
        if self.offers.with_untracked(Option::is_some) {
            self.offer();
        }
        self.read();
    }

    /// Known values are fetched when they may be wanted, and once.
    pub(super) fn entered(self) {
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

    pub(super) fn key(self, event: &KeyboardEvent) {
        if dom::is_composing(event) {
            return;
        }
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

    pub(super) fn take(self, index: usize) {
        let taken = self.offers.with_untracked(|offers| {
            self.text.with_untracked(|text| offers.as_ref().and_then(|o| o.take(text, index)))
        });
        if let Some((text, caret)) = taken {
            self.rewrite(&text, caret);
            self.offer();
        }
    }

    /// Writes a text in which an error is mended.
    pub(super) fn mend(self, text: &str) {
        self.rewrite(text, text.len());
    }

    pub(super) fn ask(self) {
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
