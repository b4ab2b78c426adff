//! One training from its data to a model version.
//!
//! The trainer blocks a thread (and, outside tests, is a process of its own);
//! what it says comes through a channel and is written down.

use crate::{
    EvaluateRequest, Result, Service, ServiceError, stop_flag::StopFlag, training_progress::Attempt,
    training_request::Prepared,
};
use bytes::Bytes;
use domain::{
    access::Actor,
    dataset::{DatasetVersion, Split},
    ids::ExperimentId,
    model::{Experiment, ModelVersion, WeightsRef},
    name::{Label, Name, VersionRef},
    training::{TrainEvent, TrainOutcome, TrainRequest},
};
use std::path::Path;
use store::{BlobKind, NewModelVersion};
use tokio::sync::mpsc::unbounded_channel;

impl Service {
    /// Runs an experiment, or goes on with one whose worker ended, up to its
    /// model version, measured. The state is the caller's to write down.
    ///
    /// # Errors
    /// What the trainer says, or the database's once it has been away for too
    /// long; then another attempt goes on from the last checkpoint.
    pub(crate) async fn run_experiment(
        &self,
        id: ExperimentId,
        stop: StopFlag,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<ModelVersion> {
        let (experiment, dataset) = self.through_outage(|| self.experiment_with_data(id)).await?;
        let made = self.through_outage(|| self.made_by(id)).await?;
        let version = match made {
            // An attempt ended between the model and the end: not twice.
            Some(made) => made,
            None => self.train(&experiment, &dataset, stop, observe).await?,
        };
        self.through_outage(|| self.measure(&experiment, &version, &dataset)).await?;
        Ok(version)
    }

    async fn experiment_with_data(&self, id: ExperimentId) -> Result<(Experiment, DatasetVersion)> {
        let experiment = self.known_experiment(&id.to_string()).await?;
        let dataset = self.store().datasets().find(experiment.dataset_version_id).await?;
        let dataset = dataset.ok_or_else(|| ServiceError::not_found("The dataset version is gone."))?;
        Ok((experiment, dataset))
    }

    async fn made_by(&self, id: ExperimentId) -> Result<Option<ModelVersion>> {
        Ok(self.store().models().of_experiment(id).await?)
    }

    async fn train(
        &self,
        experiment: &Experiment,
        dataset: &DatasetVersion,
        stop: StopFlag,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<ModelVersion> {
        let folder = tempfile::tempdir()?;
        let prepared = self.through_outage(|| self.train_request(experiment, dataset, folder.path())).await?;
        let Prepared { request, labels, notes } = prepared;
        let output = request.output.clone();
        let resumes = request.checkpoints.as_ref().is_some_and(|checkpoints| checkpoints.resume.is_some());
        let attempt = Attempt { experiment: experiment.id, resumes, notes };
        let outcome = self.train_written_down(&attempt, request, stop, observe).await?;
        let weights = self.through_outage(|| self.store_weights(&output, &outcome)).await?;
        self.register(experiment, dataset, labels, weights).await
    }

    /// Trains on a thread that may block.
    async fn train_written_down(
        &self,
        attempt: &Attempt,
        request: TrainRequest,
        stop: StopFlag,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<TrainOutcome> {
        let (sender, receiver) = unbounded_channel();
        let trainer = self.inner.parts.trainer.clone();
        let told = stop.clone();
        let training = tokio::task::spawn_blocking(move || {
            trainer.train(&request, &mut |event| {
                // Nobody listens any more once the database was away for too
                // long; the trainer is then told to suspend.
                let _ = sender.send(event.clone());
                told.control()
            })
        });
        let written = self.write_down(attempt, receiver, observe).await;
        if written.is_err() {
            stop.suspend();
        }
        let outcome = training.await?;
        written?;
        Ok(outcome?)
    }

    async fn register(
        &self,
        experiment: &Experiment,
        dataset: &DatasetVersion,
        labels: Vec<Label>,
        weights: WeightsRef,
    ) -> Result<ModelVersion> {
        let base = self.through_outage(|| self.base_of(experiment)).await?;
        let version = NewModelVersion {
            id: self.new_id(),
            model_id: self.new_id(),
            model: experiment.model.clone(),
            labels,
            weights: Some(weights),
            experiment_id: Some(experiment.id),
            base_id: base.map(|base| base.id),
            dataset_version_id: Some(dataset.id),
            created: self.now(),
        };
        self.through_outage(|| async {
            // The answer to an earlier try may have been lost.
            if let Some(made) = self.made_by(experiment.id).await? {
                return Ok(made);
            }
            let detail = serde_json::json!({ "experiment": experiment.name });
            let act = self.act(&Actor::system(), "model.train", detail);
            Ok(self.store().models().create_version(version.clone(), act).await?)
        })
        .await
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
