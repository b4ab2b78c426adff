//! An image's way in: decoded, asked of the champion, stored, answered.

use crate::{
    As, DeploymentRef, Intake, Result, Reviewer, ServiceError,
    base::arrivals::appearance_of,
    base::blocking,
    base::images::DecodedImage,
    base::loaded_models::{infer_expected, named_boxes},
    catalogue::retention::is_unusual,
    intake::checks::check_provenance,
    intake::repetition::{claim, stored_before},
};
use bytes::Bytes;
use domain::{
    deployment::Deployment,
    inference::{Inference, Pixels},
    name::Label,
    prediction::{Prediction, Provenance, Status},
    time::Timestamp,
};
use std::{sync::Arc, time::Duration};
use store::{Idempotency, NewPrediction, Stored};

/// How to predict.
#[derive(Clone, Copy, Debug)]
pub struct PredictOptions {
    /// `false`: infer, answer, and store nothing.
    pub monitor: bool,
    /// How long the request had been here already when it was handed over;
    /// part of the latency.
    pub waited: Duration,
}

impl Default for PredictOptions {
    fn default() -> Self {
        Self { monitor: true, waited: Duration::ZERO }
    }
}

/// A picture as its sender has it.
#[derive(Clone, Debug)]
pub enum Picture {
    /// A JPEG, PNG or WebP file.
    File(Bytes),
    /// Upright pixels without a file.
    Pixels(Pixels),
}

impl From<Bytes> for Picture {
    fn from(file: Bytes) -> Self {
        Self::File(file)
    }
}

/// What was predicted, now or before.
#[derive(Clone, Debug)]
pub struct Predicted {
    /// As it is stored, unless nothing is.
    pub prediction: Prediction,
    /// It had been predicted before under the same key, and was not again.
    pub repeated: bool,
}

impl Intake {
    /// Predicts one image with a deployment's champion. The answer comes
    /// after the prediction was committed.
    ///
    /// # Errors
    /// As [`Self::predict_once`].
    pub async fn predict(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        picture: impl Into<Picture>,
        provenance: Provenance,
        options: PredictOptions,
    ) -> Result<Prediction> {
        let predicted = self.predict_once(actor, deployment, picture, provenance, options, None).await?;
        Ok(predicted.prediction)
    }

    /// The same, where `key` makes a repetition harmless: it gives what is
    /// stored under it. Where nothing is stored, nothing can be repeated.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment, a champion that is served
    /// elsewhere, bytes that are no image or beyond the limits, words that
    /// are too long, a key that was used for something else.
    pub async fn predict_once(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        picture: impl Into<Picture>,
        provenance: Provenance,
        options: PredictOptions,
        key: Option<&str>,
    ) -> Result<Predicted> {
        let (received, picture) = (self.base.now(), picture.into());
        let deployment = self.serving.serving(deployment).await?;
        let idempotency = match key.filter(|_| options.monitor) {
            Some(key) => Some(claim(actor, key, &provenance, &hash_of(&picture).await?)?),
            None => None,
        };
        let Some(claim) = idempotency else {
            let new = NewPicture { deployment, picture, provenance, received, options, idempotency: None };
            let (prediction, _) = self.predict_anew(new).await?;
            return Ok(Predicted { prediction, repeated: false });
        };
        let id = deployment.id;
        if let Some(prediction) = stored_before(self.base.store(), id, &claim).await? {
            return Ok(Predicted { prediction, repeated: true });
        }
        let idempotency = Some(claim.clone());
        let new = NewPicture { deployment, picture, provenance, received, options, idempotency };
        let (prediction, stored) = self.predict_anew(new).await?;
        if !stored.is_some_and(|stored| stored.repeated) {
            return Ok(Predicted { prediction, repeated: false });
        }
        // Another one with the same key came in between: that one is stored.
        let earlier = stored_before(self.base.store(), id, &claim).await?;
        Ok(Predicted { prediction: earlier.unwrap_or(prediction), repeated: true })
    }

    async fn predict_anew(&self, new: NewPicture) -> Result<(Prediction, Option<Stored>)> {
        let NewPicture { deployment, picture, mut provenance, received, options, idempotency } = new;
        check_provenance(&mut provenance, self.base.limits(), received)?;
        let predictor = self.predictors.predictor(deployment.champion.id).await?;
        let at_work = self.shadows.champion_at_work();
        let begun = tokio::time::Instant::now();
        let expected = predictor.expect();
        let image = self.opened(picture).await?;
        let inferring = async {
            let inference = infer_expected(&predictor, image.pixels.clone(), expected).await?;
            let latency = options.waited + begun.elapsed();
            Ok::<_, ServiceError>((inference, latency.as_secs_f64() * 1e3))
        };
        let subject = PendingPrediction { deployment: &deployment, provenance, received, image: &image };
        if !options.monitor {
            let (inference, latency_ms) = inferring.await?;
            let id = self.base.new_id();
            let prediction = subject.answer(id, predictor.labels(), inference, latency_ms, None);
            return Ok((prediction, None));
        }
        // The file and its thumbnail are stored while the model thinks.
        let storing = async {
            let is_sampled = self.base.samples_image(&deployment, &image).await?;
            Ok(if is_sampled { Some(self.images.store_image(image.clone()).await?) } else { None })
        };
        let ((inference, latency_ms), mut stored, appearance) =
            tokio::try_join!(inferring, storing, appearance_of(image.pixels.clone()))?;
        let outlier = self
            .references
            .outlier(deployment.id, deployment.champion.id, inference.embedding.as_deref(), &image.pixels)
            .await;
        if stored.is_none() && is_unusual(outlier) {
            stored = Some(self.images.store_image(image.clone()).await?);
        }
        let image_bytes = stored.as_ref().map(|_| image.bytes.len() as u64);
        let mut prediction = subject.answer(
            self.base.new_id(),
            predictor.labels(),
            inference,
            latency_ms,
            stored.map(|stored| stored.content_hash),
        );
        prediction.outlier_score = outlier.map(|outlier| outlier.score);
        let row = NewPrediction {
            appearance: Some(appearance),
            outlier,
            image_bytes,
            idempotency,
            ..to_row(&deployment, &prediction)
        };
        let stored = self.images.insert_with_image(row, Some(&image)).await?;
        drop(at_work);
        if !stored.repeated {
            self.shadows.shadow_later(&deployment, prediction.id);
        }
        Ok((prediction, Some(stored)))
    }

    async fn opened(&self, picture: Picture) -> Result<DecodedImage> {
        match picture {
            Picture::File(bytes) => self.images.decode_image(bytes).await,
            Picture::Pixels(pixels) => self.images.file_of_pixels(pixels).await,
        }
    }
}

/// One image that is to be predicted.
struct NewPicture {
    deployment: Arc<Deployment>,
    picture: Picture,
    provenance: Provenance,
    received: Timestamp,
    options: PredictOptions,
    idempotency: Option<Idempotency>,
}

/// What tells one picture from another.
async fn hash_of(picture: &Picture) -> Result<String> {
    let picture = picture.clone();
    blocking(move || {
        Ok(match picture {
            Picture::File(bytes) => imaging::content_hash(&bytes),
            Picture::Pixels(pixels) => {
                let size = pixels.size();
                format!("{}x{} {}", size.width, size.height, imaging::content_hash(pixels.rgb()))
            }
        })
    })
    .await
}

/// What is known of an image before the model has spoken.
struct PendingPrediction<'a> {
    deployment: &'a Deployment,
    provenance: Provenance,
    received: Timestamp,
    image: &'a DecodedImage,
}

impl PendingPrediction<'_> {
    fn answer(
        self,
        id: domain::ids::PredictionId,
        labels: &[Label],
        inference: Inference,
        latency_ms: f64,
        image: Option<String>,
    ) -> Prediction {
        let Provenance { filename, source, tags, metadata, timestamp } = self.provenance;
        Prediction {
            id,
            deployment_id: self.deployment.id,
            model: self.deployment.champion.name.clone(),
            status: Status::ToReview,
            filename,
            source,
            size: self.image.pixels.size(),
            image,
            latency_ms,
            threshold: self.deployment.threshold,
            boxes: named_boxes(inference.detections, labels),
            shadow: None,
            tags,
            metadata,
            created: timestamp.unwrap_or(self.received),
            received: self.received,
            outlier_score: None,
        }
    }
}

fn to_row(deployment: &Deployment, prediction: &Prediction) -> NewPrediction {
    NewPrediction {
        id: prediction.id,
        deployment_id: deployment.id,
        model_version_id: deployment.champion.id,
        filename: prediction.filename.clone(),
        source: prediction.source.clone(),
        size: prediction.size,
        image: prediction.image.clone(),
        image_bytes: None,
        latency_ms: prediction.latency_ms,
        threshold: prediction.threshold,
        boxes: prediction.boxes.clone(),
        shadow: None,
        tags: prediction.tags.clone(),
        metadata: prediction.metadata.clone(),
        created: prediction.created,
        received: prediction.received,
        appearance: None,
        outlier: None,
        idempotency: None,
    }
}
