//! The boxes of a review, where it began, and how its image was picked.

use crate::{geometry::Rect, name::Label, prediction::Origin};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartedFrom {
    /// From the champion's boxes at the threshold.
    Champion,
    /// From the shadow's boxes at the threshold.
    Shadow,
    /// From an empty canvas.
    Empty,
}

/// How an image came to be reviewed. Only randomly picked ones say what all
/// images are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picked {
    /// By nothing that the image or the model's answer has to do with.
    Random,
    /// By a query, or by a person.
    Query,
    /// For being unusual.
    Outlier,
    /// By an alert.
    Alert,
}

macro_rules! words {
    ($name:ident, $unknown:ident, $what:literal, $choices:literal, $($variant:ident = $word:literal),*) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word of the API and the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[doc = concat!("A word that is not ", $what, ".")]
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("{0:?} is not {what}: use {choices}", what = $what, choices = $choices)]
        pub struct $unknown(pub String);

        impl FromStr for $name {
            type Err = $unknown;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|word| word.as_str() == s).ok_or_else(|| $unknown(s.to_owned()))
            }
        }
    };
}

words!(
    StartedFrom,
    UnknownStart,
    "where a review starts",
    "champion, shadow or empty",
    Champion = "champion",
    Shadow = "shadow",
    Empty = "empty"
);
words!(
    Picked,
    UnknownPick,
    "how an image was picked",
    "random, query, outlier or alert",
    Random = "random",
    Query = "query",
    Outlier = "outlier",
    Alert = "alert"
);

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
        self.label == other.label && self.rect.is_same_place(&other.rect) && self.ignore == other.ignore
    }
}

/// A revision as the editor opens it.
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
