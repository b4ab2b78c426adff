//! Models and their versions.

use crate::{Admin, As, Catalogue, Result, ServiceError, Viewer, base::Base};
use domain::{
    ids::{ModelId, ModelVersionId},
    model::{ModelVersion, WeightsRef},
    name::{Label, Name, VersionRef},
    page::{Page, PageRequest},
};
use serde_json::json;
use std::collections::HashSet;
use store::{Line, NewModelVersion};

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

/// The next version of a model that came from outside.
pub(crate) fn next_version(
    base: &Base,
    model: Name,
    labels: Vec<Label>,
    weights: Option<WeightsRef>,
) -> NewModelVersion {
    NewModelVersion {
        id: base.new_id(),
        model_id: base.new_id(),
        model,
        labels,
        weights,
        trainer: None,
        experiment_id: None,
        base_id: None,
        dataset_version_id: None,
        created: base.now(),
    }
}

impl Catalogue {
    /// Versions of all models, the newest first.
    ///
    /// # Errors
    /// A cursor that no page gave out.
    pub async fn models(&self, _: &As<Viewer>, page: PageRequest) -> Result<Page<ModelVersion>> {
        Ok(self.base.store().models().page(&page).await?)
    }

    /// All models that have a version, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn model_lines(&self, _: &As<Viewer>) -> Result<Vec<Line>> {
        Ok(self.base.store().models().lines().await?)
    }

    /// The versions of one model, the latest first; none of one that is not
    /// there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions_of_model(&self, _: &As<Viewer>, id: ModelId) -> Result<Vec<ModelVersion>> {
        Ok(self.base.store().models().versions_of(id).await?)
    }

    /// One version.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn model_version(&self, _: &As<Viewer>, name: &VersionRef) -> Result<ModelVersion> {
        self.base.known_model(name).await
    }

    /// One version, by its id.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn model_version_of_id(&self, _: &As<Viewer>, id: ModelVersionId) -> Result<ModelVersion> {
        self.base.known_version(id).await
    }

    /// Makes a version without weights, of a model that is served elsewhere:
    /// its deployment only takes reports.
    ///
    /// # Errors
    /// Admins only; no label, or one label twice.
    pub async fn register_model(
        &self,
        actor: &As<Admin>,
        model: Name,
        labels: Vec<Label>,
    ) -> Result<ModelVersion> {
        self.register_model_as(actor, None, model, labels).await
    }

    /// The same; `id` is the model's, should this be its first version.
    ///
    /// # Errors
    /// As there.
    pub async fn register_model_as(
        &self,
        actor: &As<Admin>,
        id: Option<ModelId>,
        model: Name,
        labels: Vec<Label>,
    ) -> Result<ModelVersion> {
        check_labels(&labels)?;
        let new = next_version(&self.base, model, labels, None);
        let new = NewModelVersion { model_id: id.unwrap_or(new.model_id), ..new };
        let act = self.base.act(actor, "model.register", json!({}));
        Ok(self.base.store().models().create_version(new, act).await?)
    }
}
