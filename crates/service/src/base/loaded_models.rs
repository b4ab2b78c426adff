//! Predictors that are in memory, each loaded once.

use crate::{
    Result, ServiceError,
    base::{Base, blocking},
};
use domain::{
    ids::ModelVersionId,
    inference::{
        Detection, Expected, Inference, InferenceCounters, ModelError, ModelFile, Pixels, Predictor,
        PredictorLoader,
    },
    name::Label,
    prediction::PredictedBox,
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
struct LoadedModels {
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

/// The models that answer here. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Predictors {
    base: Base,
    loader: Arc<dyn PredictorLoader>,
    models: Arc<LoadedModels>,
}

impl Predictors {
    pub(crate) fn new(base: Base, loader: Arc<dyn PredictorLoader>) -> Self {
        Self { base, loader, models: Arc::default() }
    }

    /// What each loaded model has done so far, by `model/number`.
    #[must_use]
    pub(crate) fn inference_counters(&self) -> Vec<(String, InferenceCounters)> {
        let ready = self.models.ready.read().unwrap_or_else(PoisonError::into_inner);
        let mut counters: Vec<_> =
            ready.values().map(|(name, predictor)| (name.clone(), predictor.counters())).collect();
        counters.sort_by(|a, b| a.0.cmp(&b.0));
        counters
    }

    /// The model of this version, loaded when it is not yet. The weights'
    /// hash is checked first.
    pub(crate) async fn predictor(&self, id: ModelVersionId) -> Result<Arc<dyn Predictor>> {
        if let Some(predictor) = self.models.get(id) {
            return Ok(predictor);
        }
        let _loading = self.models.loading.lock().await;
        if let Some(predictor) = self.models.get(id) {
            return Ok(predictor);
        }
        let version = self.base.known_version(id).await?;
        let Some(weights) = version.weights.clone() else {
            let message = format!("{} is served elsewhere: send reports instead.", version.full_name());
            return Err(ServiceError::conflict(message));
        };
        let bytes = self.base.store().blobs().get_checked(BlobKind::Weights, &weights.sha256).await?;
        let loader = self.loader.clone();
        let name = version.full_name();
        let predictor = blocking(move || {
            let file = ModelFile {
                format: weights.format,
                bytes: &bytes,
                recipe: weights.recipe.as_ref(),
                labels: &version.labels,
            };
            Ok(loader.load(file)?)
        })
        .await?;
        let mut ready = self.models.ready.write().unwrap_or_else(PoisonError::into_inner);
        ready.insert(id, (name, predictor.clone()));
        Ok(predictor)
    }

    /// Keeps in memory only what a deployment uses; all of it where that
    /// cannot be read.
    pub(crate) async fn unload_unused(&self) {
        let listed = async { Ok(self.base.store().deployments().list().await?) };
        let Some(deployments) = self.base.isolated("unloading models", &"all deployments", listed).await
        else {
            return;
        };
        let used: Vec<ModelVersionId> = deployments
            .iter()
            .flat_map(|deployment| [Some(&deployment.champion), deployment.shadow.as_ref()])
            .flatten()
            .map(|deployed| deployed.id)
            .collect();
        let mut ready = self.models.ready.write().unwrap_or_else(PoisonError::into_inner);
        ready.retain(|id, _| used.contains(id));
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

/// A model's own detections, with their labels' names.
pub(crate) fn named_boxes(detections: Vec<Detection>, labels: &[Label]) -> Vec<PredictedBox> {
    detections
        .into_iter()
        .filter_map(|detection| {
            let label = labels.get(detection.class)?.clone();
            Some(PredictedBox { label, score: detection.score, rect: detection.rect })
        })
        .collect()
}
