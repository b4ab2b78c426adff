//! One training from its data to a model version.
//!
//! The trainer blocks a thread (and, outside tests, is a process of its own);
//! what it says comes through a channel and is written down.

use super::{
    Train,
    external::External,
    progress::TrainingLog,
    request::{PreparedRequest, base_of},
    trained::Trained,
};
use crate::{As, EvaluateRequest, Result, ServiceError, jobs::JobContext};
use bytes::Bytes;
use domain::{
    access::Actor,
    dataset::{DatasetVersion, Split},
    model::{Experiment, ModelVersion, WeightsRef},
    name::{Name, VersionRef},
    training::{Control, RunParams, TrainError, TrainEvent, TrainOutcome, TrainParams},
};
use std::path::Path;
use store::{BlobKind, NewModelVersion};
use tokio::sync::mpsc::unbounded_channel;

impl Train {
    /// Runs the experiment, or goes on with one whose worker ended, up to its
    /// model version, measured. The end is the caller's to write down.
    ///
    /// # Errors
    /// What the trainer says, or the database's once it has been away for too
    /// long; then another attempt goes on from the last checkpoint.
    pub(super) async fn make_version(
        &self,
        context: &JobContext<'_>,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<ModelVersion> {
        let (experiment, dataset) = context.through_outage(|| self.experiment_with_data(context)).await?;
        let made = context.through_outage(|| self.made_version(context)).await?;
        let version = match made {
            // An attempt ended between the model and the end: not twice.
            Some(made) => made,
            None => self.train(context, &experiment, &dataset, observe).await?,
        };
        context.through_outage(|| measure(context, &experiment, &version, &dataset)).await?;
        Ok(version)
    }

    async fn experiment_with_data(&self, context: &JobContext<'_>) -> Result<(Experiment, DatasetVersion)> {
        let experiment = context.service().base().known_experiment(self.experiment_id).await?;
        let dataset = context.store().datasets().find(experiment.dataset_version_id).await?;
        let dataset = dataset.ok_or_else(|| ServiceError::not_found("The dataset version is gone."))?;
        Ok((experiment, dataset))
    }

    async fn made_version(&self, context: &JobContext<'_>) -> Result<Option<ModelVersion>> {
        Ok(context.store().models().of_experiment(self.experiment_id).await?)
    }

    async fn train(
        &self,
        context: &JobContext<'_>,
        experiment: &Experiment,
        dataset: &DatasetVersion,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<ModelVersion> {
        let trained = match &experiment.params {
            RunParams::BuiltIn(params) => {
                self.train_built_in(context, params, (experiment, dataset), observe).await?
            }
            RunParams::Declared { trainer, values } => {
                let external = External { trainer, values };
                self.train_externally(context, external, (experiment, dataset), observe).await?
            }
        };
        self.register(context, experiment, dataset, trained).await
    }

    async fn train_built_in(
        &self,
        context: &JobContext<'_>,
        params: &TrainParams,
        (experiment, dataset): (&Experiment, &DatasetVersion),
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<Trained> {
        let folder = tempfile::tempdir()?;
        let prepared = context
            .through_outage(|| PreparedRequest::of(context, experiment, params, dataset, folder.path()))
            .await?;
        let PreparedRequest { request, labels, notes } = prepared;
        let output = request.output.clone();
        let resumes = request.checkpoints.as_ref().is_some_and(|checkpoints| checkpoints.resume.is_some());
        let log = TrainingLog { context, experiment: experiment.id, resumes, notes };
        let trainer = context.service().base().trainer().clone();
        let outcome =
            self.run_trainer(&log, observe, move |observe| trainer.train(&request, observe)).await?;
        let weights = context.through_outage(|| store_weights(context, &output, &outcome)).await?;
        Ok(Trained { labels, weights, kept: Vec::new(), trainer: None })
    }

    /// Trains on a thread that may block.
    pub(super) async fn run_trainer(
        &self,
        log: &TrainingLog<'_>,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
        train: impl FnOnce(
            &mut dyn FnMut(&TrainEvent) -> Control,
        ) -> std::result::Result<TrainOutcome, TrainError>
        + Send
        + 'static,
    ) -> Result<TrainOutcome> {
        let (sender, receiver) = unbounded_channel();
        let stop = log.context.stop_flag();
        let trainer_stop = stop.clone();
        let training = tokio::task::spawn_blocking(move || {
            train(&mut |event| {
                // Nobody listens any more once the database was away for too
                // long; the trainer is then told to suspend.
                let _ = sender.send(event.clone());
                trainer_stop.control()
            })
        });
        let written = log.write_down(receiver, observe).await;
        if written.is_err() {
            stop.suspend();
        }
        let outcome = training.await?;
        written?;
        Ok(outcome?)
    }

    async fn register(
        &self,
        context: &JobContext<'_>,
        experiment: &Experiment,
        dataset: &DatasetVersion,
        trained: Trained,
    ) -> Result<ModelVersion> {
        let Trained { labels, weights, kept, trainer } = trained;
        let base = context.through_outage(|| base_of(context, experiment)).await?;
        let version = NewModelVersion {
            id: context.new_id(),
            model_id: context.new_id(),
            model: experiment.model.clone(),
            labels,
            weights: Some(weights),
            trainer,
            experiment_id: Some(experiment.id),
            base_id: base.map(|base| base.id),
            dataset_version_id: Some(dataset.id),
            created: context.now(),
        };
        context
            .through_outage(|| async {
                // The answer to an earlier try may have been lost.
                if let Some(made) = self.made_version(context).await? {
                    return Ok(made);
                }
                let detail = serde_json::json!({ "experiment": experiment.name });
                let act = context.service().base().act(&Actor::system(), "model.train", detail);
                let models = context.store().models();
                Ok(models.create_version_with(version.clone(), &kept, act).await?)
            })
            .await
    }
}

async fn store_weights(
    context: &JobContext<'_>,
    output: &Path,
    outcome: &TrainOutcome,
) -> Result<WeightsRef> {
    let bytes = Bytes::from(tokio::fs::read(output).await?);
    if imaging::content_hash(&bytes) != outcome.sha256 {
        return Err(ServiceError::Internal("the trained weights changed on their way".to_owned()));
    }
    let length = bytes.len() as u64;
    let sha256 = context.store().files().put(BlobKind::Weights, bytes, context.now()).await?;
    Ok(WeightsRef::fovea(sha256, length))
}

/// Measures a new version on the splits that its training did not fit.
async fn measure(
    context: &JobContext<'_>,
    experiment: &Experiment,
    version: &ModelVersion,
    dataset: &DatasetVersion,
) -> Result<()> {
    let model = VersionRef { name: version.model.clone(), version: Name::new(version.number.to_string())? };
    let data = VersionRef { name: dataset.dataset.clone(), version: dataset.name.clone() };
    for split in [Split::Val, Split::Test] {
        let fitted = split == Split::Val && experiment.params.fits_val();
        let images = dataset.counts.by_split.get(&split).copied().unwrap_or(0);
        if fitted || images == 0 {
            continue;
        }
        let (_, excluded) = context.service().learning().excluded_from(version.id, dataset, split).await?;
        if excluded.len() as u64 == images {
            let message = format!(
                "all {images} images of the {split} split are in the training data or near duplicates of \
                 images there: nothing was measured on it"
            );
            context.store().experiments().add_log(experiment.id, context.now(), &message).await?;
            continue;
        }
        let request = EvaluateRequest { model: model.clone(), dataset: data.clone(), split };
        context.service().learning().evaluate(&As::system(), request, &mut |_, _| {}).await?;
    }
    Ok(())
}
