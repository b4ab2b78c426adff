//! The feedback loop: reviewed images on their way into a dataset version.

use super::acts::Change;
use crate::{Admin, As, DeploymentRef, Result, Reviewer, Reviews, ServiceError, Viewer};
use domain::{
    dataset::DatasetVersion,
    deployment::Deployment,
    feedback::{FeedbackSettings, FeedbackState, Submission},
    ids::{DatasetVersionId, PredictionId},
    name::{Label, VersionRef},
    page::{Page, PageRequest},
    prediction::{Prediction, PredictionFilter, Status},
    review::BulkOutcome,
    settings::SubmissionSettings,
};
use futures::StreamExt;
use std::collections::HashMap;
use store::{Candidate, NewSubmission};

/// Predictions of one transaction.
const CHUNK: usize = 64;
/// Images read and decoded at the same time.
const IN_FLIGHT: usize = 2;

/// How a feedback loop is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFeedback {
    /// Whether submitting is allowed.
    pub enabled: bool,
    /// The open version that receives the images.
    pub dataset: Option<VersionRef>,
    /// Make the version when it is not there, with the deployment's labels.
    pub create: bool,
    /// How reviews come into it.
    pub submission: SubmissionSettings,
}

/// Into the feedback loop's dataset version, or out of it.
#[derive(Clone, Copy)]
enum Direction {
    Submit,
    Unsubmit,
}

impl Reviews {
    /// A deployment's feedback loop, as its page shows it.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn feedback_state(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<FeedbackState> {
        let deployment = self.base.known_deployment(deployment).await?;
        let settings = self.base.store().feedback().settings(deployment.id).await?;
        self.feedback_state_of(&deployment, settings).await
    }

    async fn feedback_state_of(
        &self,
        deployment: &Deployment,
        settings: FeedbackSettings,
    ) -> Result<FeedbackState> {
        let target = match settings.target {
            Some(id) => self.base.store().datasets().find(id).await?,
            None => None,
        };
        let reviewed = PredictionFilter { status: Some(Status::Reviewed), ..PredictionFilter::default() };
        let waiting = self.base.store().predictions().count(deployment.id, &reviewed).await?;
        let totals = self.base.store().feedback().totals(deployment.id).await?;
        let FeedbackSettings { enabled, submission, .. } = settings;
        Ok(FeedbackState { enabled, target, submission, waiting, totals })
    }

    /// Sets where submissions go, and whether they may. What was submitted
    /// before stays where it is.
    ///
    /// # Errors
    /// Admins only; no such deployment or dataset version, one that is frozen
    /// or lacks a label of the deployment, a loop that is on without a target.
    pub async fn set_feedback(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        change: SetFeedback,
    ) -> Result<FeedbackState> {
        let deployment = self.base.known_deployment(deployment).await?;
        if change.enabled && change.dataset.is_none() {
            let message = "A loop that is on needs a dataset version to put images into.";
            return Err(ServiceError::invalid_at("dataset", message));
        }
        let target = match &change.dataset {
            Some(name) => Some(self.target(actor, &deployment, name, change.create).await?),
            None => None,
        };
        let SetFeedback { enabled, submission, .. } = change;
        let settings = FeedbackSettings { enabled, target, submission };
        let state = self.feedback_state_of(&deployment, settings.clone()).await?;
        self.base.store().feedback().put_settings(deployment.id, settings, &self.base.by(actor)).await?;
        Ok(state)
    }

    /// The version of this name, made when asked for, if it can be a target.
    async fn target(
        &self,
        actor: &As<Admin>,
        deployment: &Deployment,
        name: &VersionRef,
        create: bool,
    ) -> Result<DatasetVersionId> {
        let wanted = &deployment.champion.labels;
        let found = self.base.store().datasets().find_by_name(name).await?;
        let version = match found {
            Some(version) => version,
            None if create => {
                let VersionRef { name, version } = name.clone();
                self.catalogue.create_version(actor, name, Some(version), wanted.clone()).await?
            }
            None => self.base.known_dataset(name).await?,
        };
        check_target(&version, wanted)?;
        Ok(version.id)
    }

    /// What was submitted, the latest first.
    ///
    /// # Errors
    /// No such deployment; a cursor that no page gave out.
    pub async fn submissions(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        page: PageRequest,
    ) -> Result<Page<Submission>> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().feedback().page(deployment.id, &page).await?)
    }

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

    /// Where a review of this prediction is submitted as it is saved; `None`
    /// when it is not, also because its image or the loop cannot take it: that
    /// keeps nobody from reviewing.
    pub(crate) async fn submission_at_once(
        &self,
        deployment: &Deployment,
        prediction: &Prediction,
    ) -> Result<Option<NewSubmission>> {
        let settings = self.base.store().feedback().settings(deployment.id).await?;
        let (Some(version), Some(image)) = (settings.target, &prediction.image) else { return Ok(None) };
        if !(settings.enabled && settings.submission.submit_at_once) {
            return Ok(None);
        }
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
        Ok(Some(NewSubmission { deployment: deployment.id, version, candidate }))
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

fn check_target(version: &DatasetVersion, wanted: &[Label]) -> Result<()> {
    if !version.open {
        let message = format!("{} is frozen: choose or make an open version.", version.full_name());
        return Err(ServiceError::invalid_at("dataset", message));
    }
    let lacking: Vec<&str> =
        wanted.iter().filter(|label| !version.labels.contains(label)).map(Label::as_str).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let message = format!("{} lacks labels of the deployment: {}.", version.full_name(), lacking.join(", "));
    Err(ServiceError::invalid_at("dataset", message))
}
