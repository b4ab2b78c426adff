//! What a review page is opened with, and what lies around an image in the
//! query it was picked from.

use domain::{
    deployment::Deployment,
    ids::PredictionId,
    listing::{Count, ListedPrediction, Neighbourhood},
    prediction::Status,
    review::ReviewSubject,
};
use serde::{Deserialize, Serialize};

/// What a review page is opened with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewStart {
    /// The word for this open page; leases are its own.
    pub session: String,
    /// Who reviews.
    pub me: String,
    /// Whether they may save.
    pub may_review: bool,
    /// Whose predictions.
    pub deployment: Deployment,
    /// The image; `None` when there is nothing to review.
    pub subject: Option<ReviewSubject>,
    /// What lies around it.
    pub around: Option<Around>,
}

/// An image's place in a query, and those beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Around {
    /// From 1; `None` when it does not match.
    pub position: Option<Count>,
    /// How many match.
    pub total: Count,
    /// Before it, in the order of the sort.
    pub before: Vec<StripItem>,
    /// Behind it, in the order of the sort.
    pub after: Vec<StripItem>,
}

/// An image of the filmstrip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StripItem {
    pub id: PredictionId,
    /// How far it is.
    pub status: Status,
    /// What it is called.
    pub name: String,
    /// Whether there is an image to show.
    pub pictured: bool,
}

impl From<ListedPrediction> for StripItem {
    fn from(listed: ListedPrediction) -> Self {
        let prediction = listed.prediction;
        let name = prediction.filename.unwrap_or_else(|| prediction.id.to_string());
        Self { id: prediction.id, status: prediction.status, name, pictured: prediction.image.is_some() }
    }
}

impl From<Neighbourhood> for Around {
    fn from(neighbourhood: Neighbourhood) -> Self {
        let strip = |list: Vec<ListedPrediction>| list.into_iter().map(StripItem::from).collect();
        Self {
            position: neighbourhood.position,
            total: neighbourhood.total,
            before: strip(neighbourhood.before),
            after: strip(neighbourhood.after),
        }
    }
}
