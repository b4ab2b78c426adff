//! What a trainer is given: data, parameters, weights to start from, each file
//! on this machine.

use super::checkpoints::checkpoints_of;
use crate::{Result, jobs::JobContext};
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    model::{Experiment, ModelVersion},
    name::{Label, VersionRef},
    training::{TrainImage, TrainRequest},
};
use futures::TryStreamExt;
use std::path::{Path, PathBuf};
use store::BlobKind;

/// A request that can be handed over.
pub(super) struct PreparedRequest {
    pub(super) request: TrainRequest,
    /// In the order of the network's outputs.
    pub(super) labels: Vec<Label>,
    /// Lines for the log of an attempt that begins at step 0.
    pub(super) notes: Vec<String>,
}

impl PreparedRequest {
    /// The request, with every file it names on this machine, and what there
    /// is to be said of it.
    pub(super) async fn of(
        context: &JobContext<'_>,
        experiment: &Experiment,
        dataset: &DatasetVersion,
        folder: &Path,
    ) -> Result<Self> {
        let mut labels = dataset.labels.clone();
        let mut base_path = None;
        if let Some(base) = base_of(context, experiment).await? {
            // The base's outputs keep their places; new labels come after.
            let fresh = labels.into_iter().filter(|label| !base.labels.contains(label)).collect::<Vec<_>>();
            labels = base.labels.iter().cloned().chain(fresh).collect();
            if let Some(weights) = &base.weights {
                base_path = Some(local_file(context, BlobKind::Weights, &weights.sha256, folder).await?);
            }
        }
        let fresh = context.store().learning().fresh_assets(dataset.id).await?;
        let (mut images, mut new, mut old) = (Vec::new(), Vec::new(), Vec::new());
        let (assets, left_out) = fitting_assets(context, dataset).await?;
        let mut notes: Vec<String> = left_out.into_iter().collect();
        for asset in assets {
            let path = local_file(context, BlobKind::Images, &asset.content_hash, folder).await?;
            let Asset { id, size, split, annotations, .. } = asset;
            if split == Split::Train {
                let place = if fresh.contains(&id) { &mut new } else { &mut old };
                place.push(images.len());
            }
            images.push(TrainImage { path, size, split, annotations });
        }
        let repeats = replays(old.len(), new.len());
        if repeats > 1 {
            notes.push(format!(
                "{} new images; {} old ones, each shown {repeats} times a pass so that nothing is forgotten",
                new.len(),
                old.len()
            ));
            let again: Vec<TrainImage> = old.iter().filter_map(|place| images.get(*place).cloned()).collect();
            images.extend((1..repeats).flat_map(|_| again.iter().cloned()));
        }
        let request = TrainRequest {
            labels: labels.clone(),
            images,
            params: experiment.params.clone(),
            base: base_path,
            output: folder.join("weights"),
            checkpoints: checkpoints_of(context.service().base(), experiment.id).await,
        };
        Ok(Self { request, labels, notes })
    }
}

/// The images that weights may be fitted to or chosen by: not the test
/// split, and nothing that the feedback holds out to measure by, however
/// it came into this dataset.
async fn fitting_assets(
    context: &JobContext<'_>,
    dataset: &DatasetVersion,
) -> Result<(Vec<Asset>, Option<String>)> {
    let stream = context.store().datasets().asset_stream(dataset.id, None);
    let mut assets: Vec<Asset> =
        stream.try_filter(|asset| std::future::ready(asset.split != Split::Test)).try_collect().await?;
    let hashes: Vec<&str> = assets.iter().map(|asset| asset.pixel_hash.as_str()).collect();
    let held_out = context.store().feedback().held_out(&hashes).await?;
    let all = assets.len();
    assets.retain(|asset| !held_out.contains(&asset.pixel_hash));
    let left_out = all - assets.len();
    let note = (left_out > 0).then(|| {
        format!("{left_out} of {all} images are held out to measure by, and were left out of the training")
    });
    Ok((assets, note))
}

/// Where a blob lies as a file; one in a bucket is copied into `folder`.
async fn local_file(context: &JobContext<'_>, kind: BlobKind, key: &str, folder: &Path) -> Result<PathBuf> {
    if let Some(path) = context.store().blobs().local_path(kind, key) {
        return Ok(path);
    }
    let path = folder.join(key);
    if !path.exists() {
        let bytes = context.store().blobs().get(kind, key).await?;
        tokio::fs::write(&path, &bytes).await?;
    }
    Ok(path)
}

pub(super) async fn base_of(
    context: &JobContext<'_>,
    experiment: &Experiment,
) -> Result<Option<ModelVersion>> {
    let Some(name) = &experiment.base else { return Ok(None) };
    let name: VersionRef = name.parse()?;
    Ok(Some(context.service().base().known_model(&name).await?))
}

/// How often a pass shows each old image: often enough that at least as many
/// old ones are shown as new ones.
fn replays(old: usize, new: usize) -> usize {
    if old == 0 { 1 } else { new.div_ceil(old).max(1) }
}

#[cfg(test)]
mod tests {
    use super::replays;

    #[test]
    fn a_pass_shows_at_least_as_many_old_images_as_new_ones() {
        for (old, new, expected) in
            [(30, 140, 5), (30, 30, 1), (30, 31, 2), (100, 5, 1), (0, 50, 1), (7, 0, 1)]
        {
            let repeats = replays(old, new);
            assert_eq!(repeats, expected, "{old} old, {new} new");
            assert!(old == 0 || old * repeats >= new);
        }
    }
}
