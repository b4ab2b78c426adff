//! What buttons, bars and lists around the canvas depend on, in one small
//! value: while it stays the same, none of them changes.

use crate::{boxes::LabelIndex, editor::Editor, history::Act, models::View, tools::Tool};

/// The parts of an editor's state that buttons, bars and lists depend on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glance {
    /// Rises with every change of the boxes.
    pub revision: u64,
    /// Rises with every change of the selection.
    pub selection: u64,
    /// Rises with every change of the filter.
    pub filter: u64,
    /// Whose boxes lie beside the review's.
    pub view: View,
    /// The tool.
    pub tool: Tool,
    /// The label that the next drawn box gets.
    pub label: LabelIndex,
    /// What undo would take back.
    pub undo: Option<Act>,
    /// What redo would make again.
    pub redo: Option<Act>,
    /// Whether labels are written beside boxes.
    pub shows_labels: bool,
    /// Whether the models' boxes are kept from the reviewer.
    pub blind: bool,
}

impl Editor {
    /// What the page around the canvas shows.
    #[must_use]
    pub fn glance(&self) -> Glance {
        Glance {
            revision: self.revision(),
            selection: self.selection.revision(),
            filter: self.filter.revision(),
            view: self.view,
            tool: self.tool,
            label: self.current_label,
            undo: self.can_undo(),
            redo: self.can_redo(),
            shows_labels: self.show_labels,
            blind: self.is_blind(),
        }
    }
}
