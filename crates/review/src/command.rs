//! What keys and buttons ask for, and how the editor does it.

use crate::{
    boxes::{BoxId, LabelIndex, Source, StartedFrom},
    editor::Editor,
    models::View,
    notice::Notice,
    pointer::ZOOM_STEP,
    tools::Tool,
};
use serde::{Deserialize, Serialize};

/// What keys and buttons ask for. Steps are in image pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Chooses a tool.
    Tool(Tool),
    /// Cancels the gesture; without one, selects nothing.
    Cancel,
    /// Moves the selected boxes.
    Nudge {
        /// To the right.
        dx: i32,
        /// Downwards.
        dy: i32,
    },
    /// Moves the right and lower edge of the selected boxes.
    ResizeBy {
        /// Wider.
        dx: i32,
        /// Higher.
        dy: i32,
    },
    /// Deletes the selected boxes.
    Delete,
    /// Copies the selected boxes, a little beside.
    Duplicate,
    /// Gives the selected boxes a label; the next drawn box gets it too.
    Relabel(LabelIndex),
    /// Sets or clears `ignore` on the selected boxes.
    SetIgnore(bool),
    /// Sets `ignore` on the selected boxes, or clears it where all have it.
    ToggleIgnore,
    /// Locks or unlocks the selected boxes.
    SetLocked(bool),
    /// Locks the selected boxes, or unlocks them where all are locked.
    ToggleLock,
    /// Selects one box.
    Select(BoxId),
    /// Selects what is shown.
    SelectAll,
    /// Selects nothing.
    SelectNone,
    /// Selects the next box of the list, and brings it into view.
    SelectNext,
    /// Selects the one before.
    SelectPrevious,
    /// Selects the next of the boxes that lie on one another.
    SelectBelow,
    /// Keeps the selected boxes for pasting.
    Copy,
    /// Adds what was copied.
    Paste,
    /// Adds a box in the middle of what is seen.
    AddAtCentre,
    /// Takes a model's box into the review.
    Take(Source),
    /// Begins again, from a model's boxes or from nothing.
    StartFrom(StartedFrom),
    /// Takes the last step back.
    Undo,
    /// Makes it again.
    Redo,
    /// Looks at the champion, the shadow, or both.
    View(View),
    /// Looks at the next of the three.
    NextView,
    /// Shows or hides the labels beside boxes.
    ToggleLabels,
    /// Zooms in around the middle.
    ZoomIn,
    /// Zooms out around the middle.
    ZoomOut,
    /// Shows the whole image.
    Fit,
    /// One CSS pixel for each image pixel.
    OneToOne,
}

impl Command {
    /// Whether it looks only, so that a gesture may go on, and what may only
    /// be looked at allows it.
    #[must_use]
    pub fn only_looks(self) -> bool {
        matches!(
            self,
            Self::Relabel(_) | Self::ToggleLabels | Self::ZoomIn | Self::ZoomOut | Self::Fit | Self::OneToOne
        )
    }

    fn edits_boxes(self) -> bool {
        matches!(
            self,
            Self::Nudge { .. }
                | Self::ResizeBy { .. }
                | Self::Delete
                | Self::Duplicate
                | Self::SetIgnore(_)
                | Self::ToggleIgnore
                | Self::SetLocked(_)
                | Self::ToggleLock
                | Self::Paste
                | Self::AddAtCentre
        )
    }
}

impl Editor {
    /// Does what is asked. The tool at work is asked first; the gesture is
    /// cancelled then, unless the command only looks, and undo and cancel are
    /// content with that.
    pub fn execute(&mut self, command: Command) -> Notice {
        if let Some(notice) = self.tool_key(command) {
            return notice;
        }
        if !command.only_looks()
            && self.cancel_gesture()
            && matches!(command, Command::Undo | Command::Cancel)
        {
            return Notice::Cancelled;
        }
        if command.edits_boxes() && !self.is_editable() {
            return Notice::NotWhileComparing;
        }
        match command {
            Command::Nudge { dx, dy } => self.nudge(f64::from(dx), f64::from(dy)),
            Command::ResizeBy { dx, dy } => self.resize_by(f64::from(dx), f64::from(dy)),
            Command::Delete => self.delete_selected(),
            Command::Duplicate => self.duplicate(),
            Command::Relabel(label) => self.relabel(label),
            Command::SetIgnore(ignore) => self.set_ignore(ignore),
            Command::ToggleIgnore => self.set_ignore(!self.all_selected(|b| b.ignore)),
            Command::SetLocked(locked) => self.set_locked(locked),
            Command::ToggleLock => self.set_locked(!self.all_selected(|b| b.locked)),
            Command::Copy => self.copy(),
            Command::Paste => self.paste(),
            Command::AddAtCentre => self.add_at_centre(),
            Command::Take(source) => self.take(source),
            Command::StartFrom(started_from) => self.start_from(started_from),
            Command::Undo => self.undo(),
            Command::Redo => self.redo(),
            other => self.look(other),
        }
    }

    /// The answer of the tool at work, where the command is its own.
    fn tool_key(&mut self, command: Command) -> Option<Notice> {
        let mut tool = self.take_gesture()?;
        let notice = tool.key(self, command);
        self.set_gesture(tool);
        notice
    }

    /// Commands that change what is seen or selected, and no box.
    fn look(&mut self, command: Command) -> Notice {
        match command {
            Command::Tool(tool) => self.tool = tool,
            Command::Cancel | Command::SelectNone => self.selection.set([]),
            Command::Select(id) => return self.select_and_reveal(Some(id)),
            Command::SelectAll => return self.select_all(),
            Command::SelectNext => return self.select_beside(1),
            Command::SelectPrevious => return self.select_beside(-1),
            Command::SelectBelow => return self.select_below(),
            Command::View(view) => return self.set_view(view),
            Command::NextView => {
                return self.set_view(match self.view {
                    View::Champion => View::Shadow,
                    View::Shadow => View::Compare,
                    View::Compare => View::Champion,
                });
            }
            Command::ToggleLabels => self.show_labels = !self.show_labels,
            Command::ZoomIn => self.viewport.zoom_at(self.viewport.canvas().centre(), ZOOM_STEP),
            Command::ZoomOut => self.viewport.zoom_at(self.viewport.canvas().centre(), 1.0 / ZOOM_STEP),
            Command::Fit => self.viewport.fit(),
            Command::OneToOne => self.viewport.one_to_one(),
            _ => {}
        }
        Notice::Looked
    }

    fn set_view(&mut self, view: View) -> Notice {
        if self.is_blind() {
            return Notice::Blind;
        }
        if view != View::Champion && !self.has_shadow() {
            return Notice::Nothing;
        }
        self.view = view;
        self.forget_hidden();
        Notice::Looked
    }
}
