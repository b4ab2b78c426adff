//! A review on its way in.

use super::checks::checked_boxes;
use crate::{Result, Service, ServiceError, require};
use domain::{
    access::{Actor, Role},
    ids::PredictionId,
    prediction::Prediction,
    review::{Picked, SaveReview, Saved, StartedFrom, left_as_drawn},
};
use serde_json::json;
use store::NewRevision;

impl Service {
    /// Saves a review as a new revision; nothing is ever overwritten. When
    /// somebody saved since, the answer is what they saved. Sending the same
    /// save again, its answer having been lost, is harmless.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction, a box outside the image, a
    /// label the deployment does not have, too many boxes, a prediction that
    /// was submitted.
    pub async fn save_review(&self, actor: &Actor, id: PredictionId, save: SaveReview) -> Result<Saved> {
        require(actor, Role::Reviewer)?;
        let prediction = self.known_prediction(id).await?;
        let deployment = self.known_deployment(&prediction.deployment_id.to_string()).await?;
        let labels = self.review_labels(&deployment, &prediction).await?;
        let boxes = checked_boxes(save.boxes, &labels, &prediction)?;
        if save.started_from == Some(StartedFrom::Shadow) && prediction.shadow.is_none() {
            let message = "This prediction has no shadow to start from.";
            return Err(ServiceError::invalid_at("started_from", message));
        }
        let former = self.store().reviews().head(id).await?;
        let by = self.by(actor);
        let picked = match save.picked {
            Some(picked) => Some(picked),
            None => self.store().reviews().picked_by(id, &by.person).await?,
        };
        let new = NewRevision {
            prediction_id: id,
            base_revision: save.base_revision,
            started_from: start(former.as_ref().map(|former| former.started_from), save.started_from),
            picked: picked.or(former.map(|former| former.picked)).unwrap_or(Picked::Query),
            boxes,
            left_as_drawn: Vec::new(),
            statistics: save.statistics,
            restored_from: None,
            by,
        };
        self.store_revision(&prediction, new).await
    }

    /// Whether this actor may save a review of this prediction, should it be
    /// sound.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction.
    pub async fn may_review(&self, actor: &Actor, id: PredictionId) -> Result<()> {
        require(actor, Role::Reviewer)?;
        self.known_prediction(id).await.map(|_| ())
    }

    /// Takes back an earlier revision: its boxes become a new one, made from
    /// `base_revision`.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction or revision, a prediction that
    /// was submitted.
    pub async fn restore_revision(
        &self,
        actor: &Actor,
        id: PredictionId,
        base_revision: u32,
        revision: u32,
    ) -> Result<Saved> {
        require(actor, Role::Reviewer)?;
        let prediction = self.known_prediction(id).await?;
        let earlier = self.known_revision(id, revision).await?;
        let new = NewRevision {
            prediction_id: id,
            base_revision,
            boxes: earlier.boxes,
            started_from: earlier.info.started_from,
            picked: earlier.info.picked,
            left_as_drawn: Vec::new(),
            statistics: None,
            restored_from: Some(revision),
            by: self.by(actor),
        };
        self.store_revision(&prediction, new).await
    }

    async fn store_revision(&self, prediction: &Prediction, mut new: NewRevision) -> Result<Saved> {
        new.left_as_drawn = left_as_drawn(prediction, new.started_from, &new.boxes);
        let saved = self.store().reviews().save(new).await?;
        if let Saved::Stored { repeated: false, review } = &saved {
            self.tell_changed(prediction.deployment_id, &[prediction.id]);
            if let Some(deployment) = self.store().deployments().find(prediction.deployment_id).await? {
                let info = &review.info;
                let data = json!({ "prediction": prediction.id, "revision": info.revision, "reviewer": info.reviewer });
                self.tell_out(&deployment, "prediction.reviewed", data).await;
            }
        }
        Ok(saved)
    }
}

/// Where a review began. Nobody can unsee a model's boxes: once a revision
/// began with them, no later one began empty.
fn start(former: Option<StartedFrom>, said: Option<StartedFrom>) -> StartedFrom {
    match (former, said) {
        (None, None) => StartedFrom::Champion,
        (None, Some(said)) => said,
        (Some(former), None | Some(StartedFrom::Empty)) => former,
        (Some(_), Some(said)) => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StartedFrom::{Champion, Empty, Shadow};

    #[test]
    fn an_empty_start_is_believed_only_before_a_models_boxes_were_seen() {
        for (former, said, expected) in [
            (None, None, Champion),
            (None, Some(Empty), Empty),
            (Some(Empty), None, Empty),
            (Some(Empty), Some(Champion), Champion),
            (Some(Champion), Some(Empty), Champion),
            (Some(Champion), Some(Shadow), Shadow),
            (Some(Shadow), None, Shadow),
        ] {
            assert_eq!(start(former, said), expected, "{former:?} then {said:?}");
        }
    }
}
