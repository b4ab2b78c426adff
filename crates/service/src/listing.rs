//! The Predictions view: what matches a query, how much of it, and where.

use crate::{Result, Service, require};
use domain::{
    access::{Actor, Role},
    fault::ApiError,
    ids::PredictionId,
    listing::{Count, Explanation, ListRequest, Listing, Neighbourhood, SortOrder},
    query::{Query, parse},
};

/// Neighbours on each side, at most.
const MOST_NEIGHBOURS: u32 = 50;

impl Service {
    /// A page of what matches a query.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read; a cursor that no page
    /// gave out.
    pub async fn list_predictions(
        &self,
        actor: &Actor,
        deployment: &str,
        request: &ListRequest,
    ) -> Result<Listing> {
        require(actor, Role::Viewer)?;
        let query = readable(&request.q)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().predictions().list(deployment.id, query, request, self.now()).await?)
    }

    /// How many match a query.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read.
    pub async fn count_predictions(&self, actor: &Actor, deployment: &str, q: &str) -> Result<Count> {
        require(actor, Role::Viewer)?;
        let query = readable(q)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().predictions().count_matching(deployment.id, query, self.now()).await?)
    }

    /// Where a prediction stands among what matches, with up to `radius`
    /// (at most 50) neighbours on each side.
    ///
    /// # Errors
    /// No such prediction; a query that cannot be read.
    pub async fn neighbourhood(
        &self,
        actor: &Actor,
        id: PredictionId,
        q: &str,
        sort: SortOrder,
        radius: u32,
    ) -> Result<Neighbourhood> {
        let prediction = self.prediction(actor, id).await?;
        let query = readable(q)?;
        let radius = radius.min(MOST_NEIGHBOURS);
        let predictions = self.store().predictions();
        Ok(predictions.neighbourhood(prediction.deployment_id, id, query, sort, radius, self.now()).await?)
    }

    /// How a query is answered: which index drives it, and what it costs.
    ///
    /// # Errors
    /// Reviewers and admins only; no such deployment; a query that cannot be
    /// read.
    pub async fn explain(
        &self,
        actor: &Actor,
        deployment: &str,
        q: &str,
        sort: SortOrder,
    ) -> Result<Explanation> {
        require(actor, Role::Reviewer)?;
        let query = readable(q)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().predictions().explain(deployment.id, query, sort, self.now()).await?)
    }
}

/// The query that a text is, or all that is wrong with it.
pub(crate) fn readable(q: &str) -> Result<Query> {
    parse(q).map_err(|errors| ApiError::from(errors).into())
}
