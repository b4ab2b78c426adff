//! What a shadow saw, as others report it: with the prediction, or later.

use crate::{
    As, Intake, Limits, Result, Reviewer, ServiceError,
    intake::checks::{check_latency, stored_boxes},
};
use domain::{
    deployment::Deployment,
    geometry::{Score, Size},
    ids::{ModelVersionId, PredictionId},
    name::{Label, VersionRef},
    prediction::{PredictedBox, Prediction, ReportedShadow, ShadowPrediction, disagreement},
};
use store::NewShadow;

/// Whose boxes they are.
pub(crate) struct ShadowModel {
    /// `None` when the deployment has no shadow: some other model's.
    id: Option<ModelVersionId>,
    /// `model/number`; empty where the deployment has no shadow.
    name: String,
    labels: Vec<Label>,
}

impl ShadowModel {
    /// The deployment's shadow; without one, a model with the champion's labels.
    pub(crate) fn of(deployment: &Deployment) -> Self {
        let shadow = deployment.shadow.as_ref();
        Self {
            id: shadow.map(|shadow| shadow.id),
            name: shadow.map(|shadow| shadow.name.clone()).unwrap_or_default(),
            labels: shadow.unwrap_or(&deployment.champion).labels.clone(),
        }
    }

    /// The report as it is stored, beside what the champion saw.
    ///
    /// # Errors
    /// A label the model does not have, a box outside the image, a latency
    /// out of its range.
    pub(crate) fn checked(
        self,
        place: &str,
        reported: ReportedShadow,
        beside: &Beside<'_>,
        limits: &Limits,
    ) -> Result<NewShadow> {
        check_latency(reported.latency_ms)?;
        let boxes = stored_boxes(place, reported.boxes, &self.labels, beside.size, limits)?;
        let differs = disagreement(beside.champion, &boxes, beside.threshold);
        Ok(NewShadow {
            model_version_id: self.id,
            latency_ms: reported.latency_ms,
            boxes,
            disagreement: Some(differs),
        })
    }
}

/// What the champion saw on the same image.
pub(crate) struct Beside<'a> {
    /// Its stored boxes.
    pub champion: &'a [PredictedBox],
    /// Of the upright image.
    pub size: Size,
    /// Boxes at or above it are seen.
    pub threshold: Score,
}

impl Intake {
    /// Adds what a shadow saw to a prediction that is there already, and gives
    /// it back with that. `model` is whose boxes they are; `None` for the
    /// deployment's shadow.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction or model; a shadow that is
    /// there already; and all that a report is refused for.
    pub async fn report_shadow(
        &self,
        _: &As<Reviewer>,
        id: PredictionId,
        reported: ReportedShadow,
        model: Option<&VersionRef>,
    ) -> Result<Prediction> {
        let prediction = self.base.known_prediction(id).await?;
        let model = match model {
            None => {
                let deployment = self.base.store().deployments().find(prediction.deployment_id).await?;
                let missing = || ServiceError::not_found("The deployment of this prediction is gone.");
                ShadowModel::of(&deployment.ok_or_else(missing)?)
            }
            Some(name) => {
                let version = self.base.known_model(name).await?;
                if version.full_name() == prediction.model {
                    let message = format!("{name} made the prediction itself and cannot be its shadow.");
                    return Err(ServiceError::invalid_at("model", message));
                }
                ShadowModel { id: Some(version.id), name: version.full_name(), labels: version.labels }
            }
        };
        let beside =
            Beside { champion: &prediction.boxes, size: prediction.size, threshold: prediction.threshold };
        let name = model.name.clone();
        let shadow = model.checked("boxes", reported, &beside, self.base.limits())?;
        self.base.store().predictions().attach_shadow(id, &shadow).await?;
        let NewShadow { latency_ms, boxes, .. } = shadow;
        let attached = ShadowPrediction { model: name, latency_ms, boxes };
        // It is attached: that it cannot be read now says nothing else.
        let sent = Prediction { shadow: Some(attached), ..prediction };
        Ok(self.base.known_prediction(id).await.unwrap_or(sent))
    }

    /// Lets the deployment's shadow see a stored image now, and stores what it
    /// saw if that is wanted.
    ///
    /// # Errors
    /// Reviewers and above; no such prediction; one without an image, or with
    /// a shadow's boxes already if they are to be stored; no shadow that can
    /// run here.
    pub async fn ask_shadow(
        &self,
        _: &As<Reviewer>,
        id: PredictionId,
        store: bool,
    ) -> Result<ShadowPrediction> {
        let prediction = self.base.known_prediction(id).await?;
        let deployment = self.base.known_deployment(prediction.deployment_id).await?;
        let Some(shadow) = deployment.shadow.filter(|shadow| shadow.runnable) else {
            let message = format!("{} has no shadow that can run here.", deployment.name);
            return Err(ServiceError::conflict(message));
        };
        let answer = self.shadows.seen_by(&prediction, shadow.id).await?;
        let answer =
            answer.ok_or_else(|| ServiceError::conflict("The image of this prediction was not kept."))?;
        if store {
            self.base.store().predictions().attach_shadow(id, &answer).await?;
        }
        Ok(ShadowPrediction { model: shadow.name, latency_ms: answer.latency_ms, boxes: answer.boxes })
    }
}
