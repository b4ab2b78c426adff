//! Copying boxes, also from one image to another: the clipboard is a value
//! that can be kept and sent, with labels by name.

use crate::{
    bounds::contain,
    boxes::{BoxId, ReviewBox},
    edit::beside,
    editor::Editor,
    history::Act,
    notice::Notice,
};
use domain::{geometry::Rect, name::Label};
use serde::{Deserialize, Serialize};

/// Boxes on their way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clipboard {
    /// In the order of their ids.
    pub boxes: Vec<CopiedBox>,
}

/// One box on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CopiedBox {
    /// By name: another deployment numbers its labels otherwise.
    pub label: Label,
    /// Pixels of the image it was copied from.
    #[serde(flatten)]
    pub rect: Rect,
    /// A region that metrics leave alone.
    #[serde(default)]
    pub ignore: bool,
}

impl Editor {
    /// What was copied, for the next image.
    #[must_use]
    pub fn clipboard(&self) -> Option<&Clipboard> {
        self.clipboard.as_ref()
    }

    /// Brings along what was copied elsewhere.
    pub fn set_clipboard(&mut self, clipboard: Option<Clipboard>) {
        self.clipboard = clipboard;
    }

    pub(crate) fn copy(&mut self) -> Notice {
        let copied = |id: &BoxId| {
            let b = self.document.get(*id)?;
            let label = self.labels.get(b.label)?.clone();
            Some(CopiedBox { label, rect: b.rect, ignore: b.ignore })
        };
        let boxes: Vec<CopiedBox> = self.selection.ids().iter().filter_map(copied).collect();
        if boxes.is_empty() {
            return Notice::NothingSelected;
        }
        let count = boxes.len();
        self.clipboard = Some(Clipboard { boxes });
        Notice::Copied(count)
    }

    /// Adds what was copied, at the same place of this image; beside it where
    /// the very same box already is. Labels unknown here are left out.
    pub(crate) fn paste(&mut self) -> Notice {
        let Some(clipboard) = self.clipboard.take() else { return Notice::Nothing };
        let arriving: Vec<ReviewBox> = clipboard.boxes.iter().filter_map(|b| self.arriving(b)).collect();
        let skipped = clipboard.boxes.len() - arriving.len();
        let added = arriving.len();
        self.clipboard = Some(clipboard);
        if added > 0 {
            self.add_all(Act::Paste, arriving);
        }
        Notice::Pasted { added, skipped }
    }

    fn arriving(&self, copied: &CopiedBox) -> Option<ReviewBox> {
        let label = self.labels.find(&copied.label)?;
        let rect = self.free_place(contain(&copied.rect, self.size())?);
        Some(ReviewBox {
            id: BoxId(0),
            label,
            rect,
            score: None,
            source: None,
            ignore: copied.ignore,
            locked: false,
            touched: true,
        })
    }

    /// `rect`, or the nearest place beside it where no other box is exactly.
    pub(crate) fn free_place(&self, mut rect: Rect) -> Rect {
        let taken = |rect: &Rect| {
            let mut same = false;
            self.document.index().query(rect, |_, other| same |= other == rect);
            same
        };
        // As often as there are boxes is often enough to find a free place,
        // or to know that the image has none.
        for _ in 0..self.document.len() {
            let next = beside(&rect, self.size());
            if !taken(&rect) || next == rect {
                break;
            }
            rect = next;
        }
        rect
    }
}
