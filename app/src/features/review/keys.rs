//! Keys: which do what, as the reviewer set them, and what follows when one
//! is pressed.

use super::{
    acts,
    room::{Question, Room},
};
use crate::dom::{self, Focus, KeyPress};
use leptos::prelude::*;
use review::{Action, Chord, Command, Event, Keymap, PageAction};

/// Under this name the browser keeps what was changed.
const KEPT: &str = "fovea/keys";

/// An action with keys other than the usual ones.
type Change = (Action, Vec<Chord>);

/// The keys, changeable.
#[derive(Clone, Copy)]
pub struct Keys {
    /// Which do what.
    pub map: RwSignal<Keymap>,
    changes: StoredValue<Vec<Change>>,
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
        let kept = serde_json::to_string(&changes).is_ok_and(|text| dom::keep(KEPT, &text));
        if !kept {
            // They hold until the page is closed.
            dom::forget(KEPT);
        }
    }
}

/// Listens to the keyboard while the page is open.
pub fn watch(room: Room) -> Keys {
    let keys = Keys { map: RwSignal::new(Keymap::default()), changes: StoredValue::new(Vec::new()) };
    Effect::new(move |_| {
        let kept = dom::kept(KEPT).and_then(|text| serde_json::from_str::<Vec<Change>>(&text).ok());
        if let Some(changes) = kept {
            keys.changes.set_value(changes);
            keys.apply();
        }
        StoredValue::new_local(dom::watch_keys(move |press| pressed(room, keys, press)));
    });
    keys
}

/// Whether the key did something, so that the browser does not.
fn pressed(room: Room, keys: Keys, press: &KeyPress) -> bool {
    if room.question.get_untracked().is_some() || press.focus == Focus::Field {
        return false;
    }
    let Some(action) =
        press.chord.as_ref().and_then(|chord| keys.map.with_untracked(|map| map.lookup(chord)))
    else {
        return enter(room, press);
    };
    if is_the_elements(press) {
        return false;
    }
    if let Action::Page(PageAction::HoldPan) = action {
        room.desk.event(Event::HoldPan(press.down));
        return true;
    }
    if !press.down {
        return false;
    }
    match action {
        Action::Edit(command) => edit(room, command),
        // One image for one press, however long the key is held.
        Action::Page(_) if press.repeats => {}
        Action::Page(PageAction::AcceptAndNext) => acts::accept_and_next(room),
        Action::Page(PageAction::Next) => room.step(true),
        Action::Page(PageAction::Previous) => room.step(false),
        Action::Page(PageAction::Skip) => room.question.set(Some(Question::Skip)),
        Action::Page(PageAction::Help) => room.question.set(Some(Question::Keys)),
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
fn enter(room: Room, press: &KeyPress) -> bool {
    if press.focus == Focus::Row && press.key == "Enter" && press.down {
        let chosen = room.desk.read(|editor| editor.selected().next().is_some());
        if chosen {
            dom::focus_on("canvas[data-surface=overlay]");
            return true;
        }
    }
    false
}

fn edit(room: Room, command: Command) {
    room.desk.execute(command);
    // A row that has gone takes the focus with it: the canvas has it then.
    if matches!(command, Command::Delete) && room.desk.read(|editor| editor.selected().next().is_none()) {
        dom::focus_on("canvas[data-surface=overlay]");
    }
}
