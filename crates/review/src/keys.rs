//! Which key does what, as data: defaults that a user can change, with
//! conflicts shown. Knows the names of keys, no keyboard.

use crate::{boxes::LabelIndex, command::Command, order::sort, tools::Tool};
use domain::text::{lowercase, uppercase};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A key with its modifiers, in one form: letters are small, and shift is
/// only told where the key's own text does not tell it already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Chord {
    ctrl: bool,
    alt: bool,
    shift: bool,
    key: String,
}

/// A text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a key: write it like Ctrl+Shift+Z, Delete or Space")]
pub struct InvalidChord(pub String);

impl Chord {
    /// From the browser's name of a key (`KeyboardEvent.key`); `ctrl` also
    /// stands for the Mac's command key. Modifiers alone are no chord.
    #[must_use]
    pub fn new(key: &str, ctrl: bool, alt: bool, shift: bool) -> Option<Self> {
        let lone_modifier = matches!(key, "Control" | "Shift" | "Alt" | "AltGraph" | "Meta" | "Dead");
        if key.is_empty() || lone_modifier || key.contains(char::is_control) {
            return None;
        }
        let single = key.chars().count() == 1;
        let small = lowercase(key);
        let letter = small != uppercase(key);
        Some(Self {
            ctrl,
            alt,
            shift: shift && (!single || letter),
            key: if single { small } else { key.to_owned() },
        })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl+"), (self.alt, "Alt+"), (self.shift, "Shift+")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.key.as_str() {
            " " => f.write_str("Space"),
            key => {
                // "ß" has no capital of one letter, and stays as it is.
                let capital = uppercase(key);
                let single = key.chars().count() == 1 && capital.chars().count() == 1;
                f.write_str(if single { &capital } else { key })
            }
        }
    }
}

impl FromStr for Chord {
    type Err = InvalidChord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut rest = text;
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        loop {
            if let Some(after) = rest.strip_prefix("Ctrl+").filter(|after| !after.is_empty()) {
                (ctrl, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("Alt+").filter(|after| !after.is_empty()) {
                (alt, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("Shift+").filter(|after| !after.is_empty()) {
                (shift, rest) = (true, after);
            } else {
                break;
            }
        }
        let key = if rest == "Space" { " " } else { rest };
        Self::new(key, ctrl, alt, shift).ok_or_else(|| InvalidChord(text.to_owned()))
    }
}

impl TryFrom<String> for Chord {
    type Error = InvalidChord;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Chord> for String {
    fn from(chord: Chord) -> Self {
        chord.to_string()
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The editor's affair.
    Edit(Command),
    /// The page's affair.
    Page(PageAction),
}

/// What the page around the editor does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageAction {
    /// Saves and opens the next image.
    AcceptAndNext,
    /// Opens the next image.
    Next,
    /// Opens the one before.
    Previous,
    /// Asks for the reason and skips.
    Skip,
    /// Pans while it is held.
    HoldPan,
    /// Shows the keys.
    Help,
}

/// One key and what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The key.
    pub chord: Chord,
    /// What it does.
    pub action: Action,
}

/// A key that would do several things; it does the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyConflict {
    /// The key.
    pub chord: Chord,
    /// What it is bound to, at least two.
    pub actions: Vec<Action>,
}

/// All keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    /// What a key does.
    #[must_use]
    pub fn lookup(&self, chord: &Chord) -> Option<Action> {
        self.bindings.iter().find(|b| b.chord == *chord).map(|b| b.action)
    }

    /// What is meant by a key that may be read in several ways: the first that
    /// does something.
    #[must_use]
    pub fn meaning(&self, chords: impl IntoIterator<Item = Chord>) -> Option<Action> {
        chords.into_iter().find_map(|chord| self.lookup(&chord))
    }

    /// The keys that do something, the usual one first.
    pub fn chords(&self, action: Action) -> impl Iterator<Item = &Chord> {
        self.bindings.iter().filter(move |b| b.action == action).map(|b| &b.chord)
    }

    /// Every key, in the order of the sheet.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Gives an action these keys and no others. A key that already does
    /// something else is a conflict, which [`Self::conflicts`] tells.
    pub fn rebind(&mut self, action: Action, chords: impl IntoIterator<Item = Chord>) {
        let place = self.bindings.iter().position(|b| b.action == action).unwrap_or(self.bindings.len());
        self.bindings.retain(|b| b.action != action);
        let place = place.min(self.bindings.len());
        let fresh = chords.into_iter().map(|chord| Binding { chord, action });
        self.bindings.splice(place..place, fresh);
    }

    /// Keys that would do several things.
    #[must_use]
    pub fn conflicts(&self) -> Vec<KeyConflict> {
        let mut by_chord: Vec<KeyConflict> = Vec::new();
        for Binding { chord, action } in &self.bindings {
            match by_chord.iter_mut().find(|known| known.chord == *chord) {
                Some(known) if known.actions.contains(action) => {}
                Some(known) => known.actions.push(*action),
                None => by_chord.push(KeyConflict { chord: chord.clone(), actions: vec![*action] }),
            }
        }
        by_chord.retain(|known| known.actions.len() > 1);
        sort(&mut by_chord, |a, b| a.chord.cmp(&b.chord));
        by_chord
    }
}

impl Default for Keymap {
    fn default() -> Self {
        let fixed = DEFAULTS.iter().map(|(chord, action)| ((*chord).to_owned(), *action));
        let tools =
            Tool::ALL.iter().map(|tool| (tool.spec().key.to_owned(), Action::Edit(Command::Tool(*tool))));
        let labels = (1..=9_u16)
            .map(|digit| (digit.to_string(), Action::Edit(Command::Relabel(LabelIndex(digit - 1)))));
        let steps = [("", 1), ("Shift+", 10)].into_iter().flat_map(|(prefix, step)| {
            ARROWS.iter().flat_map(move |(key, x, y)| {
                let (dx, dy) = (x * step, y * step);
                [
                    (format!("{prefix}{key}"), Action::Edit(Command::Nudge { dx, dy })),
                    (format!("Ctrl+{prefix}{key}"), Action::Edit(Command::ResizeBy { dx, dy })),
                ]
            })
        });
        let all = fixed.chain(tools).chain(labels).chain(steps);
        let bindings =
            all.filter_map(|(chord, action)| Some(Binding { chord: chord.parse().ok()?, action })).collect();
        Self { bindings }
    }
}

const ARROWS: [(&str, i32, i32); 4] =
    [("ArrowLeft", -1, 0), ("ArrowRight", 1, 0), ("ArrowUp", 0, -1), ("ArrowDown", 0, 1)];

const DEFAULTS: [(&str, Action); 30] = [
    ("A", Action::Page(PageAction::AcceptAndNext)),
    ("J", Action::Page(PageAction::Next)),
    ("K", Action::Page(PageAction::Previous)),
    ("S", Action::Page(PageAction::Skip)),
    ("?", Action::Page(PageAction::Help)),
    ("Space", Action::Page(PageAction::HoldPan)),
    ("N", Action::Edit(Command::AddAtCentre)),
    (".", Action::Edit(Command::SelectNext)),
    (",", Action::Edit(Command::SelectPrevious)),
    ("U", Action::Edit(Command::SelectBelow)),
    ("Escape", Action::Edit(Command::Cancel)),
    ("Delete", Action::Edit(Command::Delete)),
    ("Backspace", Action::Edit(Command::Delete)),
    ("I", Action::Edit(Command::ToggleIgnore)),
    ("L", Action::Edit(Command::ToggleLock)),
    ("Ctrl+Z", Action::Edit(Command::Undo)),
    ("Ctrl+Shift+Z", Action::Edit(Command::Redo)),
    ("Ctrl+Y", Action::Edit(Command::Redo)),
    ("Ctrl+A", Action::Edit(Command::SelectAll)),
    ("Ctrl+Shift+A", Action::Edit(Command::SelectNone)),
    ("Ctrl+C", Action::Edit(Command::Copy)),
    ("Ctrl+V", Action::Edit(Command::Paste)),
    ("Ctrl+D", Action::Edit(Command::Duplicate)),
    ("C", Action::Edit(Command::NextView)),
    ("T", Action::Edit(Command::ToggleLabels)),
    ("R", Action::Edit(Command::Fit)),
    ("0", Action::Edit(Command::OneToOne)),
    ("+", Action::Edit(Command::ZoomIn)),
    ("=", Action::Edit(Command::ZoomIn)),
    ("-", Action::Edit(Command::ZoomOut)),
];
