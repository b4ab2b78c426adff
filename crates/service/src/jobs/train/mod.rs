//! Trainings: an experiment from its data to a measured model version.

mod checkpoints;
mod external;
mod progress;
mod request;
mod run;
mod trained;

pub(super) use checkpoints::delete_old_checkpoints;
pub(crate) use checkpoints::remove_checkpoints;
pub use external::TrainerTrial;

use super::{
    Ended, Job, JobContext, JobSettings, Lane, RegisteredJob,
    attempt::{Attempt, Shutdown, Worker},
    queued,
};
use crate::{Admin, As, LaunchRequest, Result, ServiceError, jobs::Jobs};
use domain::{
    ids::{ExperimentId, WorkItemId},
    model::Experiment,
    training::{TrainError, TrainEvent},
    work::WorkItem,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use store::{NewExperiment, NewWork};

/// The kind of a work item that is a training.
pub const TRAIN: &str = Train::KIND;

/// Trains what an experiment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Train {
    experiment_id: ExperimentId,
}

impl Job for Train {
    const KIND: &'static str = "train";
    const LANE: Lane = Lane::Train;
    /// The trainer is a process of its own: whatever killed the worker, it was
    /// not the training. A training of many hours outlives a bad night.
    const WORKER_DEATHS: u32 = 20;
    /// A step and its checkpoint. Well below the time that supervisors wait
    /// before they kill.
    const GRACE: Duration = Duration::from_secs(5);

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        self.run_observed(context, &mut |_| {}).await
    }

    async fn moved(&self, context: &JobContext<'_>, item: &WorkItem) -> Result<()> {
        if item.state.is_final() {
            remove_checkpoints(context.service().base(), self.experiment_id).await;
        }
        Ok(())
    }
}

impl Train {
    async fn run_observed(
        &self,
        context: &JobContext<'_>,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<Ended> {
        let version = match self.make_version(context, observe).await {
            Err(ServiceError::Training(TrainError::Stopped)) if context.is_cancelled() => {
                return Ok(Ended::Cancelled);
            }
            version => version?,
        };
        context
            .through_outage(|| async {
                let experiments = context.store().experiments();
                let (id, worker) = (self.experiment_id, context.worker());
                Ok(experiments.succeed(id, worker, version.id, context.now()).await?)
            })
            .await?;
        Ok(Ended::Recorded)
    }
}

/// The work that an experiment is: of the same id, so that both move together.
pub(crate) fn work_of(new: &NewExperiment) -> Result<NewWork> {
    let job = Train { experiment_id: new.id };
    queued(&job, WorkItemId(new.id.0), new.name.to_string(), Some(new.id.to_string()), new.created)
}

impl Jobs<'_> {
    /// Launches an experiment and runs it here and now.
    ///
    /// # Errors
    /// As [`crate::Learning::launch`]; a failed training is an experiment that says why.
    pub async fn train_now(
        self,
        actor: &As<Admin>,
        request: LaunchRequest,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<Experiment> {
        let experiment = self.service.learning().launch(actor, request).await?;
        self.run_launched(actor, &experiment, observe).await
    }

    /// Runs an experiment that was launched, here and now.
    ///
    /// # Errors
    /// When a running server has begun it already.
    pub async fn run_launched(
        self,
        _: &As<Admin>,
        experiment: &Experiment,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<Experiment> {
        let name = format!("here-{}", experiment.id);
        let (settings, shutdown) = (JobSettings::default(), Shutdown::never());
        let worker = Worker { name: &name, settings: &settings, shutdown: &shutdown };
        let job = Train { experiment_id: experiment.id };
        loop {
            let claimed = self
                .service
                .store()
                .work()
                .claim_item(WorkItemId(experiment.id.0), &name, self.service.base().now())
                .await?;
            let claimed = claimed.ok_or_else(|| {
                ServiceError::conflict(format!(
                    "A running server has begun {} already: follow it there.",
                    experiment.name
                ))
            })?;
            let attempt = Attempt::new(RegisteredJob::of::<Train>(), claimed.item.id, worker);
            let context = attempt.context(self.service);
            let working = job.run_observed(&context, &mut *observe);
            attempt.carry_out(self.service, claimed.payload, working).await?;
            let ended = self.service.base().known_experiment(experiment.id).await?;
            // Its process was killed: the next attempt goes on, up to the last.
            if ended.state.is_final() {
                return Ok(ended);
            }
        }
    }
}
