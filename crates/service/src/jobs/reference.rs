//! Looking at training data once: embeddings of what the model was fitted to,
//! and features of what it never trained on.
//!
//! Beginning it anew is harmless: nothing is stored before the end.

use super::{Ended, Job, JobContext, Lane};
use crate::{
    Result, Service, ServiceError,
    base::arrivals::{appearance_of, embedding_of},
    base::blocking,
    base::loaded_models::{infer, named_boxes},
};
use domain::{
    dataset::{Asset, Split},
    deployment::Deployment,
    drift::{DriftReference, ImageFeatures, image_features, without_boxes},
    geometry::Score,
    ids::ReferenceId,
    inference::Predictor,
    lineage::Exclusions,
    name::Label,
    training_data::{Reference, ReferenceContents, ReferenceState},
};
use futures::{StreamExt, TryStreamExt, stream};
use measures::{
    drift::reference::MOST_IMAGES,
    outlier::{Calibration, EmbeddingIndex, IndexError, LEAST_CALIBRATION, MOST_TRAINING_IMAGES},
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};
use store::{BlobKind, TrainingSplits};

/// Images asked for at the same time, so that batches form.
const IN_FLIGHT: usize = 4;

/// Looks at training data for what a deployment is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MakeReference {
    pub(crate) reference_id: ReferenceId,
}

impl Job for MakeReference {
    const KIND: &'static str = "training_reference";
    const LANE: Lane = Lane::Long;

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let made = self.make(context).await;
        context.service().inner.references.forget();
        context.service().inner.predictors.unload_unused().await;
        made
    }
}

impl MakeReference {
    /// Its end says what the reference lacks. One that cannot be made fails
    /// with its work, in one transaction.
    async fn make(&self, context: &JobContext<'_>) -> Result<Ended> {
        let monitoring = context.store().monitoring();
        let reference = monitoring.reference(self.reference_id).await?;
        let reference = reference.ok_or_else(|| ServiceError::not_found("The reference is gone."))?;
        if reference.state == ReferenceState::Ready {
            // Its worker ended between the contents and the end.
            return Ok(Ended::Done(reference.message));
        }
        let deployment = context.service().base().known_deployment(reference.deployment_id).await?;
        let Some((contents, message)) = look(context, &reference, &deployment).await? else {
            return Ok(Ended::Cancelled);
        };
        context
            .through_outage(|| async {
                Ok(monitoring.finish_reference(reference.id, &contents, &message).await?)
            })
            .await?;
        Ok(Ended::Done(message))
    }
}

/// What the images of a reference look like, and what it lacks; `None` when
/// somebody asked for an end.
async fn look(
    context: &JobContext<'_>,
    reference: &Reference,
    deployment: &Deployment,
) -> Result<Option<(ReferenceContents, String)>> {
    let service = context.service();
    let runnable = service.base().known_version(reference.model_version_id).await?.weights.is_some();
    let predictor = if runnable {
        Some(service.inner.predictors.predictor(reference.model_version_id).await?)
    } else {
        None
    };
    let Images { training, unseen, left_out } = images(context, reference).await?;
    let labels = predictor.as_ref().map_or(&[][..], |predictor| predictor.labels());
    let numbers = context.store().monitoring().label_numbers(labels).await?;
    let looking = Looking { service, numbers, threshold: deployment.threshold, predictor };
    let (all, mut done) = (training.len() + unseen.len(), 0);
    let mut embeddings = Vec::with_capacity(training.len());
    let mut looked = Vec::with_capacity(unseen.len());
    let fitted_to = training.len();
    let images = stream::iter(training.into_iter().chain(unseen));
    let mut images = std::pin::pin!(images.map(|asset| looking.at(asset)).buffered(IN_FLIGHT));
    while let Some(image) = images.try_next().await? {
        if context.is_cancelled() {
            return Ok(None);
        }
        if done < fitted_to {
            embeddings.push(image.embedding);
        } else {
            looked.push(image);
        }
        done += 1;
        context.progress(done as f64 / all as f64, &format!("{done} of {all} images")).await?;
    }
    let (contents, lacks) = blocking(move || Ok(freeze(&embeddings, looked, runnable))).await?;
    let left_out = left_out.words("the model").map(|words| format!("Of val and test, {words}."));
    let message: Vec<String> = [Some(lacks), left_out].into_iter().flatten().collect();
    Ok(Some((contents, message.join(" ").trim().to_owned())))
}

/// The images to fit the index to; and those that say what is usual, which
/// nothing in the model's line was fitted to; of many, as many as are
/// needed at equal steps.
async fn images(context: &JobContext<'_>, reference: &Reference) -> Result<Images> {
    let lineages = context.store().lineages();
    let lineage = lineages
        .of(&[reference.model_version_id], TrainingSplits::Fitted, Some(reference.deployment_id))
        .await?;
    let dataset = reference.dataset_version_id;
    let excluded = lineages.excluded_assets(&lineage, dataset, None).await?;
    let mut images = Images::default();
    let mut assets = std::pin::pin!(context.store().datasets().asset_stream(dataset, None));
    while let Some(asset) = assets.try_next().await? {
        if asset.split == Split::Train || lineage.includes(dataset, asset.split) {
            images.training.push(asset);
        } else if let Some(why) = excluded.get(&asset.id) {
            images.left_out.add(*why);
        } else {
            images.unseen.push(asset);
        }
    }
    images.training = at_most(images.training, MOST_TRAINING_IMAGES);
    images.unseen = at_most(images.unseen, MOST_IMAGES);
    Ok(images)
}

/// The images of a reference.
#[derive(Default)]
struct Images {
    training: Vec<Asset>,
    unseen: Vec<Asset>,
    /// Of val and test, those that the model's line was fitted to all the same.
    left_out: Exclusions,
}

/// With what images are looked at.
struct Looking<'a> {
    service: &'a Service,
    predictor: Option<Arc<dyn Predictor>>,
    numbers: HashMap<Label, u32>,
    threshold: Score,
}

impl Looking<'_> {
    async fn at(&self, asset: Asset) -> Result<LookedAt> {
        let bytes = self.service.store().blobs().get(BlobKind::Images, &asset.content_hash).await?;
        let image = self.service.inner.images.decode_image(bytes).await?;
        let size = image.pixels.size();
        let appearance = appearance_of(image.pixels.clone()).await?;
        let Some(predictor) = &self.predictor else {
            let embedding = embedding_of(None, image.pixels).await?;
            return Ok(LookedAt { embedding, features: Features::PixelsOnly { appearance, size } });
        };
        let inference = infer(predictor, image.pixels.clone()).await?;
        let boxes: Vec<(u32, f64, f64)> = named_boxes(inference.detections, predictor.labels())
            .iter()
            .filter(|predicted| predicted.score >= self.threshold)
            .filter_map(|predicted| {
                let number = *self.numbers.get(&predicted.label)?;
                Some((number, predicted.score.get(), predicted.rect.area()))
            })
            .collect();
        let features = Features::Whole { appearance, size, boxes };
        Ok(LookedAt { embedding: embedding_of(inference.embedding, image.pixels).await?, features })
    }
}

/// An image that was looked at.
struct LookedAt {
    embedding: Vec<f32>,
    features: Features,
}

enum Features {
    /// Without a model there is nothing but what the pixels say.
    PixelsOnly { appearance: domain::training_data::Appearance, size: domain::geometry::Size },
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
fn freeze(embeddings: &[Vec<f32>], looked: Vec<LookedAt>, runnable: bool) -> (ReferenceContents, String) {
    let index = EmbeddingIndex::new(embeddings.iter().map(Vec::as_slice));
    let distance = |image: &LookedAt| index.as_ref().ok()?.distance(&image.embedding);
    let distances: Vec<Option<f64>> = looked.iter().map(distance).collect();
    let features: Vec<ImageFeatures> = looked
        .into_iter()
        .zip(&distances)
        .map(|(image, distance)| match image.features {
            Features::PixelsOnly { appearance, size } => {
                without_boxes(image_features(Some(appearance), size, &[], *distance))
            }
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
    if let Err(error) = index {
        return format!("There are no outlier scores: {error}.");
    }
    if calibration < LEAST_CALIBRATION {
        return format!(
            "{calibration} calibration images: outliers are scored, and flagged from {LEAST_CALIBRATION} on."
        );
    }
    if !runnable {
        return "The model is served elsewhere: only what pixels say is compared.".to_owned();
    }
    String::new()
}
