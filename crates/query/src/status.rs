//! The way of a prediction through review, as queries name it.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How far a prediction is on its way through review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has looked yet.
    ToReview,
    /// A person corrected or accepted it.
    Reviewed,
    /// Its boxes are part of the feedback.
    Submitted,
    /// A person decided that it is of no use.
    Skipped,
}

impl Status {
    /// All four, in the order of the way.
    pub const ALL: [Self; 4] = [Self::ToReview, Self::Reviewed, Self::Submitted, Self::Skipped];

    /// The word in queries, the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToReview => "to_review",
            Self::Reviewed => "reviewed",
            Self::Submitted => "submitted",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a status: use to_review, reviewed, submitted or skipped")]
pub struct UnknownStatus(pub String);

impl FromStr for Status {
    type Err = UnknownStatus;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.as_str() == s).ok_or_else(|| UnknownStatus(s.to_owned()))
    }
}
