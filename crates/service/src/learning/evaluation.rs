//! A model version measured on a split of a dataset version.

use crate::{
    Admin, As, Learning, Result, ServiceError,
    base::{blocking, loaded_models::infer},
};
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    ids::{AssetId, ModelVersionId},
    inference::{Detection, Predictor},
    lineage::Exclusion,
    model::{ApIntervals, Evaluation},
    name::{Label, VersionRef},
};
use futures::TryStreamExt;
use measures::metrics::{
    best_threshold::best_threshold,
    bootstrap::{Bootstrap, intervals},
    coco::{Accumulator, DetectedBox, Figure, ImageMatches, TruthBox, match_image},
};
use serde_json::json;
use std::{collections::HashMap, future::ready, sync::Arc};
use store::{BlobKind, TrainingSplits};

/// Images asked for at the same time, so that batches form.
const IN_FLIGHT: usize = 4;

/// What to measure on what.
#[derive(Clone, Debug)]
pub struct EvaluateRequest {
    /// The version.
    pub model: VersionRef,
    /// The dataset version.
    pub dataset: VersionRef,
    /// Which part of it.
    pub split: Split,
}

impl Learning {
    /// Measures a model version and keeps the figures with it; `progress`
    /// hears how many images are done, and of how many. Categories are those
    /// of the dataset version: a label that the model does not know is never
    /// found, one that only the model knows is left out.
    ///
    /// Images that the version learned from are left out and counted, unless
    /// the split is one that it was fitted to or chosen by: then all of it is
    /// measured, and the evaluation says so.
    ///
    /// # Errors
    /// Admins only; a model or dataset version that is not there, a model
    /// that is served elsewhere, a split without images, or without one that
    /// counts.
    pub async fn evaluate(
        &self,
        actor: &As<Admin>,
        request: EvaluateRequest,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Evaluation> {
        let model = self.base.known_model(&request.model).await?;
        let dataset = self.base.known_dataset(&request.dataset).await?;
        let images = dataset.counts.by_split.get(&request.split).copied().unwrap_or(0);
        if images == 0 {
            let message = format!("{} has no images in its {} split.", dataset.full_name(), request.split);
            return Err(ServiceError::invalid_at("split", message));
        }
        let (fitted, excluded) = self.excluded_from(model.id, &dataset, request.split).await?;
        let counting = images.saturating_sub(excluded.len() as u64);
        if counting == 0 {
            let message = format!(
                "All {images} images of the {} split of {} are in the training data of {}, or near duplicates \
                 of images there: measure it on others.",
                request.split,
                dataset.full_name(),
                model.full_name()
            );
            return Err(ServiceError::invalid_at("split", message));
        }
        let on = MeasuredOn { dataset: &dataset, split: request.split, excluded: &excluded };
        let measured = self.matches(model.id, &on, |done| progress(done, counting)).await;
        self.predictors.unload_unused().await;
        let measured = measured?;
        let (categories, images, boxes) =
            (dataset.labels.len(), measured.matches.len() as u64, measured.boxes);
        let (figures, best_threshold, intervals) = blocking(move || {
            let all = Accumulator::new(categories, &measured.matches);
            let best = best_threshold(categories, &measured.matches, &Bootstrap::default());
            // Two hundred tell the ends to a hundredth, and take a fifth of the time.
            let resampled = intervals(&all, &Bootstrap { resamples: 200, ..Bootstrap::default() }).summary;
            let of = |figure: Figure| resampled.get(&figure).copied();
            Ok((all.evaluate(None), best, ApIntervals { AP: of(Figure::AP), AP50: of(Figure::AP50) }))
        })
        .await?;
        let evaluation = Evaluation {
            dataset: dataset.full_name(),
            split: request.split,
            images,
            boxes,
            summary: figures.summary,
            per_label: dataset.labels.iter().cloned().zip(figures.per_category).collect(),
            at: self.base.now(),
            left_out: Some(excluded.into_values().collect()),
            fitted: Some(fitted),
            best_threshold,
            intervals: Some(intervals),
        };
        let detail = json!({ "dataset": evaluation.dataset, "split": evaluation.split });
        let act = self.base.act(actor, "model.evaluate", detail);
        self.base.store().models().put_evaluation(model.id, &model.full_name(), &evaluation, act).await?;
        Ok(evaluation)
    }

    /// Whether a version was fitted to this split or chosen by it, and else
    /// which of its images do not count for the version.
    pub(crate) async fn excluded_from(
        &self,
        model: ModelVersionId,
        dataset: &DatasetVersion,
        split: Split,
    ) -> Result<(bool, HashMap<AssetId, Exclusion>)> {
        let lineages = self.base.store().lineages();
        let lineage = lineages.of(&[model], TrainingSplits::FittedOrChosen, None).await?;
        if lineage.includes(dataset.id, split) {
            return Ok((true, HashMap::new()));
        }
        Ok((false, lineages.excluded_assets(&lineage, dataset.id, Some(split)).await?))
    }

    async fn matches(
        &self,
        model: ModelVersionId,
        on: &MeasuredOn<'_>,
        mut done: impl FnMut(u64),
    ) -> Result<Measured> {
        let predictor = self.predictors.predictor(model).await?;
        let category_of_class = categories(predictor.labels(), &on.dataset.labels);
        let assets = self.base.store().datasets().asset_stream(on.dataset.id, Some(on.split));
        let mut answers = std::pin::pin!(
            assets
                .try_filter(|asset| ready(!on.excluded.contains_key(&asset.id)))
                .map_err(ServiceError::from)
                .map_ok(|asset| self.detect(predictor.clone(), asset))
                .try_buffered(IN_FLIGHT)
        );
        let mut measured = Measured::default();
        while let Some((asset, detections)) = answers.try_next().await? {
            let truths = truths(&asset, &on.dataset.labels);
            measured.boxes += truths.len() as u64;
            measured.matches.push(match_image(&truths, &detected(&detections, &category_of_class)));
            done(measured.matches.len() as u64);
        }
        Ok(measured)
    }

    async fn detect(&self, predictor: Arc<dyn Predictor>, asset: Asset) -> Result<(Asset, Vec<Detection>)> {
        let bytes = self.base.store().blobs().get(BlobKind::Images, &asset.content_hash).await?;
        let image = self.images.decode_image(bytes).await?;
        let inference = infer(&predictor, image.pixels).await?;
        Ok((asset, inference.detections))
    }
}

/// The images of a measurement.
struct MeasuredOn<'a> {
    dataset: &'a DatasetVersion,
    split: Split,
    excluded: &'a HashMap<AssetId, Exclusion>,
}

#[derive(Default)]
struct Measured {
    matches: Vec<ImageMatches>,
    boxes: u64,
}

/// The dataset's index of each of the model's classes, by label.
pub(crate) fn categories(model: &[Label], dataset: &[Label]) -> Vec<Option<usize>> {
    model.iter().map(|label| dataset.iter().position(|known| known == label)).collect()
}

pub(crate) fn truths(asset: &Asset, labels: &[Label]) -> Vec<TruthBox> {
    asset
        .annotations
        .iter()
        .filter_map(|annotation| {
            let category = labels.iter().position(|label| *label == annotation.label)?;
            Some(TruthBox::new(category, &annotation.rect, annotation.ignore))
        })
        .collect()
}

pub(crate) fn detected(detections: &[Detection], category_of_class: &[Option<usize>]) -> Vec<DetectedBox> {
    detections
        .iter()
        .filter_map(|detection| {
            let category = category_of_class.get(detection.class).copied().flatten()?;
            Some(DetectedBox::new(category, &detection.rect, detection.score))
        })
        .collect()
}
