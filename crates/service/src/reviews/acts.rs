//! Setting predictions aside and putting them back, one or many.

use super::checks::check_reason;
use crate::{Result, Service, ServiceError, require};
use domain::{
    access::{Actor, Role},
    ids::PredictionId,
    prediction::Status,
    review::BulkOutcome,
};

/// Predictions of one transaction.
pub(crate) const CHUNK: usize = 500;

impl Service {
    /// Sets a prediction aside; `reason` may be empty.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction, one that was submitted, a
    /// reason that is too long.
    pub async fn skip(&self, actor: &Actor, id: PredictionId, reason: &str) -> Result<Status> {
        require(actor, Role::Reviewer)?;
        let prediction = self.known_prediction(id).await?;
        let deployment = prediction.deployment_id.to_string();
        one_of(self.skip_many(actor, &deployment, vec![id], reason).await?)?;
        Ok(Status::Skipped)
    }

    /// Puts a prediction back to be reviewed. Its revisions stay; if it was
    /// submitted, it leaves the open dataset version.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction.
    pub async fn reopen(&self, actor: &Actor, id: PredictionId) -> Result<Status> {
        require(actor, Role::Reviewer)?;
        let prediction = self.known_prediction(id).await?;
        let deployment = prediction.deployment_id.to_string();
        one_of(self.reopen_many(actor, &deployment, vec![id]).await?)?;
        Ok(Status::ToReview)
    }

    /// Sets predictions aside. Those that are not of the deployment, or were
    /// submitted, are named with why. A failure keeps what was done before it.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment, a reason that is too long.
    pub async fn skip_many(
        &self,
        actor: &Actor,
        deployment: &str,
        ids: Vec<PredictionId>,
        reason: &str,
    ) -> Result<BulkOutcome> {
        require(actor, Role::Reviewer)?;
        check_reason(reason, self.limits().text)?;
        let deployment = self.known_deployment(deployment).await?;
        let by = self.by(actor);
        let mut outcome = BulkOutcome::default();
        for chunk in ids.chunks(CHUNK) {
            outcome.extend(self.store().reviews().skip(deployment.id, chunk, reason, &by).await?);
        }
        self.tell_changed(deployment.id, &outcome.changed);
        Ok(outcome)
    }

    /// Puts predictions back to be reviewed. Those that are already are in
    /// neither list.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment.
    pub async fn reopen_many(
        &self,
        actor: &Actor,
        deployment: &str,
        ids: Vec<PredictionId>,
    ) -> Result<BulkOutcome> {
        require(actor, Role::Reviewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let by = self.by(actor);
        let mut outcome = BulkOutcome::default();
        for chunk in ids.chunks(CHUNK) {
            outcome.extend(self.store().reviews().reopen(deployment.id, chunk, &by).await?);
        }
        self.tell_changed(deployment.id, &outcome.changed);
        Ok(outcome)
    }
}

/// An act on one: refused is an error.
fn one_of(outcome: BulkOutcome) -> Result<()> {
    match outcome.refused.into_iter().next() {
        Some(refusal) => Err(ServiceError::conflict(refusal.reason)),
        None => Ok(()),
    }
}
