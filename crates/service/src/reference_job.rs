//! Looking at training data once: embeddings of what the model was fitted to,
//! and features of what it never trained on.
//!
//! Beginning it anew is harmless: nothing is stored before the end.

use crate::{
    Result, Service, ServiceError,
    arrivals::appearance_of,
    blocking,
    holding::{Held, Leaving},
    intake_checks::named_boxes,
    loaded_models::infer,
    stop_flag::StopFlag,
    training_data::ReferenceJob,
    worker::payload_of,
};
use domain::{
    dataset::{Asset, Split},
    deployment::Deployment,
    drift::{DriftReference, ImageFeatures, image_features, without_boxes},
    event::Event,
    geometry::Score,
    ids::WorkItemId,
    inference::Predictor,
    lineage::Exclusions,
    name::Label,
    training_data::{Reference, ReferenceContents, ReferenceState},
    work::WorkState,
};
use futures::{StreamExt, TryStreamExt, stream};
use measures::{
    drift::reference::MOST_IMAGES,
    outlier::{Calibration, EmbeddingIndex, IndexError, LEAST_CALIBRATION, MOST_TRAINING_IMAGES},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use store::{BlobKind, Claimed, TrainingSplits};

/// Images asked for at the same time, so that batches form.
const IN_FLIGHT: usize = 4;
/// Images between two notes of progress.
const NOTED_EVERY: usize = 8;

impl Service {
    /// Makes the reference that an item claimed by `worker` asks for, and ends
    /// the item.
    pub(crate) async fn make_reference(
        &self,
        claimed: Claimed,
        worker: &str,
        leaving: Leaving<'_>,
    ) -> Result<()> {
        let Claimed { item, payload } = claimed;
        let held = Held { id: item.id, worker, stop: StopFlag::default(), leaving, grace: Duration::ZERO };
        let made = self.while_held(&held, self.look_and_store(item.id, payload)).await?;
        // A reference fails with its work, in one transaction.
        let ended = match made {
            Some(Ok(message)) => self.end(&held, WorkState::Succeeded, &message).await,
            Some(Err(Stopped::Cancelled)) => self.end(&held, WorkState::Cancelled, "It was cancelled.").await,
            Some(Err(Stopped::Failed(error))) => self.end_with(&held, error).await,
            None => self.give_back(&held).await,
        };
        self.inner.references.forget();
        self.publish(Event::WorkChanged { id: item.id });
        ended?;
        self.unload_unused().await
    }

    /// Says what the reference lacks.
    async fn look_and_store(
        &self,
        item: WorkItemId,
        payload: serde_json::Value,
    ) -> std::result::Result<String, Stopped> {
        let job: ReferenceJob = payload_of(item, payload)?;
        let monitoring = self.store().monitoring();
        let reference = monitoring.reference(job.reference_id).await.map_err(ServiceError::from)?;
        let reference = reference.ok_or_else(|| ServiceError::not_found("The reference is gone."))?;
        if reference.state == ReferenceState::Ready {
            // Its worker ended between the contents and the end.
            return Ok(reference.message);
        }
        let deployment = self.known_deployment(&reference.deployment_id.to_string()).await?;
        let (contents, message) = self.look(&reference, &deployment, item).await?;
        self.through_outage(|| async {
            Ok(monitoring.finish_reference(reference.id, &contents, &message).await?)
        })
        .await?;
        self.publish(Event::DeploymentChanged { id: deployment.id });
        Ok(message)
    }

    async fn look(
        &self,
        reference: &Reference,
        deployment: &Deployment,
        item: WorkItemId,
    ) -> std::result::Result<(ReferenceContents, String), Stopped> {
        let runnable = self.known_version(reference.model_version_id).await?.weights.is_some();
        let predictor = if runnable { Some(self.predictor(reference.model_version_id).await?) } else { None };
        let Images { training, unseen, left_out } = self.images(reference, predictor.is_some()).await?;
        let labels = predictor.as_ref().map_or(&[][..], |predictor| predictor.labels());
        let numbers = self.store().monitoring().label_numbers(labels).await.map_err(ServiceError::from)?;
        let looking = Looking { numbers, threshold: deployment.threshold, predictor };
        let all = training.len() + unseen.len();
        let mut progress = Progress { item, all, done: 0 };
        let mut embeddings = Vec::with_capacity(training.len());
        let mut asked =
            std::pin::pin!(stream::iter(training).map(|a| self.seen(&looking, a)).buffered(IN_FLIGHT));
        while let Some(seen) = asked.try_next().await? {
            embeddings.extend(seen.embedding);
            self.note(&mut progress).await?;
        }
        let mut looked = Vec::with_capacity(unseen.len());
        let mut asked =
            std::pin::pin!(stream::iter(unseen).map(|a| self.seen(&looking, a)).buffered(IN_FLIGHT));
        while let Some(seen) = asked.try_next().await? {
            looked.push(seen);
            self.note(&mut progress).await?;
        }
        let (contents, lacks) = blocking(move || Ok(freeze(&embeddings, looked, runnable))).await?;
        let left_out = left_out.words("the model").map(|words| format!("Of val and test, {words}."));
        let message: Vec<String> = [Some(lacks), left_out].into_iter().flatten().collect();
        Ok((contents, message.join(" ").trim().to_owned()))
    }

    /// The images to fit the index to; and those that say what is usual, which
    /// nothing in the model's line was fitted to; of many, as many as are
    /// needed at equal steps.
    async fn images(&self, reference: &Reference, embeds: bool) -> Result<Images> {
        let lineages = self.store().lineages();
        let lineage = lineages
            .of(&[reference.model_version_id], TrainingSplits::Fitted, Some(reference.deployment_id))
            .await?;
        let dataset = reference.dataset_version_id;
        let excluded = lineages.excluded_assets(&lineage, dataset, None).await?;
        let mut images = Images::default();
        let mut assets = std::pin::pin!(self.store().datasets().asset_stream(dataset, None));
        while let Some(asset) = assets.try_next().await? {
            if asset.split == Split::Train || lineage.includes(dataset, asset.split) {
                images.training.push(asset);
            } else if let Some(why) = excluded.get(&asset.id) {
                images.left_out.add(*why);
            } else {
                images.unseen.push(asset);
            }
        }
        if !embeds {
            images.training.clear();
        }
        images.training = at_most(images.training, MOST_TRAINING_IMAGES);
        images.unseen = at_most(images.unseen, MOST_IMAGES);
        Ok(images)
    }

    async fn seen(&self, looking: &Looking, asset: Asset) -> Result<Seen> {
        let bytes = self.store().blobs().get(BlobKind::Images, &asset.content_hash).await?;
        let image = self.decode_image(bytes).await?;
        let size = image.pixels.size();
        let appearance = appearance_of(image.pixels.clone()).await?;
        let Some(predictor) = &looking.predictor else {
            let features = image_features(Some(appearance), size, &[], None);
            return Ok(Seen { embedding: None, features: Features::PixelsOnly(features) });
        };
        let inference = infer(predictor, image.pixels).await?;
        let boxes: Vec<(u32, f64, f64)> = named_boxes(inference.detections, predictor.labels())
            .iter()
            .filter(|seen| seen.score >= looking.threshold)
            .filter_map(|seen| Some((*looking.numbers.get(&seen.label)?, seen.score.get(), seen.rect.area())))
            .collect();
        let features = Features::Whole { appearance, size, boxes };
        Ok(Seen { embedding: Some(inference.embedding), features })
    }

    async fn note(&self, progress: &mut Progress) -> std::result::Result<(), Stopped> {
        progress.done += 1;
        if !progress.done.is_multiple_of(NOTED_EVERY) {
            return Ok(());
        }
        let share = progress.done as f64 / progress.all.max(1) as f64;
        let message = format!("{} of {} images", progress.done, progress.all);
        let work = self.store().work();
        let state = work.progress(progress.item, share, &message, self.now()).await;
        if state.map_err(ServiceError::from)? == WorkState::Cancelling {
            return Err(Stopped::Cancelled);
        }
        self.publish(Event::WorkChanged { id: progress.item });
        Ok(())
    }
}

/// The images of a reference.
#[derive(Default)]
struct Images {
    training: Vec<Asset>,
    unseen: Vec<Asset>,
    /// Of val and test, those that the model's line was fitted to all the same.
    left_out: Exclusions,
}

enum Stopped {
    Cancelled,
    Failed(ServiceError),
}

impl From<ServiceError> for Stopped {
    fn from(error: ServiceError) -> Self {
        Self::Failed(error)
    }
}

/// With what images are looked at.
struct Looking {
    predictor: Option<Arc<dyn Predictor>>,
    numbers: HashMap<Label, u32>,
    threshold: Score,
}

struct Progress {
    item: WorkItemId,
    all: usize,
    done: usize,
}

/// An image that was looked at.
struct Seen {
    embedding: Option<Vec<f32>>,
    features: Features,
}

enum Features {
    /// Without a model there is nothing but what the pixels say.
    PixelsOnly(ImageFeatures),
    Whole {
        appearance: domain::training_data::Appearance,
        size: domain::geometry::Size,
        boxes: Vec<(u32, f64, f64)>,
    },
}

fn at_most(assets: Vec<Asset>, most: usize) -> Vec<Asset> {
    let step = assets.len().div_ceil(most).max(1);
    assets.into_iter().step_by(step).collect()
}

/// The contents, and what they lack.
fn freeze(embeddings: &[Vec<f32>], looked: Vec<Seen>, runnable: bool) -> (ReferenceContents, String) {
    let index = EmbeddingIndex::new(embeddings.iter().map(Vec::as_slice));
    let distance = |seen: &Seen| index.as_ref().ok()?.distance(seen.embedding.as_deref()?);
    let distances: Vec<Option<f64>> = looked.iter().map(distance).collect();
    let features: Vec<ImageFeatures> = looked
        .into_iter()
        .zip(&distances)
        .map(|(seen, distance)| match seen.features {
            Features::PixelsOnly(features) => without_boxes(features),
            Features::Whole { appearance, size, boxes } => {
                image_features(Some(appearance), size, &boxes, *distance)
            }
        })
        .collect();
    let calibration = Calibration::freeze(distances.into_iter().flatten());
    let message = lacks(runnable, &index, calibration.images(), features.len());
    let drift = DriftReference::freeze(&features);
    (ReferenceContents { index: index.ok(), calibration, drift }, message)
}

fn lacks(
    runnable: bool,
    index: &std::result::Result<EmbeddingIndex, IndexError>,
    calibration: usize,
    unseen: usize,
) -> String {
    let least = measures::drift::DriftSettings::LEAST_IMAGES as usize;
    if unseen < least {
        return format!(
            "Only {unseen} images in val and test: drift needs {least} that the model never trained on."
        );
    }
    if !runnable {
        return "The model is served elsewhere: only what pixels say is compared.".to_owned();
    }
    if let Err(error) = index {
        return format!("There are no outlier scores: {error}.");
    }
    if calibration < LEAST_CALIBRATION {
        return format!(
            "{calibration} calibration images: outliers are scored, and flagged from {LEAST_CALIBRATION} on."
        );
    }
    String::new()
}
