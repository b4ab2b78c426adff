//! Models on their way out and in as files, and out for good.

use crate::{Admin, As, Catalogue, Result, ServiceError, Viewer, base::blocking};
use bytes::Bytes;
use domain::{
    access::Actor,
    model::{Experiment, ModelVersion, WeightsRef},
    name::{Label, Name, VersionRef},
};
use serde_json::json;
use std::{fmt::Write as _, path::Path};
use store::{BlobKind, BlobStream, NewModelVersion};

impl Catalogue {
    /// The weights of a version, their hash checked.
    ///
    /// # Errors
    /// No such version, or one that is served elsewhere.
    pub async fn model_weights(&self, actor: &As<Viewer>, name: &VersionRef) -> Result<Bytes> {
        let sha256 = self.copied_weights(actor, name).await?;
        Ok(self.base.store().blobs().get_checked(BlobKind::Weights, &sha256).await?)
    }

    /// The same as it is sent: the last piece only comes when the hash is right.
    ///
    /// # Errors
    /// As there; in the stream also those of the storage.
    pub async fn model_weights_stream(&self, actor: &As<Viewer>, name: &VersionRef) -> Result<BlobStream> {
        let sha256 = self.copied_weights(actor, name).await?;
        Ok(self.base.store().blobs().get_checked_stream(BlobKind::Weights, &sha256).await?)
    }

    /// The key of the weights that somebody takes a copy of, which is recorded.
    async fn copied_weights(&self, actor: &Actor, name: &VersionRef) -> Result<String> {
        let version = self.base.known_model(name).await?;
        let weights = version.weights.as_ref().ok_or_else(|| {
            ServiceError::conflict(format!("{name} is served elsewhere and has no weights here."))
        })?;
        let detail = json!({ "sha256": weights.sha256, "bytes": weights.bytes });
        self.base.record_copy(actor, "model.download_weights", &version.full_name(), &detail).await?;
        Ok(weights.sha256.clone())
    }

    /// What a version is, in Markdown: labels, lineage, parameters, figures.
    ///
    /// # Errors
    /// No such version.
    pub async fn model_card(&self, _: &As<Viewer>, name: &VersionRef) -> Result<String> {
        let version = self.base.known_model(name).await?;
        let base = match version.base_id {
            Some(id) => self.base.store().models().find(id).await?,
            None => None,
        };
        let experiment = match version.experiment_id {
            Some(id) => self.base.store().experiments().find(id).await?,
            None => None,
        };
        Ok(card(&version, base.as_ref(), experiment.as_ref()))
    }

    /// Makes the next version of a model out of a file of weights that another
    /// Fovea exported; their labels are in them.
    ///
    /// # Errors
    /// Admins only; a file that cannot be read, or is none of our weights.
    pub async fn import_model(&self, actor: &As<Admin>, model: Name, weights: &Path) -> Result<ModelVersion> {
        let labels = self.labels_of(weights).await?;
        let files = self.base.store().files();
        let (sha256, length) = files.put_file(BlobKind::Weights, weights, self.base.now()).await?;
        let new = NewModelVersion {
            id: self.base.new_id(),
            model_id: self.base.new_id(),
            model,
            labels,
            weights: Some(WeightsRef { sha256, bytes: length }),
            experiment_id: None,
            base_id: None,
            dataset_version_id: None,
            created: self.base.now(),
        };
        let sha256 = new.weights.as_ref().map(|weights| weights.sha256.clone());
        let act = self.base.act(actor, "model.import", json!({ "sha256": sha256 }));
        Ok(self.base.store().models().create_version(new, act).await?)
    }

    /// Loads weights to see that they are some, and of what.
    async fn labels_of(&self, weights: &Path) -> Result<Vec<Label>> {
        // They are in memory as a whole meanwhile: one file at a time.
        let _alone = self.importing.lock().await;
        let (loader, file) = (self.loader.clone(), weights.to_owned());
        let loaded = blocking(move || {
            let bytes = std::fs::read(&file).map_err(|error| ServiceError::Internal(error.to_string()))?;
            Ok(loader.load(&bytes))
        });
        let loaded = loaded.await?;
        let loaded = loaded.map_err(|error| ServiceError::invalid_at("weights", error.to_string()))?;
        Ok(loaded.labels().to_vec())
    }

    /// Deletes a version that nothing uses or ever used.
    ///
    /// # Errors
    /// Admins only; no such version, or one that a deployment, a prediction, a
    /// training or a comparison refers to.
    pub async fn delete_model(&self, actor: &As<Admin>, name: &VersionRef) -> Result<()> {
        let version = self.base.known_model(name).await?;
        let act = self.base.act(actor, "model.delete", json!({}));
        Ok(self.base.store().models().delete(version.id, act).await?)
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
    for evaluation in &version.evaluations {
        if let Some(caveat) = evaluation.caveat() {
            let _ = write!(text, "\n{} {}: {caveat}.\n", evaluation.dataset, evaluation.split);
        }
    }
    text
}
