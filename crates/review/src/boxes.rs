//! The boxes of a review: as edited, as saved, and where they came from.

use crate::space::same_place;
use domain::{
    geometry::{Rect, Score},
    name::Label,
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

/// One of the two models whose boxes a review can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The model that answered.
    Champion,
    /// The model beside it.
    Shadow,
}

impl From<Side> for Origin {
    fn from(side: Side) -> Self {
        match side {
            Side::Champion => Self::Champion,
            Side::Shadow => Self::Shadow,
        }
    }
}

/// A box of a model: whose, and the how-many-th of its stored boxes (from 0,
/// by falling score, as the prediction lists them).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Whose.
    pub side: Side,
    /// Its place in the list.
    pub index: u32,
}

/// Where a review began, which decides whom it favours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartedFrom {
    /// From the champion's boxes at the threshold.
    Champion,
    /// From the shadow's boxes at the threshold.
    Shadow,
    /// From an empty canvas.
    Empty,
}

impl StartedFrom {
    /// The model it began with.
    #[must_use]
    pub fn side(self) -> Option<Side> {
        match self {
            Self::Champion => Some(Side::Champion),
            Self::Shadow => Some(Side::Shadow),
            Self::Empty => None,
        }
    }

    /// The word of the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Shadow => "shadow",
            Self::Empty => "empty",
        }
    }
}

/// A box while it is being reviewed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewBox {
    /// Identity.
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

/// A box as a revision stores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedBox {
    /// The class.
    pub label: Label,
    /// Pixels of the upright image.
    #[serde(flatten)]
    pub rect: Rect,
    /// A region that metrics leave alone.
    #[serde(default)]
    pub ignore: bool,
    /// The model's box it came from; `None` for a person's, and where the
    /// sender did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl SavedBox {
    /// Whether `other` says the same to whoever trains on it.
    #[must_use]
    pub fn same_truth(&self, other: &Self) -> bool {
        self.label == other.label && same_place(&self.rect, &other.rect) && self.ignore == other.ignore
    }
}

/// A revision of a review.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedReview {
    /// From 1; 0 is the state before the first save.
    pub revision: u32,
    /// Where its first revision began.
    pub started_from: StartedFrom,
    /// The boxes.
    pub boxes: Vec<SavedBox>,
    /// Boxes of the model that nobody touched.
    #[serde(default)]
    pub untouched: Vec<Source>,
}
