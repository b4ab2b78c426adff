//! What is worked out of an arriving picture beside its boxes: how it looks,
//! and how unusual it is.

use crate::{
    Result,
    base::loaded_models::{Predictors, infer},
    base::{Base, blocking},
};
use domain::{
    ids::{DeploymentId, ModelVersionId},
    inference::Pixels,
    training_data::{Appearance, Reference, ReferenceContents},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use store::Outlier;
use tokio::time::Instant;

/// How long another process's change may stay unseen here. A change made by
/// this process is seen at once.
const FRESH_FOR: Duration = Duration::from_secs(2);

/// A reference that is ready, in memory.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) reference: Reference,
    /// Whether its embeddings come from its model, and not from pixels.
    embeds: bool,
    pub(crate) contents: ReferenceContents,
}

/// When it was asked for, and what was found.
type LoadedAt = (Instant, Option<Arc<Loaded>>);

/// References in memory, by deployment.
#[derive(Default)]
struct KnownReferences {
    known: RwLock<HashMap<DeploymentId, LoadedAt>>,
}

impl KnownReferences {
    fn get(&self, id: DeploymentId) -> Option<(bool, Option<Arc<Loaded>>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).map(|(since, loaded)| (since.elapsed() < FRESH_FOR, loaded.clone()))
    }

    fn keep(&self, id: DeploymentId, since: Instant, loaded: Option<Arc<Loaded>>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(id, (since, loaded));
    }

    fn forget(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What deployments are compared with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct References {
    base: Base,
    predictors: Predictors,
    cache: Arc<KnownReferences>,
}

impl References {
    pub(crate) fn new(base: Base, predictors: Predictors) -> Self {
        Self { base, predictors, cache: Arc::default() }
    }

    /// Called whenever a deployment is compared with something else.
    pub(crate) fn forget(&self) {
        self.cache.forget();
    }

    /// The reference that a deployment is compared with, if it is ready; as
    /// it was at most two seconds ago.
    pub(crate) async fn loaded_reference(&self, id: DeploymentId) -> Result<Option<Arc<Loaded>>> {
        let known = self.cache.get(id);
        if let Some((true, loaded)) = known {
            return Ok(loaded);
        }
        // The moment before the read: what changes meanwhile counts as unseen.
        let since = Instant::now();
        let monitoring = self.base.store().monitoring();
        let data = monitoring.training_data(id).await?;
        let loaded = match data.ready() {
            None => None,
            Some(reference) => match known.and_then(|(_, loaded)| loaded) {
                Some(loaded) if loaded.reference.id == reference.id => Some(loaded),
                _ => self.read_reference(reference).await?,
            },
        };
        self.cache.keep(id, since, loaded.clone());
        Ok(loaded)
    }

    /// What a reference holds. One that is damaged fails for all to see:
    /// otherwise every look at the deployment would fail on it for ever.
    async fn read_reference(&self, reference: &Reference) -> Result<Option<Arc<Loaded>>> {
        let monitoring = self.base.store().monitoring();
        match monitoring.reference_contents(reference.id).await {
            Ok(None) => Ok(None),
            Ok(Some(contents)) => {
                let embeds = self.base.known_version(reference.model_version_id).await?.embeds();
                Ok(Some(Arc::new(Loaded { reference: reference.clone(), embeds, contents })))
            }
            Err(error @ store::StoreError::Corrupt { .. }) => {
                tracing::error!(%error, reference = %reference.id, "a reference cannot be read any more");
                let message = "What was stored of it is damaged: have its images looked at again.";
                monitoring.fail_reference(reference.id, message).await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// How unusual an image is; `None` without a reference that can say so.
    /// `embedding` is what `model` made of the image, if that is known; the
    /// reference's own embedder is asked when that is another one. A score that
    /// cannot be had is missing: it never keeps a prediction from being stored.
    pub(crate) async fn outlier(
        &self,
        deployment: DeploymentId,
        model: ModelVersionId,
        embedding: Option<&[f32]>,
        pixels: &Pixels,
    ) -> Option<Outlier> {
        match self.scored(deployment, model, embedding, pixels).await {
            Ok(outlier) => outlier,
            Err(error) => {
                tracing::warn!(%error, %deployment, "an image has no outlier score");
                None
            }
        }
    }

    async fn scored(
        &self,
        deployment: DeploymentId,
        model: ModelVersionId,
        embedding: Option<&[f32]>,
        pixels: &Pixels,
    ) -> Result<Option<Outlier>> {
        let Some(loaded) = self.loaded_reference(deployment).await? else { return Ok(None) };
        if loaded.contents.index.is_none() {
            return Ok(None);
        }
        let embedder = loaded.reference.model_version_id;
        let embedding = match embedding {
            Some(embedding) if model == embedder => embedding.to_vec(),
            _ if loaded.embeds => {
                let predictor = self.predictors.predictor(embedder).await?;
                embedding_of(infer(&predictor, pixels.clone()).await?.embedding, pixels.clone()).await?
            }
            _ => embedding_of(None, pixels.clone()).await?,
        };
        blocking(move || {
            let ReferenceContents { index, calibration, .. } = &loaded.contents;
            let distance = index.as_ref().and_then(|index| index.distance(&embedding));
            let scored = distance.and_then(|distance| Some((calibration.score(distance)?, distance)));
            Ok(scored.map(|(score, distance)| Outlier {
                score,
                distance,
                reference: Some(loaded.reference.id),
            }))
        })
        .await
    }
}

/// What stands for an image among others: what its model's network makes of it,
/// or a description of its pixels where that makes nothing. Both have unit
/// length; the two never meet in one reference.
pub(crate) async fn embedding_of(made: Option<Vec<f32>>, pixels: Pixels) -> Result<Vec<f32>> {
    match made {
        Some(embedding) => Ok(embedding),
        None => blocking(move || Ok(imaging::descriptor(&pixels))).await,
    }
}

/// How a picture looks, by its pixels alone.
pub(crate) async fn appearance_of(pixels: Pixels) -> Result<Appearance> {
    blocking(move || Ok(imaging::properties(&pixels).appearance)).await
}
