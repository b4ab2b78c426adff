//! The work in progress as a value that is kept in the browser, so that a
//! closed tab or a crash loses nothing.

use crate::{
    activity::Activity,
    boxes::{ReviewBox, SavedBox, Source, StartedFrom},
    editor::Editor,
    history::Act,
    notice::Notice,
    outcome::UNNUMBERED,
};
use domain::{
    geometry::{Rect, Size},
    name::Label,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The form of drafts written today.
pub const DRAFT_FORMAT: u32 = 1;

/// Work in progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// [`DRAFT_FORMAT`] of whoever wrote it.
    pub format: u32,
    /// When it was kept.
    #[serde(rename = "kept")]
    pub stored_at: Timestamp,
    /// Of the upright image.
    pub size: Size,
    /// The revision it was made from.
    pub base_revision: u32,
    /// That revision's boxes: the common ground should it be stale.
    pub base: Vec<SavedBox>,
    /// Where the review began.
    pub started_from: StartedFrom,
    /// The boxes.
    pub boxes: Vec<DraftBox>,
    /// Time at work.
    pub active_ms: u64,
}

/// A box of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftBox {
    /// The class, by name.
    pub label: Label,
    /// Pixels of the upright image.
    #[serde(flatten)]
    pub rect: Rect,
    /// A region that metrics leave alone.
    #[serde(default)]
    pub ignore: bool,
    /// Kept from being changed.
    #[serde(default)]
    pub locked: bool,
    /// A person touched it.
    #[serde(default)]
    pub touched: bool,
    /// The model's box it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// Why a draft cannot simply be taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Another version of the program wrote it.
    #[error("the draft has format {found}; this program reads {DRAFT_FORMAT}")]
    Format {
        /// As written.
        found: u32,
    },
    /// It belongs to another image.
    #[error("the draft is of an image of {}×{} pixels, not {}×{}", .draft.width, .draft.height, .image.width, .image.height)]
    Size {
        /// The draft's image.
        draft: Size,
        /// This one.
        image: Size,
    },
    /// Somebody saved since: merge [`Draft::saved_boxes`] over [`Draft::base`].
    #[error("the draft was made from revision {draft}; there is a revision {current} now")]
    Stale {
        /// What the draft was made from.
        draft: u32,
        /// What was opened.
        current: u32,
    },
}

impl Draft {
    /// Its boxes as a revision would store them.
    #[must_use]
    pub fn saved_boxes(&self) -> Vec<SavedBox> {
        let saved = |b: &DraftBox| SavedBox {
            label: b.label.clone(),
            rect: b.rect,
            ignore: b.ignore,
            source: b.source,
        };
        self.boxes.iter().map(saved).collect()
    }
}

impl Editor {
    /// The work as it stands at `kept`.
    #[must_use]
    pub fn draft(&self, stored_at: Timestamp) -> Draft {
        let one = |b: &ReviewBox| {
            Some(DraftBox {
                label: self.labels.get(b.label)?.clone(),
                rect: b.rect,
                ignore: b.ignore,
                locked: b.locked,
                touched: b.touched,
                source: b.source,
            })
        };
        Draft {
            format: DRAFT_FORMAT,
            stored_at,
            size: self.size(),
            base_revision: self.base_revision,
            base: self.base.clone(),
            started_from: self.started_from(),
            boxes: self.document.iter().filter_map(one).collect(),
            active_ms: self.activity.active_ms(),
        }
    }

    /// Takes over a draft of this image, as one step that can be undone.
    ///
    /// # Errors
    /// When it is of another format or image, or when somebody saved since;
    /// nothing is changed then.
    pub fn restore(&mut self, draft: &Draft) -> Result<Notice, DraftError> {
        if draft.format != DRAFT_FORMAT {
            return Err(DraftError::Format { found: draft.format });
        }
        if draft.size != self.size() {
            return Err(DraftError::Size { draft: draft.size, image: self.size() });
        }
        if draft.base_revision != self.base_revision {
            return Err(DraftError::Stale { draft: draft.base_revision, current: self.base_revision });
        }
        self.cancel_gesture();
        let mut used = BTreeSet::new();
        let size = self.size();
        let boxes = draft.boxes.iter().filter_map(|b| self.drafted(b, size, &mut used)).collect();
        self.activity = Activity::resumed(draft.active_ms);
        Ok(self.replace_all(Act::Restore, boxes, draft.started_from))
    }

    fn drafted(&mut self, b: &DraftBox, size: Size, used: &mut BTreeSet<Source>) -> Option<ReviewBox> {
        let rect = b.rect.clamp_to(size)?;
        let known = b.source.and_then(|source| Some((source, self.models.original(source)?.2)));
        let known = known.filter(|(source, _)| used.insert(*source));
        Some(ReviewBox {
            id: UNNUMBERED,
            label: self.labels.insert(&b.label),
            rect,
            score: known.map(|(_, score)| score),
            source: known.map(|(source, _)| source),
            ignore: b.ignore,
            locked: b.locked,
            touched: b.touched || known.is_none(),
        })
    }
}
