//! A worker: takes queued work, does it, and says that it lives.
//!
//! A worker that dies leaves its item `running` with a heartbeat that grows
//! old; whichever worker notices puts it back into the queue. Work is
//! therefore written so that beginning it anew is harmless.

use crate::{LaunchRequest, Result, Service, ServiceError, TRAIN, TrainJob, training_run::StopFlag};
use domain::{
    access::Actor, event::Event, ids::WorkItemId, model::Experiment, training::TrainEvent, work::WorkState,
};
use serde::de::DeserializeOwned;
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::Claimed;

const LOOK_EVERY: Duration = Duration::from_secs(1);
const HEARTBEAT_EVERY: Duration = Duration::from_secs(1);
/// A worker silent for so long is taken for dead.
const DEAD_AFTER_MS: i64 = 15_000;
const MOST_ATTEMPTS: u32 = 3;

impl Service {
    /// Does queued work, one item at a time, until `stop` resolves. The item
    /// at hand then goes back to the queue.
    ///
    /// `worker` must be unique to this run of the process.
    pub async fn run_worker(&self, worker: &str, stop: impl Future<Output = ()>) {
        again_and_again(stop, || self.work_once(worker)).await;
    }

    /// Takes back what dead workers left, and does one item if there is one.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn work_once(&self, worker: &str) -> Result<bool> {
        let now = self.now();
        self.requeue_dead(now.plus_ms(-DEAD_AFTER_MS)).await?;
        let Some(claimed) = self.store().work().claim(TRAIN, worker, now).await? else { return Ok(false) };
        self.perform(claimed, worker, &mut |_| {}).await?;
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
        let claimed =
            self.store().work().claim_item(WorkItemId(experiment.id.0), &worker, self.now()).await?;
        let claimed = claimed.ok_or_else(|| {
            ServiceError::conflict(format!(
                "A running server has begun {} already: follow it there.",
                experiment.name
            ))
        })?;
        self.perform(claimed, &worker, observe).await?;
        self.known_experiment(&experiment.id.to_string()).await
    }

    async fn perform(
        &self,
        claimed: Claimed,
        worker: &str,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<()> {
        let id = claimed.item.id;
        let stop = StopFlag::default();
        let job: TrainJob = payload_of(id, claimed.payload)?;
        self.publish(Event::WorkChanged { id });
        let running = self.run_experiment(job.experiment_id, stop.clone(), observe);
        let ended = self.while_held(id, worker, &stop, running).await?;
        let (state, message) = match &ended {
            Ok(experiment) => match experiment.error.clone() {
                None => (WorkState::Succeeded, String::new()),
                Some(error) => (WorkState::Failed, error),
            },
            // Whoever may look reads it: what is ours to mend goes to the log.
            Err(error) => (WorkState::Failed, error.shown()),
        };
        self.store().work().finish(id, state, &message, self.now()).await?;
        self.publish(Event::WorkChanged { id });
        ended.map(|_| ())
    }

    /// Lets `working` come to its end, saying meanwhile that the worker lives.
    ///
    /// # Errors
    /// When the item is another worker's by now: this one must not write any
    /// more, and `stop` tells it so.
    pub(crate) async fn while_held<T>(
        &self,
        id: WorkItemId,
        worker: &str,
        stop: &StopFlag,
        working: impl Future<Output = T>,
    ) -> Result<T> {
        tokio::select! {
            ended = working => Ok(ended),
            lost = self.stay_alive(id, worker, stop.clone()) => {
                stop.store(true, Ordering::Relaxed);
                Err(lost)
            }
        }
    }

    /// Says again and again that the worker lives, and hands on a wish to
    /// stop. Comes back only when the item is not this worker's any more.
    async fn stay_alive(&self, id: WorkItemId, worker: &str, stop: Arc<AtomicBool>) -> ServiceError {
        loop {
            tokio::time::sleep(HEARTBEAT_EVERY).await;
            match self.store().work().heartbeat(id, worker, self.now()).await {
                Ok(WorkState::Cancelling) => stop.store(true, Ordering::Relaxed),
                Ok(_) => {}
                Err(error @ store::StoreError::Conflict { .. }) => return error.into(),
                Err(error) => tracing::warn!(%error, "a heartbeat failed"),
            }
        }
    }

    /// Experiments follow the work items that carry them.
    async fn requeue_dead(&self, silent_since: domain::time::Timestamp) -> Result<()> {
        let moved = self.store().work().requeue_stale(silent_since, self.now(), MOST_ATTEMPTS).await?;
        for item in moved.iter().filter(|item| item.kind == TRAIN) {
            let experiments = self.store().experiments();
            let id = domain::ids::ExperimentId(item.id.0);
            let followed = match item.state {
                WorkState::Failed => experiments.fail(id, &item.message, self.now()).await,
                state => experiments.transition(id, state, self.now()).await,
            };
            if let Err(error) = followed {
                tracing::warn!(%error, experiment = %id, "an experiment did not follow its work");
            }
            self.publish(Event::ExperimentChanged { id });
        }
        Ok(())
    }
}

/// Takes one step after another until `stop` resolves, with a rest after one
/// that found nothing to do or failed.
pub(crate) async fn again_and_again<Step: Future<Output = Result<bool>>>(
    stop: impl Future<Output = ()>,
    step: impl Fn() -> Step,
) {
    let mut stop = std::pin::pin!(stop);
    loop {
        let step = async {
            match step().await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(LOOK_EVERY).await,
                Err(error) => {
                    tracing::error!(%error, "a worker failed");
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
        };
        tokio::select! {
            () = &mut stop => return,
            () = step => {}
        }
    }
}

/// What a piece of work was queued with.
pub(crate) fn payload_of<T: DeserializeOwned>(id: WorkItemId, payload: serde_json::Value) -> Result<T> {
    serde_json::from_value(payload)
        .map_err(|error| ServiceError::Internal(format!("work {id} has no payload of ours: {error}")))
}
