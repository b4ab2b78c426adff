//! Predictions that the user's own infrastructure made.

use crate::{
    As, DeploymentRef, Intake, Result, Reviewer, ServiceError,
    base::arrivals::appearance_of,
    base::blocking,
    catalogue::retention::is_unusual,
    intake::checks::{check_latency, check_provenance, stored_boxes},
    intake::repetition::claim,
    intake::shadows::{Beside, ShadowModel},
};
use bytes::Bytes;
use domain::{
    access::Actor,
    deployment::{DeployedModel, Deployment},
    fault::ApiError,
    geometry::Size,
    ids::{ModelVersionId, PredictionId},
    name::Label,
    prediction::Report,
};
use serde_json::json;
use std::collections::HashSet;
use store::NewPrediction;

/// Wider than any camera or scanner makes them; what is beyond is a mistake of
/// the sender, and would be drawn.
const LONGEST_SIDE_PX: u32 = 100_000;

/// A report, and the key that makes its repetition harmless.
#[derive(Clone, Debug)]
pub struct KeyedReport {
    /// What was seen.
    pub report: Report,
    /// Unique within the deployment.
    pub idempotency_key: Option<String>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The prediction it is stored as.
    pub id: PredictionId,
    /// It had been received before, and was not stored again.
    pub repeated: bool,
}

/// What an image's bytes say without being decoded.
pub(super) struct Envelope {
    content_hash: String,
    size: Result<Size>,
}

/// A champion or shadow as a report names it.
struct Reporter {
    model_version_id: ModelVersionId,
    labels: Vec<Label>,
}

impl Intake {
    /// Stores a reported prediction, with its image or without.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment or model, a label the model
    /// does not have, a box outside the image, a number out of its range, a
    /// key that was used for something else.
    pub async fn report(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        keyed: KeyedReport,
        image: Option<Bytes>,
    ) -> Result<Received> {
        let deployment = self.serving.serving(deployment).await?;
        let may_go = keyed.report.sample != Some(false);
        let mut row = self.checked(actor, &deployment, keyed, self.looked_at(image.clone()).await?).await?;
        let mut stored_image = None;
        if let Some(bytes) = image {
            let decoded = self.images.decode_image(bytes).await?;
            let (given, decoded_size) = (row.size, decoded.pixels.size());
            if given != decoded_size {
                let turned = given.width == decoded_size.height && given.height == decoded_size.width;
                let message = format!(
                    "The report says {}×{} px, the upright image has {}×{} px.{}",
                    given.width,
                    given.height,
                    decoded_size.width,
                    decoded_size.height,
                    if turned {
                        " The file says by EXIF that it is to be turned: report size and boxes of the upright image."
                    } else {
                        ""
                    }
                );
                return Err(ServiceError::invalid_at("width", message));
            }
            row.appearance = Some(appearance_of(decoded.pixels.clone()).await?);
            row.outlier =
                self.references.outlier(deployment.id, row.model_version_id, None, &decoded.pixels).await;
            if !may_go || is_unusual(row.outlier) || self.base.samples_image(&deployment, &decoded).await? {
                row.image_bytes = Some(decoded.bytes.len() as u64);
                row.image = Some(self.images.store_image(decoded.clone()).await?.content_hash);
                stored_image = Some(decoded);
            }
        }
        let shadow_is_to_look = row.image.is_some() && row.shadow.is_none();
        let stored = self.images.insert_with_image(row, stored_image.as_ref()).await?;
        if shadow_is_to_look && !stored.repeated {
            self.shadows.shadow_later(&deployment, stored.id);
        }
        Ok(Received { id: stored.id, repeated: stored.repeated })
    }

    /// Counts a report in the figures, and keeps nothing else of it.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub async fn report_and_forget(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        keyed: KeyedReport,
    ) -> Result<Received> {
        let received = self.report(actor, deployment, keyed, None).await?;
        if !received.repeated {
            let act = self.base.act(actor, "prediction.forget", json!({}));
            self.base.store().predictions().delete(received.id, act).await?;
        }
        Ok(received)
    }

    /// Stores many reports without images, in order; each succeeds or fails
    /// alone.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment.
    pub async fn report_many(
        &self,
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        reports: Vec<KeyedReport>,
    ) -> Result<Vec<std::result::Result<Received, ApiError>>> {
        let deployment = self.serving.serving(deployment).await?;
        let mut checked = Vec::with_capacity(reports.len());
        for keyed in reports {
            checked.push(self.checked(actor, &deployment, keyed, None).await);
        }
        Ok(self.store_in_place(checked, HashSet::new()).await)
    }

    /// Stores rows in one go. Each is answered in its place: what was refused
    /// by its fault, and what is `known` already, or twice among these, as
    /// repeated.
    pub(super) async fn store_in_place(
        &self,
        checked: Vec<Result<NewPrediction>>,
        mut known: HashSet<PredictionId>,
    ) -> Vec<std::result::Result<Received, ApiError>> {
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        let mut answers = Vec::with_capacity(checked.len());
        for (place, row) in checked.into_iter().enumerate() {
            match row {
                Err(error) => answers.push(Err(ApiError::from(error))),
                Ok(row) => {
                    let repeated = !known.insert(row.id);
                    // Overwritten below, once the store has answered.
                    answers.push(Ok(Received { id: row.id, repeated }));
                    if !repeated {
                        rows.push(row);
                        places.push(place);
                    }
                }
            }
        }
        let stored = self.base.store().predictions().insert_many(rows).await;
        for (place, result) in places.into_iter().zip(stored) {
            if let Some(answer) = answers.get_mut(place) {
                *answer = result
                    .map(|stored| Received { id: stored.id, repeated: stored.repeated })
                    .map_err(|error| ApiError::from(ServiceError::from(error)));
            }
        }
        answers
    }

    /// Hash and dimensions of an image: both may walk through all of its bytes.
    async fn looked_at(&self, image: Option<Bytes>) -> Result<Option<Envelope>> {
        let Some(bytes) = image else { return Ok(None) };
        let limits = self.base.limits().image;
        let envelope = blocking(move || {
            let size = imaging::probe(&bytes, &limits).map(|probe| probe.size);
            Ok(Envelope { content_hash: imaging::content_hash(&bytes), size: size.map_err(Into::into) })
        });
        envelope.await.map(Some)
    }

    /// A report as a row, or why not.
    pub(super) async fn checked(
        &self,
        actor: &Actor,
        deployment: &Deployment,
        keyed: KeyedReport,
        image: Option<Envelope>,
    ) -> Result<NewPrediction> {
        let (limits, received) = (self.base.limits(), self.base.now());
        let hash = image.as_ref().map_or("", |image| image.content_hash.as_str());
        let idempotency =
            keyed.idempotency_key.map(|key| claim(actor, &key, &keyed.report, hash)).transpose()?;
        let Report { mut provenance, width, height, latency_ms, boxes, shadow, model, sample: _ } =
            keyed.report;
        check_provenance(&mut provenance, limits, received)?;
        check_latency(latency_ms)?;
        let size = reported_size(width, height, image.map(|image| image.size).transpose()?)?;
        let reporter = self.reporter(deployment, model.as_deref()).await?;
        let boxes = stored_boxes("boxes", boxes, &reporter.labels, size, limits)?;
        let beside = Beside { champion: &boxes, size, threshold: deployment.threshold };
        let shadow = shadow
            .map(|reported| ShadowModel::of(deployment).checked("shadow.boxes", reported, &beside, limits))
            .transpose()?;
        Ok(NewPrediction {
            id: self.base.new_id(),
            deployment_id: deployment.id,
            model_version_id: reporter.model_version_id,
            filename: provenance.filename,
            source: provenance.source,
            size,
            image: None,
            image_bytes: None,
            latency_ms,
            threshold: deployment.threshold,
            boxes,
            shadow,
            tags: provenance.tags,
            metadata: provenance.metadata,
            created: provenance.timestamp.unwrap_or(received),
            received,
            appearance: None,
            outlier: None,
            idempotency,
        })
    }

    async fn reporter(&self, deployment: &Deployment, model: Option<&str>) -> Result<Reporter> {
        let of = |deployed: &DeployedModel| Reporter {
            model_version_id: deployed.id,
            labels: deployed.labels.clone(),
        };
        let Some(name) = model else { return Ok(of(&deployment.champion)) };
        if name == deployment.champion.name {
            return Ok(of(&deployment.champion));
        }
        let reference = name.parse().map_err(|_| {
            ServiceError::invalid_at("model", format!("{name:?} is not a model version: write name/number."))
        })?;
        let version = self.base.known_model(&reference).await?;
        Ok(Reporter { model_version_id: version.id, labels: version.labels })
    }
}

fn reported_size(width: Option<u32>, height: Option<u32>, image: Option<Size>) -> Result<Size> {
    let width = width.or(image.map(|size| size.width));
    let height = height.or(image.map(|size| size.height));
    let (Some(width), Some(height)) = (width, height) else {
        let message = "Without an image, a report needs width and height.";
        return Err(ServiceError::invalid_at("width", message));
    };
    let size = Size::new(width, height).filter(|_| width.max(height) <= LONGEST_SIDE_PX);
    size.ok_or_else(|| {
        ServiceError::invalid_at("width", "Width and height must lie between 1 and 100000 px.")
    })
}
