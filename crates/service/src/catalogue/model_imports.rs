//! Model files on their way in: looked at, tried, and made the next version of
//! a model.

use crate::{
    Admin, As, Catalogue, Result, ServiceError,
    base::blocking,
    catalogue::models::{check_labels, next_version},
};
use bytes::Bytes;
use domain::{
    inference::{ImportHints, Inspected, ModelError, Unrecognised},
    model::{ModelVersion, WeightsRef},
    name::{Name, label_list},
    recipe::Recipe,
};
use serde_json::json;
use std::path::Path;
use store::BlobKind;

/// Most bytes of a model's file: it is looked at in memory, as a whole.
pub const MOST_MODEL_BYTES: u64 = 1 << 30;

/// A version that was made of a file, and what was seen of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedModel {
    /// The version.
    pub version: ModelVersion,
    /// What the file turned out to be.
    pub inspected: Inspected,
}

/// What a person says of a model file: a recipe as JSON and labels as
/// [`label_list`] reads them; empty texts say nothing.
///
/// # Errors
/// A recipe that cannot be followed, with the field; a text that is no label,
/// no label twice.
pub fn model_hints(recipe: &str, labels: &str) -> Result<ImportHints> {
    let recipe = Some(recipe.trim()).filter(|text| !text.is_empty());
    let recipe = recipe
        .map(Recipe::from_json)
        .transpose()
        .map_err(|fault| ServiceError::invalid_at("recipe", format!("The recipe: {fault}.")))?;
    let labels = label_list(labels).map_err(|error| ServiceError::invalid_at("labels", error.to_string()))?;
    if !labels.is_empty() {
        check_labels(&labels)?;
    }
    Ok(ImportHints { recipe, labels })
}

impl Catalogue {
    /// Makes the next version of a model out of a file: weights that a Fovea
    /// exported, or an ONNX graph. Which of the two its bytes say.
    ///
    /// # Errors
    /// Admins only; a file that cannot be read, is no model, or does not say
    /// how it is to be asked: then with a recipe to start from.
    pub async fn import_model(
        &self,
        actor: &As<Admin>,
        model: Name,
        file: &Path,
        hints: ImportHints,
    ) -> Result<ImportedModel> {
        let inspected = self.inspect_file(file, hints).await?.map_err(|error| refusal(&error))?;
        let files = self.base.store().files();
        let (sha256, bytes) = files.put_unclaimed_file(BlobKind::Weights, file, self.base.now()).await?;
        let act =
            self.base.act(actor, "model.import", json!({ "sha256": sha256, "format": inspected.format }));
        let new = next_version(
            &self.base,
            model,
            inspected.labels.clone(),
            Some(weights(&inspected, sha256, bytes)),
        );
        let version = self.base.store().models().create_version(new, act).await?;
        Ok(ImportedModel { version, inspected })
    }

    async fn inspect_file(
        &self,
        file: &Path,
        hints: ImportHints,
    ) -> Result<std::result::Result<Inspected, ModelError>> {
        let length = tokio::fs::metadata(file).await?.len();
        if length > MOST_MODEL_BYTES {
            let reason = format!("the file has {length} bytes; at most {MOST_MODEL_BYTES} are read");
            return Ok(Err(ModelError::Weights(reason)));
        }
        let alone = self.importing.lock().await;
        let bytes = Bytes::from(tokio::fs::read(file).await?);
        let inspected = self.inspect(bytes, hints).await;
        drop(alone);
        inspected
    }

    /// Looks at a file that is in memory as a whole: the caller holds
    /// `importing`, so that there is one at a time.
    pub(crate) async fn inspect(
        &self,
        bytes: Bytes,
        hints: ImportHints,
    ) -> Result<std::result::Result<Inspected, ModelError>> {
        let loader = self.loader.clone();
        let inspected = blocking(move || Ok(loader.inspect(&bytes, &hints))).await?;
        match inspected {
            Ok(inspected) => {
                check_labels(&inspected.labels)?;
                Ok(Ok(inspected))
            }
            Err(error @ (ModelError::Weights(_) | ModelError::Unrecognised(_))) => Ok(Err(error)),
            Err(error) => Err(error.into()),
        }
    }
}

/// How the version of an inspected file names it.
pub(crate) fn weights(inspected: &Inspected, sha256: String, bytes: u64) -> WeightsRef {
    WeightsRef { sha256, bytes, format: inspected.format, recipe: inspected.recipe.clone() }
}

/// Why a file makes no version, in words for who sent it.
pub(crate) fn refusal(error: &ModelError) -> ServiceError {
    match error {
        ModelError::Weights(reason) => {
            ServiceError::invalid_at("file", format!("The file makes no model: {reason}."))
        }
        ModelError::Unrecognised(unrecognised) => {
            ServiceError::invalid_at("recipe", unrecognised_words(unrecognised))
        }
        error => ServiceError::invalid_at("file", error.to_string()),
    }
}

fn unrecognised_words(unrecognised: &Unrecognised) -> String {
    let Unrecognised { reason, seen, recipe } = unrecognised;
    let seen: String = seen.iter().map(|line| format!("\n  {line}")).collect();
    format!(
        "The file is a model, but Fovea cannot tell by itself how to ask it for boxes: {reason}.\nSeen:{seen}\nGive a recipe, \
         and labels if there are none. One to start from, with what is wrong in it to be changed:\n{}",
        recipe.to_json()
    )
}
