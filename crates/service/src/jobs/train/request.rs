//! What a trainer is given: data, parameters, weights to start from, each file
//! on this machine.

use super::checkpoints::checkpoints_of;
use crate::{Result, ServiceError, jobs::JobContext};
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    model::{Experiment, ModelVersion},
    name::{Label, VersionRef},
    training::{TrainError, TrainImage, TrainParams, TrainRequest},
};
use futures::TryStreamExt;
use std::path::{Path, PathBuf};
use store::BlobKind;

/// What is trained on.
pub(super) struct TrainingData {
    /// In the order of the network's outputs.
    pub(super) labels: Vec<Label>,
    /// Each once, and each a file of this machine or, where files are in a
    /// bucket, in the given folder.
    pub(super) images: Vec<TrainImage>,
    /// Places of the images that a pass shows `repeats` times.
    pub(super) old: Vec<usize>,
    /// 1 where no image is shown more often than the others.
    pub(super) repeats: usize,
    /// What the training starts from.
    pub(super) base: Option<ModelVersion>,
    /// Lines for the log of an attempt that begins at step 0.
    pub(super) notes: Vec<String>,
}

/// A request that can be handed over.
pub(super) struct PreparedRequest {
    pub(super) request: TrainRequest,
    /// In the order of the network's outputs.
    pub(super) labels: Vec<Label>,
    /// Lines for the log of an attempt that begins at step 0.
    pub(super) notes: Vec<String>,
}

impl TrainingData {
    /// The images of a dataset version that weights may be fitted to or chosen
    /// by, each a file.
    pub(super) async fn of(
        context: &JobContext<'_>,
        experiment: &Experiment,
        dataset: &DatasetVersion,
        folder: &Path,
    ) -> Result<Self> {
        let mut labels = dataset.labels.clone();
        let base = base_of(context, experiment).await?;
        // A base of another task gives what it sees by, and none of its labels.
        let related = base.as_ref().filter(|base| base.labels.iter().any(|label| labels.contains(label)));
        if let Some(base) = related {
            // The base's outputs keep their places; new labels come after.
            let fresh = labels.into_iter().filter(|label| !base.labels.contains(label)).collect::<Vec<_>>();
            labels = base.labels.iter().cloned().chain(fresh).collect();
        }
        let fresh = context.store().learning().fresh_assets(dataset.id).await?;
        let (mut images, mut new, mut old) = (Vec::new(), 0, Vec::new());
        let (assets, left_out) = fitting_assets(context, dataset).await?;
        let mut notes: Vec<String> = left_out.into_iter().collect();
        for asset in assets {
            let path = local_file(context, BlobKind::Images, &asset.content_hash, folder).await?;
            let Asset { id, size, split, annotations, .. } = asset;
            if split == Split::Train {
                if fresh.contains(&id) { new += 1 } else { old.push(images.len()) }
            }
            images.push(TrainImage { path, size, split, annotations });
        }
        let repeats = replays(old.len(), new);
        if repeats > 1 {
            notes.push(format!(
                "{new} new images; {} old ones, each shown {repeats} times a pass so that nothing is forgotten",
                old.len()
            ));
        }
        Ok(Self { labels, images, old, repeats, base, notes })
    }
}

impl PreparedRequest {
    /// The request of the built-in trainer, with every file it names on this
    /// machine, and what there is to be said of it.
    pub(super) async fn of(
        context: &JobContext<'_>,
        experiment: &Experiment,
        params: &TrainParams,
        dataset: &DatasetVersion,
        folder: &Path,
    ) -> Result<Self> {
        let data = TrainingData::of(context, experiment, dataset, folder).await?;
        let TrainingData { labels, mut images, old, repeats, base, mut notes } = data;
        let again: Vec<TrainImage> = old.iter().filter_map(|place| images.get(*place).cloned()).collect();
        images.extend((1..repeats).flat_map(|_| again.iter().cloned()));
        let mut base_path = None;
        if let Some(base) = &base {
            match (&base.weights, base.untrainable()) {
                (Some(weights), None) => {
                    base_path = Some(local_file(context, BlobKind::Weights, &weights.sha256, folder).await?);
                }
                (_, Some(why)) => notes.push(format!("begins with fresh weights: {why}")),
                (None, None) => {}
            }
        }
        let request = TrainRequest {
            labels: labels.clone(),
            images,
            params: params.clone(),
            base: base_path,
            backbone: backbone_of(context, params).await?,
            output: folder.join("weights"),
            checkpoints: checkpoints_of(context.service().base(), experiment.id).await,
        };
        Ok(Self { request, labels, notes })
    }
}

/// The file of the backbone that the parameters name.
async fn backbone_of(context: &JobContext<'_>, params: &TrainParams) -> Result<Option<PathBuf>> {
    if params.backbone.is_empty() {
        return Ok(None);
    }
    let missing = |place: String| {
        let name = &params.backbone;
        ServiceError::Training(TrainError::Request(format!("there is no backbone {name} {place}")))
    };
    let Some(folder) = context.service().base().trainer().backbones() else {
        return Err(missing("here: the trainer looks for none".to_owned()));
    };
    let path = folder.join(&params.backbone);
    if tokio::fs::try_exists(&path).await? {
        Ok(Some(path))
    } else {
        Err(missing(format!("in {}: put its file there", folder.display())))
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
pub(super) async fn local_file(
    context: &JobContext<'_>,
    kind: BlobKind,
    key: &str,
    folder: &Path,
) -> Result<PathBuf> {
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
