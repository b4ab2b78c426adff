//! A training by a trainer that the operator named: its folder is made, the
//! trainer is run in it, and what it leaves becomes a model version. Knows
//! nothing of processes, and of networks only what the model loader says.

mod export;
mod links;
mod outcome;
mod trial;
mod workplace;

pub use trial::TrainerTrial;

use super::{
    Train,
    progress::TrainingLog,
    request::{TrainingData, local_file},
};
use crate::{
    Result,
    base::blocking,
    jobs::{JobContext, train::trained::Trained},
};
use domain::{
    dataset::DatasetVersion,
    model::{Experiment, ModelFormat, ModelVersion},
    name::{Label, Name},
    training::{MODEL_FILE, ParamValues, TrainEvent, TrainerJob},
};
use export::JobContents;
use outcome::Outcome;
use std::path::Path;
use store::BlobKind;
use workplace::Workplace;

/// Lines of the log that explain why a training failed.
const LAST_LINES: u32 = 10;

/// Who trains, and with what.
pub(super) struct External<'a> {
    pub(super) trainer: &'a Name,
    pub(super) values: &'a ParamValues,
}

impl Train {
    /// Trains with a trainer that the operator named, up to weights that were
    /// loaded once.
    pub(super) async fn train_externally(
        &self,
        context: &JobContext<'_>,
        external: External<'_>,
        (experiment, dataset): (&Experiment, &DatasetVersion),
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<Trained> {
        let workplace = Workplace::make(context.service().base(), experiment.id).await?;
        let (contents, notes) = context
            .through_outage(|| contents(context, &external, (experiment, dataset), &workplace))
            .await?;
        let labels = contents.labels.clone();
        let folder = workplace.job().to_owned();
        blocking(move || export::write(&folder, &contents)).await?;
        let job =
            TrainerJob { folder: workplace.job().to_owned(), time_limit_s: experiment.params.time_limit_s() };
        // Whether it goes on from an earlier attempt, the trainer says itself.
        let log = TrainingLog { context, experiment: experiment.id, resumes: true, notes };
        let (trainers, name) = (context.service().base().trainers().clone(), external.trainer.clone());
        let trained =
            self.run_trainer(&log, observe, move |observe| trainers.run(&name, &job, observe)).await;
        let outcome = match trained {
            Ok(_) => Outcome::read(context, experiment.id, workplace.job(), &labels).await,
            Err(error) => Err(error),
        };
        let trained = match outcome {
            Ok(outcome) => self.store_outcome(context, outcome, labels, external.trainer).await,
            Err(error) => Err(error),
        };
        workplace.clear().await;
        trained
    }

    async fn store_outcome(
        &self,
        context: &JobContext<'_>,
        outcome: Outcome,
        labels: Vec<Label>,
        trainer: &Name,
    ) -> Result<Trained> {
        for note in &outcome.notes {
            let experiments = context.store().experiments();
            context
                .through_outage(|| async {
                    Ok(experiments.add_log(self.experiment_id, context.now(), note).await?)
                })
                .await?;
        }
        let (weights, kept) = context.through_outage(|| outcome.store(context)).await?;
        Ok(Trained { labels, weights, kept, trainer: Some(trainer.to_string()) })
    }
}

/// What goes into the job's folder; the files that are in a bucket are copied
/// there already.
async fn contents(
    context: &JobContext<'_>,
    external: &External<'_>,
    (experiment, dataset): (&Experiment, &DatasetVersion),
    workplace: &Workplace,
) -> Result<(JobContents, Vec<String>)> {
    let data = TrainingData::of(context, experiment, dataset, workplace.fetched()).await?;
    let TrainingData { labels, images, old, repeats, base, notes } = data;
    let base = match base {
        Some(base) => Some(base_files(context, &base, workplace.fetched()).await?),
        None => None,
    };
    let contents = JobContents {
        experiment: experiment.name.to_string(),
        labels,
        images,
        old: old.into_iter().collect(),
        repeats,
        base,
        values: external.values.clone(),
        checkpoints: workplace.checkpoints().to_owned(),
    };
    Ok((contents, notes))
}

/// The weights of a base, if they are a graph that others read, and what its
/// trainer kept beside them.
async fn base_files(
    context: &JobContext<'_>,
    base: &ModelVersion,
    fetched: &Path,
) -> Result<export::BaseFiles> {
    let mut files = Vec::new();
    if let Some(weights) = base.weights.as_ref().filter(|weights| weights.format == ModelFormat::Onnx) {
        let path = local_file(context, BlobKind::Weights, &weights.sha256, fetched).await?;
        files.push((MODEL_FILE.to_owned(), path));
    }
    for file in context.store().models().kept_files(base.id).await? {
        let path = local_file(context, BlobKind::Weights, &file.sha256, fetched).await?;
        files.push((file.name, path));
    }
    let recipe = base.weights.as_ref().and_then(|weights| weights.recipe.clone());
    Ok(export::BaseFiles { name: base.full_name(), trainer: base.trainer.clone(), files, recipe })
}
