//! Two model versions on the same held-out reviewed images, kept box by box.

use super::JobContext;
use crate::{
    Result, Service, ServiceError,
    base::loaded_models::infer,
    learning::{categories, compared, detected, truths},
};
use domain::{
    comparison::{EvidenceImage, StoredComparison, Subject},
    dataset::{Asset, DatasetVersion, Split},
    deployment::Deployment,
    ids::{AssetId, DatasetVersionId, ModelVersionId},
    inference::{Detection, Predictor},
    learning::ContinuousDeployment,
    lineage::Exclusion,
    model::ModelVersion,
    name::Label,
    review::StartedFrom,
};
use futures::TryStreamExt;
use measures::gate::Start;
use std::{collections::HashMap, future::ready, sync::Arc};
use store::{BlobKind, ContentFingerprint, FrozenStart, TrainingSplits};
use tokio::time::Instant;

/// The two that are compared: what answers, and what may come in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) champion: ModelVersionId,
    pub(super) candidate: ModelVersionId,
}

/// A model in memory, whose classes are put into those of the images.
struct MeasuredModel {
    predictor: Arc<dyn Predictor>,
    category_of_class: Vec<Option<usize>>,
}

/// Measures both models on the test split of a frozen snapshot, but for what one of
/// them learned from, and keeps what they predicted; `None` when it was stopped.
pub(super) async fn compare_on(
    context: &JobContext<'_>,
    deployment: &Deployment,
    pair: Pair,
    snapshot: DatasetVersionId,
) -> Result<Option<StoredComparison>> {
    let holdout = context.store().datasets().find(snapshot).await?;
    let holdout = holdout.ok_or_else(|| ServiceError::not_found("The snapshot is gone."))?;
    let champion = context.service().base().known_version(pair.champion).await?;
    let candidate = context.service().base().known_version(pair.candidate).await?;
    let starts = context.store().learning().starts(snapshot).await?;
    let lineages = context.store().lineages();
    let both = [pair.champion, pair.candidate];
    let lineage = lineages.of(&both, TrainingSplits::FittedOrChosen, Some(deployment.id)).await?;
    let excluded = lineages.excluded_assets(&lineage, snapshot, Some(Split::Test)).await?;
    let measuring = Measuring { holdout: &holdout, starts: &starts, excluded: &excluded, pair };
    let Some((images, fingerprint)) = measure_both(context, &measuring).await? else {
        return Ok(None);
    };
    let policy = context.store().deployment_settings().find::<ContinuousDeployment>(deployment.id).await?;
    let subject = Subject {
        champion: champion.full_name(),
        champion_id: champion.id,
        candidate: candidate.full_name(),
        candidate_id: candidate.id,
        holdout: holdout.full_name(),
        used_before: context.store().learning().uses(deployment.id, &fingerprint).await?,
        holdout_fingerprint: fingerprint,
        left_out: excluded.into_values().collect(),
        gated: gated(&holdout.labels, &champion, &candidate),
        labels: holdout.labels,
        threshold: deployment.threshold,
        settings: policy.gate(),
    };
    let (report, images) = compared(subject.clone(), images).await?;
    let stored = StoredComparison { id: context.new_id(), subject, report, at: context.now() };
    context.store().learning().put_comparison(deployment.id, &stored, &images).await?;
    Ok(Some(stored))
}

/// What both models predict on each held-out image, one at a time, so that their
/// latencies say something; and the fingerprint of the images.
async fn measure_both(
    context: &JobContext<'_>,
    measuring: &Measuring<'_>,
) -> Result<Option<(Vec<EvidenceImage>, String)>> {
    let Measuring { holdout, starts, excluded, pair } = *measuring;
    let service = context.service();
    let champion = measured_model(service, pair.champion, &holdout.labels).await?;
    let candidate = measured_model(service, pair.candidate, &holdout.labels).await?;
    let all = holdout.counts.by_split.get(&Split::Test).copied().unwrap_or(0);
    let all = all.saturating_sub(excluded.len() as u64);
    let mut fingerprint = ContentFingerprint::default();
    let mut images: Vec<EvidenceImage> = Vec::new();
    let assets = context.store().datasets().asset_stream(holdout.id, Some(Split::Test));
    let mut assets = std::pin::pin!(assets.try_filter(|asset| ready(!excluded.contains_key(&asset.id))));
    while let Some(asset) = assets.try_next().await? {
        if context.is_cancelled() {
            return Ok(None);
        }
        fingerprint.add(&asset);
        let start = starts.get(&asset.id).map_or(Start::Champion, |start| start_for(*start, pair));
        images.push(measure_image(service, &champion, &candidate, &asset, start, &holdout.labels).await?);
        let done = images.len() as u64;
        let share = done as f64 / all.max(1) as f64;
        let message = format!("{done} of {all} held-out images");
        context.progress(share, &message).await?;
    }
    images.sort_by_key(|image| image.asset_id);
    Ok(Some((images, fingerprint.finish())))
}

async fn measured_model(service: &Service, id: ModelVersionId, labels: &[Label]) -> Result<MeasuredModel> {
    let predictor = service.inner.predictors.predictor(id).await?;
    let category_of_class = categories(predictor.labels(), labels);
    Ok(MeasuredModel { predictor, category_of_class })
}

async fn measure_image(
    service: &Service,
    champion: &MeasuredModel,
    candidate: &MeasuredModel,
    asset: &Asset,
    start: Start,
    labels: &[Label],
) -> Result<EvidenceImage> {
    let bytes = service.store().blobs().get(BlobKind::Images, &asset.content_hash).await?;
    let image = service.inner.images.decode_image(bytes).await?;
    let predict = async |model: &MeasuredModel| -> Result<(Vec<Detection>, f64)> {
        let begun = Instant::now();
        let inference = infer(&model.predictor, image.pixels.clone()).await?;
        Ok((inference.detections, begun.elapsed().as_secs_f64() * 1e3))
    };
    let (of_champion, champion_ms) = predict(champion).await?;
    let (of_candidate, candidate_ms) = predict(candidate).await?;
    Ok(EvidenceImage {
        asset_id: asset.id,
        filename: asset.filename.clone(),
        start,
        truths: truths(asset, labels),
        champion: detected(&of_champion, &champion.category_of_class),
        candidate: detected(&of_candidate, &candidate.category_of_class),
        champion_ms,
        candidate_ms,
    })
}

/// The images to measure on, and what is known of each.
#[derive(Clone, Copy)]
struct Measuring<'a> {
    holdout: &'a DatasetVersion,
    starts: &'a HashMap<AssetId, FrozenStart>,
    /// What one of the two learned from, or a near duplicate of it.
    excluded: &'a HashMap<AssetId, Exclusion>,
    pair: Pair,
}

/// Whose boxes the reviewer saw. A review that began with a third model's
/// boxes counts as one that favours the champion: it was served in its line.
fn start_for(start: FrozenStart, pair: Pair) -> Start {
    match (start.from, start.model) {
        (StartedFrom::Empty, _) => Start::Empty,
        (_, Some(model)) if model == pair.candidate => Start::Candidate,
        _ => Start::Champion,
    }
}

/// The classes that both know.
fn gated(labels: &[Label], champion: &ModelVersion, candidate: &ModelVersion) -> Vec<bool> {
    labels.iter().map(|label| champion.labels.contains(label) && candidate.labels.contains(label)).collect()
}
