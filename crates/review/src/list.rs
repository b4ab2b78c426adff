//! The list of boxes beside the canvas, which is the canvas for a screen
//! reader, and the order in which keys walk through it.

use crate::{
    boxes::{BoxId, LabelIndex, ReviewBox},
    editor::Editor,
    labels::Slot,
    notice::Notice,
    order::sort,
};
use domain::geometry::{Rect, Score};

/// The boxes of one label.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The label.
    pub label: LabelIndex,
    /// The text of the label.
    pub name: String,
    /// Its colour.
    pub slot: Slot,
    /// Whether its eye is open.
    pub open: bool,
    /// From top to bottom, then from left to right.
    pub rows: Vec<BoxRow>,
}

/// One box in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxRow {
    /// Its box.
    pub id: BoxId,
    /// Pixels of the image.
    pub rect: Rect,
    /// The model's confidence.
    pub score: Option<Score>,
    /// Selected now.
    pub selected: bool,
    /// On the canvas now, as far as the filter is concerned.
    pub shown: bool,
    /// Kept from being changed.
    pub locked: bool,
    /// Left alone by metrics.
    pub ignore: bool,
    /// A person touched it.
    pub touched: bool,
}

impl BoxRow {
    /// `33, 127 · 100×107`: corner and size in whole pixels.
    #[must_use]
    pub fn place(&self) -> String {
        let r = &self.rect;
        format!("{:.0}, {:.0} · {:.0}×{:.0}", r.x(), r.y(), r.w(), r.h())
    }

    /// A sentence for who cannot see the canvas.
    #[must_use]
    pub fn description(&self, label: &str) -> String {
        let r = &self.rect;
        let mut text = format!(
            "{label}, {:.0} by {:.0} pixels, {:.0} from the left, {:.0} from the top",
            r.w(),
            r.h(),
            r.x(),
            r.y()
        );
        match self.score {
            Some(score) => text.push_str(&format!(", confidence {:.2}", score.get())),
            None => text.push_str(", drawn by hand"),
        }
        for (holds, word) in
            [(self.ignore, ", ignored"), (self.locked, ", locked"), (!self.shown, ", hidden")]
        {
            if holds {
                text.push_str(word);
            }
        }
        text
    }
}

impl Editor {
    /// The list: labels in their order, those without boxes too.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = self
            .labels
            .iter()
            .map(|(label, name)| Group {
                label,
                name: name.to_string(),
                slot: label.into(),
                open: self.filter.is_open(label),
                rows: Vec::new(),
            })
            .collect();
        for b in self.in_list_order() {
            if let Some(group) = groups.get_mut(usize::from(b.label.0)) {
                group.rows.push(self.row(b));
            }
        }
        groups
    }

    /// One row of the list.
    #[must_use]
    pub fn row_of(&self, id: BoxId) -> Option<BoxRow> {
        self.document.get(id).map(|b| self.row(b))
    }

    fn row(&self, b: &ReviewBox) -> BoxRow {
        BoxRow {
            id: b.id,
            rect: b.rect,
            score: b.score,
            selected: self.selection.contains(b.id),
            shown: self.filter.shows(b.label, b.score),
            locked: b.locked,
            ignore: b.ignore,
            touched: b.touched,
        }
    }

    fn in_list_order(&self) -> Vec<&ReviewBox> {
        let mut boxes: Vec<&ReviewBox> = self.document.iter().collect();
        sort(&mut boxes, |a, b| {
            a.label
                .cmp(&b.label)
                .then(a.rect.y().total_cmp(&b.rect.y()))
                .then(a.rect.x().total_cmp(&b.rect.x()))
                .then(a.id.cmp(&b.id))
        });
        boxes
    }

    pub(crate) fn select_all(&mut self) -> Notice {
        let ids: Vec<BoxId> = self.document.iter().filter(|b| self.shows(b)).map(|b| b.id).collect();
        let count = ids.len();
        self.selection.set(ids);
        Notice::Selected(count)
    }

    /// Selects the next shown box of the list in a direction, round the ends.
    pub(crate) fn select_beside(&mut self, direction: isize) -> Notice {
        let order: Vec<BoxId> =
            self.in_list_order().into_iter().filter(|b| self.shows(b)).map(|b| b.id).collect();
        let held = |id: &BoxId| self.selection.contains(*id);
        let at = if direction > 0 { order.iter().rposition(held) } else { order.iter().position(held) };
        let last = order.len().saturating_sub(1);
        let next = match (at, direction > 0) {
            (Some(at), true) => at.checked_add(1).filter(|next| *next <= last).unwrap_or(0),
            (Some(at), false) => at.checked_sub(1).unwrap_or(last),
            (None, true) => 0,
            (None, false) => last,
        };
        self.select_and_reveal(order.get(next).copied())
    }

    /// Selects one box and brings it onto the canvas.
    pub(crate) fn select_and_reveal(&mut self, id: Option<BoxId>) -> Notice {
        let Some(target) = id.and_then(|id| self.document.get(id)) else { return Notice::Nothing };
        let (id, rect) = (target.id, target.rect);
        self.selection.set([id]);
        self.viewport.reveal(&rect);
        Notice::Selected(1)
    }
}
