//! Images and predictions on their way in.

pub(crate) mod checks;
mod history;
mod label_studio;
mod predict;
mod repetition;
mod reports;
mod shadows;

pub use label_studio::{FileFetcher, FileRequest, LabelStudioOrigin, TaskPicture};
pub use predict::{Picture, PredictOptions, Predicted};
pub use reports::{KeyedReport, Received};

use crate::{
    As, DeploymentRef, Result, Viewer, base::Base, base::arrivals::References, base::images::Images,
    base::loaded_models::Predictors, base::serving::ServedDeployments, base::shadow_queue::ShadowRunner,
};
use domain::deployment::Deployment;
use std::sync::Arc;

/// The use cases by which predictions arrive. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    base: Base,
    images: Images,
    predictors: Predictors,
    serving: ServedDeployments,
    references: References,
    shadows: ShadowRunner,
}

impl Intake {
    pub(crate) fn new(
        base: Base,
        images: Images,
        predictors: Predictors,
        serving: ServedDeployments,
        references: References,
        shadows: ShadowRunner,
    ) -> Self {
        Self { base, images, predictors, serving, references, shadows }
    }

    /// The deployment, as it was at most a second ago: for answers about what
    /// was predicted just now.
    ///
    /// # Errors
    /// When there is none.
    pub async fn served_deployment(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Arc<Deployment>> {
        self.serving.serving(deployment).await
    }

    /// Whether there is such a deployment, as it was at most a second ago:
    /// asked before a body is read that only makes sense if there is.
    ///
    /// # Errors
    /// When there is none.
    pub async fn check_deployment(&self, _: &As<Viewer>, deployment: impl Into<DeploymentRef>) -> Result<()> {
        self.serving.serving(deployment).await.map(drop)
    }
}
