//! What a deployment does without being told to.

use crate::{As, DeploymentRef, Learning, Result, Viewer};
use domain::learning::{Automation, ContinuousDeployment, ContinuousTraining, Policy};

impl Learning {
    /// What of the learning loop is switched on.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn automation(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<Automation> {
        let id = self.base.known_deployment(deployment).await?.id;
        let store = self.base.store();
        let (loops, settings) = (store.feedback(), store.deployment_settings());
        let (feedback, training, deploying) = tokio::try_join!(
            loops.settings(id),
            settings.find::<ContinuousTraining>(id),
            settings.find::<ContinuousDeployment>(id),
        )?;
        Ok(Automation {
            feedback: feedback.enabled,
            training: training.enabled,
            deploying: deploying.enabled && deploying.policy != Policy::Manual,
        })
    }
}
