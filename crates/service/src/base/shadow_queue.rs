//! Shadows that run: after the champion has answered, the shadow sees the
//! same stored image, one at a time, in the background.
//!
//! The queue is bounded and lives in memory: what comes when it is full, or
//! is left in it when the process ends, is never looked at, and missing from
//! the coverage. A replay catches up. The champion goes first: as long as it
//! works on an image, no shadow begins one.

use crate::{
    Result,
    base::Base,
    base::images::Images,
    base::loaded_models::{Predictors, infer, named_boxes},
};
use domain::{
    deployment::{Deployment, ShadowQueue},
    ids::{ModelVersionId, PredictionId},
    prediction::{Prediction, disagreement},
};
use std::{
    sync::{
        Arc, OnceLock, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use store::{BlobKind, NewShadow};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::Instant,
};

/// How often a shadow looks whether the champion is done.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// A champion that is never done must not keep its shadow from all images.
const MOST_PATIENCE: Duration = Duration::from_secs(5);

/// An image that a shadow is to see.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    prediction: PredictionId,
    model: ModelVersionId,
}

/// Images on their way to shadows.
#[derive(Default)]
struct Shadows {
    sender: OnceLock<Sender<Waiting>>,
    waiting: AtomicU64,
    done: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    champions: AtomicU64,
}

/// The champion at work on an image, until dropped.
pub(crate) struct ChampionAtWork<'a>(&'a Shadows);

impl Drop for ChampionAtWork<'_> {
    fn drop(&mut self) {
        self.0.champions.fetch_sub(1, Relaxed);
    }
}

impl Shadows {
    fn champion_at_work(&self) -> ChampionAtWork<'_> {
        self.champions.fetch_add(1, Relaxed);
        ChampionAtWork(self)
    }

    fn counts(&self) -> ShadowQueue {
        ShadowQueue {
            waiting: self.waiting.load(Relaxed),
            done: self.done.load(Relaxed),
            failed: self.failed.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
        }
    }

    /// Returns when no champion is at work, or when that never seems to be.
    async fn champions_rest(&self) {
        let begun = Instant::now();
        while self.champions.load(Relaxed) > 0 && begun.elapsed() < MOST_PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Lets shadows see images. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ShadowRunner {
    inner: Arc<Inner>,
}

struct Inner {
    base: Base,
    images: Images,
    predictors: Predictors,
    queue: Shadows,
}

impl ShadowRunner {
    pub(crate) fn new(base: Base, images: Images, predictors: Predictors) -> Self {
        Self { inner: Arc::new(Inner { base, images, predictors, queue: Shadows::default() }) }
    }

    /// Notes that the champion works on an image.
    pub(crate) fn champion_at_work(&self) -> ChampionAtWork<'_> {
        self.inner.queue.champion_at_work()
    }

    /// What shadows have done since this process began.
    #[must_use]
    pub(crate) fn counts(&self) -> ShadowQueue {
        self.inner.queue.counts()
    }

    /// Lets the deployment's shadow see a stored image, soon. Never waits.
    pub(crate) fn shadow_later(&self, deployment: &Deployment, prediction: PredictionId) {
        let Some(shadow) = deployment.shadow.as_ref().filter(|shadow| shadow.runnable) else { return };
        let shadows = &self.inner.queue;
        let sender = shadows.sender.get_or_init(|| {
            let (sender, receiver) = channel(self.inner.base.limits().shadow_queue.max(1));
            tokio::spawn(look(Arc::downgrade(&self.inner), receiver));
            sender
        });
        // Before it is sent: who takes it out counts it down.
        shadows.waiting.fetch_add(1, Relaxed);
        if sender.try_send(Waiting { prediction, model: shadow.id }).is_err() {
            shadows.waiting.fetch_sub(1, Relaxed);
            shadows.dropped.fetch_add(1, Relaxed);
        }
    }

    /// Lets a model see the stored image of a prediction as a shadow, and
    /// stores what it saw: in the place of another shadow's boxes if
    /// `replace`.
    pub(crate) async fn look_as_shadow(
        &self,
        id: PredictionId,
        model: ModelVersionId,
        replace: bool,
    ) -> Result<()> {
        let prediction = self.inner.base.known_prediction(id).await?;
        let Some(shadow) = self.seen_by(&prediction, model).await? else { return Ok(()) };
        let predictions = self.inner.base.store().predictions();
        match replace {
            true => predictions.replace_shadow(id, &shadow).await?,
            false => predictions.attach_shadow(id, &shadow).await?,
        }
        Ok(())
    }

    /// What a model sees in the stored image of a prediction; `None` without
    /// one. Stores nothing.
    pub(crate) async fn seen_by(
        &self,
        prediction: &Prediction,
        model: ModelVersionId,
    ) -> Result<Option<NewShadow>> {
        let Some(image) = &prediction.image else { return Ok(None) };
        let predictor = self.inner.predictors.predictor(model).await?;
        let bytes = self.inner.base.store().blobs().get(BlobKind::Images, image).await?;
        let begun = Instant::now();
        let decoded = self.inner.images.decode_image(bytes).await?;
        let inference = infer(&predictor, decoded.pixels).await?;
        let latency_ms = begun.elapsed().as_secs_f64() * 1e3;
        let boxes = named_boxes(inference.detections, predictor.labels());
        let differs = disagreement(&prediction.boxes, &boxes, prediction.threshold);
        Ok(Some(NewShadow { model_version_id: Some(model), latency_ms, boxes, disagreement: Some(differs) }))
    }

    /// The same, but never longer than a shadow may take.
    pub(crate) async fn look_in_time(
        &self,
        id: PredictionId,
        model: ModelVersionId,
        replace: bool,
    ) -> Result<()> {
        self.inner.queue.champions_rest().await;
        let looking = self.look_as_shadow(id, model, replace);
        match tokio::time::timeout(self.inner.base.limits().shadow_patience, looking).await {
            Ok(looked) => looked,
            Err(_) => Err(crate::ServiceError::Internal("the shadow took too long".to_owned())),
        }
    }
}

/// Works until nobody can send it anything any more.
async fn look(runner: Weak<Inner>, mut receiver: Receiver<Waiting>) {
    while let Some(Waiting { prediction, model }) = receiver.recv().await {
        let Some(inner) = runner.upgrade() else { return };
        let runner = ShadowRunner { inner };
        let looked = runner.look_in_time(prediction, model, false).await;
        let shadows = &runner.inner.queue;
        shadows.waiting.fetch_sub(1, Relaxed);
        match looked {
            Ok(()) => shadows.done.fetch_add(1, Relaxed),
            Err(error) => {
                tracing::warn!(%error, %prediction, "a shadow saw nothing of an image");
                shadows.failed.fetch_add(1, Relaxed)
            }
        };
    }
}
