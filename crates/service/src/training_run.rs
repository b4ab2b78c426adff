//! One training from its data to a model version.
//!
//! The trainer blocks a thread (and, outside tests, is a process of its own);
//! what it says comes through a channel and is written down here.

use crate::{EvaluateRequest, Result, Service, ServiceError};
use bytes::Bytes;
use domain::{
    access::Actor,
    dataset::{Asset, DatasetVersion, Split},
    event::Event,
    ids::ExperimentId,
    model::{CurvePoint, Experiment, ModelVersion, Series, WeightsRef},
    name::{Name, VersionRef},
    training::{Control, TrainEvent, TrainImage, TrainOutcome, TrainRequest},
    work::WorkState,
};
use futures::TryStreamExt;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use store::{BlobKind, NewModelVersion};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Told from outside that a training should stop.
pub(crate) type StopFlag = Arc<AtomicBool>;

impl Service {
    /// Runs an experiment that is queued (or begins one anew whose worker
    /// died) to its end. The result, good or bad, is in the experiment.
    pub(crate) async fn run_experiment(
        &self,
        id: ExperimentId,
        stop: StopFlag,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<Experiment> {
        let experiments = self.store().experiments();
        let experiment = self.known_experiment(&id.to_string()).await?;
        if experiment.state.is_final() {
            return Ok(experiment);
        }
        experiments.clear_progress(id).await?;
        if experiment.state == WorkState::Queued {
            experiments.transition(id, WorkState::Running, self.now()).await?;
        }
        self.publish(Event::ExperimentChanged { id });
        let ended = match self.train_and_measure(&experiment, stop, observe).await {
            Ok(version) => experiments.succeed(id, version.id, self.now()).await?,
            Err(error) => {
                let shown = domain::fault::ApiError::from(error);
                experiments.fail(id, &shown.message, self.now()).await?
            }
        };
        self.publish(Event::ExperimentChanged { id });
        Ok(ended)
    }

    async fn train_and_measure(
        &self,
        experiment: &Experiment,
        stop: StopFlag,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<ModelVersion> {
        let dataset = self.store().datasets().find(experiment.dataset_version_id).await?;
        let dataset = dataset.ok_or_else(|| ServiceError::not_found("The dataset version is gone."))?;
        if let Some(made) = self.store().models().of_experiment(experiment.id).await? {
            // Its worker died between the model and the end: not twice.
            self.measure(experiment, &made, &dataset).await?;
            return Ok(made);
        }
        let folder = tempfile::tempdir()?;
        let (request, labels) = self.train_request(experiment, &dataset, folder.path()).await?;
        let output = request.output.clone();
        let (sender, receiver) = unbounded_channel();
        let trainer = self.inner.parts.trainer.clone();
        let training = tokio::task::spawn_blocking(move || {
            trainer.train(&request, &mut |event| {
                // The receiver lives as long as the training.
                let _ = sender.send(event.clone());
                if stop.load(Ordering::Relaxed) { Control::Stop } else { Control::Continue }
            })
        });
        self.write_down(experiment.id, receiver, observe).await?;
        let outcome = training.await??;
        let weights = self.store_weights(&output, &outcome).await?;
        let version = NewModelVersion {
            id: self.new_id(),
            model_id: self.new_id(),
            model: experiment.model.clone(),
            labels,
            weights: Some(weights),
            experiment_id: Some(experiment.id),
            base_id: self.base_of(experiment).await?.map(|base| base.id),
            dataset_version_id: Some(dataset.id),
            created: self.now(),
        };
        let act = self.act(&Actor::system(), "model.train", json!({ "experiment": experiment.name }));
        let version = self.store().models().create_version(version, act).await?;
        self.measure(experiment, &version, &dataset).await?;
        Ok(version)
    }

    /// The request, with every file it names on this machine.
    async fn train_request(
        &self,
        experiment: &Experiment,
        dataset: &DatasetVersion,
        folder: &Path,
    ) -> Result<(TrainRequest, Vec<domain::name::Label>)> {
        let mut labels = dataset.labels.clone();
        let mut base_path = None;
        if let Some(base) = self.base_of(experiment).await? {
            // The base's outputs keep their places; new labels come after.
            let fresh = labels.into_iter().filter(|label| !base.labels.contains(label)).collect::<Vec<_>>();
            labels = base.labels.iter().cloned().chain(fresh).collect();
            if let Some(weights) = &base.weights {
                base_path = Some(self.local_file(BlobKind::Weights, &weights.sha256, folder).await?);
            }
        }
        let fresh = self.store().learning().fresh_assets(dataset.id).await?;
        let (mut images, mut new, mut old) = (Vec::new(), Vec::new(), Vec::new());
        for asset in self.fitting_assets(experiment.id, dataset).await? {
            let path = self.local_file(BlobKind::Images, &asset.content_hash, folder).await?;
            let Asset { id, size, split, annotations, .. } = asset;
            if split == Split::Train {
                let place = if fresh.contains(&id) { &mut new } else { &mut old };
                place.push(images.len());
            }
            images.push(TrainImage { path, size, split, annotations });
        }
        let repeats = replays(old.len(), new.len());
        if repeats > 1 {
            let message = format!(
                "{} new images; {} old ones, each shown {repeats} times a pass so that nothing is forgotten",
                new.len(),
                old.len()
            );
            self.store().experiments().add_log(experiment.id, self.now(), &message).await?;
            let again: Vec<TrainImage> = old.iter().filter_map(|place| images.get(*place).cloned()).collect();
            images.extend((1..repeats).flat_map(|_| again.iter().cloned()));
        }
        let request = TrainRequest {
            labels: labels.clone(),
            images,
            params: experiment.params.clone(),
            base: base_path,
            output: folder.join("weights"),
        };
        Ok((request, labels))
    }

    /// The images that weights may be fitted to or chosen by: not the test
    /// split, and nothing that the feedback holds out to measure by, however
    /// it came into this dataset.
    async fn fitting_assets(&self, id: ExperimentId, dataset: &DatasetVersion) -> Result<Vec<Asset>> {
        let stream = self.store().datasets().asset_stream(dataset.id, None);
        let mut assets: Vec<Asset> =
            stream.try_filter(|asset| std::future::ready(asset.split != Split::Test)).try_collect().await?;
        let hashes: Vec<&str> = assets.iter().map(|asset| asset.pixel_hash.as_str()).collect();
        let held_out = self.store().feedback().held_out(&hashes).await?;
        let all = assets.len();
        assets.retain(|asset| !held_out.contains(&asset.pixel_hash));
        if assets.len() < all {
            let left_out = all - assets.len();
            let message = format!(
                "{left_out} of {all} images are held out to measure by, and were left out of the training"
            );
            self.store().experiments().add_log(id, self.now(), &message).await?;
        }
        Ok(assets)
    }

    /// Where a blob lies as a file; one in a bucket is copied into `folder`.
    async fn local_file(&self, kind: BlobKind, key: &str, folder: &Path) -> Result<PathBuf> {
        if let Some(path) = self.store().blobs().local_path(kind, key) {
            return Ok(path);
        }
        let path = folder.join(key);
        if !path.exists() {
            let bytes = self.store().blobs().get(kind, key).await?;
            tokio::fs::write(&path, &bytes).await?;
        }
        Ok(path)
    }

    async fn base_of(&self, experiment: &Experiment) -> Result<Option<ModelVersion>> {
        let Some(name) = &experiment.base else { return Ok(None) };
        let name: VersionRef = name.parse()?;
        Ok(Some(self.known_model(&name).await?))
    }

    /// Writes down what the training says until it has nothing more to say.
    async fn write_down(
        &self,
        id: ExperimentId,
        mut events: UnboundedReceiver<TrainEvent>,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<()> {
        let experiments = self.store().experiments();
        let mut waiting = Vec::new();
        while events.recv_many(&mut waiting, 256).await > 0 {
            let points: Vec<CurvePoint> = waiting.iter().flat_map(points_of).collect();
            experiments.add_points(id, &points).await?;
            for event in &waiting {
                if let TrainEvent::Log { message } = event {
                    experiments.add_log(id, self.now(), message).await?;
                }
                observe(event);
            }
            if let Some((progress, seconds_left)) = waiting.iter().rev().find_map(progress_of) {
                experiments.progress(id, progress, Some(seconds_left)).await?;
            }
            self.publish(Event::ExperimentChanged { id });
            waiting.clear();
        }
        Ok(())
    }

    async fn store_weights(&self, output: &Path, outcome: &TrainOutcome) -> Result<WeightsRef> {
        let bytes = Bytes::from(tokio::fs::read(output).await?);
        if imaging::content_hash(&bytes) != outcome.sha256 {
            return Err(ServiceError::Internal("the trained weights changed on their way".to_owned()));
        }
        let length = bytes.len() as u64;
        let sha256 = self.store().blobs().put(BlobKind::Weights, bytes).await?;
        Ok(WeightsRef { sha256, bytes: length })
    }

    /// Measures a new version on the splits that its training did not fit.
    async fn measure(
        &self,
        experiment: &Experiment,
        version: &ModelVersion,
        dataset: &DatasetVersion,
    ) -> Result<()> {
        let model =
            VersionRef { name: version.model.clone(), version: Name::new(version.number.to_string())? };
        let data = VersionRef { name: dataset.dataset.clone(), version: dataset.name.clone() };
        for split in [Split::Val, Split::Test] {
            let fitted = split == Split::Val && experiment.params.train_on_val;
            let images = dataset.counts.by_split.get(&split).copied().unwrap_or(0);
            if fitted || images == 0 {
                continue;
            }
            let (_, excluded) = self.excluded_from(version.id, dataset, split).await?;
            if excluded.len() as u64 == images {
                let message = format!(
                    "all {images} images of the {split} split are in the training data or near duplicates of \
                     images there: nothing was measured on it"
                );
                self.store().experiments().add_log(experiment.id, self.now(), &message).await?;
                continue;
            }
            let request = EvaluateRequest { model: model.clone(), dataset: data.clone(), split };
            self.evaluate(&Actor::system(), request, &mut |_, _| {}).await?;
        }
        Ok(())
    }
}

/// How often a pass shows each old image: often enough that at least as many
/// old ones are shown as new ones.
fn replays(old: usize, new: usize) -> usize {
    if old == 0 { 1 } else { new.div_ceil(old).max(1) }
}

fn points_of(event: &TrainEvent) -> Vec<CurvePoint> {
    let point = |step, series, value| CurvePoint { step, series, value };
    match *event {
        TrainEvent::Step { step, loss, loss_class, loss_box, learning_rate, .. } => vec![
            point(step, Series::Loss, loss),
            point(step, Series::LossClass, loss_class),
            point(step, Series::LossBox, loss_box),
            point(step, Series::LearningRate, learning_rate),
        ],
        TrainEvent::Validated { step, summary } => {
            vec![point(step, Series::ValAp, summary.AP), point(step, Series::ValAp50, summary.AP50)]
        }
        TrainEvent::Log { .. } => Vec::new(),
    }
}

/// The share done and the seconds left.
fn progress_of(event: &TrainEvent) -> Option<(f64, f64)> {
    match *event {
        TrainEvent::Step { step, steps, seconds_left, .. } => {
            Some((f64::from(step) / f64::from(steps.max(1)), seconds_left))
        }
        _ => None,
    }
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
