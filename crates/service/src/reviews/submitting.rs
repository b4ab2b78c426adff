//! Submitting: reviewed images on their way into the feedback loop's dataset
//! version, and out of it again.

use super::acts::Change;
use crate::{As, DeploymentRef, Result, Reviewer, Reviews, ServiceError};
use domain::{
    deployment::Deployment,
    ids::{DatasetVersionId, PredictionId},
    prediction::Prediction,
    review::BulkOutcome,
};
use futures::StreamExt;
use std::collections::HashMap;
use store::{Candidate, NewSubmission};

/// Predictions of one transaction.
const CHUNK: usize = 64;
/// Images read and decoded at the same time.
const IN_FLIGHT: usize = 2;

/// Into the feedback loop's dataset version, or out of it.
#[derive(Clone, Copy)]
enum Direction {
    Submit,
    Unsubmit,
}

/// Whether a review is submitted as it is saved.
pub(crate) enum AtOnce {
    /// It waits for whoever submits it.
    No,
    /// It is, unless the store finds a reason why not.
    Yes(NewSubmission),
    /// It would be, and cannot; why, as a sentence. That keeps nobody from
    /// reviewing.
    Impossible(&'static str),
}

impl Reviews {
    /// Submits reviewed predictions: image and boxes become an asset of the
    /// loop's dataset version. What cannot go is named with why; what was
    /// submitted already is in neither list. Asked again after a failure, it
    /// goes on where that stopped.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment, a loop that is off, a target
    /// that was frozen.
    pub async fn submit(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        ids: Vec<PredictionId>,
    ) -> Result<BulkOutcome> {
        let deployment = self.base.known_deployment(deployment).await?;
        let target = self.open_target(&deployment).await?;
        let by = self.base.by(actor);
        let mut outcome = BulkOutcome::default();
        for chunk in ids.chunks(CHUNK) {
            let candidates = self.candidates(&deployment, chunk).await?;
            let part = self.base.store().feedback().submit(deployment.id, target, &candidates, &by).await?;
            outcome.extend(part);
        }
        if !outcome.changed.is_empty() {
            self.learning.try_launch_if_due(deployment.id).await;
        }
        Ok(outcome)
    }

    /// Submits all that match a query, as [`Self::submit`] does.
    ///
    /// # Errors
    /// As there; a query that cannot be read.
    pub async fn submit_matching(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
    ) -> Result<BulkOutcome> {
        self.all_matching(actor, deployment.into(), q, Direction::Submit).await
    }

    /// Takes all submissions out that match a query, as [`Self::unsubmit`]
    /// does.
    ///
    /// # Errors
    /// As there; a query that cannot be read.
    pub async fn unsubmit_matching(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
    ) -> Result<BulkOutcome> {
        self.all_matching(actor, deployment.into(), q, Direction::Unsubmit).await
    }

    async fn all_matching(
        &self,
        actor: &As<Reviewer>,
        deployment: DeploymentRef,
        q: &str,
        direction: Direction,
    ) -> Result<BulkOutcome> {
        let mut matching = self.matching(deployment.clone(), q).await?;
        let mut outcome = BulkOutcome::default();
        while let Some(ids) = self.more_of(&mut matching).await? {
            outcome.extend(match direction {
                Direction::Submit => self.submit(actor, deployment.clone(), ids).await?,
                Direction::Unsubmit => self.unsubmit(actor, deployment.clone(), ids).await?,
            });
        }
        Ok(outcome)
    }

    /// Takes submissions out again: they are `reviewed`, and leave the
    /// dataset version while that is open. What was not submitted is named.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment.
    pub async fn unsubmit(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        ids: Vec<PredictionId>,
    ) -> Result<BulkOutcome> {
        self.change_all(actor, deployment, &ids, Change::Unsubmit).await
    }

    /// Where a review of this prediction is submitted as it is saved.
    pub(crate) async fn submission_at_once(
        &self,
        deployment: &Deployment,
        prediction: &Prediction,
    ) -> Result<AtOnce> {
        let settings = self.base.store().feedback().settings(deployment.id).await?;
        if !(settings.enabled && settings.submission.submit_at_once) {
            return Ok(AtOnce::No);
        }
        let Some(version) = settings.target else {
            return Ok(AtOnce::Impossible("No dataset version receives feedback: an admin chooses one."));
        };
        let Some(image) = &prediction.image else {
            return Ok(AtOnce::Impossible("It was reported without an image."));
        };
        let known = self.base.store().feedback().fingerprints(std::slice::from_ref(image)).await?;
        let fingerprint = match known.into_values().next() {
            Some(fingerprint) => Some(fingerprint),
            None => self
                .images
                .fingerprint(image)
                .await
                .inspect_err(|error| {
                    tracing::warn!(%error, image, "an image cannot be submitted");
                })
                .ok(),
        };
        let candidate = Candidate { prediction_id: prediction.id, asset_id: self.base.new_id(), fingerprint };
        Ok(AtOnce::Yes(NewSubmission { deployment: deployment.id, version, candidate }))
    }

    async fn open_target(&self, deployment: &Deployment) -> Result<DatasetVersionId> {
        let settings = self.base.store().feedback().settings(deployment.id).await?;
        let Some(target) = settings.target.filter(|_| settings.enabled) else {
            return Err(ServiceError::conflict(format!(
                "The feedback loop of {} is off: an admin turns it on, and says which dataset version receives the images.",
                deployment.name
            )));
        };
        let version = self.base.store().datasets().find(target).await?;
        match version {
            Some(version) if version.open => Ok(target),
            Some(version) => Err(ServiceError::conflict(format!(
                "{} receives the feedback of {} and was frozen: an admin chooses another version.",
                version.full_name(),
                deployment.name
            ))),
            None => Err(ServiceError::Internal(format!("the target of {} is gone", deployment.name))),
        }
    }

    /// The predictions with the fingerprints of their images, which are
    /// decoded for it once.
    async fn candidates(&self, deployment: &Deployment, ids: &[PredictionId]) -> Result<Vec<Candidate>> {
        let images = self.base.store().feedback().images_to_submit(deployment.id, ids).await?;
        let names: Vec<String> = images.values().cloned().collect();
        let mut known = self.base.store().feedback().fingerprints(&names).await?;
        let unknown = names.into_iter().filter(|name| !known.contains_key(name)).collect::<Vec<_>>();
        let reading = futures::stream::iter(unknown).map(|image| async move {
            let fingerprint = self.images.fingerprint(&image).await;
            (image, fingerprint)
        });
        let read: HashMap<_, _> = reading.buffer_unordered(IN_FLIGHT).collect().await;
        for (image, fingerprint) in read {
            match fingerprint {
                Ok(fingerprint) => drop(known.insert(image, fingerprint)),
                Err(error) => tracing::warn!(%error, image, "an image cannot be submitted"),
            }
        }
        let candidate = |id: &PredictionId| Candidate {
            prediction_id: *id,
            asset_id: self.base.new_id(),
            fingerprint: images.get(id).and_then(|image| known.get(image)).cloned(),
        };
        Ok(ids.iter().map(candidate).collect())
    }
}
