//! All that a review page shows, and the history behind it.

use super::holder;
use crate::{Result, Service, ServiceError, require};
use domain::{
    access::{Actor, Role},
    deployment::Deployment,
    ids::PredictionId,
    name::{Label, VersionRef},
    prediction::Prediction,
    review::{Review, ReviewSubject, RevisionInfo, Share},
};

impl Service {
    /// One prediction with all that a review of it needs. `session` is the
    /// page that asks, as in [`Service::next_reviews`].
    ///
    /// # Errors
    /// No such prediction.
    pub async fn review_subject(
        &self,
        actor: &Actor,
        id: PredictionId,
        session: &str,
    ) -> Result<ReviewSubject> {
        require(actor, Role::Viewer)?;
        let holder = holder(actor, session)?;
        let prediction = self.known_prediction(id).await?;
        let deployment = self.known_deployment(&prediction.deployment_id.to_string()).await?;
        let reviews = self.store().reviews();
        let (review, skip, lease, settings) = tokio::try_join!(
            reviews.latest(id),
            reviews.skip_of(id),
            reviews.lease_of(id, &holder, self.now()),
            reviews.settings(deployment.id),
        )?;
        let leased = lease.as_ref().filter(|lease| lease.mine).map(|lease| lease.picked);
        Ok(ReviewSubject {
            labels: self.review_labels(&deployment, &prediction).await?,
            blind: review.is_none() && is_blind(&prediction, settings.blind_share),
            picked: leased.or_else(|| review.as_ref().map(|review| review.info.picked)),
            prediction,
            deployment,
            review,
            skip,
            lease,
        })
    }

    /// All revisions of a prediction's review, the latest first.
    ///
    /// # Errors
    /// No such prediction.
    pub async fn revisions(&self, actor: &Actor, id: PredictionId) -> Result<Vec<RevisionInfo>> {
        require(actor, Role::Viewer)?;
        self.known_prediction(id).await?;
        Ok(self.store().reviews().history(id).await?)
    }

    /// One revision with its boxes.
    ///
    /// # Errors
    /// No such prediction, or no such revision of it.
    pub async fn revision(&self, actor: &Actor, id: PredictionId, revision: u32) -> Result<Review> {
        require(actor, Role::Viewer)?;
        self.known_prediction(id).await?;
        self.known_revision(id, revision).await
    }

    pub(super) async fn known_revision(&self, id: PredictionId, revision: u32) -> Result<Review> {
        let found = self.store().reviews().find(id, revision).await?;
        found.ok_or_else(|| ServiceError::not_found(format!("Prediction {id} has no revision {revision}.")))
    }

    /// What a box of this prediction may be labelled: the champion's labels,
    /// then those of the shadow, then those of the models that answered then.
    pub(super) async fn review_labels(
        &self,
        deployment: &Deployment,
        prediction: &Prediction,
    ) -> Result<Vec<Label>> {
        let mut labels = deployment.champion.labels.clone();
        let mut add = |more: &[Label]| {
            for label in more {
                if !labels.contains(label) {
                    labels.push(label.clone());
                }
            }
        };
        add(deployment.shadow.as_ref().map_or(&[], |shadow| &shadow.labels));
        let shadow = prediction.shadow.as_ref().map(|shadow| &shadow.model);
        for answered in std::iter::once(&prediction.model).chain(shadow) {
            let is_known = *answered == deployment.champion.name
                || deployment.shadow.as_ref().is_some_and(|shadow| shadow.name == *answered);
            // A shadow that was reported need not be a model of ours.
            let Ok(name) = answered.parse::<VersionRef>() else { continue };
            if !is_known && let Some(version) = self.store().models().find_by_name(&name).await? {
                add(&version.labels);
            }
        }
        Ok(labels)
    }
}

/// The same image is always in the share or always out of it, however often
/// it is sent.
pub(super) fn is_blind(prediction: &Prediction, share: Share) -> bool {
    match &prediction.image {
        Some(hash) => share.contains(hash),
        None => share.contains(&prediction.id.to_string()),
    }
}
