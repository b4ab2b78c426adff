//! Models and their versions.

use crate::{Result, Service, ServiceError, require};
use domain::{
    access::{Actor, Role},
    ids::ModelVersionId,
    model::ModelVersion,
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
};
use serde_json::json;
use std::collections::HashSet;
use store::NewModelVersion;

/// Labels of one model or dataset, at most.
const MOST_LABELS: usize = 10_000;

/// Checks that there is at least one label, not too many, and each once.
pub(crate) fn check_labels(labels: &[Label]) -> Result<()> {
    if !(1..=MOST_LABELS).contains(&labels.len()) {
        let message = format!("Give at least one label, and at most {MOST_LABELS}.");
        return Err(ServiceError::invalid_at("labels", message));
    }
    let mut known = HashSet::with_capacity(labels.len());
    match labels.iter().find(|label| !known.insert(*label)) {
        Some(label) => Err(ServiceError::invalid_at("labels", format!("The label {label} is there twice."))),
        None => Ok(()),
    }
}

impl Service {
    /// Versions of all models, the newest first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn models(&self, actor: &Actor, page: PageRequest) -> Result<Page<ModelVersion>> {
        require(actor, Role::Viewer)?;
        Ok(self.store().models().page(&page).await?)
    }

    /// One version.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn model_version(&self, actor: &Actor, name: &VersionRef) -> Result<ModelVersion> {
        require(actor, Role::Viewer)?;
        self.known_model(name).await
    }

    /// Makes a version without weights, of a model that is served elsewhere:
    /// its deployment only takes reports.
    ///
    /// # Errors
    /// Admins only; no label, or one label twice.
    pub async fn register_model(
        &self,
        actor: &Actor,
        model: Name,
        labels: Vec<Label>,
    ) -> Result<ModelVersion> {
        require(actor, Role::Admin)?;
        check_labels(&labels)?;
        let new = NewModelVersion {
            id: self.new_id(),
            model_id: self.new_id(),
            model,
            labels,
            weights: None,
            experiment_id: None,
            base_id: None,
            dataset_version_id: None,
            created: self.now(),
        };
        let act = self.act(actor, "model.register", json!({}));
        Ok(self.store().models().create_version(new, act).await?)
    }

    pub(crate) async fn known_model(&self, name: &VersionRef) -> Result<ModelVersion> {
        let found = self.store().models().find_by_name(name).await?;
        found.ok_or_else(|| ServiceError::not_found(format!("There is no model version {name}.")))
    }

    pub(crate) async fn known_version(&self, id: ModelVersionId) -> Result<ModelVersion> {
        let found = self.store().models().find(id).await?;
        found.ok_or_else(|| ServiceError::not_found(format!("There is no model version {id}.")))
    }
}
