//! Setting predictions aside and putting them back, one or many.

use super::checks::check_reason;
use crate::{As, DeploymentRef, Result, Reviewer, Reviews, ServiceError};
use domain::{
    ids::PredictionId,
    prediction::{Prediction, Status},
    review::BulkOutcome,
};

/// Predictions of one transaction.
pub(crate) const CHUNK: usize = 500;

/// A change of status that one transaction makes to many predictions.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    /// Sets aside, for this reason.
    Skip(&'a str),
    /// Puts back to be reviewed.
    Reopen,
    /// Takes out of the feedback loop.
    Unsubmit,
}

impl Reviews {
    /// Sets a prediction aside, and gives it as it is then; `reason` may be
    /// empty.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction, one that was submitted, a
    /// reason that is too long.
    pub async fn skip(&self, actor: &As<Reviewer>, id: PredictionId, reason: &str) -> Result<Prediction> {
        let prediction = self.base.known_prediction(id).await?;
        one_of(self.skip_many(actor, prediction.deployment_id, vec![id], reason).await?)?;
        Ok(Prediction { status: Status::Skipped, ..prediction })
    }

    /// Puts a prediction back to be reviewed, and gives it as it is then. Its
    /// revisions stay; if it was submitted, it leaves the open dataset version.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction.
    pub async fn reopen(&self, actor: &As<Reviewer>, id: PredictionId) -> Result<Prediction> {
        let prediction = self.base.known_prediction(id).await?;
        one_of(self.reopen_many(actor, prediction.deployment_id, vec![id]).await?)?;
        Ok(Prediction { status: Status::ToReview, ..prediction })
    }

    /// Sets predictions aside. Those that are not of the deployment, or were
    /// submitted, are named with why. A failure keeps what was done before it.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment, a reason that is too long.
    pub async fn skip_many(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        ids: Vec<PredictionId>,
        reason: &str,
    ) -> Result<BulkOutcome> {
        check_reason(reason, self.base.limits().text)?;
        self.change_all(actor, deployment, &ids, Change::Skip(reason)).await
    }

    /// Puts predictions back to be reviewed. Those that are already are in
    /// neither list.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment.
    pub async fn reopen_many(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        ids: Vec<PredictionId>,
    ) -> Result<BulkOutcome> {
        self.change_all(actor, deployment, &ids, Change::Reopen).await
    }

    /// Changes the status of many, chunk after chunk, each in a transaction of
    /// its own: a failure keeps what was done before it.
    pub(super) async fn change_all(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        ids: &[PredictionId],
        change: Change<'_>,
    ) -> Result<BulkOutcome> {
        let deployment = self.base.known_deployment(deployment).await?.id;
        let (store, by) = (self.base.store(), self.base.by(actor));
        let mut outcome = BulkOutcome::default();
        for chunk in ids.chunks(CHUNK) {
            outcome.extend(match change {
                Change::Skip(reason) => store.reviews().skip(deployment, chunk, reason, &by).await?,
                Change::Reopen => store.reviews().reopen(deployment, chunk, &by).await?,
                Change::Unsubmit => store.feedback().unsubmit(deployment, chunk, &by).await?,
            });
        }
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
