//! Predictions on their way out: lists, one, its image, its end.

use crate::{Admin, As, Browsing, DeploymentRef, ImageFile, ImageSize, Result, ServiceError, Viewer};
use domain::{
    ids::PredictionId,
    page::{Page, PageRequest},
    prediction::{Prediction, PredictionFilter, Status},
};
use serde_json::json;

impl Browsing {
    /// A page of a deployment's predictions.
    ///
    /// # Errors
    /// No such deployment; a cursor that no page gave out.
    pub async fn predictions(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        filter: PredictionFilter,
        page: PageRequest,
    ) -> Result<Page<Prediction>> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().predictions().page(deployment.id, &filter, &page).await?)
    }

    /// How many predictions a deployment has, of one status or of all.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn count(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        status: Option<Status>,
    ) -> Result<u64> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self
            .base
            .store()
            .predictions()
            .count(deployment.id, &PredictionFilter { status, ..PredictionFilter::default() })
            .await?)
    }

    /// One prediction with all its boxes.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn prediction(&self, _: &As<Viewer>, id: PredictionId) -> Result<Prediction> {
        let prediction = self.base.store().predictions().find(id).await?;
        prediction.ok_or_else(|| missing(id))
    }

    /// Whether there is such a prediction: asked before a body is read that
    /// only makes sense if there is.
    ///
    /// # Errors
    /// Viewers and above; when there is none.
    pub async fn check_prediction(&self, _: &As<Viewer>, id: PredictionId) -> Result<()> {
        self.base.store().predictions().image(id).await?.map(drop).ok_or_else(|| missing(id))
    }

    /// The image of a prediction, or its thumbnail.
    ///
    /// # Errors
    /// No such prediction, or one that was reported without an image.
    pub async fn prediction_image(
        &self,
        _: &As<Viewer>,
        id: PredictionId,
        size: ImageSize,
    ) -> Result<ImageFile> {
        let image = self.base.store().predictions().image(id).await?;
        let image = image.ok_or_else(|| missing(id))?;
        let image =
            image.ok_or_else(|| ServiceError::not_found("This prediction was reported without an image."))?;
        self.images.image_file(&image, size).await
    }

    /// Deletes a prediction, and its image when nothing else has it. The
    /// dashboard's past counts stay.
    ///
    /// # Errors
    /// Admins only; no such prediction, or one that is part of the feedback.
    pub async fn delete_prediction(&self, actor: &As<Admin>, id: PredictionId) -> Result<()> {
        let prediction = self.prediction(actor, id).await?;
        if prediction.status == Status::Submitted {
            return Err(ServiceError::conflict(
                "It was submitted to the feedback loop: take it out there first.",
            ));
        }
        let act = self.base.act(actor, "prediction.delete", json!({}));
        self.base.store().predictions().delete(id, act).await?;
        Ok(())
    }
}

fn missing(id: PredictionId) -> ServiceError {
    ServiceError::not_found(format!("There is no prediction {id}."))
}
