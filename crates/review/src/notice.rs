//! What keys and buttons hear in answer. It is text for people too: the page
//! reads it out.

use crate::history::Act;
use std::fmt;

/// What a command did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An undoable act on so many boxes.
    Done(Act, usize),
    /// It was taken back.
    Undone(Act),
    /// It was made again.
    Redone(Act),
    /// So many were copied.
    Copied(usize),
    /// So many were pasted; the labels of the others do not exist here.
    Pasted {
        /// Added.
        added: usize,
        /// Left out.
        skipped: usize,
    },
    /// So many are selected now.
    Selected(usize),
    /// One of several that lie on one another is selected.
    SelectedBelow {
        /// Which one from above, from 1 on.
        index: usize,
        /// How many lie there.
        count: usize,
    },
    /// No other box lies there.
    NothingBelow,
    /// What was drawn is too small to be a box.
    TooSmall,
    /// Something else to look at, nothing changed.
    Looked,
    /// A gesture was cancelled.
    Cancelled,
    /// It made no difference.
    Unchanged,
    /// There is nothing to undo, to redo, to paste, to take.
    Nothing,
    /// No box is selected.
    NothingSelected,
    /// The boxes are locked.
    Locked,
    /// Comparing shows the models' boxes; the review's are edited elsewhere.
    NotWhileComparing,
    /// The models' boxes are hidden until a blind review is accepted.
    Blind,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boxes = |n: usize| if n == 1 { "1 box".to_owned() } else { format!("{n} boxes") };
        match *self {
            Self::Done(act, n) => write!(f, "{act}: {}", boxes(n)),
            Self::Undone(act) => write!(f, "undone: {act}"),
            Self::Redone(act) => write!(f, "redone: {act}"),
            Self::Copied(n) => write!(f, "copied {}", boxes(n)),
            Self::Pasted { added, skipped: 0 } => write!(f, "pasted {}", boxes(added)),
            Self::Pasted { added, skipped } => {
                write!(f, "pasted {}; {} left out: no such label here", boxes(added), boxes(skipped))
            }
            Self::Selected(n) => write!(f, "{} selected", boxes(n)),
            Self::SelectedBelow { index, count } => write!(f, "box {index} of {count} here selected"),
            Self::NothingBelow => f.write_str("no other box lies here"),
            Self::TooSmall => f.write_str("too small to be a box: zoom in to draw it"),
            Self::Looked => Ok(()),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Unchanged => f.write_str("nothing changed"),
            Self::Nothing => f.write_str("there is nothing to do that with"),
            Self::NothingSelected => f.write_str("no box is selected"),
            Self::Locked => f.write_str("locked: unlock it first"),
            Self::NotWhileComparing => f.write_str("leave Compare to edit boxes"),
            Self::Blind => f.write_str("the models' boxes are hidden until you accept"),
        }
    }
}

impl Notice {
    /// Whether something was asked for and not done, so that who asked should
    /// see why.
    #[must_use]
    pub fn refuses(self) -> bool {
        matches!(
            self,
            Self::TooSmall
                | Self::Nothing
                | Self::NothingBelow
                | Self::NothingSelected
                | Self::Locked
                | Self::NotWhileComparing
                | Self::Blind
        )
    }
}
