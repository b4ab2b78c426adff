//! The feedback loop of a deployment: where submissions go, and what was submitted.

use crate::{Admin, As, DeploymentRef, Result, Reviews, ServiceError, Viewer};
use domain::{
    dataset::DatasetVersion,
    deployment::Deployment,
    feedback::{FeedbackSettings, FeedbackState, Submission},
    ids::DatasetVersionId,
    name::{Label, VersionRef},
    page::{Page, PageRequest},
    prediction::{PredictionFilter, Status},
    settings::SubmissionSettings,
};

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
        let receiving = self.base.store().datasets().find_by_name(name).await?;
        let version = match receiving {
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
