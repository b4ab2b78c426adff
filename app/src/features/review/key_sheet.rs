//! The sheet of keys, and changing them.

use super::{
    dialogs::dialog,
    keys::Keys,
    room::{Question, Room},
};
use crate::{dom, ui::IntoAny};
use leptos::{ev::KeyboardEvent, prelude::*};
use review::{Action, SheetRow, SheetSection};

/// The dialog with all keys.
pub fn key_sheet(room: Room, keys: Keys) -> AnyView {
    let open = Signal::derive(move || room.question.get() == Some(Question::Keys));
    let asked = RwSignal::new(None::<Action>);
    let sections = move || {
        // The sheet costs nothing while nobody looks at it.
        let sections = if open.get() {
            room.desk.read(|editor| keys.map.with(|map| map.sheet(editor.labels())))
        } else {
            Vec::new()
        };
        sections.into_iter().map(|found| section(found, asked)).collect_view()
    };
    let conflicts = move || {
        let found = keys.map.with(review::Keymap::conflicts);
        let one = |conflict: review::KeyConflict| {
            let does = room.desk.read(|editor| {
                let texts = conflict.actions.iter().filter_map(|action| action.text(editor.labels()));
                texts.collect::<Vec<_>>().join(", ")
            });
            view! { <li>{format!("{} would do several things: {does}. It does the first.", conflict.chord)}</li> }
        };
        (!found.is_empty()).then(|| {
            view! {
                <ul class="bad" role="alert">{found.into_iter().map(one).collect_view()}</ul>
            }
        })
    };
    let pressed = move |event: KeyboardEvent| {
        let Some(action) = asked.get_untracked() else { return };
        event.prevent_default();
        event.stop_propagation();
        if event.key() == "Escape" {
            asked.set(None);
        } else if let Some(chord) = dom::chord_of(&event) {
            keys.rebind(action, chord);
            asked.set(None);
        }
    };
    let content = view! {
        <div class="review-keys" on:keydown=pressed>
            <h2>"Keys"</h2>
            {conflicts}
            <div class="review-keys-columns">{sections}</div>
            <div class="review-dialog-row">
                <button type="button" class="button button-main" on:click=move |_| room.question.set(None)>"Close"</button>
                <button type="button" class="button" on:click=move |_| keys.reset()>"As they usually are"</button>
                <span class="dim">"Choose an action, then press its new key."</span>
            </div>
        </div>
    }
    .into_any();
    dialog(room, open, content)
}

fn section(section: SheetSection, asked: RwSignal<Option<Action>>) -> AnyView {
    let rows: Vec<_> = section.rows.into_iter().map(|found| row(found, asked)).collect();
    view! { <section><h3>{section.title}</h3><ul>{rows}</ul></section> }.into_any()
}

fn row(row: SheetRow, asked: RwSignal<Option<Action>>) -> AnyView {
    let action = row.action;
    let waits = move || asked.get() == Some(action);
    let chords: Vec<_> = row.chords.iter().map(|chord| view! { <kbd>{chord.to_string()}</kbd> }).collect();
    view! {
        <li>
            <button type="button" class:chosen=waits on:click=move |_| asked.set(Some(action))>
                <span>{row.text}</span>
                <span>{chords}</span>
                <span class="review-keys-wait">{move || waits().then_some("press a key …")}</span>
            </button>
        </li>
    }
    .into_any()
}
