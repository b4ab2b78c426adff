//! A model file before it is imported: kept for an hour, looked at, tried on
//! pictures, and then made a version or forgotten.

mod last_look;
mod start;

pub(crate) use last_look::LastLook;
pub use start::{OfferedFrom, OfferedPicture, WaitingModel};

use crate::{
    Admin, As, Catalogue, Result, ServiceError,
    base::loaded_models::{infer, named_boxes},
    base::person,
    catalogue::{
        model_imports::{model_hints, refusal, weights},
        models::next_version,
    },
};
use bytes::Bytes;
use domain::{
    access::Actor,
    fault::{ApiError, ErrorKind},
    geometry::Size,
    ids::StagedModelId,
    inference::{ImportHints, Inspected, ModelError, ModelFile},
    model::ModelVersion,
    name::Name,
    prediction::PredictedBox,
};
use serde_json::json;
use std::{path::Path, time::Duration};
use store::{BlobKind, Said, StagedModel, StagingLimits};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

/// How long a file waits since its owner last did something with it.
const KEPT_MS: i64 = 3_600_000;
/// What one person may have waiting: files, and bytes of all of them.
const EACH: StagingLimits = StagingLimits { files: 4, bytes: 1 << 30 };
/// How long one picture may take to be predicted on trial: a large transformer
/// beside a training takes more than half a minute.
const TRIAL_PATIENCE: Duration = Duration::from_secs(120);

/// A file that waits, and what it turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Staged {
    /// The file.
    pub file: StagedModel,
    /// What it is, or why it cannot be imported as it is.
    pub outcome: std::result::Result<Inspected, StagedFault>,
}

/// Why a file cannot be imported as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedFault {
    /// In a sentence.
    pub reason: String,
    /// Inputs, outputs and metadata of the file, each in a line.
    pub seen: Vec<String>,
    /// A recipe to start from, as JSON; empty where none would help.
    pub recipe: String,
}

/// What a staged model says of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Of the upright picture.
    pub size: Size,
    /// By falling score, from 0.01 or `--least-score` on.
    pub boxes: Vec<PredictedBox>,
    /// From the decoded picture to boxes; the first run is slower than later ones.
    pub latency_ms: f64,
}

impl Catalogue {
    /// This person's turn to send a model file, which lasts as long as what
    /// comes back: one at a time.
    ///
    /// # Errors
    /// Admins only; `Busy` when another one is still being sent.
    pub async fn sending_turn(&self, actor: &As<Admin>) -> Result<Option<OwnedSemaphorePermit>> {
        self.uploads.turn(actor).await
    }

    /// Room for one more file of this person's, before any of it is sent; held
    /// as long as it is being sent, so that there is one at a time.
    ///
    /// # Errors
    /// Admins only; `Conflict` when too many wait already, `Busy` when another
    /// one is still being sent.
    pub async fn staging_room(&self, actor: &As<Admin>) -> Result<Option<OwnedSemaphorePermit>> {
        let turn = self.uploads.turn(actor).await?;
        self.base.store().staged_models().expire(self.base.now()).await?;
        let there = self.base.store().staged_models().of_owner(&person(actor)).await?;
        if there.len() >= EACH.files || there.iter().map(|staged| staged.bytes).sum::<u64>() >= EACH.bytes {
            let message = format!(
                "{} files of yours wait to be imported: import or discard one of them first.",
                there.len()
            );
            return Err(ServiceError::conflict(message));
        }
        Ok(turn)
    }

    /// Keeps a file for an hour, and looks at it.
    ///
    /// # Errors
    /// Admins only; a file that is no model at all, too many files.
    pub async fn stage_model(&self, actor: &As<Admin>, file: &Path, filename: &str) -> Result<Staged> {
        let now = self.base.now();
        let files = self.base.store().files();
        let (sha256, bytes) = files.put_unclaimed_file(BlobKind::Weights, file, now).await?;
        let said = Said { filename: short(filename), ..Said::default() };
        let staged = StagedModel {
            id: self.base.new_id(),
            owner: person(actor),
            sha256,
            bytes,
            said,
            expires: now.plus_ms(KEPT_MS),
        };
        let staged = self.looked_at(staged).await?;
        if let Err(fault) = &staged.outcome
            && fault.recipe.is_empty()
        {
            return Err(ServiceError::invalid_at("file", fault.reason.clone()));
        }
        self.base.store().staged_models().insert(&staged.file, EACH).await?;
        Ok(staged)
    }

    /// This person's files, the latest first.
    ///
    /// # Errors
    /// Admins only.
    pub async fn staged_models(&self, actor: &As<Admin>) -> Result<Vec<StagedModel>> {
        let now = self.base.now();
        let all = self.base.store().staged_models().of_owner(&person(actor)).await?;
        Ok(all.into_iter().filter(|staged| staged.expires > now).collect())
    }

    /// A file, and what it turned out to be.
    ///
    /// # Errors
    /// Admins only; no such file of this person's.
    pub async fn staged_model(&self, actor: &As<Admin>, id: StagedModelId) -> Result<Staged> {
        let file = self.known_staged(actor, id).await?;
        self.looked_at(file).await
    }

    /// Sets what is said of a file: a recipe as JSON and labels as a list;
    /// empty texts leave it to the file. It waits for another hour.
    ///
    /// # Errors
    /// Admins only; no such file; a recipe that cannot be followed, labels
    /// that are none.
    pub async fn describe_staged_model(
        &self,
        actor: &As<Admin>,
        id: StagedModelId,
        recipe: &str,
        labels: &str,
    ) -> Result<Staged> {
        let mut file = self.known_staged(actor, id).await?;
        let hints = model_hints(recipe, labels)?;
        file.said.recipe = hints.recipe.as_ref().map(domain::recipe::Recipe::to_json).unwrap_or_default();
        file.said.labels = hints.labels;
        file.expires = self.base.now().plus_ms(KEPT_MS);
        let staged = self.looked_at(file).await?;
        self.base.store().staged_models().update(&staged.file).await?;
        Ok(staged)
    }

    /// What a file says of a picture, which is not kept.
    ///
    /// # Errors
    /// Admins only; no such file, one that cannot be imported as it is, bytes
    /// that are no image or beyond the limits, a model that takes too long.
    pub async fn try_staged_model(
        &self,
        actor: &As<Admin>,
        id: StagedModelId,
        image: Bytes,
    ) -> Result<Trial> {
        let file = self.known_staged(actor, id).await?;
        let image = self.images.decode_image(image).await?;
        let Staged { file, outcome } = self.looked_at(file).await?;
        let inspected = outcome.map_err(|fault| ServiceError::invalid_at("recipe", fault.reason))?;
        // One network at a time is held in memory beside those that serve.
        let alone = self.importing.lock().await;
        let bytes = self.base.store().blobs().get_checked(BlobKind::Weights, &file.sha256).await?;
        let loader = self.loader.clone();
        let predictor = crate::base::blocking(move || {
            let Inspected { format, labels, recipe, .. } = &inspected;
            let (format, recipe) = (*format, recipe.as_ref());
            Ok(loader.load(ModelFile { format, bytes: &bytes, recipe, labels })?)
        })
        .await?;
        let begun = Instant::now();
        let trial = infer(&predictor, image.pixels.clone());
        let Ok(inference) = tokio::time::timeout(TRIAL_PATIENCE, trial).await else {
            let seconds = TRIAL_PATIENCE.as_secs();
            let message = format!("The model takes longer than {seconds} seconds for this picture.");
            return Err(ApiError::new(ErrorKind::TooLarge, message).at("image").into());
        };
        let latency_ms = begun.elapsed().as_secs_f64() * 1e3;
        drop(alone);
        let boxes = named_boxes(inference?.detections, predictor.labels());
        Ok(Trial { size: image.pixels.size(), boxes, latency_ms })
    }

    /// Makes a file the next version of a model.
    ///
    /// # Errors
    /// Admins only; no such file, or one that cannot be imported as it is.
    pub async fn import_staged_model(
        &self,
        actor: &As<Admin>,
        id: StagedModelId,
        model: Name,
    ) -> Result<ModelVersion> {
        let file = self.known_staged(actor, id).await?;
        let Staged { file, outcome } = self.looked_at(file).await?;
        let inspected = outcome.map_err(|fault| ServiceError::invalid_at("recipe", fault.reason))?;
        let detail = json!({ "sha256": file.sha256, "format": inspected.format });
        let weights = weights(&inspected, file.sha256, file.bytes);
        let new = next_version(&self.base, model, inspected.labels, Some(weights));
        let act = self.base.act(actor, "model.import", detail);
        Ok(self.base.store().staged_models().import(file.id, &file.owner, new, act).await?)
    }

    /// Forgets a file.
    ///
    /// # Errors
    /// Admins only; no such file of this person's.
    pub async fn discard_staged_model(&self, actor: &As<Admin>, id: StagedModelId) -> Result<()> {
        Ok(self.base.store().staged_models().discard(id, &person(actor), self.base.now()).await?)
    }

    async fn known_staged(&self, actor: &Actor, id: StagedModelId) -> Result<StagedModel> {
        let staged = self.base.store().staged_models().find(id, &person(actor), self.base.now()).await?;
        staged.ok_or_else(|| {
            ServiceError::not_found("The file is not here any more: it waits for an hour. Send it again.")
        })
    }

    async fn looked_at(&self, file: StagedModel) -> Result<Staged> {
        if let Some(outcome) = self.last_look.of(&file) {
            return Ok(Staged { file, outcome });
        }
        let hints = hints(&file)?;
        let alone = self.importing.lock().await;
        let bytes = self.base.store().blobs().get_checked(BlobKind::Weights, &file.sha256).await?;
        let outcome = self.inspect(bytes, hints).await?.map_err(|error| fault(&error));
        drop(alone);
        self.last_look.remember(&file, &outcome);
        Ok(Staged { file, outcome })
    }
}

/// What was said of a file and checked then.
fn hints(file: &StagedModel) -> Result<ImportHints> {
    let hints = model_hints(&file.said.recipe, "")?;
    Ok(ImportHints { labels: file.said.labels.clone(), ..hints })
}

fn fault(error: &ModelError) -> StagedFault {
    match error {
        ModelError::Unrecognised(unrecognised) => StagedFault {
            reason: format!(
                "Fovea cannot tell by itself how to ask the model for boxes: {}.",
                unrecognised.reason
            ),
            seen: unrecognised.seen.clone(),
            recipe: unrecognised.recipe.to_json(),
        },
        error => StagedFault {
            reason: ApiError::from(refusal(error)).message,
            seen: Vec::new(),
            recipe: String::new(),
        },
    }
}

/// A file's name, as much of it as people read.
fn short(filename: &str) -> String {
    filename.chars().filter(|c| !domain::name::is_hidden(*c)).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_hides_what_it_is_is_shown_without_that() {
        assert_eq!(short("a\u{202e}xnno.exe\n"), "axnno.exe");
        assert_eq!(short(&"x".repeat(300)).len(), 200);
    }
}
