//! Keys: which do what, as the reviewer set them, and what follows when one
//! is pressed.

use super::{
    decisions, navigation,
    session::{OpenDialog, ReviewSession},
};
use crate::{
    dom::{self, Focus, KeyPress},
    effect::effect,
    json,
};
use leptos::prelude::*;
use review::{Action, Chord, Command, Event, Keymap, PageAction};

/// Under this name the browser stores what was changed.
const STORAGE_KEY: &str = "fovea/keys";

/// An action with keys other than the usual ones.
type KeyChange = (Action, Vec<Chord>);

/// The keys, changeable.
#[derive(Clone, Copy)]
pub struct Keys {
    /// Which do what.
    pub map: RwSignal<Keymap>,
    changes: StoredValue<Vec<KeyChange>>,
}

impl Keys {
    /// Gives an action one key, and remembers it.
    pub fn rebind(self, action: Action, chord: Chord) {
        self.changes.update_value(|changes| {
            changes.retain(|(changed, _)| *changed != action);
            changes.push((action, vec![chord]));
        });
        self.apply();
    }

    /// All keys as they usually are.
    pub fn reset(self) {
        self.changes.set_value(Vec::new());
        self.apply();
    }

    fn apply(self) {
        let changes = self.changes.get_value();
        let mut map = Keymap::default();
        for (action, chords) in &changes {
            map.rebind(*action, chords.iter().cloned());
        }
        self.map.set(map);
        let stored = serde_json::to_string(&changes).is_ok_and(|text| dom::store(STORAGE_KEY, &text));
        if !stored {
            // They hold until the page is closed.
            dom::unstore(STORAGE_KEY);
        }
    }
}

/// Listens to the keyboard while the page is open.
pub fn watch(session: ReviewSession) -> Keys {
    let keys = Keys { map: RwSignal::new(Keymap::default()), changes: StoredValue::new(Vec::new()) };
    effect(move || {
        let text = dom::stored(STORAGE_KEY);
        if let Some(changes) = text.and_then(|text| json::read::<Vec<KeyChange>>(&text).ok()) {
            keys.changes.set_value(changes);
            keys.apply();
        }
        StoredValue::new_local(dom::watch_keys(move |press| pressed(session, keys, press)));
    });
    keys
}

/// Whether the key did something, so that the browser does not.
fn pressed(session: ReviewSession, keys: Keys, press: &KeyPress) -> bool {
    if session.dialog.get_untracked().is_some() || press.focus == Focus::Field {
        return false;
    }
    let meaning = keys.map.with_untracked(|map| map.meaning(press.chords.iter().cloned()));
    let Some(action) = meaning else {
        return enter(session, press);
    };
    if is_the_elements(press) {
        return false;
    }
    if let Action::Page(PageAction::HoldPan) = action {
        session.editor.event(Event::HoldPan(press.down));
        return true;
    }
    if !press.down {
        return false;
    }
    match action {
        Action::Edit(command) => edit(session, command),
        // One image for one press, however long the key is held.
        Action::Page(_) if press.repeats => {}
        Action::Page(PageAction::AcceptAndNext) => decisions::accept_and_next(session),
        Action::Page(PageAction::Next) => navigation::step(session, true),
        Action::Page(PageAction::Previous) => navigation::step(session, false),
        Action::Page(PageAction::Skip) => session.dialog.set(Some(OpenDialog::Skip)),
        Action::Page(PageAction::Help) => session.dialog.set(Some(OpenDialog::Keys)),
        Action::Page(PageAction::HoldPan) => {}
    }
    true
}

/// Keys that the focused element uses itself.
fn is_the_elements(press: &KeyPress) -> bool {
    let (arrow, activates) = (press.key.starts_with("Arrow"), matches!(press.key.as_str(), "Enter" | " "));
    match press.focus {
        Focus::Free | Focus::Field => false,
        Focus::Button => activates,
        Focus::Row => activates || matches!(press.key.as_str(), "ArrowUp" | "ArrowDown"),
        Focus::Slider => arrow || matches!(press.key.as_str(), "Home" | "End" | "PageUp" | "PageDown"),
    }
}

/// Enter on a row chooses its box and goes to the canvas, where arrows move it.
fn enter(session: ReviewSession, press: &KeyPress) -> bool {
    if press.focus == Focus::Row && press.key == "Enter" && press.down {
        let chosen = session.editor.read(|editor| editor.selected().next().is_some());
        if chosen {
            dom::focus_on("canvas[data-surface=overlay]");
            return true;
        }
    }
    false
}

fn edit(session: ReviewSession, command: Command) {
    session.editor.execute(command);
    // A row that has gone takes the focus with it: the canvas has it then.
    if matches!(command, Command::Delete) && session.editor.read(|editor| editor.selected().next().is_none())
    {
        dom::focus_on("canvas[data-surface=overlay]");
    }
}
