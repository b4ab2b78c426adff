//! What a deployment is compared with: switched on, off or over in one act.

use crate::{
    Admin, As, DeploymentRef, Monitoring, Result, ServiceError, Viewer,
    jobs::{MakeReference, queued},
};
use domain::{
    access::Actor,
    deployment::Deployment,
    ids::{DatasetVersionId, ModelVersionId, ReferenceId, WorkItemId},
    name::VersionRef,
    training_data::{Reference, ReferenceState, TrainingData},
};
use measures::drift::DriftSettings;
use serde_json::json;
use store::NewReference;

/// How a deployment's training data is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SetTrainingData {
    /// The dataset version; `None` keeps the one there is.
    pub dataset: Option<VersionRef>,
    /// How drift is looked for; `None` keeps what was set.
    pub drift: Option<DriftSettings>,
    /// Look at the images again, even if that was done before.
    pub again: bool,
}

impl Monitoring {
    /// What a deployment is compared with, and how far that is.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn training_data(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<TrainingData> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().monitoring().training_data(deployment.id).await?)
    }

    /// Compares a deployment with a dataset version from now on. What that
    /// version looks like to the champion is worked out in the background,
    /// once: switching back to it costs nothing.
    ///
    /// # Errors
    /// Admins only; no such deployment or dataset version, one that is open or
    /// empty, settings that make no sense.
    pub async fn set_training_data(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        change: SetTrainingData,
    ) -> Result<TrainingData> {
        let deployment = self.base.known_deployment(deployment).await?;
        let before = self.base.store().monitoring().training_data(deployment.id).await?;
        let settings = change.drift.unwrap_or(before.drift);
        settings.check().map_err(|error| ServiceError::invalid_at("drift", error.to_string()))?;
        let dataset = match (&change.dataset, &before.reference) {
            (Some(name), _) => self.frozen_dataset(name).await?,
            (None, Some(reference)) => reference.dataset_version_id,
            (None, None) => {
                let message = "Say which dataset version the model was trained on.";
                return Err(ServiceError::invalid_at("dataset", message));
            }
        };
        let reference = self.reference_for(&deployment, dataset, change.again).await?;
        let detail = json!({ "dataset": reference.dataset, "model": reference.model, "drift": settings });
        self.switch(actor, &deployment, Some(reference.id), &settings, detail).await?;
        Ok(TrainingData { reference: Some(reference), drift: settings })
    }

    /// Compares a deployment with nothing. What was made stays, to be
    /// switched on again.
    ///
    /// # Errors
    /// Admins only; no such deployment.
    pub async fn clear_training_data(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<()> {
        let deployment = self.base.known_deployment(deployment).await?;
        let before = self.base.store().monitoring().training_data(deployment.id).await?;
        self.switch(actor, &deployment, None, &before.drift, json!({ "dataset": null })).await
    }

    /// A new deployment is compared with what its champion was trained on,
    /// where Fovea knows it and can run the model.
    pub(crate) async fn compare_with_trained_on(&self, actor: &Actor, deployment: &Deployment) -> Result<()> {
        let version = self.base.known_version(deployment.champion.id).await?;
        let (Some(id), Some(_)) = (version.dataset_version_id, &version.weights) else { return Ok(()) };
        let trained_on = self.base.store().datasets().find(id).await?;
        let Some(dataset) = trained_on.filter(|dataset| !dataset.open && dataset.counts.images > 0) else {
            return Ok(());
        };
        let reference = self.reference_for(deployment, dataset.id, false).await?;
        let detail = json!({ "dataset": reference.dataset, "model": reference.model });
        self.switch(actor, deployment, Some(reference.id), &DriftSettings::default(), detail).await
    }

    /// A new champion is compared with what it was trained on, or else with
    /// the same images as the former one; once, and in the background.
    pub(crate) async fn follow_champion(&self, deployment: &Deployment) -> Result<()> {
        let data = self.base.store().monitoring().training_data(deployment.id).await?;
        let Some(reference) = &data.reference else { return Ok(()) };
        let champion = &deployment.champion;
        if reference.model_version_id == champion.id || !champion.runnable {
            return Ok(());
        }
        let version = self.base.known_version(champion.id).await?;
        let trained_on = match version.dataset_version_id {
            Some(id) => self.base.store().datasets().find(id).await?.filter(|dataset| !dataset.open),
            None => None,
        };
        let dataset = trained_on.map_or(reference.dataset_version_id, |dataset| dataset.id);
        let next = self.reference_for(deployment, dataset, false).await?;
        let detail = json!({ "dataset": next.dataset, "model": next.model });
        self.switch(&Actor::system(), deployment, Some(next.id), &data.drift, detail).await
    }

    async fn frozen_dataset(&self, name: &VersionRef) -> Result<DatasetVersionId> {
        let dataset = self.base.known_dataset(name).await?;
        if dataset.open {
            let message = format!("{name} is still open: freeze it first, so that it stays what it is.");
            return Err(ServiceError::invalid_at("dataset", message));
        }
        if dataset.counts.images == 0 {
            return Err(ServiceError::invalid_at("dataset", format!("{name} has no images.")));
        }
        Ok(dataset.id)
    }

    /// The reference of these images as the champion sees them: one that is
    /// there, or one that is being made.
    async fn reference_for(
        &self,
        deployment: &Deployment,
        dataset: DatasetVersionId,
        again: bool,
    ) -> Result<Reference> {
        let (monitoring, model) = (self.base.store().monitoring(), deployment.champion.id);
        let there = monitoring.reference_of(deployment.id, dataset, model).await?;
        if let Some(there) = there.filter(|there| !again || there.state == ReferenceState::Building) {
            return Ok(there);
        }
        let id = self.begin_reference(deployment, dataset, model).await?;
        let made = monitoring.reference(id).await?;
        made.ok_or_else(|| ServiceError::Internal("a reference vanished".to_owned()))
    }

    async fn begin_reference(
        &self,
        deployment: &Deployment,
        dataset_version_id: DatasetVersionId,
        model_version_id: ModelVersionId,
    ) -> Result<ReferenceId> {
        let (id, created) = (self.base.new_id::<ReferenceId>(), self.base.now());
        let new =
            NewReference { id, deployment_id: deployment.id, dataset_version_id, model_version_id, created };
        let job = MakeReference { reference_id: id };
        let work = queued(&job, WorkItemId(id.0), deployment.name.to_string(), None, created)?;
        self.base.store().monitoring().begin_reference(&new, &work).await?;
        Ok(id)
    }

    async fn switch(
        &self,
        actor: &Actor,
        deployment: &Deployment,
        reference: Option<ReferenceId>,
        settings: &DriftSettings,
        detail: serde_json::Value,
    ) -> Result<()> {
        let entry = self.base.entry(actor, "deployment.training_data", deployment.name.as_str(), &detail);
        self.base.store().monitoring().set_training_data(deployment.id, reference, settings, entry).await?;
        self.references.forget();
        Ok(())
    }
}
