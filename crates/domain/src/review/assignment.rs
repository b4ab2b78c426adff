//! Around a review: who reviews which image, what is next, what is set aside.

use super::Picked;
use crate::{
    ids::PredictionId,
    listing::{Refusal, SortOrder},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Why a prediction is of no use, and who said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Skip {
    /// In a person's words; may be empty.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// An image that one reviewer has for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// Which.
    pub prediction_id: PredictionId,
    /// Who has it, as [`crate::access::Actor::display_name`].
    pub holder: String,
    /// Whether it is the one who asks: the same person in the same session.
    pub mine: bool,
    /// Until when, unless renewed.
    pub until: Timestamp,
    /// How the image was picked.
    pub picked: Picked,
}

/// Which image to review next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NextRequest {
    /// In the query language; only what is `to_review` is given in any case.
    pub q: String,
    /// In which order.
    pub sort: SortOrder,
    /// How many, 1 to 10: the next ones can be fetched ahead.
    pub count: u32,
    /// Images that the page has already.
    pub exclude: Vec<PredictionId>,
    /// One word for one open page, so that two pages of one person do not get
    /// the same image; at most 64 characters.
    pub session: String,
}

/// What became of an act on many predictions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BulkOutcome {
    /// Those that changed.
    pub changed: Vec<PredictionId>,
    /// Those that were left as they are, and why.
    pub refused: Vec<Refusal>,
}

impl BulkOutcome {
    /// Adds what became of more.
    pub fn extend(&mut self, more: Self) {
        self.changed.extend(more.changed);
        self.refused.extend(more.refused);
    }
}
