//! A review on its way in.

use super::{checks::checked_boxes, submitting::AtOnce};
use crate::{As, Result, Reviewer, Reviews, ServiceError};
use domain::{
    deployment::Deployment,
    ids::PredictionId,
    prediction::Prediction,
    review::{Picked, SaveReview, Saved, StartedFrom, left_as_drawn},
};
use serde_json::json;
use store::NewRevision;

impl Reviews {
    /// Saves a review as a new revision; nothing is ever overwritten. When
    /// somebody saved since, the answer is what they saved. Sending the same
    /// save again, its answer having been lost, is harmless.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction, a box outside the image, a
    /// label the deployment does not have, too many boxes, a prediction that
    /// was submitted.
    pub async fn save(&self, actor: &As<Reviewer>, id: PredictionId, save: SaveReview) -> Result<Saved> {
        let prediction = self.base.known_prediction(id).await?;
        let deployment = self.base.known_deployment(prediction.deployment_id).await?;
        let labels = self.review_labels(&deployment, &prediction).await?;
        let boxes = checked_boxes(save.boxes, &labels, &prediction)?;
        if save.started_from == Some(StartedFrom::Shadow) && prediction.shadow.is_none() {
            let message = "This prediction has no shadow to start from.";
            return Err(ServiceError::invalid_at("started_from", message));
        }
        let former = self.base.store().reviews().head(id).await?;
        let by = self.base.by(actor);
        let shown = self.base.store().reviews().shown_to(id, &by.person).await?;
        let (leased, blind) = shown.map_or((None, false), |(picked, blind)| (Some(picked), blind));
        let known = leased.or(former.as_ref().map(|former| former.picked));
        let new = NewRevision {
            prediction_id: id,
            base_revision: save.base_revision,
            started_from: start(former.map(|former| former.started_from), save.started_from, blind),
            picked: picked(known, save.picked),
            boxes,
            left_as_drawn: Vec::new(),
            statistics: save.statistics,
            restored_from: None,
            by,
            outgoing: None,
            submission: None,
        };
        self.store_revision(&deployment, &prediction, new).await
    }

    /// Whether this actor may save a review of this prediction, should it be
    /// sound.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction.
    pub async fn may_review(&self, _: &As<Reviewer>, id: PredictionId) -> Result<()> {
        self.base.known_prediction(id).await.map(|_| ())
    }

    /// Takes back an earlier revision: its boxes become a new one, made from
    /// `base_revision`.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction or revision, a prediction that
    /// was submitted.
    pub async fn restore_revision(
        &self,
        actor: &As<Reviewer>,
        id: PredictionId,
        base_revision: u32,
        revision: u32,
    ) -> Result<Saved> {
        let prediction = self.base.known_prediction(id).await?;
        let deployment = self.base.known_deployment(prediction.deployment_id).await?;
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
            by: self.base.by(actor),
            outgoing: None,
            submission: None,
        };
        self.store_revision(&deployment, &prediction, new).await
    }

    async fn store_revision(
        &self,
        deployment: &Deployment,
        prediction: &Prediction,
        mut new: NewRevision,
    ) -> Result<Saved> {
        new.left_as_drawn = left_as_drawn(prediction, new.started_from, &new.boxes);
        let revision = new.base_revision.saturating_add(1);
        let data = json!({ "prediction": prediction.id, "revision": revision, "reviewer": new.by.actor });
        new.outgoing = Some(
            self.base
                .outgoing(Some(deployment.into()), domain::notice::NoticeKind::PredictionReviewed, data)
                .await?,
        );
        let impossible = match self.submission_at_once(deployment, prediction).await? {
            AtOnce::No => None,
            AtOnce::Yes(submission) => {
                new.submission = Some(submission);
                None
            }
            AtOnce::Impossible(why) => Some(why),
        };
        let at_once = new.submission.is_some();
        let mut saved = self.base.store().reviews().save(new).await?;
        if let Saved::Stored { repeated, not_submitted, .. } = &mut saved {
            *not_submitted = not_submitted.take().or_else(|| impossible.map(str::to_owned));
            if at_once && !*repeated && not_submitted.is_none() {
                self.learning.try_launch_if_due(deployment.id).await;
            }
        }
        Ok(saved)
    }
}

/// Where a review began. That it began empty is believed of somebody only whom
/// the server showed an empty canvas, and before a revision began with a
/// model's boxes: nobody can unsee them.
fn start(former: Option<StartedFrom>, said: Option<StartedFrom>, shown_blind: bool) -> StartedFrom {
    match (former, said) {
        (None, Some(StartedFrom::Empty)) if shown_blind => StartedFrom::Empty,
        (None, None | Some(StartedFrom::Empty)) => StartedFrom::Champion,
        (None, Some(said)) => said,
        (Some(former), None | Some(StartedFrom::Empty)) => former,
        (Some(_), Some(said)) => said,
    }
}

/// How an image was picked: as the server gave it out, or the former revision
/// has it. A sender's word can only make less of it: nothing that was picked
/// for a reason was picked at random.
fn picked(known: Option<Picked>, said: Option<Picked>) -> Picked {
    match (known, said) {
        (Some(known), None | Some(Picked::Random)) => known,
        (_, Some(said)) if said != Picked::Random => said,
        _ => Picked::Query,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use StartedFrom::{Champion, Empty, Shadow};

    #[test]
    fn an_empty_start_is_believed_only_of_whom_it_was_shown_to() {
        for (former, said, blind, expected) in [
            (None, None, false, Champion),
            (None, None, true, Champion),
            (None, Some(Empty), false, Champion),
            (None, Some(Empty), true, Empty),
            (None, Some(Shadow), true, Shadow),
            (Some(Empty), None, false, Empty),
            (Some(Empty), Some(Champion), true, Champion),
            (Some(Champion), Some(Empty), true, Champion),
            (Some(Champion), Some(Shadow), false, Shadow),
            (Some(Shadow), None, true, Shadow),
        ] {
            assert_eq!(start(former, said, blind), expected, "{former:?} then {said:?}, {blind}");
        }
    }

    #[test]
    fn a_sender_cannot_say_that_an_image_was_picked_at_random() {
        use Picked::{Alert, Outlier, Query, Random};
        for (known, said, expected) in [
            (None, None, Query),
            (None, Some(Random), Query),
            (None, Some(Outlier), Outlier),
            (Some(Random), None, Random),
            (Some(Random), Some(Random), Random),
            (Some(Random), Some(Alert), Alert),
            (Some(Outlier), Some(Random), Outlier),
            (Some(Query), Some(Random), Query),
        ] {
            assert_eq!(picked(known, said), expected, "{known:?}, {said:?}");
        }
    }
}
