//! Undo and redo without end, as transactions and their inverses; never
//! copies of the whole.

use crate::document::{Document, Transaction};
use std::fmt;

/// What an edit did, in a word for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// Drew a box.
    Draw,
    /// Moved boxes.
    Move,
    /// Resized a box.
    Resize,
    /// Deleted boxes.
    Delete,
    /// Duplicated boxes.
    Duplicate,
    /// Pasted boxes.
    Paste,
    /// Gave boxes another label.
    Relabel,
    /// Set or cleared `ignore`.
    Ignore,
    /// Locked or unlocked boxes.
    Lock,
    /// Took a model's box into the review.
    Take,
    /// Began again from a model's boxes or from nothing.
    StartFrom,
    /// Took over a draft.
    Restore,
    /// Took over a merge with somebody else's revision.
    Merge,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draw => "draw",
            Self::Move => "move",
            Self::Resize => "resize",
            Self::Delete => "delete",
            Self::Duplicate => "duplicate",
            Self::Paste => "paste",
            Self::Relabel => "relabel",
            Self::Ignore => "ignore",
            Self::Lock => "lock",
            Self::Take => "take",
            Self::StartFrom => "start again",
            Self::Restore => "restore",
            Self::Merge => "merge",
        })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) act: Act,
    pub(crate) transaction: Transaction,
}

/// What was done, and what was taken back.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl History {
    /// Applies and remembers; what was taken back before is forgotten.
    pub(crate) fn commit(&mut self, document: &mut Document, step: Step) {
        document.apply(&step.transaction);
        self.undone.clear();
        self.done.push(step);
    }

    /// Takes the last step back.
    pub(crate) fn undo(&mut self, document: &mut Document) -> Option<&Step> {
        let step = self.done.pop()?;
        document.apply(&step.transaction.inverse());
        self.undone.push(step);
        self.undone.last()
    }

    /// Makes the step again that was taken back last.
    pub(crate) fn redo(&mut self, document: &mut Document) -> Option<&Step> {
        let step = self.undone.pop()?;
        document.apply(&step.transaction);
        self.done.push(step);
        self.done.last()
    }

    pub(crate) fn can_undo(&self) -> Option<Act> {
        self.done.last().map(|step| step.act)
    }

    pub(crate) fn can_redo(&self) -> Option<Act> {
        self.undone.last().map(|step| step.act)
    }
}
