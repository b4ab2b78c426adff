//! The Predictions view: what is asked of a deployment's predictions, and
//! what is answered. Knows no database and no page.

mod acts;
mod numbers;
mod order;
mod views;

pub use acts::{BulkAct, BulkReport, BulkRequest, Refusal, Selection};
pub use numbers::Numbers;
pub use order::{Direction, SortField, SortOrder, UnknownOrder};
pub use views::{SaveView, SavedView};

use crate::{ids::PredictionId, prediction::Prediction, time::Timestamp};
use serde::{Deserialize, Serialize};

/// A page of what matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListRequest {
    /// The query as written; empty for all.
    pub q: String,
    /// In which order.
    pub sort: SortOrder,
    /// 1 to 200; `None` for 50.
    pub limit: Option<u32>,
    /// A former page's `next_cursor` or `prev_cursor`; it knows its way.
    pub cursor: Option<String>,
    /// Begin with this prediction, wherever it lies; ignored when it is gone,
    /// and when there is a cursor.
    pub from: Option<PredictionId>,
}

impl ListRequest {
    /// The number of items to fetch.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, 200)
    }
}

/// A prediction in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedPrediction {
    /// With the boxes at or above the threshold only, and without its shadow.
    pub prediction: Prediction,
    /// Every number that a query can ask for, as it is stored.
    pub numbers: Numbers,
    /// Who saved the latest review.
    pub reviewed_by: Option<String>,
    /// The latest review's number; 0 when there is none.
    pub revision: u32,
}

/// A page of predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// In the order asked for.
    pub items: Vec<ListedPrediction>,
    /// Gives the page behind this one; `None` at the end.
    pub next_cursor: Option<String>,
    /// Gives the page before this one; `None` at the beginning.
    pub prev_cursor: Option<String>,
    /// `false` when the time limit came before the page was full: what was
    /// found until then is here, and the cursor goes on from there.
    pub complete: bool,
    /// When it was asked: what "all that match" is frozen at.
    pub as_of: Timestamp,
}

/// How many match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// So many.
    pub count: u64,
    /// `false` when the time limit came first: there are at least so many.
    pub exact: bool,
}

impl Count {
    /// `number`, and no more than there are as far as that is known.
    #[must_use]
    pub fn cap(self, number: u64) -> u64 {
        if self.exact { number.min(self.count) } else { number }
    }
}

/// What can be narrowed to, and how many would be left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// All that match.
    pub total: Count,
    /// By status.
    pub status: Facet,
    /// By label of a box that people see.
    pub label: Facet,
    /// By the model that answered.
    pub model: Facet,
    /// By tag.
    pub tag: Facet,
    /// By source.
    pub source: Facet,
    /// By day of arrival, UTC.
    pub day: Facet,
}

/// The values of one field among what matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// The most frequent first; days the latest first.
    pub values: Vec<FacetValue>,
    /// Whether the numbers are exact, or at least so many.
    pub exact: bool,
    /// Whether there are more values than these.
    pub more: bool,
}

/// One value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// As people read it.
    pub value: String,
    /// How many have it.
    pub count: u64,
    /// What narrows to it: `label = "car"`.
    pub condition: String,
    /// The query narrowed to it.
    pub query: String,
}

/// Where a prediction stands among what matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbourhood {
    /// From 1, in the order of the sort; `None` when it does not match.
    pub position: Option<Count>,
    /// How many match.
    pub total: Count,
    /// Whether the prediction itself matches (it may have been reviewed since).
    pub matches: bool,
    /// Those before it, in the order of the sort: the last one is the nearest.
    pub before: Vec<ListedPrediction>,
    /// Those behind it, in the order of the sort: the first one is the nearest.
    pub after: Vec<ListedPrediction>,
    /// `false` when the time limit came first.
    pub complete: bool,
}

/// How a query is answered, for who wonders why it is slow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Where candidates come from: `status = reviewed`.
    pub drives: String,
    /// The index behind it.
    pub index: String,
    /// How many candidates there are; not exact when counting them stopped early.
    pub candidates: Count,
    /// What is tested on each candidate.
    pub residual: String,
    /// The statement, without its values.
    pub sql: String,
    /// What the database makes of it.
    pub plan: Vec<String>,
    /// Candidates that a first page looked at.
    pub scanned: u64,
    /// Matches that a first page found.
    pub matched: u64,
    /// Whether the first page was filled within the time limit.
    pub complete: bool,
    /// How long the first page took.
    pub took_ms: f64,
}
