//! The boxes of a review: as edited, as saved, and where they came from.

pub use domain::review::{SavedBox, SavedReview, Side, Source, StartedFrom};
use domain::{
    geometry::{Rect, Score},
    prediction::Origin,
};
use serde::{Deserialize, Serialize};

/// Names a box for as long as its review is open; never used twice, also not
/// after undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BoxId(pub u32);

/// A label, as its place in the review's [`crate::LabelSet`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelIndex(pub u16);

/// A box while it is being reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewBox {
    /// Stays the same through every edit, undo and redo.
    pub id: BoxId,
    /// The class.
    pub label: LabelIndex,
    /// Pixels of the upright image, inside it.
    pub rect: Rect,
    /// The confidence of the model it came from; `None` for a person's.
    pub score: Option<Score>,
    /// The model's box it came from, however changed since.
    pub source: Option<Source>,
    /// A region that metrics leave alone.
    pub ignore: bool,
    /// Kept from being changed until it is unlocked; never saved.
    pub locked: bool,
    /// A person changed its place, label or `ignore`, or brought it in.
    pub touched: bool,
}

impl ReviewBox {
    /// Who drew it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.source.map_or(Origin::Review, |source| source.side.into())
    }

    /// Whether `other` says the same to whoever trains on it.
    #[must_use]
    pub fn same_truth(&self, other: &Self) -> bool {
        self.label == other.label && self.rect == other.rect && self.ignore == other.ignore
    }
}
