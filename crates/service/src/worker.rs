//! A worker: takes queued trainings and does them.
//!
//! A worker that is told to end gives its item back at once, and the next one
//! goes on from its checkpoint. A worker that dies leaves its item `running`
//! with a heartbeat that grows old; whichever worker notices puts it back into
//! the queue. Work is therefore written so that beginning it anew is harmless.

use crate::{
    LaunchRequest, Result, Service, ServiceError, TRAIN, TrainJob,
    holding::{Held, Leaving, MOST_ATTEMPTS, leaving, staying},
    judging::JUDGE,
    stop_flag::StopFlag,
};
use domain::{
    access::Actor,
    event::Event,
    ids::{ExperimentId, WorkItemId},
    model::Experiment,
    training::TrainEvent,
    work::WorkState,
};
use futures::FutureExt as _;
use serde::de::DeserializeOwned;
use std::{future::Future, time::Duration};
use store::Claimed;
use tokio::time::Instant;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A worker silent for so long is taken for dead: fifteen heartbeats, since a
/// busy database may make one wait for ten seconds.
const DEAD_AFTER: Duration = Duration::from_secs(15);
/// A database that takes so long over a small read was away.
const SLOW: Duration = Duration::from_secs(5);
/// How long a training may go on once the process is to end: a step and its
/// checkpoint. Well below the time that supervisors wait before they kill.
const GRACE: Duration = Duration::from_secs(5);

impl Service {
    /// Trains what is queued, one item at a time, until `stop` resolves. The
    /// item at hand then goes back to the queue, and its attempt does not
    /// count.
    ///
    /// `worker` must be unique to this run of the process.
    pub async fn run_worker(&self, worker: &str, stop: impl Future<Output = ()> + Send) {
        let stop = leaving(stop);
        self.sweep_checkpoints().await;
        self.until_stopped("training", &stop, || self.work_until(worker, stop.clone())).await;
    }

    /// Takes back what dead workers left, and does one item if there is one.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn work_once(&self, worker: &str) -> Result<bool> {
        self.work_until(worker, staying()).await
    }

    async fn work_until(&self, worker: &str, leaving: Leaving<'_>) -> Result<bool> {
        self.requeue_dead().await?;
        let claimed = self.store().work().claim(TRAIN, worker, self.now()).await?;
        let Some(claimed) = claimed else { return Ok(false) };
        self.perform(claimed, worker, leaving, &mut |_| {}).await?;
        Ok(true)
    }

    /// Launches an experiment and runs it here and now.
    ///
    /// # Errors
    /// As [`Service::launch`]; a failed training is an experiment that says why.
    pub async fn train_now(
        &self,
        actor: &Actor,
        request: LaunchRequest,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<Experiment> {
        let experiment = self.launch(actor, request).await?;
        let worker = format!("here-{}", experiment.id);
        loop {
            let claimed =
                self.store().work().claim_item(WorkItemId(experiment.id.0), &worker, self.now()).await?;
            let claimed = claimed.ok_or_else(|| {
                ServiceError::conflict(format!(
                    "A running server has begun {} already: follow it there.",
                    experiment.name
                ))
            })?;
            self.perform(claimed, &worker, staying(), &mut *observe).await?;
            let ended = self.known_experiment(&experiment.id.to_string()).await?;
            // Its process was killed: the next attempt goes on, up to the last.
            if ended.state.is_final() {
                return Ok(ended);
            }
        }
    }

    async fn perform(
        &self,
        claimed: Claimed,
        worker: &str,
        leaving: Leaving<'_>,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<()> {
        let Claimed { item, payload } = claimed;
        let experiment = ExperimentId(item.id.0);
        let held = Held { id: item.id, worker, stop: StopFlag::default(), leaving, grace: GRACE };
        self.moved(item.id, experiment);
        let training = async {
            let job: TrainJob = payload_of(item.id, payload)?;
            self.run_experiment(job.experiment_id, held.stop.clone(), observe).await
        };
        let ended = match self.while_held(&held, training).await? {
            Some(Ok(version)) => self
                .through_outage(|| async {
                    let experiments = self.store().experiments();
                    Ok(experiments.succeed(experiment, worker, version.id, self.now()).await?)
                })
                .await
                .map(|experiment| experiment.state),
            Some(Err(error)) => self.end_with(&held, error).await.map(|item| item.state),
            None => self.give_back(&held).await.map(|item| item.state),
        };
        self.moved(item.id, experiment);
        if ended?.is_final() {
            self.remove_checkpoints(experiment).await;
        }
        Ok(())
    }

    fn moved(&self, item: WorkItemId, experiment: ExperimentId) {
        self.publish(Event::WorkChanged { id: item });
        self.publish(Event::ExperimentChanged { id: experiment });
    }

    /// Takes work from workers that fell silent. What it is done for moves
    /// along; the round of a judge that died again and again ends.
    pub(crate) async fn requeue_dead(&self) -> Result<()> {
        // While the database was away nobody could say that they live.
        if self.inner.outages.within(DEAD_AFTER) {
            return Ok(());
        }
        let work = self.store().work();
        let now = self.now();
        let silent_since = now.plus_ms(-i64::try_from(DEAD_AFTER.as_millis()).unwrap_or(i64::MAX));
        let begun = Instant::now();
        if !work.any_silent(silent_since).await? {
            return Ok(());
        }
        if begun.elapsed() >= SLOW {
            self.inner.outages.note();
            return Ok(());
        }
        for item in work.requeue_stale(silent_since, now, MOST_ATTEMPTS).await? {
            tracing::warn!(work = %item.id, kind = item.kind, state = %item.state, "a worker died");
            self.publish(Event::WorkChanged { id: item.id });
            if item.kind == TRAIN {
                self.publish(Event::ExperimentChanged { id: ExperimentId(item.id.0) });
            }
            if item.kind == JUDGE && item.state == WorkState::Failed {
                self.isolated("ending the round", &item.subject, self.judge_died(item.id)).await;
            }
        }
        Ok(())
    }

    /// Takes one step after another until `stop` resolves, with a rest after
    /// one that had nothing to do or failed. A step is never broken off: it
    /// hears of the end itself.
    pub(crate) async fn until_stopped<Step: Future<Output = Result<bool>>>(
        &self,
        what: &str,
        stop: &Leaving<'_>,
        step: impl Fn() -> Step,
    ) {
        while stop.clone().now_or_never().is_none() {
            match step().await {
                Ok(busy) => {
                    self.worked(what);
                    if busy {
                        continue;
                    }
                }
                Err(error) => self.failed(what, &error),
            }
            tokio::select! {
                () = stop.clone() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

/// What a piece of work was queued with.
pub(crate) fn payload_of<T: DeserializeOwned>(id: WorkItemId, payload: serde_json::Value) -> Result<T> {
    serde_json::from_value(payload)
        .map_err(|error| ServiceError::Internal(format!("work {id} has no payload of ours: {error}")))
}
