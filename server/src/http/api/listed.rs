//! Predictions in a list, as they look on the wire.

use super::{
    listed_numbers::ListedNumbers,
    prediction_shapes::{CountBody, PredictionBody},
};
use domain::{
    listing::{ListedPrediction, Listing},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A prediction in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ListedBody {
    /// With the boxes at or above the threshold only, and without its shadow.
    #[serde(flatten)]
    pub prediction: PredictionBody,
    /// Numbers that a query can ask for and the prediction itself does not say.
    #[serde(flatten)]
    pub numbers: ListedNumbers,
    /// Who saved the latest review.
    pub reviewed_by: Option<String>,
    /// The latest review's number; 0 when there is none.
    pub revision: u32,
}

impl From<ListedPrediction> for ListedBody {
    fn from(listed: ListedPrediction) -> Self {
        Self {
            prediction: listed.prediction.into(),
            numbers: ListedNumbers::new(&listed.numbers),
            reviewed_by: listed.reviewed_by,
            revision: listed.revision,
        }
    }
}

/// A page of predictions.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ListingBody {
    /// In the order asked for.
    pub items: Vec<ListedBody>,
    /// Give it back as `cursor` to get the next page; null at the end.
    pub next_cursor: Option<String>,
    /// Gives the page before this one; null at the beginning.
    pub prev_cursor: Option<String>,
    /// False when the time limit came before the page was full: the cursor
    /// goes on from there.
    pub complete: bool,
    /// When it was asked; acts on all that match can be frozen at it.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Timestamp,
    /// How many match; only where the page was asked for by `offset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<CountBody>,
}

impl From<Listing> for ListingBody {
    fn from(listing: Listing) -> Self {
        Self {
            items: listing.items.into_iter().map(Into::into).collect(),
            next_cursor: listing.next_cursor,
            prev_cursor: listing.prev_cursor,
            complete: listing.complete,
            as_of: listing.as_of,
            count: None,
        }
    }
}
