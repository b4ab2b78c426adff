//! Two model versions on the same held-out reviewed images, kept box by box.

use crate::{
    Result, Service, ServiceError, blocking,
    evaluation::{categories, detected, truths},
    loaded_models::infer,
    require,
    stop_flag::StopFlag,
};
use domain::{
    access::{Actor, Role},
    comparison::{Comparison, EvidenceImage, StoredComparison, Subject, compare, markdown},
    dataset::{Asset, DatasetVersion, Split},
    deployment::Deployment,
    geometry::Size,
    ids::{AssetId, DatasetVersionId, ModelVersionId, WorkItemId},
    inference::{Detection, Predictor},
    lineage::Exclusion,
    model::ModelVersion,
    name::{Label, VersionRef},
    review::StartedFrom,
};
use futures::TryStreamExt;
use measures::gate::Start;
use std::{
    collections::{BTreeSet, HashMap},
    future::ready,
    sync::Arc,
};
use store::{BlobKind, ContentFingerprint, FrozenStart, TrainingSplits};
use tokio::time::Instant;

/// Which two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// What answers.
    pub champion: ModelVersionId,
    /// What may come in its place.
    pub candidate: ModelVersionId,
}

/// A model that looks at the images.
struct Looking {
    predictor: Arc<dyn Predictor>,
    category_of_class: Vec<Option<usize>>,
}

impl Service {
    /// The latest comparison of a deployment: of this candidate with the
    /// champion, or of any. With `recompute`, every figure is made anew from
    /// the stored boxes, or was within the last minute.
    ///
    /// # Errors
    /// Reviewers and above to recompute; no such deployment, model version or
    /// comparison.
    pub async fn comparison(
        &self,
        actor: &Actor,
        deployment: &str,
        candidate: Option<&VersionRef>,
        recompute: bool,
    ) -> Result<StoredComparison> {
        require(actor, if recompute { Role::Reviewer } else { Role::Viewer })?;
        let deployment = self.known_deployment(deployment).await?;
        let pair = match candidate {
            Some(name) => Some((deployment.champion.id, self.known_model(name).await?.id)),
            None => None,
        };
        let found = self.store().learning().latest_comparison(deployment.id, pair).await?;
        let mut stored = found.ok_or_else(|| {
            let message = format!(
                "{} has no such comparison yet: one is made after a training, and when somebody asks.",
                deployment.name
            );
            ServiceError::not_found(message)
        })?;
        if recompute {
            stored.report = self.recomputed(&stored).await?;
        }
        Ok(stored)
    }

    /// The latest comparison of a deployment, if there is one.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn latest_comparison(
        &self,
        actor: &Actor,
        deployment: &str,
    ) -> Result<Option<StoredComparison>> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        Ok(self.store().learning().latest_comparison(deployment.id, None).await?)
    }

    /// The same with the sizes of the images that it shows.
    ///
    /// # Errors
    /// As there.
    pub async fn pictured_comparison(
        &self,
        actor: &Actor,
        deployment: &str,
    ) -> Result<Option<(StoredComparison, Vec<(AssetId, Size)>)>> {
        let Some(stored) = self.latest_comparison(actor, deployment).await? else { return Ok(None) };
        let report = &stored.report;
        let shown = [&report.better, &report.worse, &report.worst].into_iter().flatten();
        let ids: BTreeSet<AssetId> = shown.map(|change| change.image.asset_id).collect();
        let mut sizes = Vec::new();
        for id in ids {
            // A dataset may have been deleted since.
            sizes.extend(self.store().datasets().find_asset(id).await?.map(|asset| (id, asset.size)));
        }
        Ok(Some((stored, sizes)))
    }

    /// The same as Markdown.
    ///
    /// # Errors
    /// As there.
    pub async fn comparison_report(
        &self,
        actor: &Actor,
        deployment: &str,
        candidate: Option<&VersionRef>,
    ) -> Result<String> {
        Ok(markdown(&self.comparison(actor, deployment, candidate, false).await?))
    }

    /// Measures both on the test split of a frozen snapshot, but for what one of
    /// them learned from, and keeps what they saw; `None` when it was stopped.
    pub(crate) async fn compare_on(
        &self,
        deployment: &Deployment,
        pair: Pair,
        snapshot: DatasetVersionId,
        item: WorkItemId,
        stop: &StopFlag,
    ) -> Result<Option<StoredComparison>> {
        let holdout = self.store().datasets().find(snapshot).await?;
        let holdout = holdout.ok_or_else(|| ServiceError::not_found("The snapshot is gone."))?;
        let champion = self.known_version(pair.champion).await?;
        let candidate = self.known_version(pair.candidate).await?;
        let starts = self.store().learning().starts(snapshot).await?;
        let lineages = self.store().lineages();
        let both = [pair.champion, pair.candidate];
        let lineage = lineages.of(&both, TrainingSplits::FittedOrChosen, Some(deployment.id)).await?;
        let excluded = lineages.excluded_assets(&lineage, snapshot, Some(Split::Test)).await?;
        let measuring = Measuring { holdout: &holdout, starts: &starts, excluded: &excluded, pair };
        let Some((images, fingerprint)) = self.measure_both(&measuring, item, stop).await? else {
            return Ok(None);
        };
        let policy = self.store().deployment_settings().find::<domain::learning::ContinuousDeployment>(deployment.id).await?;
        let subject = Subject {
            champion: champion.full_name(),
            champion_id: champion.id,
            candidate: candidate.full_name(),
            candidate_id: candidate.id,
            holdout: holdout.full_name(),
            used_before: self.store().learning().uses(deployment.id, &fingerprint).await?,
            holdout_fingerprint: fingerprint,
            left_out: excluded.into_values().collect(),
            gated: gated(&holdout.labels, &champion, &candidate),
            labels: holdout.labels,
            threshold: deployment.threshold,
            settings: policy.gate(),
        };
        let (report, images) = compared(subject.clone(), images).await?;
        let stored = StoredComparison { id: self.new_id(), subject, report, at: self.now() };
        self.store().learning().put_comparison(deployment.id, &stored, &images).await?;
        Ok(Some(stored))
    }

    /// What both see of each held-out image, one at a time, so that their
    /// latencies say something; and the fingerprint of the images.
    async fn measure_both(
        &self,
        measuring: &Measuring<'_>,
        item: WorkItemId,
        stop: &StopFlag,
    ) -> Result<Option<(Vec<EvidenceImage>, String)>> {
        let Measuring { holdout, starts, excluded, pair } = *measuring;
        let champion = self.looking(pair.champion, &holdout.labels).await?;
        let candidate = self.looking(pair.candidate, &holdout.labels).await?;
        let all = holdout.counts.by_split.get(&Split::Test).copied().unwrap_or(0);
        let all = all.saturating_sub(excluded.len() as u64);
        let mut fingerprint = ContentFingerprint::default();
        let mut images: Vec<EvidenceImage> = Vec::new();
        let assets = self.store().datasets().asset_stream(holdout.id, Some(Split::Test));
        let mut assets = std::pin::pin!(assets.try_filter(|asset| ready(!excluded.contains_key(&asset.id))));
        while let Some(asset) = assets.try_next().await? {
            if stop.is_cancelled() {
                return Ok(None);
            }
            fingerprint.add(&asset);
            let start = starts.get(&asset.id).map_or(Start::Champion, |start| start_for(*start, pair));
            images.push(self.look_at(&champion, &candidate, &asset, start, &holdout.labels).await?);
            let done = images.len() as u64;
            let share = done as f64 / all.max(1) as f64;
            let message = format!("{done} of {all} held-out images");
            self.store().work().progress(item, share, &message, self.now()).await?;
        }
        images.sort_by_key(|image| image.asset_id);
        Ok(Some((images, fingerprint.finish())))
    }

    async fn looking(&self, id: ModelVersionId, labels: &[Label]) -> Result<Looking> {
        let predictor = self.predictor(id).await?;
        let category_of_class = categories(predictor.labels(), labels);
        Ok(Looking { predictor, category_of_class })
    }

    async fn look_at(
        &self,
        champion: &Looking,
        candidate: &Looking,
        asset: &Asset,
        start: Start,
        labels: &[Label],
    ) -> Result<EvidenceImage> {
        let bytes = self.store().blobs().get(BlobKind::Images, &asset.content_hash).await?;
        let image = self.decode_image(bytes).await?;
        let look = async |model: &Looking| -> Result<(Vec<Detection>, f64)> {
            let begun = Instant::now();
            let seen = infer(&model.predictor, image.pixels.clone()).await?;
            Ok((seen.detections, begun.elapsed().as_secs_f64() * 1e3))
        };
        let (seen_before, champion_ms) = look(champion).await?;
        let (seen_after, candidate_ms) = look(candidate).await?;
        Ok(EvidenceImage {
            asset_id: asset.id,
            filename: asset.filename.clone(),
            start,
            truths: truths(asset, labels),
            champion: detected(&seen_before, &champion.category_of_class),
            candidate: detected(&seen_after, &candidate.category_of_class),
            champion_ms,
            candidate_ms,
        })
    }
}

/// What is measured on what.
#[derive(Clone, Copy)]
struct Measuring<'a> {
    holdout: &'a DatasetVersion,
    starts: &'a HashMap<AssetId, FrozenStart>,
    /// What one of the two learned from, or a near duplicate of it.
    excluded: &'a HashMap<AssetId, Exclusion>,
    pair: Pair,
}

/// The comparison, made where it may take a while; the images come back.
pub(crate) async fn compared(
    subject: Subject,
    images: Vec<EvidenceImage>,
) -> Result<(Comparison, Vec<EvidenceImage>)> {
    blocking(move || {
        let report = compare(&subject, &images).map_err(|error| ServiceError::Internal(error.to_string()))?;
        Ok((report, images))
    })
    .await
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
