//! All that matches a query, some at a time.

use crate::{DeploymentRef, Result, Reviews, browsing::listing::readable};
use domain::{
    ids::{DeploymentId, PredictionId},
    listing::{ListRequest, SortField, SortOrder},
    time::Timestamp,
};
use query::Query;

/// A query on its way through what matches.
pub(crate) struct Matching {
    deployment: DeploymentId,
    query: Query,
    now: Timestamp,
    list: Option<ListRequest>,
}

impl Reviews {
    /// Begins with what matches `q` now.
    pub(crate) async fn matching(&self, deployment: impl Into<DeploymentRef>, q: &str) -> Result<Matching> {
        let query = readable(q)?;
        let deployment = self.base.known_deployment(deployment).await?.id;
        let sort = SortOrder::ascending(SortField::Received);
        let list = ListRequest { sort, limit: Some(200), ..ListRequest::default() };
        Ok(Matching { deployment, query, now: self.base.now(), list: Some(list) })
    }

    /// The next of what matches, in the order of arrival: what becomes of them
    /// does not move the others. `None` at the end.
    pub(crate) async fn more_of(&self, matching: &mut Matching) -> Result<Option<Vec<PredictionId>>> {
        let Some(list) = &mut matching.list else { return Ok(None) };
        let predictions = self.base.store().predictions();
        let page = predictions.list(matching.deployment, matching.query.clone(), list, matching.now).await?;
        let ids = page.items.iter().map(|item| item.prediction.id).collect();
        match page.next_cursor {
            Some(cursor) => list.cursor = Some(cursor),
            None => matching.list = None,
        }
        Ok(Some(ids))
    }
}
