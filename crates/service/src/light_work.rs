//! The workers for what takes minutes rather than hours: one that judges and
//! compares, one that replays, and one that looks after the learning loop.
//! Apart from each other and from the one that trains, so that none waits for
//! another's long item.

use crate::{
    Result, Service, ServiceError,
    compare_now::COMPARE,
    holding::{Held, Leaving, leaving, staying},
    judging::JUDGE,
    require,
    shadow_replay::REPLAY,
    stop_flag::StopFlag,
    worker::payload_of,
};
use domain::{
    access::{Actor, Role},
    event::Event,
    ids::WorkItemId,
    work::{WorkItem, WorkState},
};
use serde_json::json;
use std::{future::Future, time::Duration};
use store::Claimed;

/// Of at most a few thousand held-out images each.
const SHORT: [&str; 2] = [JUDGE, COMPARE];
/// Of as many images as are stored.
const LONG: [&str; 1] = [REPLAY];

/// How a piece of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// All was done.
    AtItsEnd,
    /// Somebody asked.
    Early,
}

impl Service {
    /// Judges and compares what is queued, one item at a time, until `stop`
    /// resolves. The item at hand then goes back to the queue.
    ///
    /// `worker` must be unique to this run of the process.
    pub async fn run_light_worker(&self, worker: &str, stop: impl Future<Output = ()> + Send) {
        let stop = leaving(stop);
        let step = || self.light_until(&SHORT, worker, stop.clone());
        self.until_stopped("judging and comparing", &stop, step).await;
    }

    /// Replays what is queued, one item at a time, until `stop` resolves. The
    /// item at hand then goes back to the queue.
    ///
    /// `worker` must be unique to this run of the process.
    pub async fn run_replay_worker(&self, worker: &str, stop: impl Future<Output = ()> + Send) {
        let stop = leaving(stop);
        self.until_stopped("replaying", &stop, || self.light_until(&LONG, worker, stop.clone())).await;
    }

    /// Launches trainings that are due and moves rounds on, until `stop`
    /// resolves. Any number of processes may do so.
    pub async fn run_rounds(&self, stop: impl Future<Output = ()> + Send) {
        let stop = leaving(stop);
        let step = || async {
            self.requeue_dead().await?;
            self.look_after_learning().await?;
            Ok(false)
        };
        self.until_stopped("looking after the learning loops", &stop, step).await;
    }

    /// Looks after the learning loop, does one item of any of these kinds if
    /// there is one, and says whether there was.
    ///
    /// # Errors
    /// When the database fails; a failure of the work itself is written into
    /// its item.
    pub async fn light_work_once(&self, worker: &str) -> Result<bool> {
        self.requeue_dead().await?;
        self.look_after_learning().await?;
        Ok(self.light_until(&SHORT, worker, staying()).await?
            || self.light_until(&LONG, worker, staying()).await?)
    }

    async fn light_until(&self, kinds: &[&str], worker: &str, leaving: Leaving<'_>) -> Result<bool> {
        for kind in kinds {
            if let Some(claimed) = self.store().work().claim(kind, worker, self.now()).await? {
                self.perform_light(claimed, worker, leaving).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn perform_light(&self, claimed: Claimed, worker: &str, leaving: Leaving<'_>) -> Result<()> {
        let Claimed { item, payload } = claimed;
        // What is broken off goes on where it was: nothing is left to be done
        // before the process ends.
        let grace = Duration::ZERO;
        let held = Held { id: item.id, worker, stop: StopFlag::default(), leaving, grace };
        let stop = held.stop.clone();
        self.publish(Event::WorkChanged { id: item.id });
        let working = async {
            match item.kind.as_str() {
                JUDGE => self.run_judge(item.id, payload_of(item.id, payload)?, stop).await,
                COMPARE => self.run_compare(item.id, payload_of(item.id, payload)?, stop).await,
                REPLAY => self.run_replay(item.id, payload_of(item.id, payload)?, stop).await,
                other => Err(ServiceError::Internal(format!("nobody knows how to do {other}"))),
            }
        };
        let ended = match self.while_held(&held, working).await? {
            Some(Ok(Stopped::AtItsEnd)) => self.end(&held, WorkState::Succeeded, "").await,
            Some(Ok(Stopped::Early)) => self.end(&held, WorkState::Cancelled, "").await,
            Some(Err(error)) => self.end_with(&held, error).await,
            None => self.give_back(&held).await,
        };
        self.publish(Event::WorkChanged { id: item.id });
        ended.map(drop)
    }

    /// Asks a piece of work to stop: a queued one at once, a running one soon.
    /// A training is asked by its experiment.
    ///
    /// # Errors
    /// Admins only; no such work, or a training.
    pub async fn cancel_work(&self, actor: &Actor, id: WorkItemId) -> Result<WorkItem> {
        require(actor, Role::Admin)?;
        let found = self.store().work().find(id).await?;
        let item = found.ok_or_else(|| ServiceError::not_found(format!("There is no work {id}.")))?;
        if item.kind == crate::TRAIN {
            return Err(ServiceError::conflict(format!("Cancel the experiment {} instead.", item.subject)));
        }
        let item = self.store().work().cancel(id, self.now()).await?;
        self.record(actor, "work.cancel", &item.subject, json!({ "kind": item.kind })).await?;
        self.publish(Event::WorkChanged { id });
        Ok(item)
    }
}
