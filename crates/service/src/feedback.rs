//! The feedback loop: reviewed images on their way into a dataset version.

use crate::{Result, Service, ServiceError, blocking, require};
use domain::{
    access::{Actor, Role},
    dataset::DatasetVersion,
    deployment::Deployment,
    event::Event,
    feedback::{FeedbackSettings, FeedbackState, Fingerprint, Submission},
    ids::{DatasetVersionId, PredictionId},
    name::{Label, VersionRef},
    page::{Page, PageRequest},
    prediction::{PredictionFilter, Status},
    review::BulkOutcome,
};
use futures::StreamExt;
use std::collections::HashMap;
use store::{BlobKind, Candidate};

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
}

impl Service {
    /// A deployment's feedback loop, as its page shows it.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn feedback_state(&self, actor: &Actor, deployment: &str) -> Result<FeedbackState> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let settings = self.store().feedback().settings(deployment.id).await?;
        let target = match settings.target {
            Some(id) => self.store().datasets().find(id).await?,
            None => None,
        };
        let reviewed = PredictionFilter { status: Some(Status::Reviewed), ..PredictionFilter::default() };
        let waiting = self.store().predictions().count(deployment.id, &reviewed).await?;
        let totals = self.store().feedback().totals(deployment.id).await?;
        Ok(FeedbackState { enabled: settings.enabled, target, waiting, totals })
    }

    /// Sets where submissions go, and whether they may. What was submitted
    /// before stays where it is.
    ///
    /// # Errors
    /// Admins only; no such deployment or dataset version, one that is frozen
    /// or lacks a label of the deployment, a loop that is on without a target.
    pub async fn set_feedback(
        &self,
        actor: &Actor,
        deployment: &str,
        change: SetFeedback,
    ) -> Result<FeedbackState> {
        require(actor, Role::Admin)?;
        let deployment = self.known_deployment(deployment).await?;
        if change.enabled && change.dataset.is_none() {
            let message = "A loop that is on needs a dataset version to put images into.";
            return Err(ServiceError::invalid_at("dataset", message));
        }
        let target = match &change.dataset {
            Some(name) => Some(self.target(actor, &deployment, name, change.create).await?),
            None => None,
        };
        let settings = FeedbackSettings { enabled: change.enabled, target };
        self.store().feedback().put_settings(deployment.id, settings, &self.by(actor)).await?;
        self.publish(Event::DeploymentChanged { id: deployment.id });
        self.feedback_state(actor, deployment.name.as_str()).await
    }

    /// The version of this name, made when asked for, if it can be a target.
    async fn target(
        &self,
        actor: &Actor,
        deployment: &Deployment,
        name: &VersionRef,
        create: bool,
    ) -> Result<DatasetVersionId> {
        let wanted = &deployment.champion.labels;
        let found = self.store().datasets().find_by_name(name).await?;
        let version = match found {
            Some(version) => version,
            None if create => {
                let VersionRef { name, version } = name.clone();
                self.create_version(actor, name, Some(version), wanted.clone()).await?
            }
            None => self.known_dataset(name).await?,
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
        actor: &Actor,
        deployment: &str,
        page: PageRequest,
    ) -> Result<Page<Submission>> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().feedback().page(deployment.id, &page).await?)
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
        actor: &Actor,
        deployment: &str,
        ids: Vec<PredictionId>,
    ) -> Result<BulkOutcome> {
        require(actor, Role::Reviewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let target = self.open_target(&deployment).await?;
        let by = self.by(actor);
        let mut outcome = BulkOutcome::default();
        for chunk in ids.chunks(CHUNK) {
            let candidates = self.candidates(&deployment, chunk).await?;
            let part = self.store().feedback().submit(deployment.id, target, &candidates, &by).await?;
            self.tell_changed(deployment.id, &part.changed);
            outcome.extend(part);
        }
        if !outcome.changed.is_empty()
            && let Err(error) = self.launch_if_due(deployment.id).await
        {
            // What was submitted is submitted; any worker looks again.
            tracing::warn!(%error, deployment = %deployment.name, "a training that is due cannot be launched");
        }
        Ok(outcome)
    }

    /// Submits all that match a query, as [`Service::submit`] does.
    ///
    /// # Errors
    /// As there; a query that cannot be read.
    pub async fn submit_matching(&self, actor: &Actor, deployment: &str, q: &str) -> Result<BulkOutcome> {
        require(actor, Role::Reviewer)?;
        let mut matching = self.matching(deployment, q).await?;
        let mut outcome = BulkOutcome::default();
        while let Some(ids) = self.more_of(&mut matching).await? {
            outcome.extend(self.submit(actor, deployment, ids).await?);
        }
        Ok(outcome)
    }

    /// Takes all submissions out that match a query, as [`Service::unsubmit`]
    /// does.
    ///
    /// # Errors
    /// As there; a query that cannot be read.
    pub async fn unsubmit_matching(&self, actor: &Actor, deployment: &str, q: &str) -> Result<BulkOutcome> {
        require(actor, Role::Reviewer)?;
        let mut matching = self.matching(deployment, q).await?;
        let mut outcome = BulkOutcome::default();
        while let Some(ids) = self.more_of(&mut matching).await? {
            outcome.extend(self.unsubmit(actor, deployment, ids).await?);
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
        actor: &Actor,
        deployment: &str,
        ids: Vec<PredictionId>,
    ) -> Result<BulkOutcome> {
        require(actor, Role::Reviewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let by = self.by(actor);
        let mut outcome = BulkOutcome::default();
        for chunk in ids.chunks(CHUNK) {
            outcome.extend(self.store().feedback().unsubmit(deployment.id, chunk, &by).await?);
        }
        self.tell_changed(deployment.id, &outcome.changed);
        Ok(outcome)
    }

    async fn open_target(&self, deployment: &Deployment) -> Result<DatasetVersionId> {
        let settings = self.store().feedback().settings(deployment.id).await?;
        let Some(target) = settings.target.filter(|_| settings.enabled) else {
            return Err(ServiceError::conflict(format!(
                "The feedback loop of {} is off: an admin turns it on, and says which dataset version receives the images.",
                deployment.name
            )));
        };
        let version = self.store().datasets().find(target).await?;
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
        let images = self.store().feedback().images_to_submit(deployment.id, ids).await?;
        let names: Vec<String> = images.values().cloned().collect();
        let mut known = self.store().feedback().fingerprints(&names).await?;
        let unknown = names.into_iter().filter(|name| !known.contains_key(name)).collect::<Vec<_>>();
        let reading = futures::stream::iter(unknown).map(|image| async move {
            let fingerprint = self.fingerprint(&image).await;
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
            asset_id: self.new_id(),
            fingerprint: images.get(id).and_then(|image| known.get(image)).cloned(),
        };
        Ok(ids.iter().map(candidate).collect())
    }

    /// Reads an image once for what tells it apart, and keeps that.
    pub(crate) async fn fingerprint(&self, image: &str) -> Result<Fingerprint> {
        let bytes = self.store().blobs().get(BlobKind::Images, image).await?;
        let pixels = self.decode_image(bytes).await?.pixels;
        let fingerprint = blocking(move || {
            let pixel_hash = imaging::pixel_hash(&pixels);
            Ok(Fingerprint { pixel_hash, perceptual_hash: imaging::perceptual_hash(&pixels) })
        })
        .await?;
        self.store().feedback().keep_fingerprint(image, &fingerprint).await?;
        Ok(fingerprint)
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
