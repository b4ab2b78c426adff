//! The sheet of keys: every action in words, with the keys that do it.

use crate::{
    command::Command,
    keys::{Action, Chord, Keymap, PageAction},
    labels::LabelSet,
};

/// A part of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetSection {
    /// What its actions have in common.
    pub title: &'static str,
    /// Its actions, in the order of the keymap.
    pub rows: Vec<SheetRow>,
}

/// An action and its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetRow {
    /// What it does.
    pub action: Action,
    /// That, in words.
    pub text: String,
    /// The keys, the usual one first.
    pub chords: Vec<Chord>,
}

const SECTIONS: [&str; 4] = ["Images", "Boxes", "Tools", "Looking"];

impl Keymap {
    /// The sheet, with the labels by name; keys of labels that do not exist
    /// are left out.
    #[must_use]
    pub fn sheet(&self, labels: &LabelSet) -> Vec<SheetSection> {
        let mut sections = SECTIONS.map(|title| SheetSection { title, rows: Vec::new() });
        for binding in self.bindings() {
            let Some(text) = binding.action.text(labels) else { continue };
            let title = binding.action.section();
            let Some(section) = sections.iter_mut().find(|s| s.title == title) else { continue };
            match section.rows.iter_mut().find(|row| row.action == binding.action) {
                Some(row) => row.chords.push(binding.chord.clone()),
                None => section.rows.push(SheetRow {
                    action: binding.action,
                    text,
                    chords: vec![binding.chord.clone()],
                }),
            }
        }
        sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
    }
}

impl Action {
    fn section(self) -> &'static str {
        let [images, boxes, tools, looking] = SECTIONS;
        match self {
            Self::Page(PageAction::Help | PageAction::HoldPan) => looking,
            Self::Page(_) => images,
            Self::Edit(Command::Tool(_)) => tools,
            Self::Edit(
                Command::View(_)
                | Command::NextView
                | Command::ToggleLabels
                | Command::ZoomIn
                | Command::ZoomOut
                | Command::Fit
                | Command::OneToOne,
            ) => looking,
            Self::Edit(_) => boxes,
        }
    }

    /// What it does, in words; `None` for a label that does not exist.
    #[must_use]
    pub fn text(self, labels: &LabelSet) -> Option<String> {
        let text = match self {
            Self::Page(action) => action.text().to_owned(),
            Self::Edit(Command::Relabel(label)) => format!("Label {}", labels.get(label)?),
            Self::Edit(Command::Nudge { dx, dy }) => format!("Move {}", step(dx, dy)),
            Self::Edit(Command::ResizeBy { dx, dy }) => format!("Lower right corner {}", step(dx, dy)),
            Self::Edit(command) => command_text(command).to_owned(),
        };
        Some(text)
    }
}

impl PageAction {
    fn text(self) -> &'static str {
        match self {
            Self::AcceptAndNext => "Accept and next",
            Self::Next => "Next image",
            Self::Previous => "Previous image",
            Self::Skip => "Skip, with a reason",
            Self::HoldPan => "Hold to move the image",
            Self::Help => "Show the keys",
        }
    }
}

/// `left 10 px`.
fn step(dx: i32, dy: i32) -> String {
    let axis = |v: i32, less: &str, more: &str| match v {
        0 => None,
        v if v < 0 => Some(format!("{less} {} px", v.unsigned_abs())),
        v => Some(format!("{more} {v} px")),
    };
    let parts: Vec<String> =
        [axis(dx, "left", "right"), axis(dy, "up", "down")].into_iter().flatten().collect();
    parts.join(", ")
}

fn command_text(command: Command) -> &'static str {
    match command {
        Command::Tool(tool) => tool.spec().name,
        Command::Cancel => "Cancel, select nothing",
        Command::Nudge { .. } => "Move",
        Command::ResizeBy { .. } => "Resize",
        Command::Delete => "Delete",
        Command::Duplicate => "Duplicate",
        Command::Relabel(_) => "Label",
        Command::SetIgnore(true) => "Ignore",
        Command::SetIgnore(false) => "Do not ignore",
        Command::ToggleIgnore => "Ignore, or no longer",
        Command::SetLocked(true) => "Lock",
        Command::SetLocked(false) => "Unlock",
        Command::ToggleLock => "Lock or unlock",
        Command::Select(_) => "Select a box",
        Command::SelectAll => "Select all",
        Command::SelectNone => "Select nothing",
        Command::SelectNext => "Next box",
        Command::SelectPrevious => "Previous box",
        Command::SelectBelow => "Box below, at the same place",
        Command::Copy => "Copy",
        Command::Paste => "Paste",
        Command::AddAtCentre => "Add a box in the middle",
        Command::Take(_) => "Take a model's box",
        Command::StartFrom(_) => "Begin again",
        Command::Undo => "Undo",
        Command::Redo => "Redo",
        Command::View(_) => "Look at a model",
        Command::NextView => "Champion, shadow, compare",
        Command::ToggleLabels => "Show or hide labels",
        Command::ZoomIn => "Zoom in",
        Command::ZoomOut => "Zoom out",
        Command::Fit => "Fit the image",
        Command::OneToOne => "Actual size",
    }
}
