//! All that a review page shows, and the history behind it.

use super::holder;
use crate::{As, Result, Reviews, ServiceError, Viewer};
use domain::{
    deployment::Deployment,
    ids::PredictionId,
    name::{Label, VersionRef},
    prediction::Prediction,
    review::{Review, ReviewSettings, ReviewSubject, RevisionInfo, Share},
};

impl Reviews {
    /// One prediction with all that a review of it needs. `session` is the
    /// page that asks, as in [`Self::next`].
    ///
    /// # Errors
    /// No such prediction.
    pub async fn subject(
        &self,
        actor: &As<Viewer>,
        id: PredictionId,
        session: &str,
    ) -> Result<ReviewSubject> {
        let holder = holder(actor, session)?;
        let prediction = self.base.known_prediction(id).await?;
        let deployment = self.base.known_deployment(prediction.deployment_id).await?;
        let reviews = self.base.store().reviews();
        let settings = self.base.store().deployment_settings();
        let (review, skip, lease, settings) = tokio::try_join!(
            reviews.latest(id),
            reviews.skip_of(id),
            reviews.lease_of(id, &holder, self.base.now()),
            settings.find::<ReviewSettings>(deployment.id),
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
    pub async fn revisions(&self, _: &As<Viewer>, id: PredictionId) -> Result<Vec<RevisionInfo>> {
        self.base.known_prediction(id).await?;
        Ok(self.base.store().reviews().history(id).await?)
    }

    /// One revision with its boxes.
    ///
    /// # Errors
    /// No such prediction, or no such revision of it.
    pub async fn revision(&self, _: &As<Viewer>, id: PredictionId, revision: u32) -> Result<Review> {
        self.base.known_prediction(id).await?;
        self.known_revision(id, revision).await
    }

    pub(super) async fn known_revision(&self, id: PredictionId, revision: u32) -> Result<Review> {
        let review = self.base.store().reviews().find(id, revision).await?;
        review.ok_or_else(|| ServiceError::not_found(format!("Prediction {id} has no revision {revision}.")))
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
            if !is_known && let Some(version) = self.base.store().models().find_by_name(&name).await? {
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
