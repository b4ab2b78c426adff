//! What a review hands over when it is accepted: the boxes, what they are
//! worth as truth, and what the reviewer did.

use crate::{
    boxes::{BoxId, LabelIndex, ReviewBox, SavedBox, SavedReview, Source, StartedFrom},
    editor::Editor,
    history::Act,
    notice::Notice,
    opening::saved_boxes,
    order::{set_of, sort},
    space::same_place,
};
use domain::geometry::Rect;
use serde::{Deserialize, Serialize};

/// What the reviewer did, measured against where the review began. A box
/// that was moved and relabelled counts as both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Boxes of the start with the same place and label.
    pub kept: usize,
    /// Boxes of the start in another place or of another size.
    pub moved: usize,
    /// Boxes of the start with another label.
    pub relabelled: usize,
    /// Boxes of the start that are gone.
    pub deleted: usize,
    /// Boxes that were not there at the start: drawn, pasted, or taken.
    pub added: usize,
    /// Of the kept ones, those that nobody touched. Agreement by doing
    /// nothing is weaker evidence than a box that was put there.
    pub untouched: usize,
    /// Time at work, pauses left out.
    pub active_ms: u64,
}

/// A review to be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The revision it was made from; a newer one on the server is a conflict.
    pub base_revision: u32,
    /// Where it began.
    pub started_from: StartedFrom,
    /// All boxes, hidden ones too.
    pub boxes: Vec<SavedBox>,
    /// The boxes of the start that nobody touched.
    pub untouched: Vec<Source>,
    /// What was done.
    pub statistics: Statistics,
}

impl Editor {
    /// The review as it stands.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome {
            base_revision: self.base_revision,
            started_from: self.started_from(),
            boxes: self.saved_boxes(),
            untouched: self.untouched(),
            statistics: self.statistics(),
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let started_from = self.started_from();
        let mut statistics = Statistics { active_ms: self.activity.active_ms(), ..Statistics::default() };
        let mut survivors = 0;
        for b in self.document.iter() {
            let Some((label, rect)) = self.start_of(b) else {
                statistics.added += 1;
                continue;
            };
            survivors += 1;
            let (moved, relabelled) = (!same_place(&rect, &b.rect), label != b.label);
            statistics.moved += usize::from(moved);
            statistics.relabelled += usize::from(relabelled);
            statistics.kept += usize::from(!moved && !relabelled);
            statistics.untouched += usize::from(!b.touched);
        }
        statistics.deleted = self.models.start(started_from).count().saturating_sub(survivors);
        statistics
    }

    /// Label and place of the box of the start that became this one.
    fn start_of(&self, b: &ReviewBox) -> Option<(LabelIndex, Rect)> {
        let source = b.source.filter(|source| self.models.is_start(self.started_from(), *source))?;
        self.models.original(source).map(|(label, rect, _)| (label, rect))
    }

    fn untouched(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = self
            .document
            .iter()
            .filter(|b| !b.touched && self.start_of(b).is_some())
            .filter_map(|b| b.source)
            .collect();
        sort(&mut sources, Ord::cmp);
        sources
    }

    /// The boxes as a revision stores them, by rising id.
    #[must_use]
    pub fn saved_boxes(&self) -> Vec<SavedBox> {
        self.document.iter().filter_map(|b| self.saved(b)).collect()
    }

    fn saved(&self, b: &ReviewBox) -> Option<SavedBox> {
        let label = self.labels.get(b.label)?.clone();
        Some(SavedBox { label, rect: b.rect, ignore: b.ignore, source: b.source })
    }

    /// The revision that this review was made from.
    #[must_use]
    pub fn base_revision(&self) -> u32 {
        self.base_revision
    }

    /// The boxes of that revision: the common ground of a merge.
    #[must_use]
    pub fn base(&self) -> &[SavedBox] {
        &self.base
    }

    /// Whether there is something that no revision holds.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.document.revision() != self.saved_at && !self.says_the_same(&self.base)
    }

    /// The server stored the boxes `saved` as `revision`. What was edited
    /// while that was under way stays unsaved.
    pub fn mark_saved(&mut self, revision: u32, saved: Vec<SavedBox>) {
        if self.says_the_same(&saved) {
            self.saved_at = self.document.revision();
        }
        self.base_revision = revision;
        self.base = saved;
    }

    fn says_the_same(&self, saved: &[SavedBox]) -> bool {
        let held = self.saved_boxes();
        held.len() == saved.len() && held.iter().zip(saved).all(|(a, b)| a.same_truth(b))
    }

    /// Takes over what a merge with a newer revision came to, as one step
    /// that can be undone; `theirs` is that revision.
    pub fn rebase(&mut self, theirs: &SavedReview, merged: &[SavedBox]) -> Notice {
        let notice = self.load(Act::Merge, theirs, merged);
        self.base_revision = theirs.revision;
        self.base.clone_from(&theirs.boxes);
        self.saved_at = 0;
        notice
    }

    /// Takes back an earlier revision's boxes, as one step that can be
    /// undone. It is saved as a new revision like any other change.
    pub fn take_back(&mut self, earlier: &SavedReview) -> Notice {
        self.load(Act::Restore, earlier, &earlier.boxes)
    }

    fn load(&mut self, act: Act, review: &SavedReview, boxes: &[SavedBox]) -> Notice {
        self.cancel_gesture();
        let review = SavedReview { boxes: boxes.to_vec(), ..review.clone() };
        let size = self.size();
        let mut boxes = saved_boxes(&review, &self.models, &mut self.labels, size);
        self.keep_hands_off(&mut boxes);
        self.replace_all(act, boxes, review.started_from)
    }

    /// A box that nobody touched here nor there is still untouched; one that
    /// somebody touched stays touched.
    fn keep_hands_off(&self, boxes: &mut [ReviewBox]) {
        let touched = set_of(self.document.iter().filter(|b| b.touched).filter_map(|b| b.source));
        for b in boxes {
            b.touched |= b.source.is_some_and(|source| touched.contains(&source));
        }
    }
}

/// For boxes that have no id yet.
pub(crate) const UNNUMBERED: BoxId = BoxId(0);
