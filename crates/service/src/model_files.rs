//! Models on their way out and in as files, and out for good.

use crate::{Result, Service, ServiceError, blocking, require};
use bytes::Bytes;
use domain::{
    access::{Actor, Role},
    model::{Experiment, ModelVersion, WeightsRef},
    name::{Name, VersionRef},
};
use serde_json::json;
use std::fmt::Write as _;
use store::{BlobKind, NewModelVersion};

impl Service {
    /// The weights of a version, their hash checked.
    ///
    /// # Errors
    /// No such version, or one that is served elsewhere.
    pub async fn model_weights(&self, actor: &Actor, name: &VersionRef) -> Result<Bytes> {
        require(actor, Role::Viewer)?;
        let version = self.known_model(name).await?;
        let Some(weights) = &version.weights else {
            return Err(ServiceError::conflict(format!(
                "{name} is served elsewhere and has no weights here."
            )));
        };
        let detail = json!({ "sha256": weights.sha256, "bytes": weights.bytes });
        self.record_copy(actor, "model.download_weights", &version.full_name(), &detail).await?;
        Ok(self.store().blobs().get_checked(BlobKind::Weights, &weights.sha256).await?)
    }

    /// What a version is, in Markdown: labels, lineage, parameters, figures.
    ///
    /// # Errors
    /// No such version.
    pub async fn model_card(&self, actor: &Actor, name: &VersionRef) -> Result<String> {
        require(actor, Role::Viewer)?;
        let version = self.known_model(name).await?;
        let base = match version.base_id {
            Some(id) => self.store().models().find(id).await?,
            None => None,
        };
        let experiment = match version.experiment_id {
            Some(id) => self.store().experiments().find(id).await?,
            None => None,
        };
        Ok(card(&version, base.as_ref(), experiment.as_ref()))
    }

    /// Makes the next version of a model out of weights that another Fovea
    /// exported; their labels are in them.
    ///
    /// # Errors
    /// Admins only; bytes that are no weights of ours.
    pub async fn import_model(&self, actor: &Actor, model: Name, weights: Bytes) -> Result<ModelVersion> {
        require(actor, Role::Admin)?;
        let loader = self.inner.parts.loader.clone();
        let tried = weights.clone();
        let loaded = blocking(move || Ok(loader.load(&tried))).await?;
        let loaded = loaded.map_err(|error| ServiceError::invalid_at("weights", error.to_string()))?;
        let length = weights.len() as u64;
        let sha256 = self.store().blobs().put(BlobKind::Weights, weights).await?;
        let new = NewModelVersion {
            id: self.new_id(),
            model_id: self.new_id(),
            model,
            labels: loaded.labels().to_vec(),
            weights: Some(WeightsRef { sha256, bytes: length }),
            experiment_id: None,
            base_id: None,
            dataset_version_id: None,
            created: self.now(),
        };
        let sha256 = new.weights.as_ref().map(|weights| weights.sha256.clone());
        let act = self.act(actor, "model.import", json!({ "sha256": sha256 }));
        Ok(self.store().models().create_version(new, act).await?)
    }

    /// Deletes a version that nothing uses or ever used.
    ///
    /// # Errors
    /// Admins only; no such version, or one that a deployment, a prediction, a
    /// training or a comparison refers to.
    pub async fn delete_model(&self, actor: &Actor, name: &VersionRef) -> Result<()> {
        require(actor, Role::Admin)?;
        let version = self.known_model(name).await?;
        let act = self.act(actor, "model.delete", json!({}));
        let orphaned = self.store().models().delete(version.id, act).await?;
        // The version is gone: a file that stays behind is no failure of the act.
        if let Some(sha256) = orphaned
            && let Err(error) = self.store().blobs().delete(BlobKind::Weights, &sha256).await
        {
            tracing::warn!(%error, sha256, "weights that no version has any more cannot be removed");
        }
        Ok(())
    }
}

fn card(version: &ModelVersion, base: Option<&ModelVersion>, experiment: Option<&Experiment>) -> String {
    let mut text = format!("# {}\n\n| what | value |\n|---|---|\n", version.full_name());
    let mut fact = |name: &str, value: &str| {
        // Writing into a text does not fail.
        let _ = writeln!(text, "| {name} | {} |", value.replace('|', "\\|"));
    };
    fact("made", &version.created.to_string());
    let labels: Vec<&str> = version.labels.iter().map(domain::name::Label::as_str).collect();
    fact("labels, in the order of the outputs", &labels.join(", "));
    if let Some(weights) = &version.weights {
        fact("weights, SHA-256", &weights.sha256);
        fact("weights, bytes", &weights.bytes.to_string());
    }
    if let Some(base) = base {
        fact("started from", &base.full_name());
    }
    if let Some(experiment) = experiment {
        fact("experiment", experiment.name.as_str());
        fact("data", &format!("{}, fingerprint {}", experiment.dataset, experiment.fingerprint));
        fact("program", &experiment.code_version);
        let params = json!(experiment.params).to_string();
        fact("parameters", &params);
    }
    text.push_str("\n| measured on | images | AP | AP50 | AP75 |\n|---|---|---|---|---|\n");
    for evaluation in &version.evaluations {
        let s = &evaluation.summary;
        let _ = writeln!(
            text,
            "| {} {} | {} | {:.3} | {:.3} | {:.3} |",
            evaluation.dataset, evaluation.split, evaluation.images, s.AP, s.AP50, s.AP75
        );
    }
    text
}
