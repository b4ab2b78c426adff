//! What does not change while a review page is open: whose images, in which
//! order, who reviews them, and what the server is asked in their name.

use crate::{addresses, error::AppError, server_fns::reviews::get_review};
use domain::{ids::PredictionId, review::ReviewSubject};

/// The images that a review page goes through, and who reviews them.
#[derive(Clone, Debug)]
pub struct ReviewScope {
    /// The deployment's name.
    pub deployment: String,
    /// The query that selects the images.
    pub q: String,
    /// Their order.
    pub sort: String,
    /// The random word of this open page, under which it holds its leases.
    pub page_token: String,
    /// Whether the reviewer may save.
    pub may_review: bool,
}

impl ReviewScope {
    /// The address of an image in this query.
    pub fn address_of(&self, id: PredictionId) -> String {
        addresses::review(&self.deployment, Some(id), &self.q, &self.sort)
    }

    /// The address of the list that the images come from.
    pub fn list_address(&self) -> String {
        addresses::predictions(&self.deployment, &self.q, &self.sort)
    }

    /// What the server knows of an image now.
    pub async fn fetch(&self, id: PredictionId) -> Result<ReviewSubject, AppError> {
        get_review(id.to_string(), self.page_token.clone()).await?.open()
    }
}
