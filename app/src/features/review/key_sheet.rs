//! The sheet of keys, and changing them.

use super::{
    dialogs::dialog,
    keys::Keys,
    session::{OpenDialog, ReviewSession},
};
use crate::{
    dom,
    ui::{IntoAny, dynamic, follow, handler},
};
use leptos::{ev::KeyboardEvent, prelude::*};
use review::{Action, Chord, SheetRow, SheetSection};

/// The dialog with all keys.
pub fn key_sheet(session: ReviewSession, keys: Keys) -> AnyView {
    let open = Signal::derive(move || session.dialog.get() == Some(OpenDialog::Keys));
    let rebinding = RwSignal::new(None::<Action>);
    let sections = move || {
        // The sheet costs nothing while nobody looks at it.
        let sections = if open.get() {
            session.editor.read(|editor| keys.map.with(|map| map.sheet(editor.labels())))
        } else {
            Vec::new()
        };
        sections.into_iter().map(|part| section(part, rebinding)).collect_view()
    };
    let conflicts = move || {
        let conflicts = keys.map.with(review::Keymap::conflicts);
        let one = |conflict: review::KeyConflict| {
            let does = session.editor.read(|editor| {
                let texts = conflict.actions.iter().filter_map(|action| action.text(editor.labels()));
                texts.collect::<Vec<_>>().join(", ")
            });
            view! { <li>{format!("{} would do several things: {does}. It does the first.", conflict.chord)}</li> }
        };
        (!conflicts.is_empty()).then(|| {
            view! {
                <ul class="bad" role="alert">{conflicts.into_iter().map(one).collect_view()}</ul>
            }
        })
    };
    let pressed = move |event: KeyboardEvent| {
        let Some(action) = rebinding.get_untracked().filter(|_| !event.is_composing()) else { return };
        event.prevent_default();
        event.stop_propagation();
        if event.key() == "Escape" {
            rebinding.set(None);
        } else if let Some(chord) = dom::chord_to_keep(&event) {
            keys.rebind(action, chord);
            rebinding.set(None);
        }
    };
    let content = view! {
        <div class="review-keys" on:keydown=handler(pressed)>
            <h2>"Keys"</h2>
            {dynamic(conflicts)}
            <div class="review-keys-columns">{dynamic(sections)}</div>
            <div class="review-dialog-row">
                <button type="button" class="button button-main" on:click=handler(move |_| session.dialog.set(None))>"Close"</button>
                <button type="button" class="button" on:click=handler(move |_| keys.reset())>"As they usually are"</button>
                <span class="dim">"Choose an action, then press its new key."</span>
            </div>
        </div>
    }
    .into_any();
    dialog(session, open, content)
}

fn section(section: SheetSection, rebinding: RwSignal<Option<Action>>) -> AnyView {
    let rows: Vec<_> = section.rows.into_iter().map(|one| row(one, rebinding)).collect();
    view! { <section><h3>{section.title}</h3><ul>{rows}</ul></section> }.into_any()
}

fn row(row: SheetRow, rebinding: RwSignal<Option<Action>>) -> AnyView {
    let action = row.action;
    let waits = move || rebinding.get() == Some(action);
    let chords: Vec<_> = row.chords.iter().map(|chord| view! { <kbd>{key_text(chord)}</kbd> }).collect();
    view! {
        <li>
            <button type="button" class:chosen=follow(waits) on:click=handler(move |_| rebinding.set(Some(action)))>
                <span>{row.text}</span>
                <span>{chords}</span>
                <span class="review-keys-wait">{dynamic(move || waits().then_some("press a key …"))}</span>
            </button>
        </li>
    }
    .into_any()
}

/// As keyboards have it: `Ctrl+←`.
fn key_text(chord: &Chord) -> String {
    let arrows = [("ArrowLeft", "←"), ("ArrowRight", "→"), ("ArrowUp", "↑"), ("ArrowDown", "↓")];
    arrows.iter().fold(chord.to_string(), |text, (name, arrow)| text.replace(name, arrow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_are_written_as_keyboards_have_them() {
        let text = |chord: &str| key_text(&chord.parse().expect("a chord"));
        assert_eq!([text("Ctrl+Shift+ArrowLeft"), text("Delete")], ["Ctrl+Shift+←", "Delete"]);
    }
}
