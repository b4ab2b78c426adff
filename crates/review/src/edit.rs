//! The edits: each makes one undoable step of changes, keeps boxes inside the
//! image, leaves locked ones alone and says what it did.

use crate::{
    bounds::{HeldEdges, MIN_SIDE, Snap, contain, group_shift, hull, resized, translated},
    boxes::{BoxId, LabelIndex, ReviewBox, Source, StartedFrom},
    document::{Change, Transaction},
    editor::Editor,
    history::{Act, Step},
    matching::SAME_OBJECT_IOU,
    notice::Notice,
    opening::number,
    space::ImagePoint,
};
use domain::geometry::Rect;

/// How far beside its original a copy lies, in image pixels.
pub(crate) const COPY_SHIFT: f64 = 8.0;

impl Editor {
    /// Makes one step of changes; none is no step.
    pub(crate) fn commit(&mut self, act: Act, changes: Vec<Change>) -> Notice {
        let here = self.document.started_from();
        self.commit_from(act, changes, here)
    }

    pub(crate) fn commit_from(
        &mut self,
        act: Act,
        mut changes: Vec<Change>,
        started_from: StartedFrom,
    ) -> Notice {
        changes.retain(|change| change.before != change.after);
        let before = self.document.started_from();
        if changes.is_empty() && before == started_from {
            return Notice::Unchanged;
        }
        let count = changes.len();
        let transaction = Transaction { changes, started_from: (before, started_from) };
        self.history.commit(&mut self.document, Step { act, transaction });
        self.forget_hidden();
        Notice::Done(act, count)
    }

    pub(crate) fn undo(&mut self) -> Notice {
        let Some(step) = self.history.undo(&mut self.document) else { return Notice::Nothing };
        let (act, ids) = (step.act, changed_ids(step));
        self.after_time_travel(ids);
        Notice::Undone(act)
    }

    pub(crate) fn redo(&mut self) -> Notice {
        let Some(step) = self.history.redo(&mut self.document) else { return Notice::Nothing };
        let (act, ids) = (step.act, changed_ids(step));
        self.after_time_travel(ids);
        Notice::Redone(act)
    }

    /// Selects what changed, so that the eye finds it.
    fn after_time_travel(&mut self, ids: Vec<BoxId>) {
        self.selection.set(ids);
        self.forget_hidden();
    }

    pub(crate) fn unlocked_selection(&self) -> impl Iterator<Item = &ReviewBox> {
        let selected = self.selection.ids().iter().filter_map(|id| self.document.get(*id));
        selected.filter(|b| !b.locked)
    }

    pub(crate) fn all_selected(&self, holds: impl Fn(&ReviewBox) -> bool) -> bool {
        self.selection.ids().iter().filter_map(|id| self.document.get(*id)).all(holds)
    }

    /// Why there is nothing to edit, if so.
    fn nothing_to_edit(&self) -> Option<Notice> {
        if self.selection.is_empty() {
            Some(Notice::NothingSelected)
        } else if self.unlocked_selection().next().is_none() {
            Some(Notice::Locked)
        } else {
            None
        }
    }

    fn edit_selected(&mut self, act: Act, edit: impl Fn(&mut ReviewBox)) -> Notice {
        if let Some(notice) = self.nothing_to_edit() {
            return notice;
        }
        let changes = self.unlocked_selection().map(|b| edited(b, &edit)).collect();
        self.commit(act, changes)
    }

    /// Puts boxes to new places; locked ones stay.
    pub(crate) fn place(&mut self, act: Act, places: &[(BoxId, Rect)]) -> Notice {
        let change = |(id, rect): &(BoxId, Rect)| {
            let b = self.document.get(*id).filter(|b| !b.locked)?;
            Some(edited(b, |b| b.rect = *rect))
        };
        let changes = places.iter().filter_map(change).collect();
        self.commit(act, changes)
    }

    pub(crate) fn nudge(&mut self, dx: f64, dy: f64) -> Notice {
        if let Some(notice) = self.nothing_to_edit() {
            return notice;
        }
        let Some(hull) = hull(self.unlocked_selection().map(|b| &b.rect)) else { return Notice::Unchanged };
        let size = self.size();
        let (dx, dy) = group_shift(&hull, dx, dy, size, Snap::OFF);
        self.edit_selected(Act::Move, |b| b.rect = translated(&b.rect, dx, dy, size))
    }

    pub(crate) fn resize_by(&mut self, dx: f64, dy: f64) -> Notice {
        let size = self.size();
        let held = HeldEdges { x: i8::from(dx != 0.0), y: i8::from(dy != 0.0) };
        self.edit_selected(Act::Resize, |b| {
            // Keys do not flip a box: its corner stops at the least side.
            let to = ImagePoint::new(
                (b.rect.right() + dx).max(b.rect.x() + MIN_SIDE.min(b.rect.w())),
                (b.rect.bottom() + dy).max(b.rect.y() + MIN_SIDE.min(b.rect.h())),
            );
            b.rect = resized(&b.rect, held, to, size, Snap::OFF);
        })
    }

    pub(crate) fn delete_selected(&mut self) -> Notice {
        if let Some(notice) = self.nothing_to_edit() {
            return notice;
        }
        let changes = self.unlocked_selection().cloned().map(Change::remove).collect();
        self.commit(Act::Delete, changes)
    }

    pub(crate) fn duplicate(&mut self) -> Notice {
        if self.selection.is_empty() {
            return Notice::NothingSelected;
        }
        let size = self.size();
        let copies = self.selection.ids().iter().filter_map(|id| self.document.get(*id));
        let copies = copies.map(|b| by_a_person(b, beside(&b.rect, size))).collect();
        self.add_all(Act::Duplicate, copies)
    }

    /// Adds a person's box with the current label, and selects it.
    pub(crate) fn add(&mut self, rect: Rect) -> Notice {
        let (id, label) = (BoxId(0), self.current_label);
        let added = ReviewBox {
            id,
            label,
            rect,
            score: None,
            source: None,
            ignore: false,
            locked: false,
            touched: true,
        };
        self.add_all(Act::Draw, vec![added])
    }

    /// Adds boxes under new ids and selects them.
    pub(crate) fn add_all(&mut self, act: Act, boxes: Vec<ReviewBox>) -> Notice {
        let boxes = number(boxes, &mut self.document);
        for label in boxes.iter().map(|b| b.label) {
            if !self.filter.is_open(label) {
                self.filter.toggle_eye(label);
            }
        }
        let ids: Vec<BoxId> = boxes.iter().map(|b| b.id).collect();
        let notice = self.commit(act, boxes.into_iter().map(Change::insert).collect());
        self.selection.set(ids);
        self.forget_hidden();
        notice
    }

    pub(crate) fn relabel(&mut self, label: LabelIndex) -> Notice {
        let choice = self.choose_label(label);
        if choice == Notice::Nothing || self.selection.is_empty() || !self.is_editable() {
            return choice;
        }
        self.edit_selected(Act::Relabel, |b| b.label = label)
    }

    /// The label of the next drawn box, whatever is selected.
    pub(crate) fn choose_label(&mut self, label: LabelIndex) -> Notice {
        if self.labels.get(label).is_none() {
            return Notice::Nothing;
        }
        self.current_label = label;
        Notice::Looked
    }

    pub(crate) fn set_ignore(&mut self, ignore: bool) -> Notice {
        self.edit_selected(Act::Ignore, |b| b.ignore = ignore)
    }

    pub(crate) fn set_locked(&mut self, locked: bool) -> Notice {
        if self.selection.is_empty() {
            return Notice::NothingSelected;
        }
        let selected = self.selection.ids().iter().filter_map(|id| self.document.get(*id));
        let changes = selected.map(|b| edited(b, |b| b.locked = locked)).collect();
        self.commit(Act::Lock, changes)
    }

    /// A box a quarter as wide and high as what is seen of the image.
    pub(crate) fn add_at_centre(&mut self) -> Notice {
        let visible = self.viewport.visible().and_then(|visible| visible.clamp_to(self.size()));
        let centred = visible.and_then(|visible| {
            let (w, h) = ((visible.w() / 4.0).max(MIN_SIDE), (visible.h() / 4.0).max(MIN_SIDE));
            let (x, y) = (visible.x() + (visible.w() - w) / 2.0, visible.y() + (visible.h() - h) / 2.0);
            contain(&Rect::new(x, y, w, h).ok()?, self.size())
        });
        centred.map_or(Notice::Nothing, |rect| self.add(self.free_place(rect)))
    }

    /// Takes a model's box into the review. The other model's box for the
    /// same object makes way, unless it was moved elsewhere: one object, one
    /// box.
    pub(crate) fn take(&mut self, source: Source) -> Notice {
        if self.is_blind() {
            return Notice::Blind;
        }
        let held = self.document.iter().find(|b| b.source == Some(source)).map(|b| b.id);
        if held.is_some() {
            return self.select_and_reveal(held);
        }
        let id = self.document.fresh_id();
        let Some(taken) = self.models.taken(source, id) else { return Notice::Nothing };
        let other = self.models.counterpart(source);
        let makes_way = |b: &&ReviewBox| {
            b.source.is_some() && b.source == other && !b.locked && b.rect.iou(&taken.rect) >= SAME_OBJECT_IOU
        };
        let mut changes: Vec<Change> =
            self.document.iter().filter(makes_way).cloned().map(Change::remove).collect();
        changes.push(Change::insert(taken));
        let notice = self.commit(Act::Take, changes);
        self.selection.set([id]);
        self.forget_hidden();
        notice
    }

    /// Begins again: all boxes make way for those of a model at the
    /// threshold, or for none.
    pub(crate) fn start_from(&mut self, started_from: StartedFrom) -> Notice {
        if self.is_blind() && started_from != StartedFrom::Empty {
            return Notice::Blind;
        }
        if started_from == StartedFrom::Shadow && !self.has_shadow() {
            return Notice::Nothing;
        }
        let mut changes: Vec<Change> = self.document.iter().cloned().map(Change::remove).collect();
        let fresh = number(self.models.start(started_from).collect(), &mut self.document);
        changes.extend(fresh.into_iter().map(Change::insert));
        self.commit_from(Act::StartFrom, changes, started_from)
    }
}

fn edited(before: &ReviewBox, edit: impl Fn(&mut ReviewBox)) -> Change {
    let mut after = before.clone();
    edit(&mut after);
    after.touched |= !after.same_truth(before);
    Change::replace(before.clone(), after)
}

/// The same box as if a person had drawn it at `rect`.
pub(crate) fn by_a_person(b: &ReviewBox, rect: Rect) -> ReviewBox {
    ReviewBox { rect, score: None, source: None, locked: false, touched: true, ..b.clone() }
}

/// `rect`, a little further down and right, or up and left where there is no
/// room.
pub(crate) fn beside(rect: &Rect, size: domain::geometry::Size) -> Rect {
    let moved = translated(rect, COPY_SHIFT, COPY_SHIFT, size);
    if moved == *rect { translated(rect, -COPY_SHIFT, -COPY_SHIFT, size) } else { moved }
}

fn changed_ids(step: &Step) -> Vec<BoxId> {
    step.transaction.changes.iter().filter_map(Change::id).collect()
}
