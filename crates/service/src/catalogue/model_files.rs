//! Models on their way out as files, and out for good.

use crate::{Admin, As, Catalogue, Result, ServiceError, Viewer};
use bytes::Bytes;
use domain::{
    access::Actor,
    model::{Experiment, ModelVersion},
    name::VersionRef,
};
use serde_json::json;
use std::fmt::Write as _;
use store::{BlobKind, BlobStream};

impl Catalogue {
    /// The weights of a version, their hash checked.
    ///
    /// # Errors
    /// No such version, or one that is served elsewhere.
    pub async fn model_weights(&self, actor: &As<Viewer>, name: &VersionRef) -> Result<Bytes> {
        let sha256 = self.copied_weights(actor, name).await?;
        Ok(self.base.store().blobs().get_checked(BlobKind::Weights, &sha256).await?)
    }

    /// The same as it is sent, with what the file is called: the last piece
    /// only comes when the hash is right.
    ///
    /// # Errors
    /// As there; in the stream also those of the storage.
    pub async fn model_weights_stream(
        &self,
        actor: &As<Viewer>,
        name: &VersionRef,
    ) -> Result<(String, BlobStream)> {
        let sha256 = self.copied_weights(actor, name).await?;
        let file_name = self.base.known_model(name).await?.file_name().unwrap_or_default();
        Ok((file_name, self.base.store().blobs().get_checked_stream(BlobKind::Weights, &sha256).await?))
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
    fact("task", version.task.as_str());
    if let Some(weights) = &version.weights {
        fact("format", weights.format.label());
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
        fact("trainer", experiment.params.trainer_name());
        let params = json!(experiment.params.to_map()).to_string();
        fact("parameters", &params);
    }
    if let Some(recipe) = version.weights.as_ref().and_then(|weights| weights.recipe.as_ref()) {
        let _ = write!(text, "\n{}\n\n```json\n{}\n```\n", recipe, recipe.to_json());
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
