//! Predictors that are in memory, each loaded once.

use crate::{Result, Service, ServiceError, blocking};
use domain::{
    ids::ModelVersionId,
    inference::{Expected, Inference, InferenceCounters, ModelError, Pixels, Predictor},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};
use store::BlobKind;
use tokio::sync::{Mutex, oneshot};

/// `model/number` and the model.
type Loaded = (String, Arc<dyn Predictor>);

#[derive(Default)]
pub(crate) struct LoadedModels {
    ready: RwLock<HashMap<ModelVersionId, Loaded>>,
    // One load at a time: two requests for a cold model load it once.
    loading: Mutex<()>,
}

impl LoadedModels {
    fn get(&self, id: ModelVersionId) -> Option<Arc<dyn Predictor>> {
        let ready = self.ready.read().unwrap_or_else(PoisonError::into_inner);
        ready.get(&id).map(|(_, predictor)| predictor.clone())
    }
}

impl Service {
    /// What each loaded model has done so far, by `model/number`.
    #[must_use]
    pub fn inference_counters(&self) -> Vec<(String, InferenceCounters)> {
        let ready = self.inner.models.ready.read().unwrap_or_else(PoisonError::into_inner);
        let mut counters: Vec<_> =
            ready.values().map(|(name, predictor)| (name.clone(), predictor.counters())).collect();
        counters.sort_by(|a, b| a.0.cmp(&b.0));
        counters
    }

    /// The model of this version, loaded when it is not yet. The weights'
    /// hash is checked first.
    pub(crate) async fn predictor(&self, id: ModelVersionId) -> Result<Arc<dyn Predictor>> {
        if let Some(predictor) = self.inner.models.get(id) {
            return Ok(predictor);
        }
        let _loading = self.inner.models.loading.lock().await;
        if let Some(predictor) = self.inner.models.get(id) {
            return Ok(predictor);
        }
        let version = self.known_version(id).await?;
        let Some(weights) = &version.weights else {
            let message = format!("{} is served elsewhere: send reports instead.", version.full_name());
            return Err(ServiceError::conflict(message));
        };
        let bytes = self.store().blobs().get_checked(BlobKind::Weights, &weights.sha256).await?;
        let loader = self.inner.parts.loader.clone();
        let predictor = blocking(move || Ok(loader.load(&bytes)?)).await?;
        let mut ready = self.inner.models.ready.write().unwrap_or_else(PoisonError::into_inner);
        ready.insert(id, (version.full_name(), predictor.clone()));
        Ok(predictor)
    }

    /// Keeps in memory only what a deployment uses.
    pub(crate) async fn unload_unused(&self) -> Result<()> {
        let deployments = self.store().deployments().list().await?;
        let used: Vec<ModelVersionId> = deployments
            .iter()
            .flat_map(|deployment| [Some(&deployment.champion), deployment.shadow.as_ref()])
            .flatten()
            .map(|deployed| deployed.id)
            .collect();
        let mut ready = self.inner.models.ready.write().unwrap_or_else(PoisonError::into_inner);
        ready.retain(|id, _| used.contains(id));
        Ok(())
    }
}

/// Asks a model for one image, and waits.
pub(crate) async fn infer(predictor: &Arc<dyn Predictor>, image: Pixels) -> Result<Inference> {
    infer_expected(predictor, image, Expected::default()).await
}

/// Asks a model for an image that it was told to expect, and waits.
pub(crate) async fn infer_expected(
    predictor: &Arc<dyn Predictor>,
    image: Pixels,
    expected: Expected,
) -> Result<Inference> {
    let (sender, receiver) = oneshot::channel();
    let reply = move |answer| {
        // The caller may have gone away; then nobody wants the answer.
        let _ = sender.send(answer);
    };
    drop(expected);
    predictor.predict(image, Box::new(reply));
    let answer = receiver.await.map_err(|_| ModelError::Failed("the model went away".to_owned()))?;
    Ok(answer?)
}
